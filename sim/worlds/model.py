"""A built place: terrain, what stands on it, who is lost in it. Arrays are read by the cameras and the simulator."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sim.scenarios.model import FireSpec, Point, Pose, ReservoirSpec, Scenario
from world.position import Enu
from world.terrain import Terrain

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone lost: feet (or seat, or back) on the ground at `at`, facing `heading_deg` clockwise from north."""

    id: str
    at: Enu
    heading_deg: float
    pose: Pose
    height_m: float
    slope: tuple[float, float]
    """Rise of the ground there per metre east and per metre north."""
    look: int
    """Which clothes: an index of the figure wardrobe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blobs:
    """Ellipsoids standing on the ground: tree crowns, bushes, rocks. One row each, in every array.

    centre_m (n, 3) ENU; radius_m and half_height_m (n,); trunk_m (n,) trunk radius, 0 without; holes (n,) fraction of
    the surface seen through; rgb (n, 3); warm_c (n,) temperature of the sunlit side; ground_m (n,) height of the foot.
    """

    centre_m: Floats
    radius_m: Floats
    half_height_m: Floats
    trunk_m: Floats
    holes: Floats
    rgb: Floats
    warm_c: Floats
    ground_m: Floats

    def __len__(self) -> int:
        return len(self.radius_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundMap:
    """Colours of the bare ground from above, with shade: (rows, cols, 4) red, green, blue, thermal counts."""

    west_m: float
    south_m: float
    cell_m: float
    texture: Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Water:
    """The lake: a flat surface with a paraboloid bed."""

    spec: ReservoirSpec
    surface_m: float

    def depth_m(self, east_m: float, north_m: float) -> float:
        """Metres from the surface to the bed, 0 on land."""
        x = (east_m - self.spec.at_m[0]) / self.spec.half_axes_m[0]
        y = (north_m - self.spec.at_m[1]) / self.spec.half_axes_m[1]
        return self.spec.depth_m * max(0.0, 1.0 - x * x - y * y)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """A burning patch: cells (n, 2) ENU and the second after start at which each begins to burn."""

    spec: FireSpec
    cells_m: Floats
    ground_m: Floats
    ignites_s: Floats
    cell_m2: float
    """Ground that one cell stands for."""

    def radius_m(self, elapsed_s: float) -> float:
        return self.spec.radius_m + self.spec.spread_m_s * elapsed_s

    def area_m2(self, elapsed_s: float) -> float:
        """Of the cells that have caught fire by then."""
        return float(np.count_nonzero(self.ignites_s <= elapsed_s)) * self.cell_m2


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A scenario made into a place."""

    scenario: Scenario
    terrain: Terrain
    steepest: float
    """Largest slope of the terrain, metres per metre: bounds the cameras' ray steps."""
    blobs: Blobs
    people: tuple[Person, ...]
    ground: GroundMap
    sun: Floats
    """(3,) ENU unit vector towards the sun."""
    water: Water | None
    fire: Fire | None

    @property
    def seed(self) -> int:
        return self.scenario.seed

    def solid(self) -> Terrain:
        """The terrain with the lake's bed instead of its surface: what machines rest on."""
        if self.water is None:
            return self.terrain
        ground, spec = self.terrain, self.water.spec
        rows, columns = np.indices(ground.heights_m.shape)
        x = (ground.west_m + columns * ground.cell_m - spec.at_m[0]) / spec.half_axes_m[0]
        y = (ground.south_m + rows * ground.cell_m - spec.at_m[1]) / spec.half_axes_m[1]
        depth_m = spec.depth_m * np.maximum(0.0, 1.0 - x * x - y * y)
        return replace(ground, heights_m=(ground.heights_m - depth_m).astype(np.float32))

    def elapsed_s(self, utc_ns: int) -> float:
        return (utc_ns - self.scenario.starts_utc_ns) / 1e9

    def ground_at(self, at: Point) -> Enu:
        return Enu(east_m=at[0], north_m=at[1], up_m=self.terrain.height_m(*at))
