"""A fire goes with wind and slope, water stops it, and its history depends on nothing but seed and deeds."""

from typing import Any

import numpy as np
import pytest

from sim.engine.backends import Backend
from sim.hazards.hazard import NS, Conditions, Ignite, Water
from sim.hazards.wildfire import STEAM_KJ_KG, Wildfire
from sim.hazards.winds import Winds
from sim.scenarios.hazards import FuelPatch, WildfireSpec, WindSpec
from tests.sim.hazards.place import plain
from world.position import Enu

STILL = Winds.of(0.0, 0.0)


def fire(
    *, winds: Winds = STILL, slope: tuple[float, float] = (0.0, 0.0), seed: int = 1, size_m: float = 400.0,
    backend: Backend = Backend.COMPILED, **spec: Any,
) -> Wildfire:
    """Cured grass, dry, lit in the middle."""
    values: dict[str, Any] = {"ignitions_m": ((0.0, 0.0),), "fuel": "GR2", "dead_1h_pct": 4.0, "live_herbs_pct": 30.0}
    return Wildfire(WildfireSpec(**(values | spec)), plain(size_m, slope), winds, seed=seed, backend=backend)


def middle(burnt: Wildfire) -> tuple[float, float]:
    rows, cols = np.nonzero(np.isfinite(burnt.arrival_s))
    grid = burnt.grid
    at = grid.west_m + (cols.mean() + 0.5) * grid.cell_m, grid.south_m + (rows.mean() + 0.5) * grid.cell_m
    return float(at[0]), float(at[1])


def test_wind_carries_it_and_a_turn_of_the_wind_turns_it() -> None:
    east = fire(winds=Winds.of(3.0, 270.0))
    east.step(900 * NS)
    assert middle(east)[0] > 20.0
    assert abs(middle(east)[1]) < 6.0
    turned = fire(winds=Winds.of(3.0, 270.0, [WindSpec(at_s=200.0, wind_m_s=3.0, wind_from_deg=180.0)]))
    turned.step(900 * NS)
    assert middle(turned)[1] > 20.0


def test_it_climbs() -> None:
    uphill = fire(slope=(0.0, 0.5))
    uphill.step(600 * NS)
    assert middle(uphill)[1] > 20.0


def test_it_never_enters_what_does_not_burn() -> None:
    road = FuelPatch(fuel="NB1", area_m=((30.0, -200.0), (40.0, -200.0), (40.0, 200.0), (30.0, 200.0)))
    held = fire(winds=Winds.of(4.0, 270.0), patches=(road,))
    held.step(3000 * NS)
    burnt = np.isfinite(held.arrival_s)
    assert burnt.sum() > 50
    assert not burnt[:, 23:].any()


def test_the_same_from_any_back_end_stride_and_snapshot() -> None:
    """One history: stepped at once, bit by bit, over a snapshot, and without a compiler."""
    winds = Winds.of(5.0, 250.0, [WindSpec(at_s=95.0, wind_m_s=6.0, wind_from_deg=200.0)])
    options: dict[str, Any] = {"winds": winds, "slope": (0.1, 0.2), "brands_per_cell": 2.0, "size_m": 300.0}
    options |= {"dead_1h_pct": 3.0, "brand_kindles_s": 30.0}
    drop = Water(at=Enu(east_m=30.0, north_m=20.0, up_m=0.0), litres=900.0, radius_m=12.0)

    def run(one: Wildfire, stops: list[int]) -> str:
        for stop in stops:
            if stop == 60:
                one.step(60 * NS)
                one.act(drop)
            one.step(stop * NS)
        return one.digest()

    whole = run(fire(**options), [60, 300])
    assert run(fire(**options), [7, 33, 60, 61, 160, 299, 300]) == whole
    assert run(fire(backend=Backend.ARRAYS, **options), [60, 300]) == whole
    first = fire(**options)
    run(first, [60, 120])
    second = fire(**options)
    second.resume(first.snapshot())
    assert run(second, [300]) == whole
    assert run(fire(seed=2, **options), [60, 300]) != whole


def test_brands_jump_a_road_that_stops_the_front() -> None:
    road = FuelPatch(fuel="NB1", area_m=((30.0, -200.0), (50.0, -200.0), (50.0, 200.0), (30.0, 200.0)))
    quick: dict[str, Any] = {"brands_per_cell": 20.0, "dead_1h_pct": 3.0, "brand_kindles_s": 60.0}
    spotting = fire(winds=Winds.of(8.0, 270.0), patches=(road,), **quick)
    spotting.step(900 * NS)
    assert np.isfinite(spotting.arrival_s)[:, 25:].any()


def test_a_wet_line_stops_it_and_a_dry_one_does_not() -> None:
    for litres, held in ((0.0, False), (4000.0, True)):
        burning = fire(winds=Winds.of(2.0, 270.0), size_m=300.0)
        for north in np.arange(-145.0, 150.0, 10.0):
            for east in (45.0, 55.0):
                at = Enu(east_m=east, north_m=float(north), up_m=0.0)
                burning.act(Water(at=at, litres=litres / 10, radius_m=4.0))
        burning.step(1200 * NS)
        assert np.isfinite(burning.arrival_s)[:, 21:].any() != held


def test_flames_are_out_when_water_has_taken_what_they_had_to_give() -> None:
    """The least water that puts a cell out is its heat over that of steam, no less."""
    burning = fire(winds=STILL, reaches_fuel=1.0)
    burning.step(10 * NS)
    cell = burning.grid.cell_at(0.0, 0.0)
    assert burning.is_burning()[cell]
    heat_kj = float(burning.power_kw()[cell]) * float(burning._ends[cell] - burning.now_s)
    centre = Enu(east_m=float(burning.grid.east_m[cell]), north_m=float(burning.grid.north_m[cell]), up_m=0.0)
    burning.act(Water(at=centre, litres=0.5 * heat_kj / STEAM_KJ_KG, radius_m=3.0))
    burning.step(20 * NS)
    assert burning.is_burning()[cell]
    burning.act(Water(at=centre, litres=0.6 * heat_kj / STEAM_KJ_KG, radius_m=3.0))
    burning.step(30 * NS)
    assert not burning.is_burning()[cell]
    assert burning._out[cell] == 1


def test_heat_given_is_the_heat_of_what_burnt() -> None:
    """Power over time adds up to the heat of a cell, whatever the cell's crossing took."""
    burning = fire(winds=Winds.of(2.0, 270.0), size_m=160.0)
    given = 0.0
    for second in range(10, 12000, 10):
        given += burning.power_kw().sum() * 10.0
        burning.step(second * NS)
    burnt = np.isfinite(burning.arrival_s)
    assert burnt.all()
    assert given == pytest.approx(burning._bed.heat_kj_m2.sum() * 100.0, rel=0.02)


def test_it_is_felt_as_heat_near_and_smoke_downwind() -> None:
    burning = fire(winds=Winds.of(3.0, 270.0))
    burning.step(120 * NS)
    front = np.array([[60.0, 0.0, 1.5], [150.0, 0.0, 1.5], [-150.0, 0.0, 1.5]])
    felt = Conditions.fresh(3)
    burning.feel(front, felt)
    assert felt.heat_kw_m2[0] > felt.heat_kw_m2[1] > 0.0
    assert felt.smoke_per_m[1] > 0.003
    assert felt.smoke_per_m[2] == 0.0
    inside = np.flatnonzero(burning.is_burning())[:1]
    felt = Conditions.fresh(1)
    burning.feel(burning.grid.centres(inside), felt)
    assert felt.is_blocked[0]
    assert felt.air_c[0] > 500.0


def test_hands_can_light_what_burns_only() -> None:
    lake = FuelPatch(fuel="NB8", area_m=((50.0, 50.0), (150.0, 50.0), (150.0, 150.0), (50.0, 150.0)))
    quiet = fire(ignitions_m=(), patches=(lake,))
    assert not quiet.act(Ignite(at=Enu(east_m=100.0, north_m=100.0, up_m=0.0)))
    assert quiet.act(Ignite(at=Enu(east_m=-100.0, north_m=-100.0, up_m=0.0)))
    quiet.step(60 * NS)
    assert quiet.area_ha() > 0.0


def test_a_wind_that_turns_to_itself_changes_nothing() -> None:
    """How far each segment has got is kept: working all out again in the middle must not show."""
    steady = fire(winds=Winds.of(4.0, 250.0), slope=(0.1, 0.2))
    turns = [WindSpec(at_s=at, wind_m_s=4.0, wind_from_deg=250.0) for at in (95.0, 310.0, 311.0, 600.0)]
    turned = fire(winds=Winds.of(4.0, 250.0, turns), slope=(0.1, 0.2))
    for one in (steady, turned):
        one.step(900 * NS)
    assert np.isfinite(steady.arrival_s).sum() > 100
    assert turned.arrival_s == pytest.approx(steady.arrival_s, abs=1e-6)


def test_water_elsewhere_changes_nothing_here() -> None:
    dry, wet = (fire(winds=Winds.of(4.0, 250.0)) for _ in range(2))
    for second in range(10, 610, 10):
        wet.act(Water(at=Enu(east_m=-150.0, north_m=-150.0, up_m=0.0), litres=300.0))
        for one in (dry, wet):
            one.step(second * NS)
    assert wet._wet.max() > 1.0
    assert np.isfinite(dry.arrival_s).sum() > 50
    assert wet.arrival_s.tobytes() == dry.arrival_s.tobytes()
