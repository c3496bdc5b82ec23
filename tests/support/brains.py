"""Small brains for simulated bodies: controllers that know a machine's state and give its autopilot's mixer inputs."""

import math
from dataclasses import dataclass
from typing import NamedTuple


class State(NamedTuple):
    """NED metres and m/s, quaternion w x y z (body FRD to NED), FRD rad/s."""

    time_s: float
    position: tuple[float, float, float]
    velocity: tuple[float, float, float]
    quaternion: tuple[float, float, float, float]
    rates: tuple[float, float, float]

    @property
    def roll(self) -> float:
        w, x, y, z = self.quaternion
        return math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))

    @property
    def pitch(self) -> float:
        w, x, y, z = self.quaternion
        return math.asin(min(max(2 * (w * y - x * z), -1.0), 1.0))

    @property
    def yaw(self) -> float:
        w, x, y, z = self.quaternion
        return math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))

    def ahead_right(self, north: float, east: float) -> tuple[float, float]:
        """A level vector of the place, by the heading."""
        sin, cos = math.sin(self.yaw), math.cos(self.yaw)
        return north * cos + east * sin, east * cos - north * sin


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Where to be: NED metres and heading."""

    north: float = 0.0
    east: float = 0.0
    down: float = 0.0
    yaw: float = 0.0


def wrapped(angle: float) -> float:
    return (angle + math.pi) % (2 * math.pi) - math.pi


def limited(value: float, most: float) -> float:
    return min(max(value, -most), most)


def gap(state: State, wish: Wish) -> tuple[float, float, float]:
    """Metres still to go ahead, right and down."""
    north, east, down = state.position
    ahead, right = state.ahead_right(wish.north - north, wish.east - east)
    return ahead, right, wish.down - down


def copter(state: State, wish: Wish, hover: float = 0.62) -> tuple[float, float, float, float]:
    """Throttle 0 to 1, roll, pitch and yaw as an autopilot's mixer takes them."""
    ahead, right, down = gap(state, wish)
    ahead_m_s, right_m_s = state.ahead_right(*state.velocity[:2])
    roll = limited(0.08 * right - 0.15 * right_m_s, 0.25)
    pitch = limited(-0.08 * ahead + 0.15 * ahead_m_s, 0.25)
    p, q, r = state.rates
    throttle = hover - limited(0.15 * down - 0.2 * state.velocity[2], 0.2)
    return (
        throttle, 0.4 * (roll - state.roll) - 0.08 * p, 0.4 * (pitch - state.pitch) - 0.08 * q,
        0.5 * limited(wrapped(wish.yaw - state.yaw), 0.5) - 0.4 * r,
    )


def plane(state: State, wish: Wish, airspeed_m_s: float = 18.0) -> tuple[float, float, float, float]:
    """Aileron, elevator, throttle (0 to 1), rudder; flies towards a heading at a height."""
    north, east, _ = state.velocity
    speed = math.hypot(north, east)
    bank = limited(1.2 * wrapped(wish.yaw - state.yaw), 0.5) if state.position[2] < -15.0 else 0.0
    pitch = limited(0.02 * (state.position[2] - wish.down), 0.2) + 0.06
    p, q, r = state.rates
    return (
        limited(1.0 * (bank - state.roll) - 0.25 * p, 1.0), limited(1.5 * (pitch - state.pitch) - 0.3 * q, 1.0),
        min(max(0.6 + 0.15 * (airspeed_m_s - speed), 0.0), 1.0),
        limited(1.0 * wrapped(wish.yaw - state.yaw) - 0.3 * r, 1.0) if state.position[2] > -0.1 else -0.2 * r,
    )


def surface(state: State, wish: Wish, most: float) -> tuple[float, float]:
    """Throttle and turn (right positive), -1 to 1, towards a place."""
    ahead, right, _ = gap(state, wish)
    bearing = math.atan2(right, ahead)
    away = math.hypot(ahead, right)
    return limited(0.25 * away * math.cos(bearing), most), limited(0.8 * bearing - 0.3 * state.rates[2], most)


def submarine(state: State, wish: Wish) -> tuple[float, float, float, float, float, float]:
    """Roll, pitch, yaw, throttle (up), forward and lateral (right), -1 to 1, as ArduSub's mixer takes them."""
    ahead, right, down = gap(state, wish)
    ahead_m_s, right_m_s = state.ahead_right(*state.velocity[:2])
    p, q, r = state.rates
    return (
        -0.8 * state.roll - 0.3 * p, -0.8 * state.pitch - 0.3 * q,
        limited(0.4 * wrapped(wish.yaw - state.yaw) - 0.3 * r, 0.4),
        limited(-0.4 * down + 0.4 * state.velocity[2], 0.6), limited(0.3 * ahead - 0.4 * ahead_m_s, 0.5),
        limited(0.3 * right - 0.4 * right_m_s, 0.5),
    )
