"""Machines move as machines do: limits are kept, gravity wins, slopes slow, water pushes."""

import numpy as np
import pytest

from sim.engine.engine import Engine, NoWater
from sim.engine.weather import LEEWAY, Weather
from sim.vehicles.figures import plane_figures
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
    made.row(0).fly_leg(made.estimate(0).at, Enu(east_m=east_m, north_m=north_m, up_m=up_m))


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
    assert made.estimate(0).roll_rad < -0.03


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


def aloft(weather: Weather | None = None, *, rotors: int = 0) -> Engine:
    """A plane at 200 m, cruising north."""
    made = one(Kind.PLANE, weather=weather)
    made.columns.pos[0], made.columns.vel[0] = (0.0, 0.0, 200.0), (0.0, 17.0, 0.0)
    made.columns.on_ground[0] = 0
    made.row(0).use_rotors(rotors)
    made.row(0).limit(speed_m_s=17.0, climb_m_s=5.0, descend_m_s=5.0, accel_m_s2=2.0)
    return made


def airspeed(made: Engine) -> float:
    return float(np.linalg.norm(made.columns.vel[0] - made.columns.wind[0]))


def test_wings_circle_where_others_stand_and_the_wind_does_not_carry_the_circle_off() -> None:
    made = aloft(Weather(wind_m_s=6.0, wind_from_deg=270.0))
    made.row(0).circle_by(80.0)
    leg(made, 0.0, 0.0, 200.0)
    advance(made, 60)
    away, speeds, turned = [], [], made.columns.yaw[0]
    for _ in range(50 * 60):
        made.advance()
        away.append(np.hypot(*made.columns.pos[0, :2]))
        speeds.append(np.hypot(*made.columns.vel[0, :2]))
    assert 70.0 < min(away) <= max(away) < 95.0
    assert min(speeds) < 13.0 < 21.0 < max(speeds), "over ground it is slow against the wind and fast with it"
    assert made.columns.yaw[0] - turned > 3 * np.pi, "clockwise, almost twice around"
    assert made.columns.pos[0, 2] == pytest.approx(200.0, abs=3.0)


def test_a_line_is_flown_as_a_line_in_cross_wind() -> None:
    made = aloft(Weather(wind_m_s=6.0, wind_from_deg=270.0))
    made.row(0).fly_leg(Enu(east_m=0.0, north_m=0.0, up_m=200.0), Enu(east_m=0.0, north_m=2000.0, up_m=200.0),
                        exit_m_s=17.0)
    advance(made, 60)
    assert abs(made.columns.pos[0, 0]) < 20.0
    assert made.estimate(0).yaw_rad == pytest.approx(2 * np.pi - np.arcsin(6.0 / 17.0), abs=0.05), "it crabs"
    assert airspeed(made) == pytest.approx(17.0, abs=0.5)


def test_below_its_stalling_speed_a_wing_loses_height() -> None:
    slow, fast = aloft(), aloft()
    for made, speed in ((slow, 5.0), (fast, 17.0)):
        made.row(0).limit(speed_m_s=speed, climb_m_s=5.0, descend_m_s=5.0, accel_m_s2=2.0)
        made.row(0).fly_leg(Enu(east_m=0.0, north_m=0.0, up_m=200.0), Enu(east_m=0.0, north_m=2000.0, up_m=200.0),
                            exit_m_s=17.0)
        advance(made, 60)
    assert fast.columns.pos[0, 2] > 198.0
    assert slow.columns.pos[0, 2] < 190.0
    assert airspeed(slow) > 10.5, "asked for 5 m/s it goes down rather than stall"
    stalled = aloft()
    stalled.columns.vel[0] = (0.0, 6.0, 0.0)
    leg(stalled, 0.0, 2000.0, 200.0)
    advance(stalled, 2)
    assert stalled.columns.vel[0, 2] < -1.5, "at 6 m/s it cannot carry itself"


def test_a_turn_needs_room_by_its_speed() -> None:
    """Radius of the tightest turn: v^2 / (g tan bank)."""
    made = aloft()
    made.row(0).fly_velocity(0.0, -17.0, 0.0)
    track = []
    for _ in range(50 * 20):
        made.advance()
        track.append(made.columns.pos[0, :2].copy())
    path = np.array(track)
    least_m = 17.0**2 / (9.81 * np.tan(plane_figures().bank_max_rad))
    assert np.ptp(path[:, 0]) > 2 * least_m
    assert made.columns.vel[0, 1] < -15.0, "it flies south now"


def test_without_power_a_plane_glides_down_and_does_not_fall() -> None:
    made = aloft()
    made.columns.energy_j[0] = 0.0
    leg(made, 0.0, 5000.0, 200.0)
    advance(made, 20)
    assert 100.0 < made.columns.pos[0, 2] < 190.0
    assert airspeed(made) > 10.0
    advance(made, 200)
    assert made.columns.on_ground[0] == 1
    assert made.columns.impact[0] < 4.0


def test_climbing_costs_energy_and_gliding_little() -> None:
    made = aloft()
    spent = []
    for up in (200.0, 400.0):
        leg(made, 0.0, made.columns.pos[0, 1] + 3000.0, up)
        advance(made, 15)
        spent.append(made.columns.power_w[0])
    assert spent[1] > 1.3 * spent[0]
    assert 60.0 < spent[0] < 250.0


def test_rotors_hold_what_wings_cannot() -> None:
    made = aloft(Weather(wind_m_s=6.0, wind_from_deg=270.0), rotors=2)
    leg(made, 0.0, 0.0, 200.0)
    advance(made, 40)
    assert np.linalg.norm(made.columns.pos[0] - (0.0, 0.0, 200.0)) < 0.5
    assert made.columns.power_w[0] > 5 * 130.0, "hovering is dear"
    made.row(0).use_rotors(1)
    leg(made, 0.0, 1000.0, 200.0)
    advance(made, 30)
    assert airspeed(made) > 15.0
    assert made.columns.pos[0, 2] == pytest.approx(200.0, abs=4.0)
    assert made.columns.power_w[0] < 250.0


def lake(weather: Weather | None = None) -> Engine:
    made = one(Kind.BOAT, weather=weather)
    made.row(0).limit(speed_m_s=2.0, climb_m_s=1.0, descend_m_s=1.0, accel_m_s2=0.5)
    return made


def test_an_idle_boat_drifts_with_the_current_and_a_share_of_the_wind() -> None:
    made = lake(Weather(wind_m_s=10.0, wind_from_deg=180.0, current_m_s=0.3, current_toward_deg=90.0))
    advance(made, 240)
    assert made.columns.pos[0, 2] == 20.0, "on the water"
    east, north = made.columns.vel[0, :2]
    assert east == pytest.approx(0.3, abs=0.05)
    assert north == pytest.approx(LEEWAY * 10.0, abs=0.05)


def test_a_boat_keeps_its_place_within_a_few_metres() -> None:
    made = lake(Weather(wind_m_s=8.0, wind_from_deg=180.0, gust_m_s=1.0, current_m_s=0.3, current_toward_deg=90.0))
    leg(made, 0.0, 0.0, 20.0)
    advance(made, 120)
    away = []
    for _ in range(50 * 60):
        made.advance()
        away.append(np.hypot(*made.columns.pos[0, :2]))
    assert max(away) < 5.0
    leg(made, 0.0, 60.0, 20.0)
    advance(made, 60)
    assert np.hypot(made.columns.pos[0, 0], made.columns.pos[0, 1] - 60.0) < 5.0
    assert made.columns.vel[0, :2].max() < 2.2


def test_a_boat_that_runs_ashore_stays_there() -> None:
    east = np.arange(61) * 100.0 - 3000.0
    beach = np.tile(np.where(east > 0.0, 30.0, -10.0)[None, :], (61, 1)).astype(np.float32)
    made = one(Kind.BOAT, terrain=Terrain(west_m=-3000.0, south_m=-3000.0, cell_m=100.0, heights_m=beach))
    made.row(0).limit(speed_m_s=2.0, climb_m_s=1.0, descend_m_s=1.0, accel_m_s2=0.5)
    leg(made, 200.0, 0.0, 20.0)
    advance(made, 90)
    assert made.columns.on_ground[0] == 1
    assert 70.0 < made.columns.pos[0, 0] < 80.0
    leg(made, 0.0, 0.0, 20.0)
    advance(made, 20)
    assert made.columns.pos[0, 0] > 70.0


def test_a_boat_needs_water() -> None:
    with pytest.raises(NoWater, match="B01 is a boat; give it water_up_m"):
        Engine(specs=[spec(Kind.BOAT, water_up_m=None)], terrain=flat_terrain(), frame=FRAME, seed=3, weather=Weather())
