"""A person with a radio, seen in what simulated autopilots say; and what they do by themselves, which is nobody's."""

import pytest

from fleet.commands import AckResult, Verb
from fleet.pilot_signs import STICKS_LAST_S
from fleet.wire.encode import Encoder
from fleet.wire.enums import RoverMode, SubMode
from sim.service import Failure
from sim.vehicles.spec import Kind
from tests.fleet.test_flight import G01, U01, W01, Field, at, fly
from tests.sim.support import spec
from tests.support.fleet_bench import COMMANDER
from world.ids import VehicleId

BY_RADIO = "its safety pilot flies it by radio"


def switch(place: Field, vehicle: VehicleId, sysid: int, mode: int) -> None:
    """Somebody who is not us changes the mode: to the autopilot a radio's switch and another station are alike."""
    other = Encoder(sysid=254, compid=190)
    place.sim.receive(vehicle, other.encode("SET_MODE", target_system=sysid, base_mode=1, custom_mode=mode))


def test_a_pilot_who_takes_a_robot_in_a_mode_that_we_order_too() -> None:
    async def scene(place: Field) -> None:
        await place.until(lambda: place.state(W01).is_ready, 60.0)
        await place.done(W01, Verb.ARM)
        await place.done(W01, Verb.GO_TO, position=at(30.0, 0.0, 15.0))
        assert not place.state(W01).has_safety_pilot
        switch(place, W01, 1, SubMode.ALT_HOLD)
        await place.until(lambda: place.state(W01).has_safety_pilot, 2.0)
        refused = await place.give(W01, Verb.GO_TO, position=at(30.0, 0.0, 15.0))
        assert refused.result is AckResult.REFUSED_BY_GUARD
        assert BY_RADIO in refused.reason
        switch(place, W01, 1, SubMode.GUIDED)
        await place.until(lambda: not place.state(W01).has_safety_pilot, 2.0)
        await place.done(W01, Verb.GO_TO, position=at(30.0, 0.0, 15.0))

    fly([spec(Kind.SUB)], scene, has_pilot=True)


def test_a_robot_that_stands_for_want_of_charge_is_nobodys() -> None:
    async def scene(place: Field) -> None:
        await place.until(lambda: place.state(G01).is_ready, 60.0)
        await place.done(G01, Verb.ARM)
        await place.done(G01, Verb.GO_TO, position=at(200.0, 0.0, 0.0))
        place.sim.fail(G01, Failure.BATTERY)
        await place.until(lambda: place.state(G01).raw_mode == RoverMode.HOLD, 10.0)
        await place.clock.sleep(8.0)
        assert not place.state(G01).has_safety_pilot
        assert not any(alarm.key == "G01/safety_pilot" for alarm in place.bus.of("alarm"))

    parameters = {"BATT_FS_LOW_ACT": 2.0, "BATT_LOW_MAH": 20000.0, "BATT_FS_CRT_ACT": 2.0}
    fly([spec(Kind.ROVER, parameters=parameters)], scene)


@pytest.mark.parametrize("name", ["RC_CHANNELS", "MANUAL_CONTROL"])
def test_a_hand_at_the_sticks(name: str) -> None:
    vehicle = Encoder(sysid=1, compid=1)
    moved = {
        "RC_CHANNELS": {f"chan{number}_raw": 1500 for number in range(1, 19)}
        | {"chan2_raw": 1700, "time_boot_ms": 1, "chancount": 8, "rssi": 255},
        "MANUAL_CONTROL": {"target": 255, "x": 400, "y": 0, "z": 500, "r": 0, "buttons": 0},
    }[name]

    async def scene(place: Field) -> None:
        await place.until(lambda: place.state(U01).is_ready, 60.0)
        place.fleet.receive("U01", vehicle.encode(name, **moved))
        assert not place.state(U01).has_safety_pilot, "on the ground it is nobody's"
        await place.clock.sleep(STICKS_LAST_S + 1.0)
        await place.done(U01, Verb.TAKE_OFF, height_m=20.0)
        assert not place.state(U01).has_safety_pilot
        place.fleet.receive("U01", Encoder(sysid=1, compid=191).encode(name, **moved))
        assert not place.state(U01).has_safety_pilot, "a companion computer has no sticks"
        place.fleet.receive("U01", vehicle.encode(name, **moved))
        assert place.state(U01).has_safety_pilot, "at once"
        assert BY_RADIO in (await place.give(U01, Verb.GO_TO, position=at(30.0, 0.0, 30.0))).reason
        await place.clock.sleep(6.0)
        assert place.state(U01).has_safety_pilot, "hands off is not given back"
        assert place.fleet.session(U01).take_back(place.clock.now())
        await place.done(U01, Verb.GO_TO, position=at(30.0, 0.0, 30.0), by=COMMANDER)

    fly([spec(Kind.COPTER)], scene, has_pilot=True)
