"""Payloads through the fleet service: orders on the bus, true acks back; to make safe goes before all that waits."""

from collections.abc import Callable
from typing import Any

from fleet.commands import Ack, AckResult, Command, PayloadOrder, Verb
from sim.payloads.rack import Rack
from sim.service import Failure
from sim.vehicles.spec import Kind
from tests.fleet.test_flight import G01, Field, fly
from tests.sim.support import spec
from tests.support.fleet_bench import APPROVED, PILOT
from tests.support.payload_bench import PLENTY
from world.ids import CommandId

ROVER = spec(Kind.ROVER, 1, payloads=("water_monitor", "gripper", "light", "speaker", "winch", "relay_radio"))


def play(scene: Callable[[Field, Rack], Any]) -> None:
    async def ready(place: Field) -> None:
        rack = place.sim.machine(G01).payloads
        assert rack is not None
        rack.around = PLENTY
        await place.clock.sleep(8.0)
        await scene(place, rack)

    fly([ROVER], ready)


def water(**setpoints: float) -> PayloadOrder:
    return PayloadOrder(payload="water_monitor", action="start", setpoints=setpoints)


def do(payload: str, action: str) -> PayloadOrder:
    return PayloadOrder(payload=payload, action=action)


def submit(place: Field, name: str, **rest: Any) -> Command:
    fields = {"verb": Verb.OPERATE, "plan_digest": APPROVED} | rest
    command = Command(
        id=CommandId(name), vehicle=G01, issued_by=PILOT, deadline=place.clock.now().plus_s(60.0), **fields
    )
    place.bus.publish("fleet/command", command)
    return command


def acks(place: Field, command: Command) -> list[Ack]:
    return [ack for ack in place.bus.of("fleet/ack") if ack.command == command.id]


def test_orders_and_their_true_ends() -> None:
    async def scene(place: Field, rack: Rack) -> None:
        monitor: Any = rack.twin("water_monitor")
        await place.done(G01, Verb.OPERATE, order=water(flow_l_s=30.0))
        assert abs(monitor.flow_l_s - 30.0) <= 2.0
        await place.done(G01, Verb.OPERATE, order=do("water_monitor", "stop"))
        assert monitor.flow_l_s == 0.0
        await place.done(G01, Verb.OPERATE, order=do("gripper", "grab"))
        await place.done(G01, Verb.OPERATE, order=do("light", "start"))
        length = PayloadOrder(payload="winch", action="move", setpoints={"length_m": 2.0})
        await place.done(G01, Verb.OPERATE, order=length)
        await place.done(G01, Verb.OPERATE, order=do("winch", "retract"))
        await place.done(G01, Verb.OPERATE, order=do("relay_radio", "start"))
        refused = await place.give(G01, Verb.OPERATE, order=water(flow_l_s=300.0))
        assert refused.result is AckResult.REFUSED_BY_GUARD
        assert refused.reason.endswith("water_monitor start with flow_l_s 300; 5 to 50 is allowed.")
        monitor.fail(3)
        failed = await place.give(G01, Verb.OPERATE, order=water(flow_l_s=30.0))
        assert failed.result is AckResult.REFUSED_BY_VEHICLE
        assert "the aiming drive is jammed" in failed.reason

    play(scene)


def test_a_command_that_comes_twice_is_carried_out_once() -> None:
    async def scene(place: Field, rack: Rack) -> None:
        first = submit(place, "twice", order=water(flow_l_s=20.0))
        place.bus.publish("fleet/command", first)
        await place.until(lambda: acks(place, first) != [], 30.0)
        place.bus.publish("fleet/command", first)
        await place.clock.sleep(2.0)
        twin: Any = rack.twin("water_monitor")
        assert twin.executed == 1
        assert {ack.result for ack in acks(place, first)} == {AckResult.ACCEPTED}

    play(scene)


def test_to_make_safe_goes_before_what_runs_and_what_waits() -> None:
    async def scene(place: Field, rack: Rack) -> None:
        start = submit(place, "start", order=water(flow_l_s=50.0))
        waits = submit(place, "waits", order=do("light", "start"))
        await place.clock.sleep(3.0)
        safe = submit(place, "safe", order=do("water_monitor", "safe"), plan_digest=None)
        await place.until(lambda: acks(place, waits) != [], 30.0)
        twin: Any = rack.twin("water_monitor")
        assert [ack.result for ack in acks(place, start)] == [AckResult.SUPERSEDED]
        assert [ack.result for ack in acks(place, safe)] == [AckResult.ACCEPTED]
        assert [ack.result for ack in acks(place, waits)] == [AckResult.ACCEPTED]
        assert twin.flow_l_s == 0.0
        order = [ack.command for ack in place.bus.of("fleet/ack")]
        assert order.index(safe.id) < order.index(waits.id)

    play(scene)


def test_what_ends_motion_still_goes_before_a_payload() -> None:
    async def scene(place: Field, rack: Rack) -> None:
        place.sim.machine(G01).has_link = False
        stop = submit(place, "stop", verb=Verb.STOP)
        safe = submit(place, "safe", order=do("water_monitor", "safe"))
        await place.clock.sleep(2.0)
        assert acks(place, stop) == []
        assert acks(place, safe) == []
        place.sim.machine(G01).has_link = True
        await place.until(lambda: acks(place, safe) != [], 30.0)
        assert [ack.result for ack in acks(place, stop) + acks(place, safe)] == [AckResult.ACCEPTED] * 2

    play(scene)


def test_over_a_lost_link_safe_is_repeated_to_the_last() -> None:
    async def scene(place: Field, rack: Rack) -> None:
        place.sim.fail(G01, Failure.LINK)
        await place.clock.sleep(20.0)
        safe = submit(place, "safe", order=do("water_monitor", "safe"))
        await place.clock.sleep(30.0)
        assert acks(place, safe) == [], "not given up while its deadline lasts"
        await place.until(lambda: acks(place, safe) != [], 40.0)
        assert [ack.result for ack in acks(place, safe)] == [AckResult.LINK_LOST]

    play(scene)
