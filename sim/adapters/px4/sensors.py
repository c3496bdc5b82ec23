"""What PX4 gets to know of a body: HIL_SENSOR, HIL_GPS and HIL_STATE_QUATERNION in the units of MAVLink's tables.

Which fields PX4 takes together follows its `SimulatorMavlink.hpp` (SensorSource): accelerometer bits 0-2, gyroscope
3-5, compass 6-8, differential pressure 10, and barometer as 9, 11 and 12 at once.
"""

import math
from dataclasses import dataclass
from enum import IntFlag
from typing import Any, Final

import numpy as np

from sim.adapters.bodies.columns import Floats
from sim.adapters.bodies.flock import Flock, kind_of
from sim.engine.noise import Sensor, stream
from sim.vehicles.spec import Kind, SensorSpec
from world.position import Enu, LocalFrame

GPS_NS: Final = 100_000_000
"""10 Hz, as sensor errors move in the engine."""
SLOW_NS: Final = 20_000_000
"""Compass, barometer and pitot tube: 50 Hz."""
SKY_DEPTH_M: Final = 0.3
"""Deeper the antenna of an underwater robot hears nothing."""
_GAUSS: Final = 0.5287
_DECLINATION_DEG: Final = -5.45
_INCLINATION_DEG: Final = 53.84
"""Earth's field at 35.49 N 112.85 E, by the tables ArduPilot and pymavlink share (`mavextra.get_mag_field_ef`)."""


class Fields(IntFlag):
    """`fields_updated` of HIL_SENSOR, in the groups that PX4 takes together."""

    ACCEL = 0b111
    GYRO = 0b111 << 3
    COMPASS = 0b111 << 6
    PITOT = 1 << 10
    BARO = 1 << 9 | 1 << 11 | 1 << 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the homes of a flock are, and what date it is there."""

    frame: LocalFrame
    homes: tuple[Enu, ...]
    start_utc_ns: int
    """When each body's clock stood at 0."""


class Board:
    """The sensors of one row of a flock."""

    def __init__(self, flock: Flock, row: int, site: Site, spec: SensorSpec) -> None:
        self._flock, self._row, self._site, self._spec = flock, row, site, spec
        self._figures = flock.figures.inertial
        self._has_pitot = kind_of(flock.crew.frame) is Kind.PLANE
        self._dives = kind_of(flock.crew.frame) is Kind.SUB
        self.reset()

    def reset(self) -> None:
        """Every stream of random numbers from its beginning."""
        seed, row = self._flock.crew.seed, self._row
        self._compass, self._baro, self._pitot, self._position, self._velocity = (
            stream(seed, row, sensor)
            for sensor in (Sensor.COMPASS, Sensor.BAROMETER, Sensor.PITOT, Sensor.POSITION, Sensor.VELOCITY)
        )
        spec = self._spec
        self._sigma = np.array([spec.position_m, spec.position_m, spec.height_m])
        self._error: Floats = self._sigma * self._position.standard_normal(3)

    @property
    def time_ns(self) -> int:
        return int(self._flock.bodies.time_ns[self._row])

    def sensor(self) -> dict[str, Any]:
        """Fields of HIL_SENSOR. Compass, barometer and pitot tube are fresh every SLOW_NS."""
        b, row, time_ns = self._flock.bodies, self._row, self.time_ns
        updated = Fields.ACCEL | Fields.GYRO
        slow: dict[str, float] = dict.fromkeys(("xmag", "ymag", "zmag", "diff_pressure", "abs_pressure"), 0.0)
        slow |= {"pressure_alt": 0.0, "temperature": 0.0}
        if time_ns % SLOW_NS == 0:
            updated |= Fields.COMPASS | Fields.BARO
            slow |= self._slow()
            if self._has_pitot:
                updated |= Fields.PITOT
        accel, gyro = b.accel[row].tolist(), b.gyro[row].tolist()
        return {
            "time_usec": time_ns // 1000, "fields_updated": int(updated), "id": 0,
            **dict(zip(("xacc", "yacc", "zacc"), accel, strict=True)),
            **dict(zip(("xgyro", "ygyro", "zgyro"), gyro, strict=True)), **slow,
        }

    def gps(self) -> dict[str, Any] | None:
        """Fields of HIL_GPS, once every GPS_NS; None in between, and under water, where there is no sky."""
        b, row = self._flock.bodies, self._row
        if self.time_ns % GPS_NS != 0 or (self._dives and b.pos[row, 2] > SKY_DEPTH_M):
            return None
        spec = self._spec
        keep = math.exp(-GPS_NS * 1e-9 / spec.position_time_s)
        self._error = keep * self._error + math.sqrt(1 - keep * keep) * self._sigma * self._position.standard_normal(3)
        north, east, down = (b.pos[row] + self._error).tolist()
        vn, ve, vd = (b.vel[row] + spec.velocity_m_s * self._velocity.standard_normal(3)).tolist()
        lat, lon, height_m = self._where(north, east, down)
        speed = math.hypot(vn, ve)
        course = round(math.degrees(math.atan2(ve, vn)) * 100) % 36000
        return {
            "time_usec": (self._site.start_utc_ns + self.time_ns) // 1000, "fix_type": 3, "lat": lat, "lon": lon,
            "alt": round(height_m * 1000), "eph": round(spec.position_m * 100), "epv": round(spec.height_m * 100),
            "vel": round(speed * 100), "vn": round(vn * 100), "ve": round(ve * 100), "vd": round(vd * 100),
            "cog": course, "satellites_visible": 12,
        }

    def truth(self) -> dict[str, Any]:
        """Fields of HIL_STATE_QUATERNION: what the body does, without errors."""
        b, row = self._flock.bodies, self._row
        lat, lon, height_m = self._where(*b.pos[row].tolist())
        vn, ve, vd = np.rint(b.vel[row] * 100).astype(int).tolist()
        p, q, r = b.rate[row].tolist()
        xacc, yacc, zacc = np.rint(b.accel[row] / 9.80665 * 1000).astype(int).clip(-32768, 32767).tolist()
        knots = round(max(float(b.speed[row]), 0.0) * 100)
        return {
            "time_usec": self.time_ns // 1000, "attitude_quaternion": b.att[row].tolist(), "rollspeed": p,
            "pitchspeed": q, "yawspeed": r, "lat": lat, "lon": lon, "alt": round(height_m * 1000), "vx": vn, "vy": ve,
            "vz": vd, "ind_airspeed": knots, "true_airspeed": knots, "xacc": xacc, "yacc": yacc, "zacc": zacc,
        }

    def _slow(self) -> dict[str, float]:
        b, row, f = self._flock.bodies, self._row, self._figures
        field = _to_body(b.att[row], _earth_gauss()) + f.compass_gauss * self._compass.standard_normal(3)
        home_m = self._site.frame.origin.height_m + self._site.homes[row].up_m
        height_m = home_m - float(b.pos[row, 2]) + f.baro_m * float(self._baro.standard_normal())
        speed = max(float(b.speed[row]), 0.0)
        pitot_pa = 0.5 * 1.225 * speed * speed + f.pitot_pa * float(self._pitot.standard_normal())
        return {
            "xmag": float(field[0]), "ymag": float(field[1]), "zmag": float(field[2]),
            "abs_pressure": pressure_hpa(height_m), "pressure_alt": height_m, "temperature": 15.0 - 0.0065 * height_m,
            "diff_pressure": pitot_pa / 100.0 if self._has_pitot else 0.0,
        }

    def _where(self, north: float, east: float, down: float) -> tuple[int, int, float]:
        """Degrees times 1e7, and metres above the sea."""
        home = self._site.homes[self._row]
        at = self._site.frame.to_geodetic(
            Enu(east_m=home.east_m + east, north_m=home.north_m + north, up_m=home.up_m - down)
        )
        return round(at.lat_deg * 1e7), round(at.lon_deg * 1e7), at.height_m


def pressure_hpa(height_m: float) -> float:
    """Of the ICAO standard atmosphere below 11 km."""
    return 1013.25 * float((1.0 - 2.25577e-5 * height_m) ** 5.25588)


def _earth_gauss() -> Floats:
    """(3,) NED."""
    declination, inclination = math.radians(_DECLINATION_DEG), math.radians(_INCLINATION_DEG)
    flat = _GAUSS * math.cos(inclination)
    return np.array([
        flat * math.cos(declination), flat * math.sin(declination), _GAUSS * math.sin(inclination),
    ])


def _to_body(att: Floats, v: Floats) -> Floats:
    """A vector of the place in the body's axes."""
    w, u = att[0], -att[1:]
    across = np.cross(u, v)
    turned: Floats = v + 2.0 * (w * across + np.cross(u, across))
    return turned
