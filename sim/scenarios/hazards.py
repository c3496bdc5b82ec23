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
    reaches_fuel: Fraction = 0.5
    """Share of water dropped that ends on fuel that burns; estimate."""
    dries_s: Annotated[float, Range(60.0, 86400.0)] = 3600.0
    """Wet fuel is dry again to 1/e; estimate for a summer's day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardSpec:
    """All disasters of a scenario."""

    wind: tuple[WindSpec, ...] = ()
    wildfire: WildfireSpec | None = None
