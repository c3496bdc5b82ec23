"""What a scenario's [hazard.*] tables say, as frozen values. Points are [east, north] metres from the origin."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from sim.scenarios.reader import Range

Point = tuple[float, float]
Fraction = Annotated[float, Range(0.0, 1.0)]
Seconds = Annotated[float, Range(0.0, 604800.0)]
Percent = Annotated[float, Range(0.0, 100.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindSpec:
    """From `at_s` on the wind is this; before the first one it is [weather]'s."""

    at_s: Seconds
    wind_m_s: Annotated[float, Range(0.0, 30.0)]
    wind_from_deg: Annotated[float, Range(0.0, 360.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FuelPatch:
    """Another fuel inside a polygon; later patches lie on earlier ones."""

    fuel: str
    area_m: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WildfireSpec:
    """A surface fire over the whole terrain; `fuel` is a code of sim/hazards/fuels.toml.

    Moistures: Scott & Burgan's (2005) scenario D1 L1 is 3, 4, 5, 30, 60, D2 L2 6, 7, 8, 60, 90.
    """

    ignitions_m: tuple[Point, ...]
    fuel: str = "TU1"
    patches: tuple[FuelPatch, ...] = ()
    cell_m: Annotated[float, Range(2.0, 50.0)] = 10.0
    dead_1h_pct: Annotated[float, Range(1.0, 60.0)] = 6.0
    dead_10h_pct: Annotated[float, Range(1.0, 60.0)] = 7.0
    dead_100h_pct: Annotated[float, Range(1.0, 60.0)] = 8.0
    live_herbs_pct: Annotated[float, Range(30.0, 300.0)] = 60.0
    live_woody_pct: Annotated[float, Range(30.0, 300.0)] = 90.0
    canopy_cover: Fraction = 0.0
    canopy_height_m: Annotated[float, Range(0.0, 60.0)] = 0.0
    brands_per_cell: Annotated[float, Range(0.0, 50.0)] = 0.0
    """Firebrands that each burning cell throws; 0 without spotting. An estimate in any case."""
    brand_life_m: Annotated[float, Range(1.0, 5000.0)] = 500.0
    """Way after which 1 brand in e still glows (Perryman 2013 calls it decay distance)."""
    brand_kindles_s: Annotated[float, Range(0.0, 7200.0)] = 1200.0
    """From landing to a fire at its full rate: 20 min (McAlpine & Wakimoto 1989, as in Perryman 2013)."""
    reaches_fuel: Fraction = 0.5
    """Share of water dropped that ends on fuel that burns; estimate."""
    dries_s: Annotated[float, Range(60.0, 86400.0)] = 3600.0
    """Wet fuel is dry again to 1/e; estimate for a summer's day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSpec:
    """Where galleries meet, end or reach the day (`is_open`).

    `up_m` is the floor, from the origin's height; mouths are put on the ground whatever it says.
    """

    id: str
    at_m: Point
    up_m: Annotated[float, Range(-3000.0, 3000.0)] = 0.0
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadSpec:
    """A straight gallery or shaft between two nodes; a fan pushes air from the first to the second."""

    between: tuple[str, str]
    width_m: Annotated[float, Range(0.5, 30.0)] = 4.0
    height_m: Annotated[float, Range(0.5, 30.0)] = 3.0
    fan_pa: Annotated[float, Range(-10000.0, 10000.0)] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class InflowSpec:
    """Water that breaks in at a node; the rate halves every `halves_s`, or stays with 0."""

    node: str
    m3_h: Annotated[float, Range(0.0, 100000.0)]
    from_s: Seconds = 0.0
    halves_s: Seconds = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GasSpec:
    """Pure gas that a node gives off."""

    node: str
    ch4_m3_min: Annotated[float, Range(0.0, 1000.0)] = 0.0
    co_m3_min: Annotated[float, Range(0.0, 1000.0)] = 0.0
    co2_m3_min: Annotated[float, Range(0.0, 1000.0)] = 0.0
    from_s: Seconds = 0.0
    until_s: Seconds = 604800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoofFallSpec:
    """Roof that comes down at a time, at a share of the way between two nodes."""

    at_s: Seconds
    between: tuple[str, str]
    along: Fraction = 0.5
    length_m: Annotated[float, Range(1.0, 200.0)] = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GallerySpec:
    """A mine. Everything below `water_up_m` is full at the start."""

    nodes: tuple[NodeSpec, ...]
    roads: tuple[RoadSpec, ...]
    inflows: tuple[InflowSpec, ...] = ()
    gas: tuple[GasSpec, ...] = ()
    roof_falls: tuple[RoofFallSpec, ...] = ()
    cell_m: Annotated[float, Range(1.0, 50.0)] = 5.0
    water_up_m: float | None = None
    rock_c: Annotated[float, Range(-10.0, 60.0)] = 18.0
    chezy_m05_s: Annotated[float, Range(5.0, 100.0)] = 30.0
    """Roughness of floor and walls to water: Chezy's C, Manning's 0.033 for a metre of depth (rough rock, estimate)."""
    friction_kg_m3: Annotated[float, Range(0.001, 0.1)] = 0.012
    """Atkinson's, to air: arched roads with steel 0.010 to 0.014 (McPherson 1993, from memory)."""


class Growth(StrEnum):
    """Of a fire with the square of time: to 1055 kW in 600, 300, 150 or 75 s (NFPA 204, NFPA 72)."""

    SLOW = "slow"
    MEDIUM = "medium"
    FAST = "fast"
    ULTRAFAST = "ultrafast"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSpec:
    """A box; `at_m` is its south-west corner, `up_m` its floor above the ground under the building."""

    id: str
    at_m: Point
    size_m: Point
    up_m: Annotated[float, Range(-50.0, 300.0)] = 0.0
    height_m: Annotated[float, Range(2.0, 30.0)] = 2.8
    fuel_mj_m2: Annotated[float, Range(0.0, 20000.0)] = 780.0
    """Dwelling, mean (EN 1991-1-2, table E.4); office 420, library 1500."""
    power_kw_m2: Annotated[float, Range(10.0, 2000.0)] = 250.0
    """Of the whole floor on fire; dwelling and office (EN 1991-1-2, table E.5), library 500."""
    growth: Growth = Growth.MEDIUM


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningSpec:
    """A door, a window, or a piece of wall that can be breached; `to` is a room or "outside". `at_m` is its middle.

    `breach_j` is what opens it by force, 0 for never. Brick of 24 cm about 20 kJ for 90 cm x 90 cm, concrete of 20 cm
    with steel about 200 kJ: estimates.
    """

    room: str
    to: str
    at_m: Point
    width_m: Annotated[float, Range(0.1, 20.0)] = 0.9
    height_m: Annotated[float, Range(0.1, 20.0)] = 2.0
    sill_m: Annotated[float, Range(0.0, 20.0)] = 0.0
    is_open: bool = False
    breach_j: Annotated[float, Range(0.0, 1e8)] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFireSpec:
    """A room in which something begins to burn."""

    room: str
    at_s: Seconds = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingSpec:
    """A building of box rooms."""

    rooms: tuple[RoomSpec, ...]
    openings: tuple[OpeningSpec, ...] = ()
    fires: tuple[RoomFireSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CavitySpec:
    """A void in rubble where somebody may be: its middle, from the pile's foot up, and its size."""

    id: str
    at_m: Point
    up_m: Annotated[float, Range(0.0, 50.0)]
    size_m: tuple[float, float, float] = (2.0, 1.2, 0.7)


@dataclass(frozen=True, slots=True, kw_only=True)
class RubbleSpec:
    """What is left of a building: a box of rubble with cavities."""

    at_m: Point
    size_m: Point
    height_m: Annotated[float, Range(0.5, 50.0)] = 4.0
    cavities: tuple[CavitySpec, ...] = ()
    breach_j_per_m: Annotated[float, Range(1.0, 1e8)] = 60000.0
    """Of cover, for a shaft of 60 cm x 60 cm; estimate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlumeSpec:
    """A toxic release near the ground. With `burns_in` it comes from the fire of that room, `kg_per_mj` of its heat."""

    at_m: Point
    substance: str
    molar_g: Annotated[float, Range(2.0, 500.0)]
    danger_mg_m3: Annotated[float, Range(1e-4, 1e6)]
    """What nobody can be in: NIOSH IDLH, chlorine 10 ppm = 29 mg/m3, ammonia 300 ppm = 209 mg/m3 (from memory)."""
    rate_kg_s: Annotated[float, Range(0.0, 1000.0)] = 0.0
    from_s: Seconds = 0.0
    until_s: Seconds = 604800.0
    above_m: Annotated[float, Range(0.0, 200.0)] = 2.0
    stability: str = ""
    """Pasquill's A to F; without it by day from wind and sun."""
    is_urban: bool = False
    burns_in: str = ""
    kg_per_mj: Annotated[float, Range(0.0, 10.0)] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RiverSpec:
    """A river along a line, downstream; its surface lies at the height of the ground on the line."""

    line_m: tuple[Point, ...]
    width_m: Annotated[float, Range(1.0, 2000.0)] = 30.0
    depth_m: Annotated[float, Range(0.2, 100.0)] = 3.0
    speed_m_s: Annotated[float, Range(0.0, 6.0)] = 1.0
    """Mean over the section."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatersSpec:
    """Currents and sediment of the [reservoir], of a river, or of both."""

    river: RiverSpec | None = None
    gyre_m_s: Annotated[float, Range(-2.0, 2.0)] = 0.0
    """Fastest current of the reservoir's slow turn, clockwise from above."""
    wind_share: Annotated[float, Range(0.0, 0.1)] = 0.02
    """Of the wind that the surface of the reservoir runs with: 2 to 3 % (Wu 1975, from memory)."""
    sediment_mg_l: Annotated[float, Range(0.0, 100000.0)] = 20.0
    grain_um: Annotated[float, Range(0.5, 500.0)] = 20.0


class PersonKind(StrEnum):
    HIKER = "hiker"
    """Walks from the last known point as lost people of the category do."""
    TRAPPED = "trapped"
    """In a mine, a room or a cavity: knocks, calls, carries a tag or a phone."""
    SWIMMER = "swimmer"
    """Drifts; sinks when `sinks_s` have passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectSpec:
    """Somebody in a disaster. `inside` names the place of a trapped one: a node, a room or a cavity."""

    id: str
    kind: PersonKind
    at_m: Point | None = None
    inside: str = ""
    category: str = "hiker"
    """Of lost people: a row of sim/people/lost_person.toml."""
    country: str = "mountain"
    behaviour: str = ""
    """A file of your own in the form of sim/people/lost_person.toml."""
    pose: str = "sitting"
    knocks: bool = True
    calls: bool = True
    tag: Annotated[int, Range(0, 2**31 - 1)] = 0
    """Number of the ultra-wideband tag, 0 without."""
    has_phone: bool = False
    sinks_s: Seconds = 604800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardSpec:
    """All disasters of a scenario."""

    wind: tuple[WindSpec, ...] = ()
    wildfire: WildfireSpec | None = None
    gallery: GallerySpec | None = None
    building: BuildingSpec | None = None
    rubble: RubbleSpec | None = None
    plume: PlumeSpec | None = None
    waters: WatersSpec | None = None
    people: tuple[SubjectSpec, ...] = ()


NO_HAZARDS = HazardSpec()
