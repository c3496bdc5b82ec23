"""PX4 told in PX4's own words: over bytes, through the guard, against a scripted PX4. No real one was tried."""

import pytest

from fleet.commands import AckResult, Verb
from fleet.drivers.mavlink.step import Run
from fleet.drivers.registry import PX4_DRIVERS, driver
from fleet.model import AutopilotKind, FlightMode, VehicleKind
from fleet.roster import RosterEntry
from fleet.wire.enums import Command as MavCommand
from fleet.wire.frame import parse_datagram
from fleet.wire.px4_modes import Px4Mode
from tests.fleet.drivers.test_programmes import order
from tests.support.fleet_bench import at, fleet_bench, route, run_virtual
from tests.support.px4_bench import Px4Bench
from world.ids import VehicleId

KINDS = list(PX4_DRIVERS)
FLYING = [VehicleKind.COPTER, VehicleKind.PLANE]


def payloads(bench: Px4Bench, name: str, command: int) -> list[str]:
    """What was sent of one command, as hex without the zeros that MAVLink 2 cuts off."""
    numbers = {"COMMAND_LONG": 76, "COMMAND_INT": 75}
    frames = [frame for data in bench.sent for frame in parse_datagram(data) if frame.msgid == numbers[name]]
    number = command.to_bytes(2, "little")
    return [bytes(frame.payload).hex() for frame in frames if bytes(frame.payload)[28:30] == number]


@pytest.mark.parametrize("kind", KINDS)
def test_streams_tell_when_it_is_ready_although_it_sends_no_ekf_report(kind: VehicleKind) -> None:
    bench = Px4Bench(kind)
    before = bench.state
    assert (before.is_ready, before.battery_pct) == (True, 80.0)
    assert before.home is not None
    bench.vehicle.is_ready = False
    bench.pass_time(1.0)
    assert not bench.state.is_ready
    assert bench.held_back == []


@pytest.mark.parametrize("kind", FLYING)
def test_a_whole_flight(kind: VehicleKind) -> None:
    bench = Px4Bench(kind)
    assert bench.give(Verb.TAKE_OFF, height_m=40.0).result is AckResult.ACCEPTED
    assert bench.state.mode is FlightMode.GUIDED
    bench.wait(lambda: bench.vehicle.height_m > 39.0, 60.0)
    assert bench.give(Verb.GO_TO, position=at(0, 200, 45), speed_m_s=9.0).result is AckResult.ACCEPTED
    assert bench.state.raw_mode == Px4Mode.AUTO_LOITER
    for verb, mode in (
        (Verb.HOLD, FlightMode.HOLD), (Verb.RETURN, FlightMode.RETURN), (Verb.LAND, FlightMode.LAND),
        (Verb.STOP, FlightMode.HOLD),
    ):
        assert bench.give(verb).result is AckResult.ACCEPTED
        assert bench.state.mode is mode
    assert bench.give(Verb.SET_SPEED, speed_m_s=7.0).result is AckResult.ACCEPTED
    assert bench.give(Verb.SET_RETURN_HEIGHT, height_m=45.0).result is AckResult.ACCEPTED
    assert bench.vehicle.parameters == {"RTL_RETURN_ALT": 45.0}
    refused = bench.give(Verb.DISARM, within_s=30.0)
    assert refused.result is AckResult.REFUSED_BY_VEHICLE
    assert "Disarming denied: not landed" in refused.reason
    assert bench.give(Verb.KILL, held_s=3.0).result is AckResult.ACCEPTED
    assert bench.state.is_armed is False
    assert bench.held_back == []


@pytest.mark.parametrize("kind", [VehicleKind.ROVER, VehicleKind.BOAT])
def test_a_whole_drive(kind: VehicleKind) -> None:
    bench = Px4Bench(kind)
    assert bench.give(Verb.ARM).result is AckResult.ACCEPTED
    assert bench.state.is_landed is False
    assert bench.give(Verb.GO_TO, position=at(0, 50, 0), speed_m_s=1.0).result is AckResult.ACCEPTED
    for verb, mode in ((Verb.RETURN, FlightMode.RETURN), (Verb.LAND, FlightMode.HOLD), (Verb.STOP, FlightMode.HOLD)):
        assert bench.give(verb).result is AckResult.ACCEPTED
        assert bench.state.mode is mode
    assert bench.give(Verb.DISARM).result is AckResult.ACCEPTED
    assert Verb.TAKE_OFF not in bench.driver.programmes
    assert bench.held_back == []


@pytest.mark.parametrize("kind", FLYING)
@pytest.mark.parametrize("loss_pct", [0.0, 15.0])
def test_a_route_is_read_back_in_turn_and_flown_from_its_first_item(kind: VehicleKind, loss_pct: float) -> None:
    bench = Px4Bench(kind, loss_pct=loss_pct)
    bench.wait(lambda: bench.state.is_ready and bench.state.home is not None, 10.0)
    assert bench.give(Verb.UPLOAD_ROUTE, route=route(5)).result is AckResult.ACCEPTED
    first, last = bench.vehicle.items[0], bench.vehicle.items[-1]
    assert (first["command"], first["z"]) == (MavCommand.NAV_TAKEOFF, 30.0), "no item stands for home"
    assert first["x"] == round(35.49e7), "0, 0 would be a place in the Gulf of Guinea"
    assert last["command"] == MavCommand.NAV_RETURN_TO_LAUNCH
    assert bench.missions[0].point_index(0) == 0
    assert bench.vehicle.rejected_requests == 0
    assert bench.give(Verb.START_ROUTE).result is AckResult.ACCEPTED
    assert bench.state.mode is FlightMode.AUTO
    bench.vehicle.current = 3
    bench.give(Verb.HOLD)
    assert bench.give(Verb.START_ROUTE).result is AckResult.ACCEPTED
    assert bench.vehicle.current == 3, "it goes on where it was"
    assert bench.held_back == []


def test_a_transfer_that_px4_ended_is_begun_anew() -> None:
    bench = Px4Bench()
    bench.vehicle.loses_its_turn = True
    assert bench.give(Verb.UPLOAD_ROUTE, route=route(4)).result is AckResult.ACCEPTED
    assert bench.vehicle.rejected_requests == 1


def test_arming_refused_says_why_and_does_not_wait_for_the_deadline() -> None:
    bench = Px4Bench()
    bench.vehicle.is_ready = False
    begun = bench.now
    run = bench.give(Verb.ARM)
    assert run.result is AckResult.REFUSED_BY_VEHICLE
    assert run.reason == "not armed: Resolve system health failures first"
    assert begun.age_s(bench.now) < 10.0


def test_a_mode_that_stays_rejected_is_a_refusal() -> None:
    bench = Px4Bench()
    bench.vehicle.refused_modes = frozenset({Px4Mode.AUTO_RTL})
    run = bench.give(Verb.RETURN)
    assert run.result is AckResult.REFUSED_BY_VEHICLE
    assert "DO_SET_MODE temporarily rejected" in run.reason


def test_progress_is_waited_for() -> None:
    bench = Px4Bench()
    bench.vehicle.progress_first = True
    assert bench.give(Verb.TAKE_OFF, height_m=30.0).result is AckResult.ACCEPTED


def test_a_take_off_without_a_known_height_of_home_is_refused_here() -> None:
    bench = Px4Bench(loss_pct=100.0)
    assert bench.known.state.home is None
    begun = Run(bench.driver.programmes[Verb.TAKE_OFF](bench.talk, order(Verb.TAKE_OFF, height_m=30.0)))
    assert begun.begin(bench.known, bench.now) == []
    assert begun.reason == "neither home nor position of the vehicle is known yet"


def test_golden_bytes() -> None:
    """MAVLink 2 payloads of what PX4 is told, field by field in wire order."""
    bench = Px4Bench()
    bench.give(Verb.TAKE_OFF, height_m=40.0)
    bench.wait(lambda: bench.vehicle.height_m > 39.0, 60.0)
    bench.give(Verb.GO_TO, position=at(0, 200, 45))
    bench.give(Verb.RETURN)
    one, four, five = "0000803f", "00008040", "0000a040"
    nan, zero = "0000c07f", "00000000"
    assert payloads(bench, "COMMAND_LONG", 22)[0] == (
        "000080bf" + zero + zero + nan + nan + nan + "00804544" + "1600" + "01" + "01"
    )
    assert payloads(bench, "COMMAND_LONG", 176)[-1] == one + four + five + zero * 4 + "b000" + "01" + "01"
    x, y = (round(value * 1e7).to_bytes(4, "little", signed=True).hex() for value in (at(0, 200, 0).lat_deg, 112.85))
    assert payloads(bench, "COMMAND_INT", 192)[0] == (
        "000080bf" + one + zero + nan + x + y + "00c04644" + "c000" + "01" + "01"
    )


def test_who_flies_decides_the_driver() -> None:
    assert driver(VehicleKind.COPTER) is driver(VehicleKind.COPTER, AutopilotKind.ARDUPILOT)
    assert driver(VehicleKind.COPTER, AutopilotKind.PX4) is PX4_DRIVERS[VehicleKind.COPTER]
    for stranger in (driver(VehicleKind.SUB, AutopilotKind.PX4), driver(VehicleKind.COPTER, AutopilotKind.OTHER)):
        assert stranger.programmes == {}, "heard, not commanded: its mode numbers are not known"


@pytest.mark.parametrize("kind", FLYING)
def test_the_fleet_service_learns_from_the_heartbeat_that_it_is_px4(kind: VehicleKind) -> None:
    async def main() -> None:
        entry = RosterEntry(vehicle=VehicleId("U01"), kind=kind, sysid=1)
        async with fleet_bench(entries=[entry], is_px4=True) as bench:
            vehicle = bench.px4[entry.vehicle]
            assert bench.state().is_ready
            await bench.done(Verb.UPLOAD_ROUTE, route=route(4))
            await bench.done(Verb.START_ROUTE)
            assert bench.state().mode is FlightMode.AUTO
            assert vehicle.items[0]["command"] == MavCommand.NAV_TAKEOFF
            await bench.done(Verb.GO_TO, position=at(0, 200, 45))
            await bench.done(Verb.STOP)
            assert bench.state().raw_mode == Px4Mode.AUTO_LOITER
            assert not bench.state().has_safety_pilot
            await bench.done(Verb.LAND)
            assert bench.state().mode is FlightMode.LAND

    run_virtual(main())
