"""truth.db: what really happened, second by second: the state hash, and where every machine was and how it did.

Written by the simulator's process, read by the report, by expectations and by whoever compares two runs.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from world.ids import VehicleId
from world.position import Enu
from world.time import NS_PER_S, Instant

FILE = "truth.db"
COLUMNS: Final = (
    "east_mm", "north_mm", "up_mm", "east_mm_s", "north_mm_s", "up_mm_s", "yaw_e4rad", "energy_j",
    "error_east_mm", "error_north_mm", "error_up_mm", "wind_east_mm_s", "wind_north_mm_s", "wind_up_mm_s",
    "drive", "on_ground", "mode", "is_armed", "is_landed", "mission_item", "images", "is_alive",
    "charge_e2pct",
)
"""Of one vehicle, whole numbers: what the state hash is over, named; whether it still works, and its charge."""
_SCHEMA = "CREATE TABLE IF NOT EXISTS seconds(tick INTEGER PRIMARY KEY, value BLOB NOT NULL)"
_AT = {name: index for index, name in enumerate(COLUMNS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """The true state at the end of one simulated second. `rows`: one per vehicle, by COLUMNS."""

    tick: int
    at: Instant
    digest: str
    """The simulator's state hash."""
    vehicles: tuple[VehicleId, ...]
    rows: tuple[tuple[int, ...], ...]
    separation_m: float | None
    """Least distance of two airborne vehicles within this second; None while fewer than two flew."""
    place: dict[str, float] = field(default_factory=dict)
    """What was measured of the place itself, by its name with its unit (sim/worlds/measure.py)."""

    def value(self, row: int, column: str) -> int:
        return self.rows[row][_AT[column]]

    @property
    def t_s(self) -> float:
        """Simulated seconds since the run began."""
        return self.at.mono_ns / NS_PER_S

    def row_of(self, vehicle: VehicleId) -> int:
        return self.vehicles.index(vehicle)

    def position(self, row: int) -> Enu:
        east, north, up = (self.value(row, name) / 1000 for name in ("east_mm", "north_mm", "up_mm"))
        return Enu(east_m=east, north_m=north, up_m=up)


class TrackUnreadable(ValueError):
    """There is no track, or it is none of ours."""


class Track:
    """Writes every second at once, for who looks on. A full disk costs seconds of the track, never the run."""

    def __init__(self, folder: Path) -> None:
        self.seconds_lost = 0
        self._db = sqlite3.connect(folder / FILE)
        with suppress(sqlite3.OperationalError), self._db:
            self._db.execute("PRAGMA synchronous=OFF")
            self._db.execute("PRAGMA journal_mode=MEMORY")
            self._db.execute(_SCHEMA)
            self._db.execute("DELETE FROM seconds")  # a life that is lived again is written again

    def write(self, second: Second) -> None:
        row = second.tick, msgspec.msgpack.encode(second)
        try:
            with self._db:
                self._db.execute("INSERT OR REPLACE INTO seconds VALUES(?,?)", row)
        except sqlite3.OperationalError:
            self.seconds_lost += 1

    def close(self) -> None:
        self._db.close()


def read(folder: Path) -> list[Second]:
    """In order of time; raises TrackUnreadable."""
    return _read(folder, "SELECT value FROM seconds ORDER BY tick")


def read_first(folder: Path) -> Second | None:
    """The oldest second; raises TrackUnreadable."""
    return next(iter(_read(folder, "SELECT value FROM seconds ORDER BY tick LIMIT 1")), None)


def read_last(folder: Path) -> Second | None:
    """The newest second so far, None before the first; raises TrackUnreadable."""
    return next(iter(_read(folder, "SELECT value FROM seconds ORDER BY tick DESC LIMIT 1")), None)


def _read(folder: Path, query: str) -> list[Second]:
    path = folder / FILE
    if not path.is_file():
        raise TrackUnreadable(f"{path} does not exist: name the report folder of a run of this release")
    decoder = msgspec.msgpack.Decoder(Second)
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            return [decoder.decode(value) for (value,) in db.execute(query)]
    except (sqlite3.Error, msgspec.ValidationError, msgspec.DecodeError) as error:
        raise TrackUnreadable(f"{path} is no track of a run: {error}") from error


def differing(one: Second, other: Second) -> Iterator[tuple[VehicleId, str, int, int]]:
    """Vehicle, column and both values where two seconds differ; vehicles that only one has are left out."""
    at = {vehicle: row for row, vehicle in enumerate(other.vehicles)}
    for row, vehicle in enumerate(one.vehicles):
        if vehicle in at:
            yield from _differing_rows(vehicle, one.rows[row], other.rows[at[vehicle]])


def _differing_rows(
    vehicle: VehicleId, one: Sequence[int], other: Sequence[int]
) -> Iterator[tuple[VehicleId, str, int, int]]:
    for name, mine, others in zip(COLUMNS, one, other, strict=True):
        if mine != others:
            yield vehicle, name, mine, others
