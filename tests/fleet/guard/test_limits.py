"""The guard's numbers, a second time and on purpose: whoever changes a bound must say so in two places."""

import math
from dataclasses import asdict
from typing import Any

import pytest

from fleet.commands import Verb
from fleet.guard import LIMITS, PX4_LIMITS, limits_of
from fleet.guard.areas import LEAST_M
from fleet.guard.energy import GUSTS, WIND_LASTS_S
from fleet.guard.fences import MOST_CORNERS, MOST_ITEMS, MOST_RALLY_POINTS, RADIUS_TOLERANCE_M, TOLERANCE_M
from fleet.guard.frames import COMMAND_RULES, HEADING_TOLERANCE_DEG, READING, RULES, UNADDRESSED
from fleet.guard.kills import HOLD_S
from fleet.guard.lists import COUNT_RULES, ITEM_RULES, LIST_RULES
from fleet.guard.outbound import DEGREE_TOLERANCE, HEIGHT_TOLERANCE_M
from fleet.guard.parameters import LARGEST, MOST
from fleet.guard.routes import MAX_POINTS
from fleet.guard.rules import BESIDE_A_PILOT, CHECKS, MOVES, UNCHECKED
from fleet.guard.space import SAMPLE_M
from fleet.guard.watch import RETREAT_C, WARN_C
from fleet.model import AutopilotKind, VehicleKind
from fleet.wire.enums import CopterMode, PlaneMode, RoverMode, SubMode

NO_HEIGHTS: dict[str, Any] = dict.fromkeys(
    ("min_agl_m", "max_agl_m", "min_above_home_m", "max_above_home_m", "max_return_height_m")
) | {
    "air_speed_m_s": None, "max_slope_deg": None, "min_over_bed_m": None, "max_ambient_c": 70.0,
    "autopilot": AutopilotKind.ARDUPILOT,
}
EXPECTED: dict[VehicleKind, dict[str, Any]] = {
    VehicleKind.COPTER: NO_HEIGHTS | {
        "max_speed_m_s": 15.0, "cruise_m_s": 7.0, "climb_m_s": 2.0, "braking_m_s2": 2.5, "endurance_s": 1500.0,
        "reserve_pct": 15.0, "max_link_age_s": 5.0, "min_agl_m": 10.0, "max_agl_m": 120.0,
        "max_return_height_m": 300.0, "air_speed_m_s": 12.0, "auto_mode": CopterMode.AUTO,
        "modes": {CopterMode.AUTO, CopterMode.GUIDED, CopterMode.RTL, CopterMode.LAND, CopterMode.BRAKE},
    },
    VehicleKind.ROVER: NO_HEIGHTS | {
        "max_speed_m_s": 3.0, "cruise_m_s": 0.8, "climb_m_s": 0.8, "braking_m_s2": 0.5, "endurance_s": 7200.0,
        "reserve_pct": 15.0, "max_link_age_s": 5.0, "max_slope_deg": 35.0, "auto_mode": RoverMode.AUTO,
        "modes": {RoverMode.HOLD, RoverMode.GUIDED, RoverMode.AUTO, RoverMode.RTL},
    },
    VehicleKind.SUB: NO_HEIGHTS | {
        "max_speed_m_s": 1.5, "cruise_m_s": 0.4, "climb_m_s": 0.3, "braking_m_s2": 0.2, "endurance_s": 5400.0,
        "reserve_pct": 20.0, "max_link_age_s": 30.0, "min_above_home_m": -60.0, "max_above_home_m": 0.5,
        "min_over_bed_m": 1.0,
        "auto_mode": SubMode.AUTO,
        "modes": {SubMode.ALT_HOLD, SubMode.AUTO, SubMode.GUIDED, SubMode.SURFACE, SubMode.POSHOLD},
    },
    VehicleKind.PLANE: NO_HEIGHTS | {
        "max_speed_m_s": 25.0, "cruise_m_s": 15.0, "climb_m_s": 2.0, "braking_m_s2": 2.2, "endurance_s": 3000.0,
        "reserve_pct": 20.0, "max_link_age_s": 5.0, "min_agl_m": 30.0, "max_agl_m": 120.0,
        "max_return_height_m": 300.0, "air_speed_m_s": 15.0, "auto_mode": PlaneMode.AUTO,
        "modes": {
            PlaneMode.AUTO, PlaneMode.GUIDED, PlaneMode.TAKEOFF, PlaneMode.LOITER, PlaneMode.CIRCLE, PlaneMode.RTL,
            PlaneMode.AUTOLAND, PlaneMode.QLOITER, PlaneMode.QRTL, PlaneMode.QLAND,
        },
    },
    VehicleKind.BOAT: NO_HEIGHTS | {
        "max_speed_m_s": 3.0, "cruise_m_s": 1.5, "climb_m_s": 0.5, "braking_m_s2": 0.3, "endurance_s": 5400.0,
        "reserve_pct": 20.0, "max_link_age_s": 5.0, "auto_mode": RoverMode.AUTO,
        "modes": {RoverMode.HOLD, RoverMode.LOITER, RoverMode.GUIDED, RoverMode.AUTO, RoverMode.RTL},
    },
}


@pytest.mark.parametrize("kind", list(VehicleKind))
def test_every_kind_has_exactly_these_bounds(kind: VehicleKind) -> None:
    assert asdict(LIMITS[kind]) == EXPECTED[kind]


def test_a_plane_keeps_the_radius_of_a_gentle_turn_from_every_fence() -> None:
    """It cannot stop: what stands for braking is the turn that leads away, at no more than 25 degrees of bank."""
    speed, braking = 20.0, LIMITS[VehicleKind.PLANE].braking_m_s2
    radius_m = speed**2 / (9.81 * math.tan(math.radians(25.0)))
    assert radius_m <= speed**2 / (2.0 * braking) <= 1.1 * radius_m


def test_under_px4_only_its_modes_differ() -> None:
    modes = {4 << 16 | sub << 24 for sub in (3, 4, 5, 6)}
    kinds = {VehicleKind.COPTER, VehicleKind.PLANE, VehicleKind.ROVER, VehicleKind.BOAT}
    assert set(PX4_LIMITS) == kinds
    for kind in kinds:
        own = {"autopilot": AutopilotKind.PX4, "modes": modes, "auto_mode": 4 << 16 | 4 << 24}
        assert asdict(PX4_LIMITS[kind]) == EXPECTED[kind] | own


def test_tolerances_and_sizes() -> None:
    assert (DEGREE_TOLERANCE, HEIGHT_TOLERANCE_M, SAMPLE_M, MAX_POINTS) == (2e-6, 1.0, 5.0, 650)
    assert (TOLERANCE_M, RADIUS_TOLERANCE_M, MOST_CORNERS, MOST_ITEMS, MOST_RALLY_POINTS) == (2.0, 0.1, 255, 650, 50)
    assert (WIND_LASTS_S, GUSTS, HOLD_S, WARN_C, RETREAT_C) == (900.0, 1.3, 3.0, 70.0, 85.0)
    assert (MOST, LARGEST, LEAST_M, HEADING_TOLERANCE_DEG) == (200, 3.4e38, 0.01, 1.0)


def test_every_verb_is_either_checked_or_ends_motion() -> None:
    assert set(CHECKS) & UNCHECKED == set()
    assert set(CHECKS) | UNCHECKED == set(Verb)
    assert {
        Verb.ARM, Verb.TAKE_OFF, Verb.GO_TO, Verb.UPLOAD_ROUTE, Verb.START_ROUTE, Verb.SET_SPEED, Verb.LOOK_AT,
        Verb.OPERATE,
    } == MOVES
    assert {Verb.CAPTURE, Verb.OPERATE} == BESIDE_A_PILOT


def test_what_may_leave_at_all() -> None:
    assert set(RULES) == {
        "COMMAND_LONG", "COMMAND_INT", "MISSION_REQUEST_LIST", "MISSION_REQUEST_PARTIAL_LIST", "MISSION_REQUEST",
        "MISSION_REQUEST_INT", "MISSION_ACK", "MISSION_COUNT", "MISSION_ITEM_INT", "MISSION_SET_CURRENT",
        "PARAM_REQUEST_READ", "PARAM_REQUEST_LIST", "PARAM_SET", "LOG_REQUEST_LIST", "LOG_REQUEST_DATA",
        "LOG_REQUEST_END", "FILE_TRANSFER_PROTOCOL", "PING", "SET_POSITION_TARGET_GLOBAL_INT", "SETUP_SIGNING",
        "TUNNEL",
    }
    assert {"HEARTBEAT", "SYSTEM_TIME", "TIMESYNC"} == UNADDRESSED
    moving = {22, 115, 176, 178, 189, 207, 300, 400, 511, 512, 520, 2000}
    payloads = {181, 195, 197, 211, 405, 406, 530, 531, 1000, 1001, 2001, 2500, 2501, 42600}
    assert {int(number) for number in COMMAND_RULES} == moving | payloads
    assert {int(number) for number in ITEM_RULES} == {16, 20, 22, 178, 206}
    assert set(COUNT_RULES) == set(LIST_RULES) == {0, 1, 2}
    assert {0, 1, 2, 3, 4, 5, 14, 15} == READING


def test_bounds_follow_the_firmware_where_it_has_the_kind() -> None:
    assert limits_of(VehicleKind.COPTER, AutopilotKind.PX4) is PX4_LIMITS[VehicleKind.COPTER]
    assert limits_of(VehicleKind.SUB, AutopilotKind.PX4) is LIMITS[VehicleKind.SUB]
    for autopilot in (None, AutopilotKind.ARDUPILOT, AutopilotKind.OTHER):
        assert limits_of(VehicleKind.COPTER, autopilot) is LIMITS[VehicleKind.COPTER]
