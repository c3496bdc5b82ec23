"""The guard's own numbers by kind of vehicle: more careful than what the vehicles can do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fleet.model import AutopilotKind, VehicleKind
from fleet.wire.enums import CopterMode, PlaneMode, RoverMode, SubMode
from fleet.wire.px4_modes import Px4Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleLimits:
    """Bounds of one vehicle. Heights: `agl` above terrain, `above_home` for those that swim; None does not apply."""

    max_speed_m_s: float
    cruise_m_s: float
    climb_m_s: float
    braking_m_s2: float
    endurance_s: float
    """Time under way on a full battery, carefully."""
    reserve_pct: float
    max_link_age_s: float
    min_agl_m: float | None
    max_agl_m: float | None
    min_above_home_m: float | None
    max_above_home_m: float | None
    max_return_height_m: float | None
    modes: frozenset[int]
    """Autopilot modes that may be ordered at all."""
    auto_mode: int
    """The one of them that runs a mission: only with a checked route."""
    autopilot: AutopilotKind = AutopilotKind.ARDUPILOT
    """Whose numbers these modes are, and whose way of counting heights and mission items."""
    air_speed_m_s: float | None = None
    """What it makes good against wind within `endurance_s`; None for those that wind does not slow."""
    max_slope_deg: float | None = None
    """Of the terrain along a leg; None for those that do not touch it."""
    min_over_bed_m: float | None = None
    """Of those that dive, where the ground under water is known."""
    max_ambient_c: float = 70.0
    """Hottest zone that may be entered: electronics warn at 70 °C inside and must retreat at 85 °C."""


LIMITS: Mapping[VehicleKind, VehicleLimits] = {
    VehicleKind.COPTER: VehicleLimits(
        max_speed_m_s=15.0,
        cruise_m_s=7.0,
        climb_m_s=2.0,
        braking_m_s2=2.5,
        endurance_s=1500.0,
        reserve_pct=15.0,
        max_link_age_s=5.0,
        min_agl_m=10.0,
        # true height of controlled airspace in China (UAS regulation, article 19)
        max_agl_m=120.0,
        min_above_home_m=None,
        max_above_home_m=None,
        max_return_height_m=300.0,
        modes=frozenset({CopterMode.AUTO, CopterMode.GUIDED, CopterMode.RTL, CopterMode.LAND, CopterMode.BRAKE}),
        auto_mode=CopterMode.AUTO,
        air_speed_m_s=12.0,
    ),
    VehicleKind.ROVER: VehicleLimits(
        max_speed_m_s=3.0,
        cruise_m_s=0.8,
        climb_m_s=0.8,
        braking_m_s2=0.5,
        endurance_s=7200.0,
        reserve_pct=15.0,
        max_link_age_s=5.0,
        min_agl_m=None,
        max_agl_m=None,
        min_above_home_m=None,
        max_above_home_m=None,
        max_return_height_m=None,
        modes=frozenset({RoverMode.HOLD, RoverMode.GUIDED, RoverMode.AUTO, RoverMode.RTL}),
        auto_mode=RoverMode.AUTO,
        # 70.4 %, what tracked field units climb
        max_slope_deg=35.0,
    ),
    VehicleKind.SUB: VehicleLimits(
        max_speed_m_s=1.5,
        cruise_m_s=0.4,
        climb_m_s=0.3,
        braking_m_s2=0.2,
        endurance_s=5400.0,
        reserve_pct=20.0,
        max_link_age_s=30.0,
        min_agl_m=None,
        max_agl_m=None,
        min_above_home_m=-60.0,
        max_above_home_m=0.5,
        max_return_height_m=None,
        modes=frozenset({SubMode.ALT_HOLD, SubMode.AUTO, SubMode.GUIDED, SubMode.SURFACE, SubMode.POSHOLD}),
        auto_mode=SubMode.AUTO,
        min_over_bed_m=1.0,
    ),
    VehicleKind.PLANE: VehicleLimits(
        max_speed_m_s=25.0,
        cruise_m_s=15.0,
        climb_m_s=2.0,
        # It cannot stop: v^2 / 2a must be the radius v^2 / (g tan 24 deg) of the turn that leads away from a fence,
        # which makes a = g tan 24 deg / 2. Autopilots bank up to 45 deg.
        braking_m_s2=2.2,
        endurance_s=3000.0,
        reserve_pct=20.0,
        max_link_age_s=5.0,
        min_agl_m=30.0,
        max_agl_m=120.0,
        min_above_home_m=None,
        max_above_home_m=None,
        max_return_height_m=300.0,
        modes=frozenset({
            PlaneMode.AUTO, PlaneMode.GUIDED, PlaneMode.TAKEOFF, PlaneMode.LOITER, PlaneMode.CIRCLE, PlaneMode.RTL,
            PlaneMode.AUTOLAND, PlaneMode.QLOITER, PlaneMode.QRTL, PlaneMode.QLAND,
        }),
        auto_mode=PlaneMode.AUTO,
        air_speed_m_s=15.0,
    ),
    VehicleKind.BOAT: VehicleLimits(
        max_speed_m_s=3.0,
        cruise_m_s=1.5,
        climb_m_s=0.5,
        braking_m_s2=0.3,
        endurance_s=5400.0,
        reserve_pct=20.0,
        max_link_age_s=5.0,
        min_agl_m=None,
        max_agl_m=None,
        min_above_home_m=None,
        max_above_home_m=None,
        max_return_height_m=None,
        modes=frozenset({RoverMode.HOLD, RoverMode.LOITER, RoverMode.GUIDED, RoverMode.AUTO, RoverMode.RTL}),
        auto_mode=RoverMode.AUTO,
    ),
}

_PX4_MODES = frozenset({Px4Mode.AUTO_LOITER, Px4Mode.AUTO_MISSION, Px4Mode.AUTO_RTL, Px4Mode.AUTO_LAND})
PX4_LIMITS: Mapping[VehicleKind, VehicleLimits] = {
    kind: replace(LIMITS[kind], modes=_PX4_MODES, auto_mode=Px4Mode.AUTO_MISSION, autopilot=AutopilotKind.PX4)
    for kind in (VehicleKind.COPTER, VehicleKind.PLANE, VehicleKind.ROVER, VehicleKind.BOAT)
}
"""The same vehicles under PX4."""


def limits_of(kind: VehicleKind, autopilot: AutopilotKind | None) -> VehicleLimits:
    """By kind and firmware; ArduPilot's until a heartbeat says otherwise, or where PX4 has no such kind."""
    return PX4_LIMITS.get(kind, LIMITS[kind]) if autopilot is AutopilotKind.PX4 else LIMITS[kind]
