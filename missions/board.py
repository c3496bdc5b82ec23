"""How often every cell has been looked at."""

import numpy as np
import numpy.typing as npt
import shapely

from missions.model import Cell
from perception.model import Look
from world.ids import VehicleId
from world.position import LocalFrame


class LookBoard:
    """Looks per cell. Cells keep their index over all revisions of a plan; the same image counts once."""

    def __init__(self, cells: tuple[Cell, ...], cell_m: float, frame: LocalFrame) -> None:
        self.cell_m = cell_m
        self.counts: npt.NDArray[np.int64] = np.zeros(len(cells), np.int64)
        self._east = np.array([cell.centre.east_m for cell in cells])
        self._north = np.array([cell.centre.north_m for cell in cells])
        self._frame = frame
        self._counted: set[tuple[VehicleId, int, int]] = set()

    def add(self, look: Look) -> bool:
        """Count one look; False when it was counted before or has no footprint."""
        image = (look.vehicle, look.image, look.captured_utc_ns)
        if image in self._counted or len(look.footprint) < 3:
            return False
        self._counted.add(image)
        lat = np.array([corner.lat_deg for corner in look.footprint])
        lon = np.array([corner.lon_deg for corner in look.footprint])
        east, north = self._frame.to_plane(lat, lon)
        near = np.flatnonzero(
            (self._east >= east.min())
            & (self._east <= east.max())
            & (self._north >= north.min())
            & (self._north <= north.max())
        )
        footprint = shapely.Polygon(np.column_stack([east, north]))
        if len(near) and footprint.is_valid:
            self.counts[near] += shapely.contains_xy(footprint, self._east[near], self._north[near])
        return True

    def done(self, min_looks: int) -> npt.NDArray[np.bool_]:
        return np.asarray(self.counts >= min_looks)

    def searched_km2(self, min_looks: int) -> float:
        return float(self.done(min_looks).sum()) * self.cell_m**2 / 1e6
