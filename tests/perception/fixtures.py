"""What the perception tests share: announced images, lenses, a plain field and a bus that remembers."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fleet.model import CameraLens, ImageCaptured
from world.attitude import Quaternion
from world.ids import StreamId, VehicleId
from world.position import Enu, Geodetic, LocalFrame
from world.terrain import Terrain
from world.time import Instant

START_NS = 1_790_000_000_000_000_000
FRAME = LocalFrame(Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=750.0))
NOW = Instant(mono_ns=0, utc_ns=START_NS)
SIZE_PX = (320, 256)


def field_terrain() -> Terrain:
    return Terrain(west_m=-300, south_m=-300, cell_m=10, heights_m=np.zeros((61, 61), np.float32))


def lens(vehicle: str, spectrum: str) -> CameraLens:
    return CameraLens(
        stream=StreamId(f"{vehicle}/{spectrum}"),
        vehicle=VehicleId(vehicle),
        width_px=SIZE_PX[0],
        height_px=SIZE_PX[1],
        hfov_deg=35.0,
        pitch_deg=-45.0,
        spectrum=spectrum,
    )


def image(vehicle: str = "U01", index: int = 0, *, after_ms: float = 0.0, north_m: float = 0.0) -> ImageCaptured:
    """40 m above the field, looking north, 45 degrees down."""
    return ImageCaptured(
        vehicle=VehicleId(vehicle),
        index=index,
        utc_ns=START_NS + round(after_ms * 1e6),
        position=FRAME.to_geodetic(Enu(east_m=0.0, north_m=north_m, up_m=40.0)),
        attitude=Quaternion.from_euler(roll_rad=0.0, pitch_rad=-math.pi / 4, yaw_rad=0.0),
    )


@dataclass(slots=True)
class RememberingBus:
    """Delivers at once and keeps everything published, by topic."""

    published: list[tuple[str, Any]] = field(default_factory=list)
    handlers: dict[str, list[Callable[[Any], None]]] = field(default_factory=dict)

    def publish(self, topic: str, value: Any) -> None:
        self.published.append((topic, value))
        for handler in self.handlers.get(topic, []):
            handler(value)

    def subscribe(self, topic: str, handler: Callable[[Any], None]) -> None:
        self.handlers.setdefault(topic, []).append(handler)

    def on(self, topic: str) -> list[Any]:
        return [value for name, value in self.published if name == topic]
