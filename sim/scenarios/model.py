"""What a scenario says, as frozen values. Points are [east, north] metres from the incident's origin."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from sim.scenarios.expect import ExpectSpec
from sim.scenarios.hazards import NO_HAZARDS, HazardSpec
from sim.scenarios.reader import Range
from world.ids import VehicleId
from world.position import Geodetic, LocalFrame
from world.time import NS_PER_S

SCHEMA = 1
"""Version of the scenario format that this release reads."""

Point = tuple[float, float]
Fraction = Annotated[float, Range(0.0, 1.0)]


class VehicleKind(StrEnum):
    COPTER = "copter"
    ROVER = "rover"
    SUB = "sub"
    PLANE = "plane"
    BOAT = "boat"

    @property
    def swims(self) -> bool:
        return self in (VehicleKind.SUB, VehicleKind.BOAT)


class Pose(StrEnum):
    """How a person is found."""

    STANDING = "standing"
    WAVING = "waving"
    SITTING = "sitting"
    LYING = "lying"


class EventKind(StrEnum):
    """What goes wrong on purpose."""

    MOTOR = "motor"
    """A motor fails: the machine falls or stops."""
    LINK = "link"
    """The radio goes silent; the machine flies on."""
    BATTERY = "battery"
    """Remaining charge drops to the critical level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginSpec:
    """Origin of the local frame; the ground there lies at `amsl_m`."""

    lat_deg: Annotated[float, Range(-85.0, 85.0)]
    lon_deg: Annotated[float, Range(-180.0, 180.0)]
    amsl_m: Annotated[float, Range(-430.0, 8800.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TerrainSpec:
    """Seeded hills, a square centred on the origin, and the older survey of it that operators have."""

    size_m: Annotated[float, Range(300.0, 6000.0)]
    cell_m: Annotated[float, Range(2.0, 10.0)] = 5.0
    relief_m: Annotated[float, Range(0.0, 400.0)] = 120.0
    feature_m: Annotated[float, Range(100.0, 3000.0)] = 900.0
    survey_cell_m: Annotated[float, Range(2.0, 50.0)] = 10.0
    survey_sigma_m: Annotated[float, Range(0.0, 10.0)] = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSpec:
    """What the operator is told: the area (corners in order, not closed) and the last known point."""

    area_m: tuple[Point, ...]
    last_known_point_m: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleSpec:
    """The lost group: one person per pose, placed by the seed around the last known point."""

    poses: tuple[Pose, ...]
    within_m: Annotated[float, Range(20.0, 2000.0)] = 250.0
    apart_min_m: Annotated[float, Range(1.0, 100.0)] = 6.0
    apart_max_m: Annotated[float, Range(1.0, 200.0)] = 25.0
    groups: Annotated[int, Range(1, 4)] = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestSpec:
    """Trees in clumps: `cover` is the ground fraction under crowns, `transparency` the fraction of holes in a crown."""

    cover: Annotated[float, Range(0.0, 0.8)] = 0.2
    transparency: Fraction = 0.3
    height_m: Annotated[float, Range(2.0, 40.0)] = 10.0
    clump_m: Annotated[float, Range(10.0, 500.0)] = 70.0
    rocks_per_ha: Annotated[float, Range(0.0, 50.0)] = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FireSpec:
    """A burning patch of forest: its edge moves out at `spread_m_s`."""

    at_m: Point
    radius_m: Annotated[float, Range(1.0, 500.0)]
    spread_m_s: Annotated[float, Range(0.0, 2.0)] = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservoirSpec:
    """An elliptic lake; the bed is a paraboloid `depth_m` deep at its centre."""

    at_m: Point
    half_axes_m: Point
    depth_m: Annotated[float, Range(1.0, 200.0)] = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchSpec:
    """A levelled disc without trees that the vehicles start from."""

    at_m: Point
    radius_m: Annotated[float, Range(10.0, 200.0)] = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherSpec:
    """Mean wind at 10 m; `wind_from_deg` is where it blows from, clockwise from true north."""

    wind_m_s: Annotated[float, Range(0.0, 20.0)] = 3.0
    wind_from_deg: Annotated[float, Range(0.0, 360.0)] = 250.0
    gust_m_s: Annotated[float, Range(0.0, 10.0)] = 1.0
    air_c: Annotated[float, Range(-30.0, 45.0)] = 14.0
    sun_azimuth_deg: Annotated[float, Range(0.0, 360.0)] = 215.0
    sun_elevation_deg: Annotated[float, Range(5.0, 90.0)] = 48.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSpec:
    """The copters' twin camera, colour and thermal through one lens, and its imperfections (one standard deviation)."""

    width_px: Annotated[int, Range(64, 1920)] = 640
    height_px: Annotated[int, Range(64, 1080)] = 512
    hfov_deg: Annotated[float, Range(5.0, 120.0)] = 35.0
    pitch_deg: Annotated[float, Range(-90.0, 0.0)] = -45.0
    live_fps: Annotated[int, Range(1, 30)] = 10
    rgb_noise: Annotated[float, Range(0.0, 20.0)] = 2.0
    netd_k: Annotated[float, Range(0.0, 2.0)] = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleSpec:
    """One machine. `patrol_m` is the route an operator would draw for a robot; `depth_m` is for the sub's route.

    `payloads` names twins of sim/payloads; the same name twice is two of them.
    """

    id: VehicleId
    kind: VehicleKind
    sysid: Annotated[int, Range(1, 250)]
    home_m: Point
    heading_deg: Annotated[float, Range(0.0, 360.0)] = 0.0
    patrol_m: tuple[Point, ...] = ()
    depth_m: Annotated[float, Range(0.0, 200.0)] = 0.0
    payloads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSpec:
    """Something that goes wrong at `at_s` of simulated time after the mission's approval."""

    at_s: Annotated[float, Range(0.0, 36000.0)]
    vehicle: VehicleId
    kind: EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A whole incident. The seed, given at run time or here, moves people, hills, trees and gusts."""

    schema: int
    name: str
    starts: datetime
    origin: OriginSpec
    terrain: TerrainSpec
    search: SearchSpec
    people: PeopleSpec
    launch: LaunchSpec
    vehicles: tuple[VehicleSpec, ...]
    title: str = ""
    title_zh: str = ""
    """What people read; without them the name stands in."""
    seed: Annotated[int, Range(0, 2**31 - 1)] = 0
    forest: ForestSpec = ForestSpec()
    fire: FireSpec | None = None
    reservoir: ReservoirSpec | None = None
    weather: WeatherSpec = WeatherSpec()
    camera: CameraSpec = CameraSpec()
    events: tuple[EventSpec, ...] = ()
    mission: bool = True
    """The search is asked for; without it machines stand by for whoever commands them, until `until_s`."""
    until_s: Annotated[float, Range(1.0, 36_000.0)] | None = None
    """A run ends then, whatever the mission says."""
    expect: tuple[ExpectSpec, ...] = ()
    """What must hold in a run."""
    hazard: HazardSpec = NO_HAZARDS

    @property
    def starts_utc_ns(self) -> int:
        return round(self.starts.timestamp()) * NS_PER_S

    @property
    def titles(self) -> tuple[str, str]:
        """English and Chinese."""
        title = self.title or self.name.replace("_", " ")
        return title, self.title_zh or title

    def frame(self) -> LocalFrame:
        origin = self.origin
        return LocalFrame(Geodetic(lat_deg=origin.lat_deg, lon_deg=origin.lon_deg, height_m=origin.amsl_m))

    def vehicle(self, wanted: VehicleId) -> VehicleSpec:
        return next(vehicle for vehicle in self.vehicles if vehicle.id == wanted)
