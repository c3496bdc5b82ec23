"""No motor starts before a vehicle's answers to a lost link, a low battery and its fence are set and read back."""

from dataclasses import replace

from fleet.commands import AckResult, Verb
from fleet.drivers.mavlink.failsafes import wanted_parameters
from fleet.guard import LIMITS, GuardedVehicle
from fleet.model import AutopilotKind, FailsafeAction, FailsafeCause, VehicleKind
from sim.vehicles.spec import Kind
from tests.fleet.test_flight import U01, Field, fly
from tests.sim.support import spec
from tests.support.fleet_bench import COMMANDER

RETURNS = dict.fromkeys(FailsafeCause, FailsafeAction.RETURN)


def test_a_copter_as_delivered_is_refused_told_why_and_armed_once_it_is_set() -> None:
    async def scene(place: Field) -> None:
        copter = GuardedVehicle(sysid=1, limits=LIMITS[VehicleKind.COPTER], needs_failsafes=True)
        place.guard.enrol(U01, copter)
        await place.until(lambda: place.state(U01).is_ready, 60.0)
        await place.clock.sleep(10.0)
        refused = await place.give(U01, Verb.ARM)
        assert refused.result is AckResult.REFUSED_BY_GUARD
        assert "it does nothing on a lost link" in refused.reason
        told = {alarm.key: alarm for alarm in place.bus.of("alarm")}
        assert "set FS_GCS_ENABLE to 1" in told["U01/failsafe_link_loss"].text
        wanted = wanted_parameters(VehicleKind.COPTER, AutopilotKind.ARDUPILOT, RETURNS) | {"BATT_LOW_VOLT": 21.0}
        await place.done(U01, Verb.SET_PARAMETERS, parameters=wanted, in_s=120.0, by=COMMANDER)
        await place.clock.sleep(3.0)
        assert [alarm.is_active for alarm in place.bus.of("alarm") if alarm.key == "U01/failsafe_link_loss"] == [
            True, False
        ]
        profile = place.bus.of("fleet/profile")[-1]
        assert {setting.cause: setting.action for setting in profile.failsafes} == RETURNS
        await place.done(U01, Verb.ARM)

    fly([spec(Kind.COPTER)], scene)


def test_what_a_site_accepts_in_writing_is_not_asked_for() -> None:
    async def scene(place: Field) -> None:
        copter = GuardedVehicle(sysid=1, limits=LIMITS[VehicleKind.COPTER], needs_failsafes=True)
        place.guard.enrol(U01, replace(copter, accepts_none=frozenset(FailsafeCause)))
        await place.until(lambda: place.state(U01).is_ready, 60.0)
        await place.clock.sleep(10.0)
        await place.done(U01, Verb.ARM)

    fly([spec(Kind.COPTER)], scene)
