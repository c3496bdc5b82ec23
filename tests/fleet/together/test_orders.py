"""Acks of many in one dict, and orders to many by the bus: nobody is missing, nothing runs twice, late is told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command.bus.codec import decode_value, encode_value
from fleet.authority import Authority
from fleet.commands import Ack, AckResult, Command, Verb
from fleet.group import GroupAcks, GroupArguments, GroupOrder, GroupVerb, Slot
from fleet.model import FleetState, LinkState, VehicleKind, VehicleState
from fleet.together.giver import ToldTwice
from fleet.together.orders import GroupOrders
from fleet.together.together import Together
from tests.support.fleet_bench import COMMANDER, FRAME, PILOT, RecordingBus, at, run_virtual
from tests.support.virtual_time import VirtualClock
from world.ids import CommandId, OperatorId, VehicleId

NOTHING = GroupArguments()
NAMES = tuple(VehicleId(f"U{k:02d}") for k in range(6))


@dataclass(slots=True)
class Answers:
    """A fleet service of words only: answers each command after so many seconds, or (None) never."""

    clock: VirtualClock
    bus: RecordingBus
    together: Together
    after_s: Callable[[Command], float | None] = lambda command: 0.1
    heard: list[Command] = field(default_factory=list)

    def take(self, command: Command) -> None:
        self.heard.append(command)
        wait_s = self.after_s(command)
        if wait_s is not None:
            asyncio.get_running_loop().call_later(wait_s, self._answer, command)

    def _answer(self, command: Command) -> None:
        self.bus.publish("fleet/ack", Ack(
            command=command.id, vehicle=command.vehicle, verb=command.verb, result=AckResult.ACCEPTED, reason="",
            at=self.clock.now(),
        ))


@asynccontextmanager
async def answers() -> AsyncIterator[Answers]:
    clock, bus = VirtualClock(asyncio.get_running_loop()), RecordingBus()
    states = {
        name: VehicleState(vehicle=name, kind=VehicleKind.COPTER, heard=clock.now(), link=LinkState.FRESH)
        for name in NAMES
    }
    together = Together(
        bus=bus, clock=clock, authority=Authority(commanders=[COMMANDER]), frame=FRAME, state_of=states.__getitem__
    )
    place = Answers(clock, bus, together)
    bus.subscribe("fleet/command", place.take)
    bus.publish("fleet/state", FleetState(at=clock.now(), vehicles=tuple(states.values())))
    orders = GroupOrders(together=together, bus=bus, clock=clock, frame=FRAME)
    serving = asyncio.ensure_future(orders.run())
    yield place
    serving.cancel()


def commands(place: Answers, verb: Verb = Verb.HOLD, in_s: float = 5.0) -> list[Command]:
    deadline = place.clock.now().plus_s(in_s)
    return [place.together.giver.command(name, verb, COMMANDER, deadline) for name in NAMES]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.none() | st.floats(0.0, 12.0), min_size=len(NAMES), max_size=len(NAMES)))
def test_each_has_exactly_one_end_and_late_ones_are_told_as_late(waits_s: list[float | None]) -> None:
    async def scene() -> None:
        async with answers() as place:
            by_name = dict(zip(NAMES, waits_s, strict=True))
            place.after_s = lambda command: by_name[command.vehicle]
            late: list[Ack] = []
            began = place.clock.now()
            acks = await place.together.give_all(commands(place), late.append)
            assert tuple(acks) == NAMES
            assert began.age_s(place.clock.now()) <= 5.7
            await place.clock.sleep(10.0)
            for name, wait_s in by_name.items():
                came_in_time = wait_s is not None and wait_s <= 5.0
                if came_in_time:
                    assert acks[name].result is AckResult.ACCEPTED
                elif wait_s is None or wait_s > 5.7:
                    assert acks[name].result is AckResult.TIMED_OUT
                is_late = any(ack.vehicle == name for ack in late)
                assert is_late == (acks[name].result is AckResult.TIMED_OUT and wait_s is not None)

    run_virtual(scene())


def test_two_commands_to_one_vehicle_are_refused_before_anything_is_sent() -> None:
    async def scene() -> None:
        async with answers() as place:
            with pytest.raises(ToldTwice):
                await place.together.give_all([*commands(place), commands(place)[0]])
            assert place.heard == []
            assert await place.together.give_all([]) == {}

    run_virtual(scene())


def order(
    place: Answers, verb: GroupVerb, *, by: OperatorId = COMMANDER, arguments: GroupArguments = NOTHING
) -> GroupOrder:
    return GroupOrder(
        id=CommandId("o1"), verb=verb, vehicles=None, issued_by=by, deadline=place.clock.now().plus_s(5.0),
        arguments=arguments,
    )


async def answered(place: Answers, asked: GroupOrder, within_s: float = 8.0) -> GroupAcks:
    place.bus.publish("fleet/group_order", asked)
    await place.clock.sleep(within_s)
    final: GroupAcks = place.bus.of("fleet/group_acks")[-1]
    assert final.is_final
    return final


def test_an_order_by_the_bus_is_taken_run_once_and_answered_for_everybody() -> None:
    async def scene() -> None:
        async with answers() as place:
            asked = order(place, GroupVerb.STOP)
            final = await answered(place, asked)
            assert set(final.acks) == set(NAMES)
            assert len(place.heard) == len(NAMES)
            first: GroupAcks = place.bus.of("fleet/group_acks")[0]
            assert not first.is_final
            assert await answered(place, asked) == final
            assert len(place.heard) == len(NAMES), "a repeated order runs once"
            assert place.together.is_latched(NAMES[0])

    run_virtual(scene())


def test_a_late_end_is_told_after_the_final_answer() -> None:
    async def scene() -> None:
        async with answers() as place:
            place.after_s = lambda command: 20.0 if command.vehicle == NAMES[0] else 0.1
            final = await answered(place, order(place, GroupVerb.HOLD))
            assert final.acks[NAMES[0]].result is AckResult.TIMED_OUT
            await place.clock.sleep(20.0)
            told: GroupAcks = place.bus.of("fleet/group_acks")[-1]
            assert [ack.vehicle for ack in told.late] == [NAMES[0]]

    run_virtual(scene())


@pytest.mark.parametrize(("verb", "arguments", "by", "reason"), [
    (GroupVerb.KILL, GroupArguments(held_s=5.0), COMMANDER, "exactly one"),
    (GroupVerb.FORM, GroupArguments(), COMMANDER, "slots and an anchor"),
    (GroupVerb.FORM, GroupArguments(slots=(Slot(east_m=0, north_m=0),) * 2, anchor=(at(0, 0, 40),)), COMMANDER, "17 m"),
    (GroupVerb.RELEASE, GroupArguments(), PILOT, "no commander"),
])
def test_what_cannot_be_is_refused_as_a_whole_with_its_reason(
    verb: GroupVerb, arguments: GroupArguments, by: OperatorId, reason: str
) -> None:
    async def scene() -> None:
        async with answers() as place:
            final = await answered(place, order(place, verb, by=by, arguments=arguments))
            assert reason in final.reason
            assert final.acks == {}
            assert place.heard == []

    run_virtual(scene())


def test_orders_and_answers_travel_between_processes() -> None:
    async def scene() -> None:
        async with answers() as place:
            asked = order(place, GroupVerb.FORM, arguments=GroupArguments(
                slots=(Slot(east_m=1.0, north_m=2.0),), anchor=(at(1.0, 2.0, 40.0),), held_s=None
            ))
            assert decode_value("fleet/group_order", encode_value("fleet/group_order", asked)) == asked
            final = await answered(place, order(place, GroupVerb.HOLD))
            assert decode_value("fleet/group_acks", encode_value("fleet/group_acks", final)) == final

    run_virtual(scene())
