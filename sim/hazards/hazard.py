"""What every disaster is to the rest of the simulator: it steps, it is felt at points, it is acted upon, it is hashed.

A hazard owns its state as plain arrays. It advances at a pace of its own, so that its history does not depend on how
often it is asked; answers are those of its last whole pace. Times are simulated nanoseconds since the start.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from world.position import Enu

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]
Arrays = dict[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]

NS: Final = 1_000_000_000
FRESH_O2_PCT: Final = 20.9
FRESH_CO2_PCT: Final = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something done to the world at a place, as an amount: rates times the seconds they went on."""

    at: Enu


@dataclass(frozen=True, slots=True, kw_only=True)
class Water(Action):
    """Water landing on a disc."""

    litres: float
    radius_m: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow(Action):
    """Energy of a breaching tool put into whatever stands within its reach."""

    joules: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pumped(Action):
    """Water lifted out to the surface, at most what there is."""

    cubic_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Collapse(Action):
    """Roof that comes down over `length_m` of the nearest gallery."""

    length_m: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignite(Action):
    """A flame held to the nearest thing that burns."""


@dataclass(slots=True, kw_only=True)
class Conditions:
    """What n points are in. Every hazard adds its share; (n,) each, `current_m_s` (n, 3) ENU.

    `water_up_m` is the level of the water that stands or flows there, NaN where none does; `sight_m` is how far one
    sees in that water. `heat_kw_m2` is the radiation that falls on a body there.
    """

    heat_kw_m2: Floats
    air_c: Floats
    smoke_per_m: Floats
    """Light extinction: one sees a lamp over about 8 of its inverse, a wall over 3 (Jin 1978)."""
    ch4_pct: Floats
    co_ppm: Floats
    o2_pct: Floats
    co2_pct: Floats
    toxic_mg_m3: Floats
    water_up_m: Floats
    sight_m: Floats
    current_m_s: Floats
    is_blocked: Flags
    """No machine and nobody can be or pass here."""

    @classmethod
    def fresh(cls, count: int, air_c: float = 14.0) -> "Conditions":
        """Clean still air on dry ground."""
        arrays: dict[str, Any] = {field.name: np.zeros(count) for field in fields(cls)}
        arrays["air_c"] += air_c
        arrays["o2_pct"] += FRESH_O2_PCT
        arrays["co2_pct"] += FRESH_CO2_PCT
        arrays["water_up_m"] += np.nan
        arrays["sight_m"] += np.nan
        arrays["current_m_s"] = np.zeros((count, 3))
        arrays["is_blocked"] = np.zeros(count, bool)
        return cls(**arrays)

    def at(self, where: Flags) -> "Conditions":
        """Copies of some points' conditions."""
        return Conditions(**{field.name: getattr(self, field.name)[where].copy() for field in fields(self)})

    def put(self, where: Flags, part: "Conditions") -> None:
        """Take back what `at` gave."""
        for field in fields(self):
            getattr(self, field.name)[where] = getattr(part, field.name)


class Hazard(ABC):
    """One disaster. Subclasses keep their state in arrays and advance it by `pace_ns` at a time."""

    name: str
    pace_ns: int = NS

    def __init__(self) -> None:
        self.now_ns = 0

    def step(self, to_ns: int) -> None:
        """Up to the last whole pace before `to_ns`; calls may be as many as one likes."""
        while self.now_ns + self.pace_ns <= to_ns:
            self.advance()
            self.now_ns += self.pace_ns

    @abstractmethod
    def advance(self) -> None:
        """One pace from `now_ns`."""

    @abstractmethod
    def feel(self, points: Floats, into: Conditions) -> None:
        """Add what points (n, 3) ENU are in because of this hazard."""

    @abstractmethod
    def arrays(self) -> Arrays:
        """Everything that changes, as copies; `restore` takes it back."""

    @abstractmethod
    def restore(self, arrays: Mapping[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]) -> None: ...

    def act(self, action: Action) -> bool:
        """Whether the action changed anything here; most hazards are deaf to most actions."""
        return False

    def blocks(self, one: Floats, other: Floats) -> bool:
        """Whether something solid of this hazard stands between two points (3,)."""
        return False

    def snapshot(self) -> Arrays:
        return {"now_ns": np.array([self.now_ns], np.int64)} | self.arrays()

    def resume(self, arrays: Mapping[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]) -> None:
        """Go on from a `snapshot` of a hazard that was built alike."""
        self.now_ns = int(arrays["now_ns"][0])
        self.restore({name: array for name, array in arrays.items() if name != "now_ns"})

    def hashed(self) -> Arrays:
        """What `digest` is of; less than the snapshot where the rest follows from it."""
        return self.snapshot()

    def digest(self) -> str:
        """32 hex digits over the state, floats quantised so that the last bit of a sine cannot show."""
        return digest_of(self.hashed())


_QUANTUM: Final = 1e5
_MOST: Final = 9e18 / _QUANTUM


def digest_of(arrays: Mapping[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]) -> str:
    """One hash of named arrays, by name; infinities and NaN count as themselves."""
    digest = blake2b(digest_size=16)
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(name.encode())
        if array.dtype.kind == "f":
            held = np.nan_to_num(array, nan=-_MOST, posinf=_MOST, neginf=-_MOST)
            digest.update(np.rint(np.clip(held, -_MOST, _MOST) * _QUANTUM).astype("<i8").tobytes())
        else:
            digest.update(array.astype("<i8").tobytes())
    return digest.hexdigest()


def point(at: Enu) -> Floats:
    return np.array([at.east_m, at.north_m, at.up_m])


def inside_polygon(corners: Sequence[tuple[float, float]], east: Floats, north: Floats) -> Flags:
    """Even-odd rule over arrays of points."""
    inside = np.zeros(np.shape(east), bool)
    for k, (x1, y1) in enumerate(corners):
        x0, y0 = corners[k - 1]
        crosses = (y0 > north) != (y1 > north)
        with np.errstate(divide="ignore", invalid="ignore"):
            at = x0 + (north - y0) * (x1 - x0) / (y1 - y0)
        inside ^= crosses & (east < at)
    return np.asarray(inside)
