"""Stop, hold and return for all: always through, staying, repeated; kill for one only."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from fleet.authority import Authority
from fleet.commands import ALWAYS_THROUGH, Ack, AckResult, Command, Verb
from fleet.desk import LONGEST_QUEUE
from fleet.guard import LIMITS, Guard, GuardedVehicle
from fleet.model import FlightMode, VehicleKind
from fleet.roster import Roster, RosterEntry
from fleet.service import FleetService
from fleet.switchboard import Switchboard
from fleet.together.giver import until
from fleet.together.halts import KillRefused
from fleet.together.meanings import MEANINGS, NoMeaning, meaning
from fleet.together.together import Together
from sim.service import Failure
from sim.vehicles.spec import Kind
from tests.sim.support import spec
from tests.support.fleet_bench import (
    APPROVED,
    COMMANDER,
    FRAME,
    PILOT,
    STRANGER,
    RecordingBus,
    flat_site,
    run_virtual,
)
from tests.support.together_bench import Channel, TogetherBench, copters, grid, play
from tests.support.virtual_time import VirtualClock
from world.ids import VehicleId
from world.position import Enu

U01, U02 = VehicleId("U01"), VehicleId("U02")


async def in_the_air(bench: TogetherBench) -> None:
    ends = await bench.together.take_off(None, COMMANDER, APPROVED, bench.in_s(120.0))
    assert all(end.is_done for end in ends.values()), ends


def modes(bench: TogetherBench) -> set[FlightMode]:
    return {state.mode for state in bench.fleet.state().vehicles}


def test_a_stop_is_heard_by_all_through_full_queues_and_holds_until_a_commander_releases() -> None:
    async def scene(bench: TogetherBench) -> None:
        together = bench.together
        await in_the_air(bench)
        flood = [
            together.giver.command(v, Verb.LOOK_AT, COMMANDER, bench.in_s(60.0), heading_deg=90.0)
            for v in together.vehicles for _ in range(LONGEST_QUEUE + 4)
        ]
        ends: list[Ack] = []
        for command in flood:
            together.giver.give(command, ends.append)
        acks = await together.halt(Verb.STOP, None, COMMANDER, bench.in_s(15.0))
        assert {ack.result for ack in acks.values()} == {AckResult.ACCEPTED}
        assert modes(bench) == {FlightMode.HOLD}
        await bench.clock.sleep(1.0)
        assert len(ends) == len(flood)
        goal = bench.fleet.state().vehicles[0].position
        moving = await together.give_all(
            [together.giver.command(U01, Verb.GO_TO, COMMANDER, bench.in_s(10.0), position=goal)]
        )
        assert moving[U01].result is AckResult.REFUSED_BY_GUARD
        assert "released" in moving[U01].reason or "release" in moving[U01].reason
        assert together.release(None, PILOT) is not None
        assert together.is_latched(U01)
        assert together.release(None, COMMANDER) is None
        ends_after = await together.land(None, COMMANDER, bench.in_s(150.0))
        assert all(end.is_done for end in ends_after.values()), ends_after

    play(copters(grid(3, 20.0)), scene)


def test_people_may_still_order_a_return_under_a_stop() -> None:
    async def scene(bench: TogetherBench) -> None:
        await in_the_air(bench)
        await bench.together.halt(Verb.STOP, None, COMMANDER, bench.in_s(15.0))
        acks = await bench.together.halt(Verb.RETURN, None, COMMANDER, bench.in_s(15.0))
        assert {ack.result for ack in acks.values()} == {AckResult.ACCEPTED}
        assert modes(bench) == {FlightMode.RETURN}

    play(copters(grid(2, 20.0)), scene)


@pytest.mark.parametrize("seed", range(3))
def test_a_stop_gets_through_a_bad_link_and_says_who_did_not_hear(seed: int) -> None:
    async def scene(bench: TogetherBench) -> None:
        await in_the_air(bench)
        for vehicle in bench.together.vehicles:
            bench.channels[vehicle] = Channel(lost=0.3, delay_s=(0.0, 0.5))
        bench.cut(U02)
        acks = await bench.together.halt(Verb.STOP, None, COMMANDER, bench.in_s(15.0))
        assert acks[U02].result in (AckResult.LINK_LOST, AckResult.TIMED_OUT)
        others = {v: ack.result for v, ack in acks.items() if v != U02}
        assert set(others.values()) == {AckResult.ACCEPTED}, others

    play(copters(grid(5, 20.0)), scene, seed=seed)


def test_every_kind_stops_in_its_own_way() -> None:
    async def scene(bench: TogetherBench) -> None:
        await bench.all_done(Verb.STOP)
        assert modes(bench) == {FlightMode.HOLD}

    place = Enu(east_m=60.0, north_m=0.0, up_m=0.0)
    play([spec(Kind.COPTER, 1), spec(Kind.ROVER, 2, home=place), spec(Kind.SUB, 3)], scene)


def test_a_stop_ends_manoeuvres_and_says_so() -> None:
    async def scene(bench: TogetherBench) -> None:
        lifting = bench.tasks.create_task(bench.together.take_off(None, COMMANDER, APPROVED, bench.in_s(200.0)))
        await bench.clock.sleep(8.0)
        await bench.together.halt(Verb.STOP, None, COMMANDER, bench.in_s(15.0))
        ends = await lifting
        stopped = [end for end in ends.values() if not end.is_done]
        assert stopped
        assert all("stop by commander" in end.reason for end in stopped)
        aloft = len(bench.sim.airborne())
        await bench.clock.sleep(20.0)
        assert len(bench.sim.airborne()) == aloft

    play(copters(grid(6, 8.0)), scene)


def test_a_stop_by_somebody_without_authority_stops_nobody() -> None:
    async def scene(bench: TogetherBench) -> None:
        acks = await bench.together.halt(Verb.STOP, None, STRANGER, bench.in_s(5.0))
        assert {ack.result for ack in acks.values()} == {AckResult.REFUSED_BY_GUARD}
        assert not any(bench.together.is_latched(vehicle) for vehicle in bench.together.vehicles)

    play(copters(grid(2, 20.0)), scene)


def test_kill_is_for_one_vehicle_and_a_button_that_was_held() -> None:
    async def scene(bench: TogetherBench) -> None:
        together = bench.together
        for vehicles in (None, (), (U01, U02)):
            with pytest.raises(KillRefused, match="exactly one"):
                await together.kill(vehicles, COMMANDER, bench.in_s(5.0), held_s=9.0)
        for held_s in (None, 2.9, float("nan")):
            with pytest.raises(KillRefused, match="held"):
                await together.kill((U01,), COMMANDER, bench.in_s(5.0), held_s=held_s)
        await in_the_air(bench)
        acks = await together.kill((U01,), COMMANDER, bench.in_s(5.0), held_s=3.0)
        assert set(acks) == {U01}
        await bench.clock.sleep(2.0)
        states = {state.vehicle: state.is_armed for state in bench.fleet.state().vehicles}
        assert states == {U01: False, U02: True}

    play(copters(grid(2, 20.0)), scene)


def test_a_vehicle_that_lost_its_motors_does_not_keep_the_others_from_stopping() -> None:
    async def scene(bench: TogetherBench) -> None:
        await in_the_air(bench)
        bench.sim.fail(U02, Failure.MOTOR)
        acks = await bench.together.halt(Verb.HOLD, None, COMMANDER, bench.in_s(10.0))
        assert {ack.result for v, ack in acks.items() if v != U02} == {AckResult.ACCEPTED}
        assert not bench.together.is_latched(U01)

    play(copters(grid(3, 20.0)), scene)


@asynccontextmanager
async def deaf_thousand(hand_over: bool) -> AsyncIterator[tuple[VirtualClock, asyncio.Event, Together, list[str]]]:
    """A thousand vehicles that never answer, behind the real service; `story` has what was sent and recorded."""
    clock, bus, story = VirtualClock(asyncio.get_running_loop()), RecordingBus(), list[str]()
    recorded = asyncio.Event()
    entries = [
        RosterEntry(vehicle=VehicleId(f"U{k:04d}"), kind=VehicleKind.COPTER, sysid=k % 250 + 1) for k in range(1000)
    ]
    authority = Authority(commanders=[COMMANDER])
    board = Switchboard(lambda link, peer, data: story.append(f"sent {link}") if data[7] != 0 else None)
    guard = Guard(
        send=board.carry, authority=authority, site=flat_site(),
        vehicles={e.vehicle: GuardedVehicle(sysid=e.sysid, limits=LIMITS[e.kind]) for e in entries},
    )
    service = FleetService(
        bus=bus, clock=clock, roster=Roster(entries), guard=guard, board=board, authority=authority
    )
    direct: Any = (lambda command: service._on_command(command)) if hand_over else None
    together = Together(
        bus=bus, clock=clock, authority=authority, frame=FRAME, hand_over=direct,
        state_of=lambda vehicle: service.session(vehicle).state(clock.now()),
    )

    def record(command: Command) -> None:
        assert command.verb in ALWAYS_THROUGH
        story.append(f"recorded {command.vehicle}")
        recorded.set()

    bus.subscribe("fleet/command", record)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(service.run())
        await clock.sleep(1.0)
        yield clock, recorded, together, story
        running.cancel()


async def longest_turn_s(seen: list[float]) -> None:
    """Between two turns of the loop, in time of this thread."""
    before = time.thread_time()
    while True:
        await asyncio.sleep(0)
        now = time.thread_time()
        seen.append(now - before)
        before = now


def test_a_thousand_silent_vehicles_are_told_to_stop_before_anything_is_recorded_and_without_a_pause() -> None:
    async def scene() -> None:
        async with deaf_thousand(hand_over=True) as (clock, recorded, together, story):
            turns: list[float] = []
            stopping = asyncio.ensure_future(together.halt(Verb.STOP, None, COMMANDER, clock.now().plus_s(3.0)))
            watching = asyncio.ensure_future(longest_turn_s(turns))
            assert await until(recorded, clock, clock.now().plus_s(3.0).mono_ns)
            first = next(k for k, line in enumerate(story) if line.startswith("recorded"))
            assert len({line for line in story[:first] if line.startswith("sent")}) == 1000
            watching.cancel()
            assert sorted(turns)[-2] < 0.05, "a pause of the loop"
            acks = await stopping
            assert len(acks) == 1000
            assert {ack.result for ack in acks.values()} <= {AckResult.LINK_LOST, AckResult.TIMED_OUT}
            sent = sum(line == "sent U0007" for line in story)
            assert sent >= 4, "it is repeated until the deadline"

    run_virtual(scene())


def test_the_screen_has_words_for_every_kind_in_both_languages() -> None:
    for kind in ("copter", "plane", "rover", "boat", "sub"):
        for verb in (*ALWAYS_THROUGH, Verb.KILL):
            words = meaning(verb, kind)
            assert words.text
            assert any("一" <= letter <= "鿿" for letter in words.text_zh)
    assert set(VehicleKind) <= set(MEANINGS)
    with pytest.raises(NoMeaning):
        meaning(Verb.CAPTURE, "copter")
