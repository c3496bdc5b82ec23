"""Every mode has the name pilots know, on every autopilot; a number nobody has named is never given a name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink import mavutil

from fleet.wire.enums import (
    Autopilot,
    CopterMode,
    MavType,
    PlaneMode,
    Px4Auto,
    Px4Main,
    Px4Mode,
    Px4PosCtl,
    RoverMode,
    SubMode,
    mode_name,
    px4_custom_mode,
    px4_from_high_latency,
    px4_main_and_sub,
)

ARDUPILOT, PX4 = Autopilot.ARDUPILOT, Autopilot.PX4
VTOLS = range(19, 26)


@pytest.mark.parametrize(
    ("mav_type", "custom_mode", "name"),
    [
        (MavType.QUADROTOR, CopterMode.GUIDED, "GUIDED"),
        (MavType.GENERIC_MULTIROTOR, CopterMode.AUTO_RTL, "AUTO_RTL"),
        (MavType.GROUND_ROVER, RoverMode.HOLD, "HOLD"),
        (MavType.SURFACE_BOAT, RoverMode.LOITER, "LOITER"),
        (MavType.SUBMARINE, SubMode.SURFTRAK, "SURFTRAK"),
        (MavType.FIXED_WING, PlaneMode.AUTOLAND, "AUTOLAND"),
        (MavType.VTOL_TILTROTOR, PlaneMode.QRTL, "QRTL"),
        (23, PlaneMode.QHOVER, "QHOVER"),
        (MavType.QUADROTOR, 77, "mode 77 of ArduCopter"),
        (MavType.SURFACE_BOAT, 2, "mode 2 of ArduRover"),
        (MavType.SUBMARINE, 30, "mode 30 of ArduSub"),
        (MavType.VTOL_QUADROTOR, 9, "mode 9 of ArduPlane"),
        (MavType.AIRSHIP, 1, "mode 1 of ArduPilot on vehicle type 7"),
    ],
)
def test_ardupilot_modes_have_names_by_vehicle(mav_type: int, custom_mode: int, name: str) -> None:
    assert mode_name(ARDUPILOT, mav_type, custom_mode) == name


@pytest.mark.parametrize(
    ("custom_mode", "name"),
    [
        (0x00010000, "MANUAL"),
        (0x00030000, "POSCTL"),
        (0x01030000, "ORBIT"),
        (0x02030000, "POSCTL_SLOW"),
        (0x04040000, "AUTO_MISSION"),
        (0x03040000, "AUTO_LOITER"),
        (0x05040000, "AUTO_RTL"),
        (0x0A040000, "AUTO_VTOL_TAKEOFF"),
        (0x00060000, "OFFBOARD"),
        (0x000A0000, "TERMINATION"),
        (0x000B0000, "ALTITUDE_CRUISE"),
        (0x0B040000, "mode 4/11 of PX4"),
        (0x07040000, "mode 4/7 of PX4"),
        (0x00040000, "mode 4/0 of PX4"),
        (0x01010000, "mode 1/1 of PX4"),
        (0x00000000, "mode 0/0 of PX4"),
        (0x04040001, "mode 0x4040001 of PX4"),
    ],
)
def test_px4_modes_have_names_on_every_vehicle(custom_mode: int, name: str) -> None:
    for mav_type in (MavType.QUADROTOR, MavType.FIXED_WING, MavType.GROUND_ROVER):
        assert mode_name(PX4, mav_type, custom_mode) == name


def test_no_other_autopilot_is_given_names_of_these() -> None:
    assert mode_name(Autopilot.GENERIC, MavType.QUADROTOR, 4) == "mode 4 of autopilot 0"


@settings(derandomize=True, deadline=None)
@given(autopilot=st.integers(0, 255), mav_type=st.integers(0, 255), custom_mode=st.integers(0, 2**32 - 1))
def test_any_heartbeat_has_a_mode_to_show(autopilot: int, mav_type: int, custom_mode: int) -> None:
    assert mode_name(autopilot, mav_type, custom_mode)


def test_pymavlink_knows_the_same_ardupilot_modes() -> None:
    spelt = {"INITIALISING": "INITIALIZING", "FBWA": "FLY_BY_WIRE_A", "FBWB": "FLY_BY_WIRE_B"}
    # long gone, and RATE_ACRO never came: it became an option of ACRO
    gone = {"OF_LOITER", "POSITION", "LEARNING", "RATE_ACRO"}
    compared = 0
    for mav_type in (MavType.QUADROTOR, MavType.GROUND_ROVER, MavType.SUBMARINE, MavType.FIXED_WING):
        for custom_mode, theirs in mavutil.mode_mapping_bynumber(mav_type).items():
            if theirs not in gone:
                ours = mode_name(ARDUPILOT, mav_type, custom_mode)
                assert spelt.get(theirs, theirs).replace("_", "") == ours.replace("_", ""), (mav_type, custom_mode)
                compared += 1
    assert compared > 70


def test_pymavlink_knows_the_same_px4_modes() -> None:
    spelt = {"LOITER": "AUTO_LOITER", "MISSION": "AUTO_MISSION", "RTL": "AUTO_RTL", "LAND": "AUTO_LAND",
             "TAKEOFF": "AUTO_TAKEOFF", "FOLLOWME": "AUTO_FOLLOW_TARGET"}
    for name, (_, main, sub) in mavutil.px4_map.items():
        if name != "RTGS":  # gone since 2020
            assert px4_custom_mode(main, sub) == Px4Mode[spelt.get(name, name)]


def test_px4_modes_are_made_of_main_and_sub_mode() -> None:
    for mode in Px4Mode:
        main, sub = px4_main_and_sub(mode)
        assert px4_custom_mode(main, sub) == mode
        assert px4_from_high_latency(mode >> 16) == mode
        assert main in set(Px4Main)
    autos = {f"AUTO_{auto.name}": px4_custom_mode(Px4Main.AUTO, auto) for auto in Px4Auto}
    assert autos == {mode.name: mode.value for mode in Px4Mode if mode.name.startswith("AUTO_")}
    assert {px4_custom_mode(Px4Main.POSCTL, sub) for sub in Px4PosCtl} == {
        Px4Mode.POSCTL, Px4Mode.ORBIT, Px4Mode.POSCTL_SLOW
    }
