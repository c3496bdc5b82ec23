"""What each vehicle believes of itself: the truth with its sensors' slow errors, one tuple per vehicle and step."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from sim.engine.attitude import roll_pitch
from sim.engine.columns import Columns, Floats, Rows
from sim.engine.noise import GaussMarkov, NoiseBank, Sensor
from sim.vehicles.spec import VehicleSpec
from world.position import Enu, LocalFrame

STEPS_BETWEEN_FIXES: Final = 5
"""Sensor errors move at 10 Hz."""


class Estimate(NamedTuple):
    """A vehicle's own picture. ENU metres and m/s; angles in radians, yaw clockwise from north in [0, 2 pi)."""

    lat_deg: float
    lon_deg: float
    east_m: float
    north_m: float
    up_m: float
    east_m_s: float
    north_m_s: float
    up_m_s: float
    roll_rad: float
    pitch_rad: float
    yaw_rad: float
    yaw_rate_rad_s: float
    ground_up_m: float
    """Terrain below, as a rangefinder would tell."""
    on_ground: float
    energy_j: float
    power_w: float
    thrust_m_s2: float
    impact_m_s: float
    airspeed_m_s: float
    """Through what the vehicle moves in: air, or water for boats and underwater robots."""

    @property
    def at(self) -> Enu:
        return Enu(east_m=self.east_m, north_m=self.north_m, up_m=self.up_m)


class Senses:
    """Keeps the `error` column and makes estimates."""

    def __init__(self, specs: Sequence[VehicleSpec], seed: int, columns: Columns, frame: LocalFrame,
                 copters: Rows, drivers: Rows, wings: Rows) -> None:
        self._columns, self._frame = columns, frame
        self._copters, self._drivers, self._wings = copters, drivers, wings
        count = len(specs)
        step_s = STEPS_BETWEEN_FIXES * 0.02
        position = np.array([[s.sensors.position_m, s.sensors.position_m, s.sensors.height_m] for s in specs])
        attitude = np.radians([[s.sensors.attitude_deg] * 3 for s in specs])
        velocity = np.array([[s.sensors.velocity_m_s] * 3 for s in specs])
        position_time = np.array([[s.sensors.position_time_s] for s in specs])
        attitude_time = np.array([[s.sensors.attitude_time_s] for s in specs])
        self._position = GaussMarkov(NoiseBank(seed, count, Sensor.POSITION, 3), position, position_time, step_s)
        self._attitude = GaussMarkov(NoiseBank(seed, count, Sensor.ATTITUDE, 3), attitude, attitude_time, step_s)
        self._velocity = GaussMarkov(NoiseBank(seed, count, Sensor.VELOCITY, 3), velocity, 2.0, step_s)
        columns.error[:] = self._position.value

    def advance(self) -> None:
        """Once every STEPS_BETWEEN_FIXES steps."""
        for process in (self._position, self._attitude, self._velocity):
            process.advance()
        self._columns.error[:] = self._position.value

    @property
    def attitude_error_rad(self) -> Floats:
        """(n, 3) of roll, pitch and yaw."""
        return self._attitude.value

    def table(self) -> Floats:
        """(n, 19) the fields of every vehicle's Estimate, in order."""
        c = self._columns
        believed = c.pos + c.error
        lat, lon = self._frame.from_plane(believed[:, 0], believed[:, 1])
        velocity = c.vel + np.where((np.abs(c.vel).sum(axis=1) > 0.0)[:, None], self._velocity.value, 0.0)
        roll, pitch = roll_pitch(c, self._copters, self._drivers, self._wings)
        tilt = self._attitude.value
        return np.column_stack([
            lat, lon, believed, velocity, roll + tilt[:, 0], pitch + tilt[:, 1],
            (c.yaw + tilt[:, 2]) % (2 * np.pi), c.yaw_rate, c.ground + c.error[:, 2], c.on_ground, c.energy_j,
            c.power_w, np.sqrt((c.thrust**2).sum(axis=1)), c.impact,
            np.sqrt(((c.vel - c.wind) ** 2).sum(axis=1)),
        ])
