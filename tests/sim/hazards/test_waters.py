"""Currents keep to their beds, sediment blinds and settles."""

from typing import Any

import numpy as np
import pytest

from sim.hazards.hazard import NS, Conditions
from sim.hazards.waters import Stir, Waters, settling_m_s, sight_m, surface_point
from sim.hazards.winds import Winds
from sim.scenarios.hazards import RiverSpec, WatersSpec
from sim.scenarios.model import ReservoirSpec
from sim.worlds.model import Water as Lake
from tests.sim.hazards.place import plain
from world.position import Enu

LAKE = Lake(spec=ReservoirSpec(at_m=(100.0, 50.0), half_axes_m=(80.0, 50.0), depth_m=12.0), surface_m=3.0)
RIVER = RiverSpec(line_m=((-200.0, -200.0), (-200.0, 0.0), (-100.0, 200.0)), width_m=20.0, depth_m=3.0, speed_m_s=1.2)


def waters(*, wind: float = 0.0, **spec: Any) -> Waters:
    return Waters(WatersSpec(**({"river": RIVER} | spec)), plain(), Winds.of(wind, 270.0), lake=LAKE)


def test_the_river_carries_its_mean_flow() -> None:
    """Averaged over the section the profile is the mean speed that was asked for."""
    across = np.linspace(-9.99, 9.99, 81)
    share = (np.arange(40) + 0.5) / 40
    total, area = 0.0, 0.0
    for east in across:
        depth = 3.0 * (1.0 - (east / 10.0) ** 2)
        points = np.column_stack([np.full(40, -200.0 + east), np.full(40, -100.0), -depth * share])
        speed = waters().current_m_s(points)[:, 1]
        total += speed.mean() * depth
        area += depth
    parabola = 1.5 * (8 / 15) / (2 / 3)  # faster where it is deep: mean of (1 - s2)2 over mean of (1 - s2)
    assert total / area == pytest.approx(1.2 * parabola, rel=0.02)


def test_it_follows_its_bends_and_is_dry_beside() -> None:
    points = np.array([[-200.0, -100.0, 0.0], [-150.0, 100.0, 0.0], [-180.0, -100.0, 0.0]])
    flow = waters().current_m_s(points)
    assert flow[0] == pytest.approx([0.0, 1.2 * 1.5 * 8 / 7, 0.0])
    assert flow[1][0] / flow[1][1] == pytest.approx(0.5)
    assert not flow[2].any()
    assert np.isnan(waters().surface_up_m(points)[2])


def test_the_turn_of_the_lake_has_no_divergence_and_stays_in() -> None:
    turning = waters(gyre_m_s=0.4)
    chance = np.random.Generator(np.random.Philox(4))
    at = np.column_stack([chance.uniform(40.0, 160.0, 200), chance.uniform(10.0, 90.0, 200), np.full(200, 3.0)])
    step = 0.01
    east, north = np.array([step, 0.0, 0.0]), np.array([0.0, step, 0.0])
    spread = (turning.current_m_s(at + east) - turning.current_m_s(at - east))[:, 0]
    spread += (turning.current_m_s(at + north) - turning.current_m_s(at - north))[:, 1]
    inside = turning._shore(at) > 0.02
    assert np.abs(spread[inside] / (2 * step)).max() < 1e-8
    assert np.hypot(*turning.current_m_s(at).T[:2]).max() <= 0.4 * 1.6
    swimmer = np.array([[130.0, 60.0, 3.0]])
    for _ in range(400):
        swimmer = swimmer + turning.current_m_s(swimmer) * 10.0
    assert turning.in_water(swimmer)[0]


def test_wind_pushes_the_surface_more_than_the_deep() -> None:
    blown = waters(wind=10.0).current_m_s(np.array([[100.0, 50.0, 3.0], [100.0, 50.0, -3.0], [100.0, 50.0, -20.0]]))
    assert blown[0, 0] == pytest.approx(0.2)
    assert 0.0 < blown[1, 0] < 0.02
    assert not blown[2].any()


def test_stirred_sediment_blinds_drifts_and_settles() -> None:
    muddy = waters(gyre_m_s=0.0, sediment_mg_l=2.0, grain_um=100.0)
    where = np.array([[100.0, 50.0, -5.0]])
    before = sight_m(muddy.sediment_mg_l(where))[0]
    assert muddy.act(Stir(at=Enu(east_m=100.0, north_m=50.0, up_m=-5.0), kg=30.0))
    assert not muddy.act(Stir(at=Enu(east_m=0.0, north_m=-200.0, up_m=0.0), kg=30.0))
    felt = Conditions.fresh(2)
    muddy.feel(np.vstack([where, [[-250.0, 250.0, 0.0]]]), felt)
    assert felt.sight_m[0] < 0.1 * before
    assert np.isnan(felt.sight_m[1])
    muddy.step(7200 * NS)
    assert sight_m(muddy.sediment_mg_l(where))[0] == pytest.approx(before, rel=0.05)


def test_grains_fall_as_stokes_says() -> None:
    """Quartz silt of 20 micrometres: about 0.3 mm/s."""
    assert settling_m_s(20.0) == pytest.approx(3.2e-4, rel=0.05)


def test_the_same_from_any_stride_and_snapshot() -> None:
    whole, other, again = (waters(gyre_m_s=0.3) for _ in range(3))
    for one in (whole, other):
        one.act(Stir(at=Enu(east_m=130.0, north_m=50.0, up_m=0.0), kg=5.0))
    whole.step(100 * NS)
    for second in (7, 8, 61, 100):
        other.step(second * NS)
    again.resume(other.snapshot())
    assert whole.digest() == other.digest() == again.digest()
    assert surface_point(whole, 100.0, 50.0) == Enu(east_m=100.0, north_m=50.0, up_m=3.0)
    assert surface_point(whole, 0.0, -200.0) is None
