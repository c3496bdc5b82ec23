"""A mine keeps its books: water and gas are only where they came from, went to, or still are."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.backends import Backend
from sim.hazards.gallery import CH4, Gallery, cut_off
from sim.hazards.hazard import NS, Collapse, Conditions, Pumped
from sim.hazards.mine_water import level_up
from sim.scenarios.hazards import GallerySpec, GasSpec, InflowSpec, NodeSpec, RoadSpec, RoofFallSpec
from world.position import Enu


def mine(*, backend: Backend = Backend.COMPILED, **changes: Any) -> Gallery:
    """Two mouths, a loop, and a dip below both:  M1 - A - B - M2, A - C - B with C 20 m deeper, C - D blind."""
    nodes = (
        NodeSpec(id="M1", at_m=(0.0, 0.0), up_m=0.0, is_open=True),
        NodeSpec(id="A", at_m=(60.0, 0.0), up_m=-20.0),
        NodeSpec(id="B", at_m=(160.0, 0.0), up_m=-20.0),
        NodeSpec(id="M2", at_m=(220.0, 0.0), up_m=0.0, is_open=True),
        NodeSpec(id="C", at_m=(110.0, 60.0), up_m=-40.0),
        NodeSpec(id="D", at_m=(170.0, 100.0), up_m=-38.0),
    )
    pairs = (("M1", "A"), ("A", "B"), ("B", "M2"), ("A", "C"), ("C", "B"), ("C", "D"))
    roads = tuple(RoadSpec(between=pair, fan_pa=200.0 if pair == ("B", "M2") else 0.0) for pair in pairs)
    return Gallery(GallerySpec(**({"nodes": nodes, "roads": roads} | changes)), backend=backend)


def at(one: Gallery, node: str) -> Enu:
    east, north, up = one.mine.node_at[one.mine.nodes[node]]
    return Enu(east_m=float(east), north_m=float(north), up_m=float(up) + 0.5)


FLOOD: dict[str, Any] = {"inflows": (InflowSpec(node="A", m3_h=2000.0, halves_s=900.0),)}


@settings(max_examples=5, deadline=None)
@given(
    rate=st.floats(0.0, 20000.0), halves=st.sampled_from([0.0, 120.0]), pumped=st.floats(0.0, 3.0),
    falls_at=st.integers(1, 90), gas=st.floats(0.0, 30.0), level=st.sampled_from([None, -39.0, -15.0]),
)
def test_nothing_is_lost_and_nothing_is_made(
    rate: float, halves: float, pumped: float, falls_at: int, gas: float, level: float | None
) -> None:
    flooding = mine(
        inflows=(InflowSpec(node="A", m3_h=rate, halves_s=halves),), gas=(GasSpec(node="D", ch4_m3_min=gas),),
        roof_falls=(RoofFallSpec(at_s=float(falls_at), between=("A", "C")),), water_up_m=level,
    )
    for second in range(0, 120, 20):
        flooding.step(second * NS)
        flooding.act(Pumped(at=at(flooding, "C"), cubic_m=pumped * 20.0))
    came = sum(
        rate / 3600.0 * (0.5 ** (s / halves) if halves else 1.0) for s in range(100)
    )
    assert flooding._came[0] == pytest.approx(came, rel=1e-9, abs=1e-9)
    assert abs(flooding.lost_m3) < 1e-9 * max(flooding.water_m3, 1.0)
    assert np.abs(flooding.lost_gas_m3).max() < 1e-9
    assert (flooding._water >= 0.0).all()
    assert (flooding._gas >= 0.0).all()


def test_water_finds_the_lowest_place_and_its_level() -> None:
    flooding = mine(**FLOOD)
    flooding.step(1500 * NS)
    depth = flooding.depth_m()
    lowest = flooding.mine.nodes["C"]
    assert depth[lowest] > 1.0
    assert depth[flooding.mine.nodes["A"]] < 0.3
    flooding._spec = GallerySpec(nodes=flooding._spec.nodes, roads=flooding._spec.roads)
    flooding.step(3000 * NS)
    wet = flooding.depth_m() > 0.05
    level = level_up(flooding.mine, flooding._water)[wet]
    assert np.ptp(level) < 0.1


def test_a_pump_lowers_the_level_by_what_it_lifts() -> None:
    standing = mine(water_up_m=-37.0)
    standing.step(60 * NS)
    before = standing.water_m3
    for second in range(60, 360):
        standing.act(Pumped(at=at(standing, "C"), cubic_m=0.1))
        standing.step((second + 1) * NS)
    assert standing.water_m3 == pytest.approx(before - 30.0, abs=1e-6)
    assert standing.level_up_m()[standing.mine.nodes["C"]] < -37.0
    for _ in range(50):
        standing.act(Pumped(at=at(standing, "C"), cubic_m=1e9))
    assert (standing._water >= 0.0).all()


def test_a_full_mine_spills_at_its_mouths_only() -> None:
    drowned = mine(inflows=(InflowSpec(node="C", m3_h=60000.0),))
    drowned.step(1200 * NS)
    assert drowned._spilled[0] > 0.0
    assert abs(drowned.lost_m3) < 1e-6


def test_fans_move_air_and_water_or_rubble_turns_it() -> None:
    """Pressure around each loop adds up: that of the fan is what the roads take."""
    blowing = mine()
    blowing.step(NS)
    assert blowing.air_m3_s("B", "M2") > 5.0
    split = blowing.air_m3_s("A", "B") + blowing.air_m3_s("A", "C")
    assert split == pytest.approx(blowing.air_m3_s("B", "M2"), rel=1e-3)
    assert blowing.air_m3_s("C", "D") == pytest.approx(0.0, abs=1e-3)
    roads = blowing.mine
    resists = 0.012 * roads.road_m * 14.0 / 12.0**3
    direct = [roads.road_between(*pair) for pair in (("M1", "A"), ("A", "B"), ("B", "M2"))]
    assert (resists[direct] * blowing._air[direct] ** 2).sum() == pytest.approx(200.0, rel=2e-3)
    dip = mine(water_up_m=-25.0)
    dip.step(NS)
    assert dip.air_m3_s("A", "C") == pytest.approx(0.0, abs=1e-3)
    assert dip.air_m3_s("A", "B") > 5.0


def test_gas_goes_with_the_air_and_gathers_behind_a_fall() -> None:
    gassy = mine(gas=(GasSpec(node="C", ch4_m3_min=6.0, co_m3_min=0.01),))
    gassy.step(1200 * NS)
    nodes = gassy.mine.nodes
    clean, return_air = gassy.share(CH4)[nodes["M1"]], gassy.share(CH4)[nodes["B"]]
    assert clean < 1e-6
    assert return_air == pytest.approx(0.1 / gassy.air_m3_s("B", "M2"), rel=0.05)
    shut = mine(
        gas=(GasSpec(node="C", ch4_m3_min=6.0),),
        roof_falls=(RoofFallSpec(at_s=0.0, between=("A", "C")), RoofFallSpec(at_s=0.0, between=("C", "B"))),
    )
    shut.step(1200 * NS)
    assert shut.share(CH4)[nodes["C"]] > 5.0 * return_air
    assert shut.share(CH4)[nodes["B"]] < 1e-6
    felt = Conditions.fresh(1)
    shut.feel(np.array([[110.0, 60.0, -39.0]]), felt)
    assert felt.ch4_pct[0] > 1.5
    assert felt.o2_pct[0] < 20.9


def test_a_fall_cuts_ways_sight_and_water() -> None:
    open_mine = mine()
    inside, out = np.array([110.0, 60.0, -39.5]), np.array([60.0, 0.0, -19.5])
    assert open_mine.way(inside, out) is not None
    assert not open_mine.blocks(out, np.array([100.0, 0.0, -19.0]))
    assert open_mine.act(Collapse(at=Enu(east_m=85.0, north_m=30.0, up_m=-30.0), length_m=10.0))
    assert open_mine.blocks(inside, out)
    detour = open_mine.way(inside, out)
    assert detour is not None
    assert detour[:, 0].max() > 155.0
    assert not cut_off(open_mine, inside)
    open_mine.act(Collapse(at=Enu(east_m=135.0, north_m=30.0, up_m=-30.0), length_m=10.0))
    assert cut_off(open_mine, inside)
    felt = Conditions.fresh(2)
    open_mine.feel(np.array([[85.0, 30.0, -29.0], [110.0, 0.0, -19.0]]), felt)
    assert felt.is_blocked.tolist() == [True, False]


def test_deep_water_cuts_a_way_for_walkers_not_for_swimmers() -> None:
    dip = mine(water_up_m=-25.0)
    inside, out = np.array([170.0, 100.0, -37.5]), np.array([60.0, 0.0, -19.5])
    assert dip.way(inside, out) is None
    assert dip.way(inside, out, swims=True) is not None


def test_the_same_from_any_back_end_stride_and_snapshot() -> None:
    options: dict[str, Any] = FLOOD | {"gas": (GasSpec(node="C", ch4_m3_min=3.0),), "water_up_m": -39.0}
    options |= {"roof_falls": (RoofFallSpec(at_s=20.0, between=("C", "B")),)}
    whole = mine(**options)
    whole.step(90 * NS)
    arrays = mine(backend=Backend.ARRAYS, **options)
    for second in (0, 11, 12, 40, 41, 90):
        arrays.step(second * NS)
    assert arrays._water.tobytes() == whole._water.tobytes()
    assert arrays.digest() == whole.digest()
    first, second_life = mine(**options), mine(**options)
    first.step(45 * NS)
    second_life.resume(first.snapshot())
    second_life.step(90 * NS)
    assert second_life.digest() == whole.digest()
