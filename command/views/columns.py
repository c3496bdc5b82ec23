"""Snapshots travel as columns: one list per field, row i of every list speaks of the same thing."""

from collections.abc import Iterable, Mapping
from typing import Any

from world.position import Geodetic

Columns = dict[str, list[Any]]
Snapshot = dict[str, Any]

NS_PER_MS = 1_000_000


def to_columns(rows: Iterable[Mapping[str, Any]], names: Iterable[str]) -> Columns:
    """Turn rows with the same keys into lists per key; no rows give empty lists, never missing ones."""
    columns: Columns = {name: [] for name in names}
    for row in rows:
        for name, values in columns.items():
            values.append(row[name])
    return columns


def utc_ms(utc_ns: int) -> float:
    """JavaScript's unit of time: 2**53 ns would be in 1970."""
    return utc_ns / NS_PER_MS


def lon_lat(points: Iterable[Geodetic]) -> list[list[float]]:
    """GeoJSON order."""
    return [[point.lon_deg, point.lat_deg] for point in points]
