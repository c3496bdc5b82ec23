"""What a camera is, where it was, what it saw. Pixels are continuous: (0, 0) is the image's left-top corner."""

from dataclasses import dataclass
from math import radians, tan

import numpy as np
import numpy.typing as npt

from sim.scenarios.model import CameraSpec
from world.attitude import Quaternion, enu_from_ned
from world.position import Enu

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """A pinhole with square pixels and its principal point in the middle; no distortion."""

    width_px: int
    height_px: int
    hfov_deg: float

    @staticmethod
    def of(spec: CameraSpec) -> "Lens":
        return Lens(width_px=spec.width_px, height_px=spec.height_px, hfov_deg=spec.hfov_deg)

    @property
    def focal_px(self) -> float:
        return self.width_px / 2 / tan(radians(self.hfov_deg) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPose:
    """Where a camera is; `attitude` turns camera FRD (forward = optical axis, right, down in the image) into NED."""

    position: Enu
    attitude: Quaternion

    def axes(self) -> Floats:
        """(3, 3) ENU unit vectors: rows forward, image right, image down."""
        return np.ascontiguousarray(enu_from_ned(self.attitude.matrix().T))

    def origin(self) -> Floats:
        return np.array([self.position.east_m, self.position.north_m, self.position.up_m])


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """What one exposure is called: the noise of a picture depends on these and on the world's seed only."""

    vehicle: str
    frame: int
    utc_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """Truth about one person in a picture: box of the whole figure, hidden parts too, clipped to the frame."""

    person: str
    left_px: float
    top_px: float
    right_px: float
    bottom_px: float
    visible: float
    """Part of the figure's area, in or out of the frame, that no tree or hill covers and that lies in the frame."""
    shown_px: tuple[float, float, float, float] | None
    """Left, top, right, bottom of that part; None when nothing shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One exposure of the twin camera: rgb (h, w, 3), thermal (h, w) on the fixed scale of `worlds.ground`."""

    rgb: Bytes
    thermal: Bytes
    annotations: tuple[Annotation, ...]


def project(pose: CameraPose, lens: Lens, point: Floats) -> tuple[float, float, float]:
    """Pixel (right, down) of an ENU point and its depth along the optical axis; depth <= 0 lies behind the camera."""
    depth, right, down = pose.axes() @ (point - pose.origin())
    return (
        lens.width_px / 2 + lens.focal_px * right / depth,
        lens.height_px / 2 + lens.focal_px * down / depth,
        float(depth),
    )
