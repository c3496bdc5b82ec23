"""The search area as square cells: what has to be looked at, and what looks are counted on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from missions.planners.errors import AreaInvalid
from world.position import Geodetic, LocalFrame

Floats = npt.NDArray[np.float64]

CELL_M = 22.0
"""A cell's centre stands for the cell: half its diagonal (15.6 m) stays below half a footprint."""
_PLACE = re.compile(r"\[(\S+) (\S+)\]\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Cells in order of row (south to north), then column; centres (n, 2) east, north."""

    cell_m: float
    centres: Floats
    rows_columns: npt.NDArray[np.int64]

    @property
    def inner_area_m2(self) -> float:
        """Area of the ground that lies between centres: squares whose four corners are cell centres."""
        known = {(int(r), int(c)) for r, c in self.rows_columns}
        blocks = sum((r + 1, c) in known and (r, c + 1) in known and (r + 1, c + 1) in known for r, c in known)
        return blocks * self.cell_m**2


def area_polygon(area: Sequence[Geodetic], frame: LocalFrame) -> shapely.Polygon:
    """The drawn corners in the local plane; raises AreaInvalid for what has no clear inside."""
    if len(area) < 3:
        raise AreaInvalid(
            f"an area needs at least 3 corners, not {len(area)}", f"搜索区至少需要 3 个顶点，现在只有 {len(area)} 个"
        )
    corners = [frame.to_enu(point) for point in area]
    polygon = shapely.Polygon([(corner.east_m, corner.north_m) for corner in corners])
    if not polygon.is_valid:
        where, where_zh = _crossing(polygon)
        raise AreaInvalid(
            f"the area's outline is not simple: it crosses or touches itself{where}",
            f"搜索区边界不是简单多边形：{where_zh}与自身相交或相接",
        )
    if polygon.area < CELL_M**2:
        raise AreaInvalid(f"the area has only {polygon.area:.0f} m2", f"搜索区只有 {polygon.area:.0f} 平方米")
    return polygon


def _crossing(polygon: shapely.Polygon) -> tuple[str, str]:
    """Where, in metres east and north of the origin; GEOS ends its reason with the place in brackets."""
    found = _PLACE.search(shapely.is_valid_reason(polygon))
    if found is None:
        return "", ""
    east_m, north_m = float(found[1]), float(found[2])
    return f" near ({east_m:.0f}, {north_m:.0f})", f"在 ({east_m:.0f}, {north_m:.0f}) 附近"


def cells_inside(polygon: shapely.Polygon, cell_m: float = CELL_M) -> Grid:
    """Cells whose centre is inside or of which half the area is; a sliver that has none keeps its densest cell."""
    west, south, east, north = polygon.bounds
    columns, rows = int(np.ceil((east - west) / cell_m)), int(np.ceil((north - south) / cell_m))
    row, column = (part.ravel() for part in np.mgrid[0:rows, 0:columns])
    x, y = west + (column + 0.5) * cell_m, south + (row + 0.5) * cell_m
    half = cell_m / 2
    shapely.prepare(polygon)
    boxes = shapely.box(x - half, y - half, x + half, y + half)
    share = shapely.area(shapely.intersection(boxes, polygon)) / cell_m**2
    keep = shapely.contains_xy(polygon, x, y) | (share >= 0.5)
    if not keep.any():
        keep[int(np.argmax(share))] = True
    centres = np.column_stack([x[keep], y[keep]])
    return Grid(cell_m=cell_m, centres=centres, rows_columns=np.column_stack([row[keep], column[keep]]))
