"""The proven bound of bound.py, for the cells and vehicles of a search."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from missions.planners.bound import Contributor, covering_rate_m2_s, height_over_seen_m, water_filling_s
from missions.planners.fleet_offer import Searcher
from missions.planners.routes import Airspace
from missions.planners.sweep import AGL_TOLERANCE_M, Sweep

Floats = npt.NDArray[np.float64]


def makespan_bound_s(
    points: Floats, inner_area_m2: float, searchers: Sequence[Searcher], space: Airspace, sweep: Sweep, min_looks: int
) -> float:
    """Seconds from the first take-off to the last touch-down that no strip plan over these (n, 3) cell centres can undercut."""
    west, south = points[:, :2].min(axis=0)
    east, north = points[:, :2].max(axis=0)
    camera = max((s.camera for s in searchers), key=lambda c: c.half_width)
    box = (float(west), float(south), float(east), float(north))
    over_m = height_over_seen_m(space.ground, box, camera, space.search_m + AGL_TOLERANCE_M)
    contributors = [
        Contributor(
            rate_m2_s=covering_rate_m2_s(camera, searcher.pace, over_m, sweep.trigger_m, min_looks),
            overhead_s=_overhead_s(searcher, points, camera.reach_m(over_m) * 1.2, space),
        )
        for searcher in searchers
    ]
    return water_filling_s(inner_area_m2, contributors)


def _overhead_s(searcher: Searcher, points: Floats, reach_m: float, space: Airspace) -> float:
    """There and back at least: to where the nearest cell comes into view, and to the least height cells are searched from."""
    home = np.array([searcher.home.east_m, searcher.home.north_m])
    nearest_m = max(0.0, float(np.linalg.norm(points[:, :2] - home, axis=1).min()) - reach_m)
    least_up_m = float(points[:, 2].min()) + space.search_m - AGL_TOLERANCE_M
    climb_m = max(0.0, least_up_m - searcher.home.up_m)
    return 2 * max(nearest_m / searcher.pace.cruise_m_s, climb_m / searcher.pace.climb_m_s)
