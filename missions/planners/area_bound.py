"""The proven bound of bound.py, for the cells and vehicles of a search."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from missions.planners.bound import Contributor, covering_rate_m2_s, water_filling_s
from missions.planners.fleet_offer import Searcher
from missions.planners.routes import Airspace
from missions.planners.sweep import AGL_TOLERANCE_M
from missions.planners.timing import TOUCH_DOWN_M

Floats = npt.NDArray[np.float64]


def makespan_bound_s(points: Floats, inner_area_m2: float, searchers: Sequence[Searcher], space: Airspace) -> float:
    """Seconds no plan of bound.py's class over these (n, 3) cell centres can undercut."""
    height_m = space.search_m + AGL_TOLERANCE_M
    contributors = [
        Contributor(
            rate_m2_s=covering_rate_m2_s(searcher.camera, searcher.pace, height_m),
            overhead_s=_overhead_s(searcher, points, searcher.camera.corner_reach_m(height_m), space),
        )
        for searcher in searchers
    ]
    return water_filling_s(inner_area_m2, contributors)


def _overhead_s(searcher: Searcher, points: Floats, reach_m: float, space: Airspace) -> float:
    """Out and back at least: to where the nearest cell comes into view, to the least height cells are searched from,
    and down."""
    pace = searcher.pace
    home = np.array([searcher.home.east_m, searcher.home.north_m])
    nearest_m = max(0.0, float(np.linalg.norm(points[:, :2] - home, axis=1).min()) - reach_m)
    way_s = nearest_m / pace.cruise_m_s
    climb_m = max(0.0, float(points[:, 2].min()) + space.search_m - AGL_TOLERANCE_M - searcher.home.up_m)
    out_s = max(way_s, climb_m / pace.climb_m_s)
    back_s = max(way_s, (climb_m - TOUCH_DOWN_M) / pace.climb_m_s) + pace.landing_s(min(climb_m, TOUCH_DOWN_M))
    return out_s + back_s
