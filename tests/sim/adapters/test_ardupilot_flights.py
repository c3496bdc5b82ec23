"""Every body flown, driven and dived in lockstep by a small brain behind ArduPilot's own mixers, over real sockets."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from sim.adapters.ardupilot.server import JsonServer
from sim.adapters.bodies.flock import Crew, Flock
from sim.adapters.bodies.frames import Autopilot, Frame
from sim.engine.weather import Weather
from tests.support import ardupilot_peer as peers
from tests.support import brains
from tests.support.ardupilot_peer import Peer
from tests.support.brains import State, Wish

BREEZE = Weather(wind_m_s=2.0, wind_from_deg=300.0, gust_m_s=0.4)


@contextmanager
def brain_of(
    frame: Frame, *, rate_hz: int = 400, weather: Weather = BREEZE, heading_deg: float = 0.0,
) -> Iterator[Peer]:
    crew = Crew(frame=frame, autopilot=Autopilot.ARDUPILOT, seed=5, weather=weather, heading_deg=heading_deg)
    with JsonServer(Flock(crew), time.monotonic, first_port=0) as server:
        peer = Peer(server, rate_hz=rate_hz)
        yield peer
        peer.close()


@pytest.mark.parametrize(
    ("frame", "motors", "rate_hz"),
    [(Frame.QUAD_X, peers.QUAD_X, 400), (Frame.HEXA_X, peers.HEXA_X, 100), (Frame.OCTO_X, peers.OCTO_X, 100)],
)
def test_a_copter_flies_where_it_is_asked_to_by_ardupilots_motor_table(
    frame: Frame, motors: Sequence[tuple[float, float]], rate_hz: int,
) -> None:
    wish = Wish(north=1.5, east=-1.0, down=-3.0, yaw=1.0)
    with brain_of(frame, rate_hz=rate_hz) as peer:
        state = peer.fly(6.0, lambda s: peers.copter_mix(motors, brains.copter(s, wish)), [1000] * len(motors))
    north, east, down = state.position
    assert math.hypot(north - 1.5, east + 1.0) < 0.8
    assert abs(down + 3.0) < 0.5
    assert abs(brains.wrapped(state.yaw - 1.0)) < 0.15
    assert state.time_s == pytest.approx(6.0 + 1 / rate_hz)


def test_a_copter_at_rest_feels_its_weight_and_stays_with_motors_off() -> None:
    with brain_of(Frame.QUAD_X, heading_deg=90.0) as peer:
        for _ in range(200):
            found = peer.frame([1000] * 4)
    state = peers.state_of(found)
    assert state.position == (0.0, 0.0, 0.0)
    assert state.yaw == pytest.approx(math.pi / 2, abs=1e-6)
    assert found["accel_body"][2] == pytest.approx(-9.80665, abs=0.08)
    assert found["rng_1"] == (0.0,)


def test_a_plane_takes_off_and_turns_right() -> None:
    wish = Wish(down=-60.0, yaw=1.5)

    def mind(state: State) -> list[int]:
        aileron, elevator, throttle, rudder = brains.plane(state, wish)
        return [1500 + round(500 * aileron), 1500 + round(500 * elevator), 1000 + round(1000 * throttle),
                1500 + round(500 * rudder)]

    with brain_of(Frame.PLANE, rate_hz=50, weather=Weather()) as peer:
        state = peer.fly(45.0, mind, [1500, 1500, 1000, 1500])
    assert -80.0 < state.position[2] < -45.0
    assert abs(brains.wrapped(state.yaw - 1.5)) < 0.2
    assert 14.0 < math.hypot(*state.velocity[:2]) < 24.0


def steered(throttle: float, turn: float) -> list[int]:
    return [1500 + round(500 * turn), 0, 1500 + round(500 * throttle)]


def skid(throttle: float, turn: float) -> list[int]:
    left, right = brains.limited(throttle + turn, 1.0), brains.limited(throttle - turn, 1.0)
    return [1500 + round(500 * left), 0, 1500 + round(500 * right)]


@pytest.mark.parametrize(
    ("frame", "mix"), [(Frame.WHEELS, steered), (Frame.TRACKS, skid), (Frame.BOAT, skid)],
)
def test_what_drives_and_floats_gets_to_a_place_on_its_right(
    frame: Frame, mix: Callable[[float, float], list[int]],
) -> None:
    wish = Wish(north=12.0, east=15.0)
    with brain_of(frame, rate_hz=25, weather=Weather(wind_m_s=3.0, wind_from_deg=90.0)) as peer:
        state = peer.fly(35.0, lambda s: mix(*brains.surface(s, wish, 0.7)), [1500, 0, 1500])
    assert math.hypot(state.position[0] - 12.0, state.position[1] - 15.0) < 2.5
    assert state.position[2] == 0.0
    assert abs(state.roll) + abs(state.pitch) < 1e-6


@pytest.mark.parametrize(
    ("frame", "thrusters"), [(Frame.SUB, peers.VECTORED), (Frame.SUB_HEAVY, peers.VECTORED_6DOF)],
)
def test_a_submarine_dives_sideways_and_ahead_by_ardusubs_thruster_table(
    frame: Frame, thrusters: Sequence[tuple[float, ...]],
) -> None:
    wish = Wish(north=4.0, east=3.0, down=5.0, yaw=-1.2)
    current = Weather(current_m_s=0.2, current_toward_deg=40.0)
    with brain_of(frame, rate_hz=25, weather=current) as peer:
        state = peer.fly(40.0, lambda s: peers.sub_mix(thrusters, brains.submarine(s, wish)), [1500] * len(thrusters))
    north, east, down = state.position
    assert abs(down - 5.0) < 0.6
    assert math.hypot(north - 4.0, east - 3.0) < 1.5
    assert abs(brains.wrapped(state.yaw + 1.2)) < 0.15
    assert abs(state.roll) + abs(state.pitch) < 0.15


def test_a_submarine_without_thrust_floats_up() -> None:
    with brain_of(Frame.SUB, rate_hz=25, weather=Weather()) as peer:
        deep = peer.fly(5.0, lambda s: peers.sub_mix(peers.VECTORED, (0, 0, 0, -1.0, 0, 0)), [1500] * 6)
        up = peer.fly(45.0, lambda s: [1500] * 6, [1500] * 6)
    assert deep.position[2] > 2.5
    assert abs(up.position[2]) < 0.2
