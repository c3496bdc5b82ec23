"""Water filling and the covering rate behind the makespan's lower bound."""

import math

import pytest

from missions.planners.bound import Contributor, covering_rate_m2_s, water_filling_s
from missions.planners.camera import Camera
from missions.planners.timing import Pace

CAMERA = Camera(half_width=0.3153, half_height=0.2522, down_rad=math.pi / 4)


def test_equal_vehicles_share_the_area() -> None:
    crew = [Contributor(rate_m2_s=10.0, overhead_s=50.0)] * 4
    assert water_filling_s(4000.0, crew) == pytest.approx(150.0)


def test_a_vehicle_that_is_too_far_does_not_help() -> None:
    near, far = Contributor(rate_m2_s=10.0, overhead_s=10.0), Contributor(rate_m2_s=10.0, overhead_s=1000.0)
    assert water_filling_s(500.0, [far, near]) == pytest.approx(60.0)
    assert water_filling_s(20000.0, [far, near]) == pytest.approx((20000.0 + 10100.0) / 20.0)


def test_nothing_to_search_takes_no_time() -> None:
    assert water_filling_s(0.0, [Contributor(rate_m2_s=1.0, overhead_s=5.0)]) == 0.0


def test_the_rate_is_at_least_the_far_edge_at_cruise() -> None:
    pace = Pace(cruise_m_s=8.0, climb_m_s=3.0)
    far_edge_m = CAMERA.width_at_m(40.0, CAMERA.reach_m(40.0))
    assert far_edge_m == pytest.approx(47.7, abs=0.3)
    assert covering_rate_m2_s(CAMERA, pace, 40.0) >= far_edge_m * 8.0
