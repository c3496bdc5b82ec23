"""Who flies by radio is seen, and has the vehicle until it is given back."""

import pytest

from fleet.guard import LIMITS
from fleet.model import FlightMode, VehicleKind
from fleet.safety_pilot import PilotSigns, SafetyPilotWatch
from fleet.wire.enums import CopterMode

MODES = {
    CopterMode.STABILIZE: FlightMode.MANUAL, CopterMode.LOITER: FlightMode.HOLD, CopterMode.POSHOLD: FlightMode.HOLD,
    CopterMode.GUIDED: FlightMode.GUIDED, CopterMode.AUTO: FlightMode.AUTO, CopterMode.BRAKE: FlightMode.HOLD,
    CopterMode.RTL: FlightMode.RETURN, CopterMode.LAND: FlightMode.LAND, CopterMode.DRIFT: FlightMode.UNKNOWN,
}


def watch() -> SafetyPilotWatch:
    return SafetyPilotWatch(LIMITS[VehicleKind.COPTER].modes)


def signs(mode: CopterMode, is_armed: bool | None = True, is_overridden: bool = False) -> PilotSigns:
    return PilotSigns(mode=MODES[mode], raw_mode=mode, is_armed=is_armed, is_overridden=is_overridden)


@pytest.mark.parametrize("mode", [CopterMode.STABILIZE, CopterMode.LOITER, CopterMode.POSHOLD, CopterMode.DRIFT])
def test_a_mode_of_sticks_in_the_air_is_the_pilots(mode: CopterMode) -> None:
    seen = watch()
    seen.ordered(CopterMode.GUIDED)
    assert not seen.see(signs(CopterMode.GUIDED))
    assert seen.see(signs(mode))
    assert seen.is_held


@pytest.mark.parametrize("mode", sorted(LIMITS[VehicleKind.COPTER].modes))
def test_what_autopilots_and_we_choose_is_no_pilot(mode: int) -> None:
    assert not watch().see(signs(CopterMode(mode)))


def test_a_vehicle_at_rest_is_nobodys() -> None:
    seen = watch()
    assert not seen.see(signs(CopterMode.STABILIZE, is_armed=False))
    assert seen.see(signs(CopterMode.STABILIZE))
    assert seen.see(signs(CopterMode.GUIDED, is_armed=None)), "not known: as it was"
    assert not seen.see(signs(CopterMode.STABILIZE, is_armed=False))


@pytest.mark.parametrize("mode", [CopterMode.GUIDED, CopterMode.AUTO, CopterMode.BRAKE])
def test_the_pilot_gives_back_by_his_switch(mode: CopterMode) -> None:
    seen = watch()
    seen.ordered(mode)
    seen.see(signs(CopterMode.STABILIZE))
    assert not seen.see(signs(mode))


def test_what_we_order_takes_nothing_from_the_pilot() -> None:
    seen = watch()
    assert seen.see(signs(CopterMode.LOITER))
    seen.ordered(CopterMode.BRAKE)
    assert seen.see(signs(CopterMode.BRAKE)), "our stop was obeyed; the vehicle is still the pilot's"
    assert seen.see(signs(CopterMode.LOITER))
    assert seen.see(signs(CopterMode.BRAKE))
    assert not seen.see(signs(CopterMode.AUTO)), "his switch, not our order"


@pytest.mark.parametrize("mode", [CopterMode.RTL, CopterMode.LAND])
def test_a_return_may_come_from_a_lost_radio_and_gives_nothing_back(mode: CopterMode) -> None:
    seen = watch()
    seen.see(signs(CopterMode.STABILIZE))
    assert seen.see(signs(mode))
    assert seen.take_back()
    assert not seen.see(signs(mode))


def test_a_commander_takes_back_only_once_the_radio_mode_is_gone() -> None:
    seen = watch()
    assert seen.take_back(), "nothing was seen, nothing is taken"
    seen.see(signs(CopterMode.STABILIZE))
    assert not seen.take_back()
    assert seen.is_held
    seen.ordered(CopterMode.RTL)
    seen.see(signs(CopterMode.RTL))
    assert seen.take_back()
    assert not seen.is_held


def test_sticks_that_steer_in_any_mode_are_the_pilots() -> None:
    seen = watch()
    assert seen.see(signs(CopterMode.GUIDED, is_overridden=True))
    assert not seen.take_back()
    assert not seen.see(signs(CopterMode.GUIDED))


def test_an_unknown_mode_is_no_sign() -> None:
    assert not watch().see(PilotSigns(mode=FlightMode.MANUAL, raw_mode=None, is_armed=True))
