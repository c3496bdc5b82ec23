"""Where things are: geodetic positions with their height reference, and the one converter to a local ENU frame."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

Floats = npt.NDArray[np.float64]


class HeightRef(StrEnum):
    """What a height is measured from."""

    AMSL = "amsl"
    ELLIPSOID = "ellipsoid"
    HOME = "home"
    AGL = "agl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Geodetic:
    """WGS-84 latitude and longitude with a height that says what it is measured from."""

    lat_deg: float
    lon_deg: float
    height_m: float
    height_ref: HeightRef = HeightRef.AMSL


@dataclass(frozen=True, slots=True, kw_only=True)
class Enu:
    """Metres east, north and up of a local frame's origin; `up_m` is AMSL minus the origin's AMSL height."""

    east_m: float
    north_m: float
    up_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ned:
    """North, east, down: velocities on the MAVLink side of the house."""

    north: float
    east: float
    down: float


class LocalFrame:
    """ENU frame of one incident: horizontal plane by a transverse Mercator centred on the origin.

    Scale error at 10 km from the origin is 1.2e-6 (d**2 / 2R**2), so that metres are metres over an incident.
    Heights are AMSL differences. Source: PROJ `tmerc` with k_0 = 1.
    """

    def __init__(self, origin: Geodetic) -> None:
        if origin.height_ref is not HeightRef.AMSL:
            raise ValueError(f"the origin of a local frame needs an AMSL height, not {origin.height_ref}")
        self.origin = origin
        plane = f"+proj=tmerc +lat_0={origin.lat_deg!r} +lon_0={origin.lon_deg!r} +k_0=1 +ellps=WGS84 +units=m +no_defs"
        self._forward = Transformer.from_crs("EPSG:4326", plane, always_xy=True)

    def to_enu(self, at: Geodetic) -> Enu:
        east_m, north_m = self._forward.transform(at.lon_deg, at.lat_deg)
        return Enu(east_m=east_m, north_m=north_m, up_m=at.height_m - self.origin.height_m)

    def to_geodetic(self, at: Enu) -> Geodetic:
        lon_deg, lat_deg = self._forward.transform(at.east_m, at.north_m, direction="INVERSE")
        return Geodetic(lat_deg=lat_deg, lon_deg=lon_deg, height_m=at.up_m + self.origin.height_m)

    def to_plane(self, lat_deg: Floats, lon_deg: Floats) -> tuple[Floats, Floats]:
        """Arrays of degrees to arrays of east and north metres."""
        east_m, north_m = self._forward.transform(lon_deg, lat_deg)
        return np.asarray(east_m, float), np.asarray(north_m, float)

    def from_plane(self, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats]:
        """Arrays of metres to arrays of latitude and longitude degrees."""
        lon_deg, lat_deg = self._forward.transform(east_m, north_m, direction="INVERSE")
        return np.asarray(lat_deg, float), np.asarray(lon_deg, float)
