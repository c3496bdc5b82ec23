"""Rooms burn as the correlations of fire engineering say, smoke comes down, holes open, water puts fire out."""

from typing import Any

import numpy as np
import pytest

from sim.hazards.building import ALPHA_KW_S2, LOSS_KW_M2_K, Building
from sim.hazards.hazard import NS, Blow, Collapse, Conditions, Ignite, Water
from sim.scenarios.hazards import BuildingSpec, Growth, OpeningSpec, RoomFireSpec, RoomSpec
from world.position import Enu


def house(**changes: Any) -> Building:
    """Two rooms of 4 m x 5 m side by side, a door between, a door and a breachable wall to the outside."""
    rooms = (
        RoomSpec(id="kitchen", at_m=(0.0, 0.0), size_m=(4.0, 5.0)),
        RoomSpec(id="bedroom", at_m=(4.0, 0.0), size_m=(4.0, 5.0)),
    )
    openings = (
        OpeningSpec(room="kitchen", to="outside", at_m=(0.0, 2.5), is_open=True),
        OpeningSpec(room="kitchen", to="bedroom", at_m=(4.0, 2.5), is_open=True),
        OpeningSpec(room="bedroom", to="outside", at_m=(8.0, 2.5), height_m=0.9, breach_j=20000.0),
    )
    values = {"rooms": rooms, "openings": openings, "fires": (RoomFireSpec(room="kitchen"),)}
    return Building(BuildingSpec(**(values | changes)))


def near(east: float, north: float, up: float) -> Enu:
    return Enu(east_m=east, north_m=north, up_m=up)


@pytest.mark.parametrize("growth", list(Growth))
def test_power_grows_with_the_square_of_time(growth: Growth) -> None:
    room = RoomSpec(id="hall", at_m=(0.0, 0.0), size_m=(30.0, 30.0), height_m=8.0, growth=growth)
    gate = OpeningSpec(room="hall", to="outside", at_m=(0.0, 15.0), width_m=10.0, height_m=6.0, is_open=True)
    hall = house(rooms=(room,), openings=(gate,), fires=(RoomFireSpec(room="hall"),))
    hall.step(100 * NS)
    assert hall.power_kw("hall") == pytest.approx(ALPHA_KW_S2[growth] * 100.0**2, rel=1e-6)


def test_the_layer_is_as_hot_as_the_correlation_says() -> None:
    """McCaffrey, Quintiere & Harkleroad 1981: rise = 6.85 (Q2 / (Ao sqrt Ho hk AT)) ** 1/3, data scatter 20 %."""
    for power in (200.0, 400.0):
        room = RoomSpec(id="den", at_m=(0.0, 0.0), size_m=(3.0, 4.0), power_kw_m2=power / 12.0, growth=Growth.ULTRAFAST)
        door = OpeningSpec(room="den", to="outside", at_m=(0.0, 2.0), is_open=True)
        den = house(rooms=(room,), openings=(door,), fires=(RoomFireSpec(room="den"),))
        den.step(200 * NS)
        surface = 2 * 12.0 + 14.0 * 2.8 - 1.8
        rise = 6.85 * (power**2 / (1.8 * np.sqrt(2.0) * LOSS_KW_M2_K * surface)) ** (1 / 3)
        assert den.layer_c()[0] - 14.0 == pytest.approx(rise, rel=0.25)


def test_heat_is_given_by_what_burns_and_fuel_ends() -> None:
    room = RoomSpec(id="store", at_m=(0.0, 0.0), size_m=(3.0, 3.0), fuel_mj_m2=6.0, growth=Growth.FAST)
    door = OpeningSpec(room="store", to="outside", at_m=(0.0, 1.5), is_open=True)
    store = house(rooms=(room,), openings=(door,), fires=(RoomFireSpec(room="store", at_s=10.0),))
    given = 0.0
    for second in range(1, 700, 5):
        store.step(second * NS)
        given += store.power_kw("store") * 5.0
    assert store._burnt_kj[0] == pytest.approx(54000.0, rel=0.02)
    assert given == pytest.approx(store._burnt_kj[0], rel=0.02)
    assert store.power_kw("store") < 20.0
    assert store.layer_c()[0] < 60.0


def test_smoke_comes_down_spreads_and_the_next_room_flashes_over() -> None:
    burning = house()
    burning.step(120 * NS)
    first = burning.clear_m()[0]
    assert first < 2.0
    felt = Conditions.fresh(2)
    burning.feel(np.array([[2.0, 2.5, 2.5], [6.0, 2.5, 2.6]]), felt)
    assert felt.air_c[0] > felt.air_c[1] > 15.0
    assert felt.smoke_per_m[0] > 1.0
    assert felt.co_ppm[0] > 30.0
    assert felt.o2_pct[0] < 20.8
    burning.step(600 * NS)
    assert burning.power_kw("bedroom") > 200.0


def test_a_closed_room_starves_and_a_breach_feeds_it() -> None:
    wall = OpeningSpec(room="den", to="outside", at_m=(0.0, 1.5), breach_j=20000.0)
    room = RoomSpec(id="den", at_m=(0.0, 0.0), size_m=(3.0, 3.0))
    den = house(rooms=(room,), openings=(wall,), fires=(RoomFireSpec(room="den"),))
    den.step(400 * NS)
    assert den.power_kw("den") < 5.0
    assert not den.act(Blow(at=near(30.0, 0.0, 1.0), joules=1e9))
    assert den.act(Blow(at=near(-0.5, 1.5, 1.0), joules=15000.0))
    assert not den.is_open(0)
    assert den.blocks(np.array([-3.0, 1.5, 1.0]), np.array([1.5, 1.5, 1.0]))
    den.act(Blow(at=near(-0.5, 1.5, 1.0), joules=5000.0))
    assert den.is_open(0)
    assert not den.blocks(np.array([-3.0, 1.5, 1.0]), np.array([1.5, 1.5, 1.0]))
    den.step(700 * NS)
    assert den.power_kw("den") > 500.0


def test_water_cools_and_enough_of_it_puts_the_fire_out() -> None:
    def after(litres_s: float) -> Building:
        burning = house()
        burning.step(200 * NS)
        for second in range(200, 260):
            burning.act(Water(at=near(2.0, 2.5, 0.5), litres=litres_s))
            burning.step((second + 1) * NS)
        return burning

    dry, little, enough = after(0.0), after(0.08), after(4.0)
    assert dry.power_kw("kitchen") > little.power_kw("kitchen") > 0.0
    assert enough.power_kw("kitchen") == 0.0
    assert enough.layer_c()[0] < little.layer_c()[0] < dry.layer_c()[0]
    enough.step(400 * NS)
    assert enough.power_kw("kitchen") == 0.0


def test_walls_stop_bodies_and_sight_and_collapse_fills_a_room() -> None:
    still = house(fires=())
    felt = Conditions.fresh(4)
    still.feel(np.array([[4.0, 1.0, 1.0], [4.0, 2.5, 1.0], [2.0, 2.0, 1.0], [-5.0, 2.0, 1.0]]), felt)
    assert felt.is_blocked.tolist() == [True, False, False, False]
    assert not still.blocks(np.array([1.0, 2.5, 1.0]), np.array([7.0, 2.5, 1.0]))
    assert still.blocks(np.array([1.0, 2.5, 1.0]), np.array([7.0, 0.3, 1.0]))
    assert still.act(Collapse(at=near(2.0, 2.0, 1.0)))
    assert not still.act(Ignite(at=near(2.0, 2.0, 1.0)))
    felt = Conditions.fresh(1)
    still.feel(np.array([[2.0, 2.0, 1.0]]), felt)
    assert felt.is_blocked[0]


def test_the_same_from_any_stride_and_snapshot() -> None:
    whole, other, third = house(), house(), house()
    whole.step(240 * NS)
    for second in (1, 50, 51, 240):
        other.step(second * NS)
    first = house()
    first.step(77 * NS)
    third.resume(first.snapshot())
    third.step(240 * NS)
    assert whole.digest() == other.digest() == third.digest()
