"""All parameters of a vehicle that was met before: proven unchanged by little traffic, else read anew."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from fleet.drivers.mavlink.allowance import Allowance
from fleet.drivers.mavlink.offers import AskOffers, Offers
from fleet.drivers.mavlink.parameter import is_same
from fleet.drivers.mavlink.parameter_cache import HASH_NAME, CachedList, CacheKey, ParameterCache
from fleet.drivers.mavlink.parameters import FEW_TRIES, OnShare, ReadParameters
from fleet.drivers.mavlink.step import Step, StepFailed, Talk, perform
from fleet.drivers.mavlink.whole_list import is_bytewise, read_all
from fleet.wire.enums import Autopilot
from world.ids import VehicleId


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """`was_kept`: values come from the cache; on PX4 that is proven, on ArduPilot by a sample only."""

    key: CacheKey
    read: CachedList
    was_kept: bool
    offers: Offers


Recall = Generator[Step[Any], Any, Recalled]


def recall(
    talk: Talk, vehicle: VehicleId, cache: ParameterCache, *, turn: int, on_share: OnShare = lambda share: None,
    allowance: Allowance | None = None, trusts_samples: bool = True,
) -> Recall:
    """The caller puts what comes back into the cache. `turn` counts connections, so that samples differ.

    Without `trusts_samples` only a list that its hash proves (PX4) is spared; ArduPilot's is read anew.
    """
    offers = yield from perform(AskOffers(talk))
    key = CacheKey(board=offers.uid or vehicle, firmware=offers.firmware or "unknown")
    kept = cache.get(key)
    if kept is not None and (trusts_samples or kept.vehicle_hash is not None):
        checked = yield from _checked(talk, offers, kept, turn, allowance)
        if checked is not None:
            return Recalled(key=key, read=checked, was_kept=True, offers=offers)
    number = yield from _hash_of(talk, offers)
    found = yield from read_all(talk, offers, on_share=on_share, allowance=allowance)
    read = CachedList(parameters=tuple(found), vehicle_hash=number)
    return Recalled(key=key, read=read, was_kept=False, offers=offers)


def _checked(
    talk: Talk, offers: Offers, kept: CachedList, turn: int, allowance: Allowance | None
) -> Generator[Step[Any], Any, CachedList | None]:
    """The kept list with its restless values read anew; None when it is not the vehicle's any more."""
    bytewise = yield from is_bytewise(talk, offers)
    restless, sample = kept.restless(), kept.sample(turn)
    if kept.vehicle_hash is not None:
        number = yield from _hash_of(talk, offers)
        if number != kept.vehicle_hash:
            return None
        sample = ()
    names = (*sample, *restless)
    reading = ReadParameters(talk, names, is_bytewise=bytewise, allowance=allowance, tries=FEW_TRIES)
    try:
        found = yield from perform(reading)
    except StepFailed:
        return None
    old = {each.name: each.value for each in kept.parameters}
    is_as_long = reading.count is None or reading.count == len(kept.parameters)
    if not is_as_long or not all(is_same(found[name].value, old[name]) for name in sample):
        return None
    return kept.with_newer(found)


def _hash_of(talk: Talk, offers: Offers) -> Generator[Step[Any], Any, int | None]:
    """PX4's own hash of its list; others have none."""
    bytewise = offers.counts_bytewise
    if not bytewise or offers.autopilot not in (Autopilot.PX4, None):
        return None
    try:
        found = yield from perform(ReadParameters(talk, [HASH_NAME], is_bytewise=True, tries=FEW_TRIES))
    except StepFailed:
        return None
    return int(found[HASH_NAME].value)
