"""Bodies of one frame, each with a clock of its own: advanced row by row as their brains ask, equal for equal seeds."""

import math
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

import numpy as np

from sim.adapters.bodies.columns import ACT, Bodies, Floats, Rows, empty_bodies
from sim.adapters.bodies.figures import figures, mass_of
from sim.adapters.bodies.frames import CHANNELS, Autopilot, Frame, geometry_of, model_of, outputs_of
from sim.adapters.bodies.kernels import advance, drive
from sim.engine.noise import Sensor, stream
from sim.engine.weather import LEEWAY, Weather
from sim.vehicles.spec import Kind

BLOCK: Final = 256
_WIDTH: Final = 3
_STREAMS: Final = (Sensor.GYRO, Sensor.ACCELEROMETER, Sensor.WIND)
_QUANTA: Final = (("pos", 1e4), ("vel", 1e4), ("att", 1e6), ("rate", 1e5), ("act", 1e5))
"""0.1 mm, 0.1 mm/s, 1e-6, 10 urad/s: finer than anybody looks, coarser than the last bit of a sine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """What stands ready for brains: so many bodies of a frame, turned to a heading, in this weather."""

    frame: Frame
    autopilot: Autopilot
    count: int = 1
    seed: int = 1
    heading_deg: float = 0.0
    weather: Weather = field(default_factory=Weather)


class Flock:
    """Rows are machines. Nothing couples them, so the order in which brains ask changes no byte of any."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.figures = figures()
        self.model = model_of(crew.frame)
        self.outputs = outputs_of(crew.frame, crew.autopilot)
        self.bodies: Bodies = empty_bodies(crew.count)
        self._geometry = geometry_of(crew.frame, crew.autopilot, self.figures)
        self._mass = mass_of(self.model, self.figures)
        self._draws: Floats = np.empty((crew.count, BLOCK, _WIDTH * len(_STREAMS)))
        self._cursor: Rows = np.zeros(crew.count, np.int64)
        self._streams = [[stream(crew.seed, row, sensor) for sensor in _STREAMS] for row in range(crew.count)]
        self._gust = (_gust_m_s(crew), crew.weather.gust_time_s)
        self._wind = _wind(crew)
        self.air = _toward(crew.weather.wind_m_s, crew.weather.wind_from_deg + 180.0)
        """(3,) NED velocity of the air without gusts, whatever the body moves in."""
        self.broken: set[int] = set()
        """Rows whose state was no number any more; put home and held there until their brain starts anew."""
        self.reset(np.arange(crew.count))

    def reset(self, rows: Rows) -> None:
        """Back home and at rest, time 0, the same random numbers again."""
        b = self.bodies
        for column in (b.pos, b.vel, b.rate, b.act, b.ask, b.gyro, b.accel, b.gust):
            column[rows] = 0.0
        half = math.radians(self.crew.heading_deg) / 2.0
        b.att[rows] = (math.cos(half), 0.0, 0.0, math.sin(half))
        b.accel[rows, 2] = -9.80665
        b.wind[rows] = self._wind
        b.speed[rows], b.on_ground[rows], b.time_ns[rows] = 0.0, 0, 0
        for row in rows.tolist():
            self._streams[row] = [stream(self.crew.seed, row, sensor) for sensor in _STREAMS]
            self.broken.discard(row)
        self._fill(rows)

    def warm_up(self) -> None:
        """Has everything compiled that a first packet would wait for; leaves no trace."""
        row = np.zeros(1, np.int64)
        self.steer(row, np.zeros((1, CHANNELS)))
        self.advance(row, np.full(1, 1_000_000))
        self.reset(row)

    def steer(self, rows: Rows, outputs: Floats) -> None:
        """(k, 16) what the autopilots' outputs are, in their own units."""
        drive(self.bodies.state, rows, outputs, *self.outputs)

    def advance(self, rows: Rows, step_ns: Rows) -> None:
        """Each row by its own step. One that breaks goes home and stays there; the others do not notice."""
        used = rows[self._cursor[rows] == BLOCK]
        if len(used):
            self._fill(used)
        b = self.bodies
        lost = advance(
            b.state, b.time_ns, rows, step_ns, int(self.model), self.figures, self._geometry, *self._mass, self._draws,
            self._cursor, self._gust,
        )
        if lost or self.broken:
            self._hold(rows)

    def hash(self, row: int) -> str:
        """32 hex digits over a body's state and clock: equal hashes mean equal flights."""
        digest = blake2b(int(self.bodies.time_ns[row]).to_bytes(8, "little"), digest_size=16)
        for name, per_unit in _QUANTA:
            digest.update(np.rint(getattr(self.bodies, name)[row] * per_unit).astype("<i8").tobytes())
        return digest.hexdigest()

    def _hold(self, rows: Rows) -> None:
        lost = rows[~np.isfinite(self.bodies.state[rows, :ACT].sum(axis=1))]
        held = np.array(sorted(({*lost.tolist(), *self.broken}) & {*rows.tolist()}), np.int64)
        if len(held):
            times = self.bodies.time_ns[held].copy()
            self.reset(held)
            self.bodies.time_ns[held] = times
            self.broken.update(held.tolist())

    def _fill(self, rows: Rows) -> None:
        for row in rows.tolist():
            for k, source in enumerate(self._streams[row]):
                self._draws[row, :, k * _WIDTH : (k + 1) * _WIDTH] = source.standard_normal((BLOCK, _WIDTH))
        self._cursor[rows] = 0


def kind_of(frame: Frame) -> Kind:
    """Whose frame it is."""
    prefix = {Frame.PLANE: Kind.PLANE, Frame.WHEELS: Kind.ROVER, Frame.TRACKS: Kind.ROVER, Frame.BOAT: Kind.BOAT}
    return prefix.get(frame, Kind.SUB if frame.startswith("sub") else Kind.COPTER)


def _toward(speed_m_s: float, toward_deg: float) -> Floats:
    angle = math.radians(toward_deg)
    return np.array([speed_m_s * math.cos(angle), speed_m_s * math.sin(angle), 0.0])


def _wind(crew: Crew) -> Floats:
    """NED velocity of what the body moves in: air, or water, which for boats has the leeway of the wind in it."""
    w = crew.weather
    air, water = _toward(w.wind_m_s, w.wind_from_deg + 180.0), _toward(w.current_m_s, w.current_toward_deg)
    kind = kind_of(crew.frame)
    return water if kind is Kind.SUB else water + LEEWAY * air if kind is Kind.BOAT else air


def _gust_m_s(crew: Crew) -> float:
    """As sim.engine.weather: a tenth under water where a current runs, a share of the wind's for boats."""
    w, kind = crew.weather, kind_of(crew.frame)
    if kind is Kind.SUB:
        return 0.1 * w.gust_m_s if w.current_m_s > 0.0 else 0.0
    return LEEWAY * w.gust_m_s if kind is Kind.BOAT else w.gust_m_s
