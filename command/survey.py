"""The incident's ground as operators have it: the survey grid of `terrain.npz` and where on earth it lies."""

import os
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from world.position import Geodetic, LocalFrame
from world.terrain import Terrain


class SurveyUnreadable(ValueError):
    """The terrain file is missing or is no survey of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Terrain with the frame it is in."""

    terrain: Terrain
    frame: LocalFrame

    def corners_lon_lat(self) -> list[list[float]]:
        """North-west, north-east, south-east, south-west: the order MapLibre wants of an image."""
        ground = self.terrain
        east = np.array([ground.west_m, ground.east_m, ground.east_m, ground.west_m])
        north = np.array([ground.north_m, ground.north_m, ground.south_m, ground.south_m])
        lat_deg, lon_deg = self.frame.from_plane(east, north)
        return [[float(lon), float(lat)] for lon, lat in zip(lon_deg, lat_deg, strict=True)]


def save_survey(path: Path, survey: Survey) -> None:
    """Durable on return."""
    ground, origin = survey.terrain, survey.frame.origin
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            heights_m=ground.heights_m,
            west_m=ground.west_m,
            south_m=ground.south_m,
            cell_m=ground.cell_m,
            origin_lat_deg=origin.lat_deg,
            origin_lon_deg=origin.lon_deg,
            origin_height_m=origin.height_m,
        )
        file.flush()
        os.fsync(file.fileno())


def load_survey(path: Path) -> Survey:
    """Read `terrain.npz`; raises SurveyUnreadable naming the file."""
    try:
        with np.load(path, allow_pickle=False) as data:
            terrain = Terrain(
                west_m=float(data["west_m"]),
                south_m=float(data["south_m"]),
                cell_m=float(data["cell_m"]),
                heights_m=np.asarray(data["heights_m"], np.float32),
            )
            origin = Geodetic(
                lat_deg=float(data["origin_lat_deg"]),
                lon_deg=float(data["origin_lon_deg"]),
                height_m=float(data["origin_height_m"]),
            )
    except (OSError, KeyError, ValueError, BadZipFile) as error:
        raise SurveyUnreadable(f"{path} is not a terrain survey: {error}") from error
    return Survey(terrain=terrain, frame=LocalFrame(origin))
