"""Who flies by radio is seen, and has the vehicle until it is given back."""

import pytest

from fleet.drivers.boat.values import BOAT
from fleet.drivers.copter.values import COPTER
from fleet.drivers.plane.values import PLANE
from fleet.drivers.px4.values import MODES as PX4_MODES
from fleet.drivers.rover.values import ROVER
from fleet.drivers.sub.values import SUB
from fleet.guard import LIMITS
from fleet.model import AutopilotKind, FlightMode, VehicleKind
from fleet.pilot_signs import are_moved, explain, habits_of
from fleet.safety_pilot import EXPLAINED_WITHIN_S, ORDERED_LASTS_S, SILENT_S, PilotSigns, SafetyPilotWatch
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.enums import CopterMode, PlaneMode, RoverMode, SubMode
from fleet.wire.frame import DatagramParser
from fleet.wire.message import Message
from fleet.wire.px4_modes import Px4Mode
from world.time import Instant

MODES = {
    CopterMode.STABILIZE: FlightMode.MANUAL, CopterMode.LOITER: FlightMode.HOLD, CopterMode.POSHOLD: FlightMode.HOLD,
    CopterMode.GUIDED: FlightMode.GUIDED, CopterMode.AUTO: FlightMode.AUTO, CopterMode.BRAKE: FlightMode.HOLD,
    CopterMode.RTL: FlightMode.RETURN, CopterMode.LAND: FlightMode.LAND, CopterMode.DRIFT: FlightMode.UNKNOWN,
}


NOW = Instant(mono_ns=10**12, utc_ns=10**12)


def watch(kind: VehicleKind = VehicleKind.COPTER) -> SafetyPilotWatch:
    return SafetyPilotWatch(habits_of(kind, None))


def signs(mode: CopterMode, is_armed: bool | None = True, is_overridden: bool = False) -> PilotSigns:
    return PilotSigns(at=NOW, mode=MODES[mode], raw_mode=mode, is_armed=is_armed, is_overridden=is_overridden)


@pytest.mark.parametrize("mode", [CopterMode.STABILIZE, CopterMode.LOITER, CopterMode.POSHOLD, CopterMode.DRIFT])
def test_a_mode_of_sticks_in_the_air_is_the_pilots(mode: CopterMode) -> None:
    seen = watch()
    seen.ordered(CopterMode.GUIDED, NOW)
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
    seen.ordered(mode, NOW)
    seen.see(signs(CopterMode.STABILIZE))
    assert not seen.see(signs(mode))


def test_what_we_order_takes_nothing_from_the_pilot() -> None:
    seen = watch()
    assert seen.see(signs(CopterMode.LOITER))
    seen.ordered(CopterMode.BRAKE, NOW)
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
    seen.ordered(CopterMode.RTL, NOW)
    seen.see(signs(CopterMode.RTL))
    assert seen.take_back()
    assert not seen.is_held


def test_sticks_that_are_moved_in_any_mode_are_the_pilots_until_he_gives_back() -> None:
    seen = watch()
    assert seen.see(signs(CopterMode.AUTO, is_overridden=True))
    assert not seen.take_back()
    assert seen.see(signs(CopterMode.AUTO)), "hands off is not given back"
    assert seen.see(signs(CopterMode.RTL))
    assert not seen.see(signs(CopterMode.BRAKE))
    assert seen.see(signs(CopterMode.AUTO, is_overridden=True))
    assert seen.see(signs(CopterMode.AUTO))
    assert seen.take_back()
    assert not seen.see(signs(CopterMode.AUTO))


def test_an_unknown_mode_is_no_sign() -> None:
    assert not watch().see(PilotSigns(at=NOW, mode=FlightMode.MANUAL, raw_mode=None, is_armed=True))


# changes that nobody here ordered

TABLES = {
    VehicleKind.COPTER: COPTER.modes, VehicleKind.SUB: SUB.modes, VehicleKind.PLANE: PLANE.modes,
    VehicleKind.ROVER: ROVER.modes, VehicleKind.BOAT: BOAT.modes,
}
CHANGES = [
    (VehicleKind.SUB, SubMode.AUTO, SubMode.ALT_HOLD), (VehicleKind.SUB, SubMode.GUIDED, SubMode.POSHOLD),
    (VehicleKind.PLANE, PlaneMode.AUTO, PlaneMode.LOITER), (VehicleKind.PLANE, PlaneMode.GUIDED, PlaneMode.QLOITER),
    (VehicleKind.ROVER, RoverMode.AUTO, RoverMode.HOLD), (VehicleKind.BOAT, RoverMode.AUTO, RoverMode.LOITER),
    (VehicleKind.COPTER, CopterMode.AUTO, CopterMode.BRAKE), (VehicleKind.COPTER, CopterMode.BRAKE, CopterMode.AUTO),
]


class Flight:
    """One armed vehicle of a kind, a heartbeat a second."""

    def __init__(self, kind: VehicleKind, autopilot: AutopilotKind | None = None) -> None:
        self.modes = PX4_MODES if autopilot is AutopilotKind.PX4 else TABLES[kind]
        self.watch, self.now = SafetyPilotWatch(habits_of(kind, autopilot)), NOW

    def order(self, mode: int) -> None:
        self.watch.ordered(mode, self.now)

    def shows(
        self, mode: int | None, after_s: float = 1.0, *, is_explained: bool = False, is_over: bool = False
    ) -> bool:
        self.now = self.now.plus_s(after_s)
        return self.watch.see(PilotSigns(
            at=self.now, mode=FlightMode.UNKNOWN if mode is None else self.modes[mode], raw_mode=mode, is_armed=True,
            is_explained=is_explained, is_mission_over=is_over,
        ))


def flight(kind: VehicleKind, mode: int) -> Flight:
    """In a mode that we ordered a while ago."""
    made = Flight(kind)
    made.order(mode)
    assert not made.shows(mode)
    assert not made.shows(mode, ORDERED_LASTS_S - 8.0)
    return made


@pytest.mark.parametrize(("kind", "before", "after"), CHANGES)
def test_a_change_that_nobody_here_ordered_is_the_pilots(kind: VehicleKind, before: int, after: int) -> None:
    seen = flight(kind, before)
    assert seen.shows(after)
    assert seen.shows(after), "and stays his in that mode"
    seen.order(before)
    assert seen.shows(before), "what we order gives nothing back"
    assert seen.watch.take_back()
    assert not seen.shows(before)


@pytest.mark.parametrize(("kind", "before", "after"), CHANGES)
def test_what_we_ordered_is_ours_also_when_another_order_followed(
    kind: VehicleKind, before: int, after: int
) -> None:
    seen = flight(kind, before)
    seen.order(after)
    seen.order(before)
    assert not seen.shows(after), "sent before, carried out late"
    assert not seen.shows(before)
    assert seen.shows(after), "once"
    never = flight(kind, before)
    never.order(after)
    never.order(before)
    for _ in range(round(ORDERED_LASTS_S)):
        assert not never.shows(before)
    assert never.shows(after), "not any more"


@pytest.mark.parametrize(("kind", "before", "after"), CHANGES)
def test_a_failsafe_of_its_own_is_no_pilot_and_neither_is_its_end(
    kind: VehicleKind, before: int, after: int
) -> None:
    seen = flight(kind, before)
    assert not seen.shows(after, is_explained=True)
    assert not seen.shows(after, 60.0)
    assert not seen.shows(before), "it goes back to what it left"
    late = flight(kind, before)
    assert late.shows(after), "for the first word a pilot"
    assert not late.shows(after, EXPLAINED_WITHIN_S - 1.0, is_explained=True), "then it says why"
    too_late = flight(kind, before)
    assert too_late.shows(after)
    assert too_late.shows(after, EXPLAINED_WITHIN_S + 1.0, is_explained=True), "that was for something else"


@pytest.mark.parametrize(("kind", "before", "after"), CHANGES)
def test_after_a_silence_nobody_knows_who_changed_it(kind: VehicleKind, before: int, after: int) -> None:
    seen = flight(kind, before)
    assert not seen.shows(after, SILENT_S + 0.5)


@pytest.mark.parametrize(("kind", "before", "after"), CHANGES)
def test_the_end_of_a_mission_is_no_pilot(kind: VehicleKind, before: int, after: int) -> None:
    is_end = TABLES[kind][before] is FlightMode.AUTO
    seen = flight(kind, before)
    assert seen.shows(after, is_over=True) is not is_end
    earlier = flight(kind, before)
    assert not earlier.shows(before, is_over=True)
    assert earlier.shows(after) is not is_end


@pytest.mark.parametrize(("kind", "home", "after"), [
    (VehicleKind.SUB, SubMode.SURFACE, SubMode.ALT_HOLD), (VehicleKind.PLANE, PlaneMode.RTL, PlaneMode.AUTO),
    (VehicleKind.PLANE, PlaneMode.QLAND, PlaneMode.LOITER), (VehicleKind.COPTER, CopterMode.RTL, CopterMode.BRAKE),
])
def test_returns_and_what_follows_them_are_no_sign(kind: VehicleKind, home: int, after: int) -> None:
    seen = flight(kind, LIMITS[kind].auto_mode)
    assert not seen.shows(home)
    assert not seen.shows(after)


def test_px4_holds_by_itself() -> None:
    seen = Flight(VehicleKind.COPTER, AutopilotKind.PX4)
    seen.order(Px4Mode.AUTO_MISSION)
    assert not seen.shows(Px4Mode.AUTO_MISSION)
    assert not seen.shows(Px4Mode.AUTO_LOITER)
    assert not seen.shows(Px4Mode.AUTO_MISSION)
    assert seen.shows(Px4Mode.POSCTL)
    assert not seen.shows(Px4Mode.AUTO_LOITER), "his switch"


@pytest.mark.parametrize("mode", [SubMode.ALT_HOLD, SubMode.POSHOLD])
def test_a_mode_that_sticks_fly_gives_nothing_back(mode: SubMode) -> None:
    seen = flight(VehicleKind.SUB, SubMode.AUTO)
    assert seen.shows(SubMode.MANUAL)
    assert seen.shows(mode)
    assert seen.shows(SubMode.SURFACE)
    assert not seen.shows(SubMode.GUIDED)


def test_before_anything_is_known_nothing_has_changed() -> None:
    assert not Flight(VehicleKind.SUB).shows(SubMode.ALT_HOLD), "the first look"
    armed = watch(VehicleKind.SUB)
    armed.see(PilotSigns(at=NOW, mode=FlightMode.AUTO, raw_mode=SubMode.AUTO, is_armed=False))
    assert not armed.see(PilotSigns(at=NOW, mode=FlightMode.HOLD, raw_mode=SubMode.ALT_HOLD, is_armed=True))
    unknown = flight(VehicleKind.SUB, SubMode.AUTO)
    assert not unknown.shows(None)
    assert not unknown.shows(SubMode.ALT_HOLD)


def test_a_hold_outlives_a_restart_until_he_switches() -> None:
    seen = Flight(VehicleKind.COPTER)
    seen.watch.rebound(habits_of(VehicleKind.COPTER, AutopilotKind.ARDUPILOT))
    seen.watch.keep_hold()
    assert seen.watch.is_held
    assert seen.shows(CopterMode.AUTO), "he may have switched meanwhile: nobody looked"
    assert seen.shows(CopterMode.AUTO)
    assert not seen.shows(CopterMode.GUIDED)
    seen.watch.keep_hold()
    assert seen.shows(CopterMode.LOITER)
    assert not seen.shows(CopterMode.AUTO)


# what messages say


def said(name: str, **fields: int) -> Message:
    (frame,) = DatagramParser().parse(Encoder(sysid=1, compid=1).encode(name, **fields))
    message = Decoder().decode(frame)
    assert message is not None
    return message


def channels(*values_us: int, count: int = 8) -> Message:
    rest = {f"chan{number}_raw": 65535 for number in range(1, 19)}
    given = {f"chan{number}_raw": value for number, value in enumerate(values_us, 1)}
    return said("RC_CHANNELS", time_boot_ms=1, chancount=count, rssi=255, **rest | given)


def test_sticks_away_from_rest_are_a_hand() -> None:
    for rest in (channels(1500, 1500, 1000, 1500), channels(1490, 1512, 1900, 1540), channels(0, 0, 0, 0)):
        assert not are_moved(rest), "a throttle rests anywhere, and no signal is no hand"
    for moved in (channels(1700, 1500, 1000, 1500), channels(1500, 1340, 1000, 1500), channels(1500, 1500, 1000, 1900)):
        assert are_moved(moved)
    assert not are_moved(channels(1700, 1500, 1000, 1500, count=0)), "no receiver"
    still = {"target": 1, "x": 0, "y": 10, "z": 500, "r": 0, "buttons": 0}
    assert not are_moved(said("MANUAL_CONTROL", **still))
    assert not are_moved(said("MANUAL_CONTROL", **still | {"x": 32767})), "invalid"
    assert are_moved(said("MANUAL_CONTROL", **still | {"r": -600}))


@pytest.mark.parametrize("text", [
    "GCS Failsafe", "Battery 1 is low 10.50V used 100 mAh", "Polygon fence breached", "EKF variance", "Leak Detected",
    "Crash: Disarming: AngErr=90>30, Accel=0.1<3.0", "Failsafe activated", "Data link lost", "Mission complete",
])
def test_an_autopilots_own_words_explain_what_it_does(text: str) -> None:
    assert explain(["Mission: 3 WP", text])


def test_other_words_explain_nothing() -> None:
    assert not explain(["EKF3 IMU0 is using GPS", "Mission: 3 WP", "Reached command #3", "Takeoff detected"])
