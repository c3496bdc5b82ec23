"""Distances and bearings between nearby geodetic positions: flat earth, good to 1e-5 over a sortie's kilometres."""

import math

from world.position import Geodetic

# Mean radius of WGS-84 (IUGG R1).
EARTH_M = 6_371_008.8


def offsets_m(start: Geodetic, end: Geodetic) -> tuple[float, float]:
    """North and east from start to end."""
    north_m = math.radians(end.lat_deg - start.lat_deg) * EARTH_M
    middle_rad = math.radians((start.lat_deg + end.lat_deg) / 2)
    return north_m, math.radians(end.lon_deg - start.lon_deg) * EARTH_M * math.cos(middle_rad)


def apart_m(start: Geodetic, end: Geodetic) -> float:
    """Straight distance; heights must share their reference."""
    north_m, east_m = offsets_m(start, end)
    return math.hypot(north_m, east_m, end.height_m - start.height_m)


def bearing_deg(start: Geodetic, end: Geodetic) -> float:
    north_m, east_m = offsets_m(start, end)
    return math.degrees(math.atan2(east_m, north_m)) % 360.0


def turn_deg(start_deg: float, end_deg: float) -> float:
    """The shorter turn between two headings, 0 to 180."""
    return abs((end_deg - start_deg + 180.0) % 360.0 - 180.0)
