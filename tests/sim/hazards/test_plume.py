"""A cloud weighs what was let go, matches the steady Gaussian plume, and turns with the wind."""

from typing import Any

import numpy as np
import pytest

from sim.hazards.dispersion import Stability, plume, puffs, stability_of, widths_m
from sim.hazards.hazard import NS, Conditions
from sim.hazards.plume import Plume, ppm
from sim.hazards.winds import Winds
from sim.scenarios.hazards import PlumeSpec, WindSpec


def cloud(winds: Winds, **changes: Any) -> Plume:
    values: dict[str, Any] = {
        "at_m": (0.0, 0.0), "substance": "chlorine", "molar_g": 70.9, "danger_mg_m3": 29.0, "rate_kg_s": 0.5,
        "stability": "D",
    }
    return Plume(PlumeSpec(**(values | changes)), winds)


@pytest.mark.parametrize("stability", "ABCDEF")
def test_steady_puffs_are_the_plume(stability: str) -> None:
    """Where the plume is short against what puffs spread along the wind, 200 m to 1500 m here."""
    steady = cloud(Winds.of(4.0, 270.0), stability=stability)
    steady.step(900 * NS)
    points = np.array([[200.0, 0.0, 1.5], [500.0, 10.0, 1.5], [1500.0, 0.0, 1.5], [500.0, 0.0, 10.0]])
    wide, high = widths_m(points[:, 0], Stability(stability))
    across = np.exp(-0.5 * (points[:, 1] / wide) ** 2)
    mirror = np.exp(-0.5 * ((points[:, 2] - 2.0) / high) ** 2) + np.exp(-0.5 * ((points[:, 2] + 2.0) / high) ** 2)
    exact = 1e6 * 0.5 * across * mirror / (2.0 * np.pi * 4.0 * wide * high)
    """Pasquill and Gifford's plume with the ground as mirror (Turner 1970, eq. 3.1)."""
    assert steady.mg_m3(points) == pytest.approx(exact, rel=0.06)


def test_widths_are_briggs() -> None:
    """Griffiths 1994 (Atmos. Environ. 28:2861) prints the open-country formulas; 1 km downwind by hand."""
    kilometre = np.array([1000.0])
    by_hand = {"A": (209.8, 200.0), "B": (152.6, 120.0), "C": (104.9, 73.0), "D": (76.3, 37.9), "E": (57.2, 23.1),
               "F": (38.1, 12.3)}
    for name, (wide, high) in by_hand.items():
        got = widths_m(kilometre, Stability(name))
        assert (got[0][0], got[1][0]) == pytest.approx((wide, high), rel=2e-3)


def test_the_ground_keeps_all_of_it() -> None:
    """Integrated over the half space above ground a puff weighs what it weighs."""
    axis, up = np.arange(-60.0, 60.5, 2.0), np.arange(0.25, 60.0, 0.5)
    east, north, height = (each.ravel() for each in np.meshgrid(axis, axis, up))
    dense = puffs(
        np.column_stack([east, north, height]), np.array([[0.0, 0.0, 2.0]]), np.array([3.0]), np.array([10.0]),
        np.array([8.0]),
    )
    assert dense.sum() * 2.0 * 2.0 * 0.5 == pytest.approx(3.0, rel=1e-3)


def test_nothing_is_lost_and_old_puffs_leave() -> None:
    brief = cloud(Winds.of(15.0, 0.0), until_s=100.0)
    for second in (50, 300, 900):
        brief.step(second * NS)
        assert abs(brief.lost_kg) < 1e-9
    assert brief._kg.sum() == 0.0
    assert brief._gone[0] == pytest.approx(50.0)


def test_a_turn_of_the_wind_turns_the_cloud_but_not_at_once() -> None:
    turning = cloud(Winds.of(3.0, 270.0, [WindSpec(at_s=600.0, wind_m_s=3.0, wind_from_deg=180.0)]))
    east, north, far = np.array([[400.0, 0.0, 1.5]]), np.array([[0.0, 400.0, 1.5]]), np.array([[400.0, 200.0, 1.5]])
    turning.step(598 * NS)
    assert turning.is_dangerous(east)[0]
    assert turning.mg_m3(north)[0] < 1e-3
    turning.step(664 * NS)
    assert turning.mg_m3(far)[0] > 1.0
    turning.step(1200 * NS)
    assert turning.mg_m3(east)[0] < 1e-3
    assert turning.is_dangerous(north)[0]


def test_the_class_of_the_day() -> None:
    assert [stability_of(wind, 70.0).value for wind in (1.0, 2.5, 4.0, 5.5, 8.0)] == ["A", "A", "B", "B", "C"]
    assert stability_of(8.0, 20.0) is Stability.D


def test_chlorine_in_ppm() -> None:
    assert ppm(np.array([29.0]), 70.9)[0] == pytest.approx(10.0, rel=0.01)


def test_smoke_of_many_fires_adds_up_downwind_only() -> None:
    points = np.array([[100.0, 0.0, 2.0], [-50.0, 0.0, 2.0]])
    one = plume(points, np.zeros((1, 3)), np.array([1.0]), np.array([3.0, 0.0]), Stability.D)
    two = plume(points, np.zeros((2, 3)), np.array([1.0, 1.0]), np.array([3.0, 0.0]), Stability.D)
    assert two == pytest.approx(2.0 * one)
    assert one[0] > 0.0 == one[1]


def test_the_same_from_any_stride_and_snapshot() -> None:
    whole, other, again = (cloud(Winds.of(3.0, 200.0)) for _ in range(3))
    whole.step(60 * NS)
    for second in (3, 4, 31, 60):
        other.step(second * NS)
    again.resume(other.snapshot())
    assert whole.digest() == other.digest() == again.digest()
    felt = Conditions.fresh(1)
    again.feel(np.array([[10.0, 40.0, 1.5]]), felt)
    assert felt.toxic_mg_m3[0] > 0.0
