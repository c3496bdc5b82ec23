"""Machines move as machines do: limits are kept, gravity wins, slopes slow, water pushes."""

import numpy as np
import pytest

from sim.engine.engine import Engine
from sim.engine.weather import Weather
from sim.vehicles.spec import Kind, SensorSpec
from tests.sim.support import FRAME, flat_terrain, spec
from world.position import Enu
from world.terrain import Terrain

EXACT = SensorSpec(position_m=0.0, height_m=0.0, attitude_deg=0.0, velocity_m_s=0.0)


def one(kind: Kind, *, terrain: Terrain | None = None, weather: Weather | None = None) -> Engine:
    made = Engine(
        specs=[spec(kind, sensors=EXACT, home=Enu(east_m=0.0, north_m=0.0, up_m=10.0), water_up_m=20.0)],
        terrain=terrain or flat_terrain(), frame=FRAME, seed=3, weather=weather or Weather(),
    )
    made.row(0).limit(speed_m_s=8.0, climb_m_s=2.5, descend_m_s=1.5, accel_m_s2=2.5)
    return made


def advance(made: Engine, seconds: float) -> None:
    for _ in range(round(seconds * 50)):
        made.advance()


def leg(made: Engine, east_m: float, north_m: float, up_m: float) -> None:
    made.row(0).fly_leg(made.estimates()[0].at, Enu(east_m=east_m, north_m=north_m, up_m=up_m))


def test_a_copter_keeps_to_the_straight_line_its_speed_and_its_acceleration() -> None:
    made = one(Kind.COPTER)
    leg(made, 0.0, 0.0, 30.0)
    advance(made, 20)
    leg(made, 120.0, 0.0, 30.0)
    track = []
    for _ in range(50 * 25):
        made.advance()
        track.append((*made.columns.pos[0], *made.columns.vel[0]))
    path = np.array(track)
    assert np.abs(path[:, 1]).max() < 0.05
    assert np.abs(path[:, 2] - 30).max() < 0.5
    assert path[:, 3].max() < 8.2
    acceleration = np.diff(path[:, 3]) / 0.02
    assert np.abs(acceleration).max() < 3.5
    assert path[:, 0].max() < 120.5
    assert abs(path[-1, 0] - 120) < 0.1


def test_wind_is_held_against() -> None:
    made = one(Kind.COPTER, weather=Weather(wind_m_s=10.0, wind_from_deg=270.0))
    leg(made, 0.0, 0.0, 20.0)
    advance(made, 30)
    assert np.linalg.norm(made.columns.pos[0] - (0, 0, 20)) < 0.2
    assert made.columns.thrust[0, 0] < -0.5, "it leans into the west wind"
    assert made.estimates()[0].roll_rad < -0.03


def test_without_motors_a_copter_falls_and_stays_down() -> None:
    made = one(Kind.COPTER)
    leg(made, 0.0, 0.0, 30.0)
    advance(made, 20)
    made.row(0).off()
    advance(made, 5)
    assert made.columns.impact[0] > 15
    assert made.columns.pos[0, 2] == 0.0
    assert made.columns.on_ground[0] == 1


def test_energy_is_spent_by_hovering_and_little_on_the_ground() -> None:
    made = one(Kind.COPTER)
    full = made.columns.energy_j[0]
    advance(made, 10)
    idle = full - made.columns.energy_j[0]
    leg(made, 0.0, 0.0, 10.0)
    advance(made, 20)
    before = made.columns.energy_j[0]
    advance(made, 10)
    hover = before - made.columns.energy_j[0]
    assert idle == pytest.approx(120, abs=5)
    assert hover == pytest.approx(4320, rel=0.03)


def test_an_empty_battery_ends_the_flight() -> None:
    made = one(Kind.COPTER)
    leg(made, 0.0, 0.0, 20.0)
    advance(made, 15)
    made.columns.energy_j[0] = 300.0
    advance(made, 6)
    assert made.columns.on_ground[0] == 1


def slope_terrain(grade: float) -> Terrain:
    east = np.arange(61) * 100.0 - 3000.0
    heights = np.tile((east * grade)[None, :], (61, 1)).astype(np.float32)
    return Terrain(west_m=-3000.0, south_m=-3000.0, cell_m=100.0, heights_m=heights)


@pytest.mark.parametrize(("grade", "slowest", "fastest"), [(0.0, 1.9, 2.05), (0.35, 0.8, 1.2), (0.75, 0.0, 0.01)])
def test_slopes_slow_a_robot_and_stop_it(grade: float, slowest: float, fastest: float) -> None:
    made = one(Kind.ROVER, terrain=slope_terrain(grade))
    made.row(0).limit(speed_m_s=2.0, climb_m_s=1.0, descend_m_s=1.0, accel_m_s2=0.5)
    leg(made, 100.0, 0.0, 0.0)
    advance(made, 15)
    assert slowest <= made.columns.ref_vel[0, 0] <= fastest
    assert made.columns.pos[0, 2] == pytest.approx(made.columns.pos[0, 0] * grade, abs=0.05)


def test_a_robot_turns_on_the_spot_before_it_drives() -> None:
    made = one(Kind.ROVER)
    made.row(0).limit(speed_m_s=2.0, climb_m_s=1.0, descend_m_s=1.0, accel_m_s2=0.5)
    leg(made, 0.0, -50.0, 0.0)
    advance(made, 1)
    assert np.abs(made.columns.pos[0, :2]).max() < 0.05
    advance(made, 40)
    assert made.columns.pos[0, 1] == pytest.approx(-50, abs=0.7)


def test_water_carries_an_idle_robot_and_not_one_that_works() -> None:
    made = one(Kind.SUB, weather=Weather(current_m_s=0.3, current_toward_deg=90.0))
    advance(made, 60)
    assert made.columns.pos[0, 0] > 12
    assert made.columns.pos[0, 2] == 20.0, "it is slightly buoyant"
    leg(made, made.columns.pos[0, 0], 0.0, 12.0)
    advance(made, 60)
    kept = made.columns.pos[0].copy()
    advance(made, 20)
    assert np.linalg.norm(made.columns.pos[0] - kept) < 0.1
    assert made.columns.pos[0, 2] == pytest.approx(12, abs=0.1)


def test_the_bed_and_the_surface_are_the_ends() -> None:
    made = one(Kind.SUB)
    leg(made, 0.0, 0.0, -30.0)
    advance(made, 60)
    assert made.columns.pos[0, 2] == 0.0
    leg(made, 0.0, 0.0, 60.0)
    advance(made, 60)
    assert made.columns.pos[0, 2] == 20.0


def test_beyond_the_terrain_its_edge_goes_on() -> None:
    made = one(Kind.COPTER)
    made.columns.pos[0] = (50_000.0, 0.0, 40.0)
    advance(made, 1)
    assert made.columns.ground[0] == 0.0
