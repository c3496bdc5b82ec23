"""The guard's own ground, in plane metres: fence, hazards, landing places, and heights and slopes along legs."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from fleet.guard.areas import LEAST_M, Area, Disc, Point, clearance_m, is_within, touches
from world.position import Enu, Geodetic, LocalFrame
from world.terrain import Floats, OutsideTerrain, Terrain

# Half of the usual terrain cell of 10 m: no ridge hides between two samples.
SAMPLE_M = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """Centre and radius."""

    centre: Geodetic
    radius_m: float


Outline = tuple[Geodetic, ...] | Circle
"""A polygon by its corners in order, not closed, or a circle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """Where vehicles must stay and where they must not go."""

    inclusion: Outline
    exclusions: tuple[Outline, ...] = ()


class EquipmentClass(StrEnum):
    """Protection of equipment in mines (GB 3836.1, IEC 60079-0): Ma stays live in gas, Mb must be cut off there."""

    NONE = "none"
    MB = "mb"
    MA = "ma"


ENTERS = {
    EquipmentClass.NONE: frozenset({EquipmentClass.NONE}),
    EquipmentClass.MB: frozenset({EquipmentClass.NONE, EquipmentClass.MB}),
    EquipmentClass.MA: frozenset(EquipmentClass),
}
"""Class of a vehicle -> classes that a zone may demand of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GasZone:
    """Where gas is, or may be at any time. `demands` Ma: in disaster areas, goaf and drainage pipes."""

    outline: Outline
    demands: EquipmentClass = EquipmentClass.MA


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatZone:
    """Where it is hot: the ambient temperature to count with."""

    outline: Outline
    ambient_c: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A hazard in the plane; one of its levels is set."""

    area: Area
    demands: EquipmentClass | None = None
    ambient_c: float | None = None


class Site:
    """One incident's ground. Raises ValueError for a fence or zone that is no area.

    landings: safe places to land beside home. ceiling_m: AMSL height that nothing may exceed.
    bed: ground under water, by which those that dive keep off it. worst_wind_m_s: counted with where none is measured.
    """

    def __init__(
        self,
        *,
        frame: LocalFrame,
        terrain: Terrain,
        fence: Fence,
        landings: tuple[Geodetic, ...] = (),
        hazards: tuple[GasZone | HeatZone, ...] = (),
        ceiling_m: float | None = None,
        bed: Terrain | None = None,
        worst_wind_m_s: float = 5.0,
    ) -> None:
        self._frame, self._terrain, self._bed = frame, terrain, bed
        self.origin = frame.origin
        self.inclusion = self.area(fence.inclusion)
        self.exclusions = tuple(self.area(outline) for outline in fence.exclusions)
        self.zones = tuple(self._zone(hazard) for hazard in hazards)
        self.landings = tuple(frame.to_enu(place) for place in landings)
        self.ceiling_up_m = None if ceiling_m is None else ceiling_m - frame.origin.height_m
        self.worst_wind_m_s = worst_wind_m_s

    def area(self, outline: Outline) -> Area:
        """An outline in the plane. Raises ValueError when it is no area."""
        if isinstance(outline, Circle):
            if not 0.0 < outline.radius_m < math.inf:
                raise ValueError(f"a circle needs a radius above 0, not {outline.radius_m:g} m")
            return Disc(centre=self._plane(outline.centre), radius_m=outline.radius_m)
        if len(outline) < 3:
            raise ValueError(f"a fence polygon needs 3 corners or more, not {len(outline)}")
        return tuple(self._plane(corner) for corner in outline)

    def _zone(self, hazard: GasZone | HeatZone) -> Zone:
        if isinstance(hazard, GasZone):
            return Zone(area=self.area(hazard.outline), demands=hazard.demands)
        return Zone(area=self.area(hazard.outline), ambient_c=hazard.ambient_c)

    def _plane(self, at: Geodetic) -> Point:
        place = self._frame.to_enu(at)
        return place.east_m, place.north_m

    def enu(self, at: Geodetic) -> Enu:
        return self._frame.to_enu(at)

    def fence_fault(self, start: Enu, end: Enu, margin_m: float) -> str | None:
        """What is wrong with a leg by the fence, None when it keeps its margin everywhere."""
        margin_m = max(margin_m, LEAST_M)
        a, b = _flat(start), _flat(end)
        for point in (a, b):
            if not is_within(point, self.inclusion):
                return "leaves the fence"
            if any(is_within(point, zone) for zone in self.exclusions):
                return "enters an exclusion zone"
        if clearance_m(a, b, self.inclusion) < margin_m:
            return f"passes the fence closer than the stopping distance of {margin_m:.0f} m"
        if any(clearance_m(a, b, zone) < margin_m for zone in self.exclusions):
            return f"passes an exclusion zone closer than the stopping distance of {margin_m:.0f} m"
        return None

    def hazard_fault(self, start: Enu, end: Enu, equipment: EquipmentClass, max_ambient_c: float) -> str | None:
        """What a leg enters that this vehicle is not built for."""
        for zone in self.zones:
            if not touches(_flat(start), _flat(end), zone.area):
                continue
            if zone.demands is not None and zone.demands not in ENTERS[equipment]:
                return f"enters a gas zone that demands class {zone.demands}; the vehicle has {equipment}"
            if zone.ambient_c is not None and not zone.ambient_c <= max_ambient_c:
                return f"enters a heat zone of {zone.ambient_c:.0f} °C; {max_ambient_c:.0f} °C is the most allowed"
        return None

    def agl_m(self, at: Enu) -> float | None:
        """Height above terrain, None beyond the known terrain."""
        try:
            return at.up_m - self._terrain.height_m(at.east_m, at.north_m)
        except OutsideTerrain:
            return None

    def agl_range_m(self, start: Enu, end: Enu) -> tuple[float, float] | None:
        """Least and greatest height above terrain along a leg, None when it leaves the known terrain."""
        above_m = _above(self._terrain, start, end)
        return None if above_m is None else (float(above_m.min()), float(above_m.max()))

    @property
    def knows_bed(self) -> bool:
        return self._bed is not None

    def least_over_bed_m(self, start: Enu, end: Enu) -> float | None:
        """Least height over the ground under water along a leg, None where that is not known."""
        above_m = None if self._bed is None else _above(self._bed, start, end)
        return None if above_m is None else float(above_m.min())

    def steepest_deg(self, start: Enu, end: Enu) -> float | None:
        """Steepest slope of the terrain along a leg, up or down, None when it leaves the known terrain."""
        level = Enu(east_m=end.east_m, north_m=end.north_m, up_m=start.up_m)
        above_m = _above(self._terrain, start, level)
        if above_m is None:
            return None
        step_m = _flat_m(start, end) / (len(above_m) - 1)
        return math.degrees(math.atan2(float(np.abs(np.diff(above_m)).max()), step_m))


def _above(terrain: Terrain, start: Enu, end: Enu) -> Floats | None:
    steps = max(1, math.ceil(_flat_m(start, end) / SAMPLE_M))
    east_m = np.linspace(start.east_m, end.east_m, steps + 1)
    north_m = np.linspace(start.north_m, end.north_m, steps + 1)
    try:
        ground_m = terrain.heights_at(east_m, north_m)
    except OutsideTerrain:
        return None
    return np.asarray(np.linspace(start.up_m, end.up_m, steps + 1) - ground_m)


def _flat(at: Enu) -> Point:
    return at.east_m, at.north_m


def _flat_m(start: Enu, end: Enu) -> float:
    return math.hypot(end.east_m - start.east_m, end.north_m - start.north_m)


def leg_m(start: Enu, end: Enu) -> float:
    return math.hypot(end.east_m - start.east_m, end.north_m - start.north_m, end.up_m - start.up_m)
