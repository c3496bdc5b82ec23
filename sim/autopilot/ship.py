"""One vehicle's autopilot state and its few basic verbs: mode, arm, disarm, begin. Protocol lives elsewhere."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from fleet.wire.enums import MavFrame, Severity
from sim.autopilot.activities import Activity, Idle, bearing_rad
from sim.autopilot.camera import Camera
from sim.autopilot.fence import Breach
from sim.autopilot.items import Item
from sim.autopilot.mission import Mission
from sim.autopilot.parameters import Parameters
from sim.autopilot.rules import KindRules, Limits
from sim.engine.columns import TICK_NS, TICKS_PER_S
from sim.engine.estimates import Estimate
from sim.engine.row import Row
from sim.speak.keyholder import NO_KEY, Keyholder
from sim.speak.port import Voice
from sim.vehicles.spec import VehicleSpec
from world.position import Enu, Geodetic, LocalFrame

FAR_M: Final = 100_000.0
"""No height, depth or local target beyond this means anything to a vehicle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The world as an autopilot knows it: the frame, the terrain data base, and when simulated time began."""

    frame: LocalFrame
    ground_at: Callable[[float, float], float]
    start_utc_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The battery as fitted."""

    full_j: float
    cells: float


class PlaceUnknown(ValueError):
    """A position is asked relative to a home that is not known yet, or in a frame this autopilot does not take."""


@dataclass(slots=True, kw_only=True, eq=False)
class Ship:
    """Mutable by its own autopilot only. `tick_now` and `estimate` are set before anything else runs."""

    spec: VehicleSpec
    rules: KindRules
    row: Row
    place: Place
    pack: Pack
    voice: Voice
    parameters: Parameters
    refuses_first_arm: bool
    estimate: Estimate
    mode: int
    mission: Mission = field(default_factory=Mission)
    fence_items: list[Item] = field(default_factory=list)
    rally_items: list[Item] = field(default_factory=list)
    camera: Camera | None = None
    keyholder: Keyholder = field(default_factory=lambda: Keyholder(NO_KEY))
    activity: Activity = field(default_factory=Idle)
    tick_now: int = 0
    is_armed: bool = False
    is_landed: bool = True
    is_started: bool = False
    """MISSION_START was given since arming: a copter may take off in AUTO."""
    idle_since: int = 0
    """Tick from which an armed, landed copter waits to disarm itself."""
    home: Enu | None = None
    is_home_locked: bool = False
    speed_m_s: float | None = None
    """DO_CHANGE_SPEED, until the next change of mode."""
    leg_end: Enu | None = None
    watched: Enu | None = None
    """Region of interest that nose and camera turn to."""
    breach: Breach = field(default_factory=Breach)
    failsafe: str = ""
    """Why a failsafe is in force; empty when none is."""
    next_mode: int | None = None
    """Mode that the activity in progress wants to go on in."""
    limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        self.limits = self.rules.limits(self.parameters)

    @property
    def uptime_s(self) -> float:
        return self.spec.booted_s + self.tick_now / TICKS_PER_S

    @property
    def boot_ms(self) -> int:
        return round(self.spec.booted_s * 1000) + self.tick_now * 4

    @property
    def utc_ns(self) -> int:
        return self.place.start_utc_ns + self.tick_now * TICK_NS

    @property
    def battery_pct(self) -> float:
        return 100.0 * self.estimate.energy_j / self.pack.full_j

    @property
    def mav_type(self) -> int:
        """Planes with rotors say what Q_MAV_TYPE says, by default fixed wing."""
        return int(self.parameters.get("Q_MAV_TYPE", 0)) or self.rules.mav_type

    @property
    def is_aloft(self) -> bool:
        return self.is_armed and not self.is_landed

    def begin(self, activity: Activity) -> None:
        self.apply_limits()
        self.activity = activity
        activity.begin(self)

    def apply_limits(self) -> None:
        """Parameters and DO_CHANGE_SPEED into the controllers."""
        self.limits = limits = self.rules.limits(self.parameters)
        self.row.limit(
            speed_m_s=self.speed_m_s or limits.speed_m_s, climb_m_s=limits.climb_m_s,
            descend_m_s=limits.descend_m_s, accel_m_s2=limits.accel_m_s2,
        )
        self.row.circle_by(limits.circle_m)

    def face(self, yaw_rad: float) -> None:
        if self.watched is None:
            self.row.turn_to(yaw_rad, self.limits.turn_rad_s)

    def watch(self) -> None:
        """Keep nose and camera on the region of interest."""
        if self.watched is not None:
            self.row.turn_to(bearing_rad(self.estimate.at, self.watched), self.limits.turn_rad_s)
            if self.camera is not None:
                self.camera.aim(self.estimate.at, self.watched)

    def enter(self, mode: int) -> None:
        """Change mode without asking; the vehicle then does what the mode is for."""
        self.mode = mode
        self.speed_m_s = None
        self.leg_end = None
        self.next_mode = None
        if self.is_armed:
            self.begin(self.rules.modes[mode].start(self))

    def arm(self) -> None:
        if self.home is not None and not self.is_home_locked:
            self.home = self.estimate.at
        self.is_armed = True
        self.is_landed = self.rules.flies
        self.is_started = False
        self.idle_since = self.tick_now
        self.row.keep_heading(self.limits.turn_rad_s)
        self.voice.text(Severity.INFO, "Arming motors")
        self.begin(self.rules.modes[self.mode].start(self))

    def disarm(self) -> None:
        self.is_armed = False
        self.is_landed = True
        self.is_started = False
        self.begin(Idle())
        self.mission.rewind()
        if self.camera is not None:
            self.camera.trigger_m = 0.0
        self.voice.text(Severity.INFO, "Disarming motors")

    def locate(self, frame: int, lat_deg: float, lon_deg: float, alt_m: float) -> Enu:
        """Where a command or item means. Latitude and longitude 0, 0 mean here, as in ArduPilot.

        Raises PlaceUnknown.
        """
        origin = self.place.frame.origin.height_m
        if lat_deg == 0 and lon_deg == 0:
            at = Enu(east_m=self.estimate.east_m, north_m=self.estimate.north_m, up_m=0.0)
        else:
            at = self.place.frame.to_enu(Geodetic(lat_deg=lat_deg, lon_deg=lon_deg, height_m=origin))
        if not (math.isfinite(at.east_m) and math.isfinite(at.north_m) and abs(alt_m) <= FAR_M):
            raise PlaceUnknown(f"{lat_deg}, {lon_deg}, {alt_m} is no place")
        return Enu(east_m=at.east_m, north_m=at.north_m, up_m=self._up(frame, at, alt_m))

    def _up(self, frame: int, at: Enu, alt_m: float) -> float:
        if frame in (MavFrame.GLOBAL, MavFrame.GLOBAL_INT):
            return alt_m - self.place.frame.origin.height_m
        if frame in (MavFrame.GLOBAL_RELATIVE_ALT, MavFrame.GLOBAL_RELATIVE_ALT_INT) and self.home is not None:
            return self.home.up_m + alt_m
        if frame in (MavFrame.GLOBAL_TERRAIN_ALT, MavFrame.GLOBAL_TERRAIN_ALT_INT):
            return self.place.ground_at(at.east_m, at.north_m) + alt_m
        raise PlaceUnknown(f"frame {frame} cannot be used now")
