"""Answers to questions that read a vehicle: its parameters, its files, its logs."""

import math
from typing import Any

from fleet.drivers.mavlink.answers import AskProgramme, MakeAsk, Part, Tell
from fleet.drivers.mavlink.ftp import list_folder
from fleet.drivers.mavlink.ftp_read import read_file
from fleet.drivers.mavlink.logs import list_logs, read_log
from fleet.drivers.mavlink.offers import AskOffers
from fleet.drivers.mavlink.parameter import Parameter
from fleet.drivers.mavlink.parameter_cache import ParameterCache
from fleet.drivers.mavlink.parameters import OnShare, ReadParameters
from fleet.drivers.mavlink.remembered import recall
from fleet.drivers.mavlink.step import StepFailed, Talk, perform
from fleet.drivers.mavlink.whole_list import is_bytewise, read_all
from fleet.inquiries import Inquiry
from world.ids import VehicleId


def parameters(talk: Talk, inquiry: Inquiry, tell: Tell) -> AskProgramme:
    """{name: value} of `names`, or of all; a value that is no number is None."""
    offers = yield from perform(AskOffers(talk))
    on_share = _percents(tell)
    if not inquiry.names:
        return _values((yield from read_all(talk, offers, on_share=on_share)))
    bytewise = yield from is_bytewise(talk, offers)
    found = yield from perform(ReadParameters(talk, inquiry.names, is_bytewise=bytewise, on_share=on_share))
    return _values(list(found.values()))


def remembering(vehicle: VehicleId, cache: ParameterCache) -> MakeAsk:
    """As `parameters`; a whole list that was read before is spared where the vehicle's own hash proves it unchanged."""
    def ask(talk: Talk, inquiry: Inquiry, tell: Tell) -> AskProgramme:
        if inquiry.names:
            return (yield from parameters(talk, inquiry, tell))
        on_share = _percents(tell)
        recalled = yield from recall(talk, vehicle, cache, turn=0, on_share=on_share, trusts_samples=False)
        cache.put(recalled.key, recalled.read)
        return _values(list(recalled.read.parameters))

    return ask


def files(talk: Talk, inquiry: Inquiry, tell: Tell) -> AskProgramme:
    """Entries of folder `path`, the root when none is given."""
    entries = yield from list_folder(talk, inquiry.path or "/")
    rows = [{"name": each.name, "is_folder": each.is_folder, "size": each.size} for each in entries]
    return {"entries": rows}


def file(talk: Talk, inquiry: Inquiry, tell: Tell) -> AskProgramme:
    """Bytes in parts; at the end their number, and the checksum where the vehicle computes one."""
    if not inquiry.path:
        raise StepFailed("the question file needs path")
    read = yield from read_file(talk, inquiry.path, on_part=tell)
    return {"path": inquiry.path, "size": len(read.data), "crc32": read.crc32}


def logs(talk: Talk, inquiry: Inquiry, tell: Tell) -> AskProgramme:
    found = yield from list_logs(talk)
    return {"logs": [{"number": each.number, "size": each.size, "utc_s": each.utc_s} for each in found]}


def log(talk: Talk, inquiry: Inquiry, tell: Tell) -> AskProgramme:
    """Bytes in parts; at the end what the list says of it."""
    if inquiry.number is None:
        raise StepFailed("the question log needs number")
    entry, _ = yield from read_log(talk, inquiry.number, on_part=tell)
    return {"number": entry.number, "size": entry.size, "utc_s": entry.utc_s}


def _values(found: list[Parameter]) -> dict[str, Any]:
    return {each.name: each.value if math.isfinite(each.value) else None for each in found}


def _percents(tell: Tell) -> OnShare:
    """Tells of progress once a per cent: a list has more than a thousand values."""
    told = -1

    def on_share(share: float) -> None:
        nonlocal told
        if int(share * 100) > told:
            told = int(share * 100)
            tell(Part(progress=share))

    return on_share
