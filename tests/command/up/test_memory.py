"""What a site knew before it was killed it knows again: the stop, leases and offers, safety pilots, parameters."""

import asyncio
import os
from pathlib import Path

import pytest

from command.site.model import SiteConfig
from command.up.memory import KeptParameters
from fleet.commands import Ack, AckResult, Command, Verb
from fleet.drivers.mavlink.parameter import Parameter
from fleet.drivers.mavlink.parameter_cache import CachedList, CacheKey
from fleet.group import GroupAcks, GroupOrder, GroupVerb
from fleet.leases import LeaseAct, LeaseEvent, LeaseOutcome, LeaseRequest
from fleet.model import Alarm, FleetState
from tests.support.composed_site import Composed, composed, folder_of
from tests.support.live_site import COMMANDER, PILOT, link, one, vehicle, write_site
from world.ids import CommandId, OperatorId, VehicleId

U01, GUEST = VehicleId("U01"), VehicleId("udp-9")
WANG, LI = OperatorId(PILOT), OperatorId(COMMANDER)
GUIDED, LOITER, RTL = 4, 5, 6


@pytest.fixture
def site(tmp_path: Path) -> SiteConfig:
    return folder_of(write_site(tmp_path, link("udp", "udpin:127.0.0.1:0") + vehicle("U01", ["udp"])))


async def lease(place: Composed, act: LeaseAct, by: OperatorId, to: OperatorId | None = None) -> LeaseEvent:
    told = asyncio.ensure_future(place.first("fleet/lease_event", lambda event: event.by == by))
    place.people.publish("fleet/lease_request", LeaseRequest(act=act, vehicle=U01, by=by, to=to))
    event: LeaseEvent = await told
    return event


async def group(place: Composed, verb: GroupVerb, order: str) -> GroupAcks:
    ended = asyncio.ensure_future(place.first("fleet/group_acks", lambda acks: acks.id == order and acks.is_final))
    place.people.publish("fleet/group_order", GroupOrder(
        id=CommandId(order), verb=verb, issued_by=LI, deadline=place.clock.now().plus_s(0.5),
        vehicles=None if verb is GroupVerb.RELEASE else (U01, GUEST),
    ))
    acks: GroupAcks = await ended
    return acks


async def go_to(place: Composed, command: str, by: OperatorId = LI) -> str:
    """Why a command that moves was refused."""
    ended = asyncio.ensure_future(place.first("fleet/ack", lambda ack: ack.command == command))
    place.people.publish("fleet/command", Command(
        id=CommandId(command), vehicle=U01, verb=Verb.GO_TO, issued_by=by, deadline=place.clock.now().plus_s(5.0)
    ))
    ack: Ack = await ended
    assert ack.result is AckResult.REFUSED_BY_GUARD
    return ack.reason


async def flown_by(place: Composed, mode: int, *, is_held: bool, is_armed: bool = True) -> None:
    seen = asyncio.ensure_future(place.first(
        "fleet/state", lambda fleet: one(fleet, U01).raw_mode == mode and one(fleet, U01).has_safety_pilot is is_held
    ))
    place.machine.says(mode, is_armed=is_armed)
    state: FleetState = await seen
    assert one(state, U01).is_armed is is_armed


def test_stops_leases_and_pilots_outlive_a_kill(site: SiteConfig) -> None:
    async def before() -> None:
        async with composed(site) as place:
            assert (await lease(place, LeaseAct.ASK, WANG)).outcome is LeaseOutcome.GRANTED
            assert (await lease(place, LeaseAct.OFFER, WANG, LI)).outcome is LeaseOutcome.OFFERED
            told = asyncio.ensure_future(place.first("alarm", lambda alarm: alarm.key == "U01/safety_pilot"))
            await flown_by(place, GUIDED, is_held=False)
            await flown_by(place, LOITER, is_held=True)
            await told
            await flown_by(place, RTL, is_held=True)
            await group(place, GroupVerb.STOP, "stop")

    async def after() -> None:
        async with composed(site) as place:
            assert "li has stopped the fleet; a commander must release it first" in await go_to(place, "first")
            taken = await lease(place, LeaseAct.ACCEPT, LI)
            assert (taken.outcome, taken.holder) == (LeaseOutcome.HANDED_OVER, LI)
            await flown_by(place, RTL, is_held=True)
            assert (await group(place, GroupVerb.RELEASE, "release")).reason == ""
            assert "its safety pilot flies it by radio" in await go_to(place, "second")
            over = asyncio.ensure_future(place.first("alarm", lambda alarm: alarm.key == "U01/safety_pilot"))
            await flown_by(place, RTL, is_held=False, is_armed=False)
            alarm: Alarm = await over
            assert not alarm.is_active

    async def last() -> None:
        async with composed(site) as place:
            assert "stopped the fleet" not in await go_to(place, "third", by=LI)
            assert (await lease(place, LeaseAct.RELEASE, LI)).outcome is LeaseOutcome.RELEASED
            assert "has stopped the fleet" not in await go_to(place, "fourth")
            events = [event.topic for event in place.record.events() if event.topic == "fleet/lease_event"]
            assert len(events) == 4, "nobody is told anew of what was before"

    asyncio.run(before())
    asyncio.run(after())
    asyncio.run(last())


KEY = CacheKey(board="0123", firmware="4.5.7")
READ = CachedList(parameters=(Parameter(name="RTL_ALT", value=1500.0, kind=9),), vehicle_hash=77)


def test_parameter_lists_are_kept_by_board_and_only_whole_ones_come_back(tmp_path: Path) -> None:
    folder = tmp_path / "parameters"
    KeptParameters(folder).put(KEY, READ)
    other = CacheKey(board="4567", firmware="4.5.7")
    kept = KeptParameters(folder)
    assert kept.get(KEY) == READ
    kept.put(other, READ)
    newer = CacheKey(board="0123", firmware="4.6.0")
    kept.put(newer, READ)
    again = KeptParameters(folder)
    assert (again.get(KEY), again.get(newer), again.get(other)) == (None, READ, READ)
    files = sorted(folder.iterdir())
    assert [path.suffix for path in files] == [".json", ".json"]
    files[0].write_bytes(files[0].read_bytes()[:-9])
    files[1].write_text(files[1].read_text().replace("1500.0", "1600.0"))
    assert KeptParameters(folder).lists() == []


def test_what_has_not_changed_is_not_written_and_a_folder_that_cannot_be_is_no_error(tmp_path: Path) -> None:
    folder = tmp_path / "parameters"
    kept = KeptParameters(folder)
    kept.put(KEY, READ)
    (path,) = folder.iterdir()
    os.utime(path, ns=(1, 1))
    kept.put(KEY, READ)
    assert path.stat().st_mtime_ns == 1
    (tmp_path / "file").write_text("")
    lost = KeptParameters(tmp_path / "file" / "parameters")
    lost.put(KEY, READ)
    assert lost.get(KEY) == READ
