"""What a fixed forward-down camera sees of the ground: pinhole geometry without distortion."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from missions.model import VehicleOffer

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """Half opening angles as tangents, and the pitch of the optical axis below the horizon (positive down)."""

    half_width: float
    half_height: float
    down_rad: float

    @property
    def lower_edge_rad(self) -> float:
        return self.down_rad + math.atan(self.half_height)

    @property
    def upper_edge_rad(self) -> float:
        return self.down_rad - math.atan(self.half_height)

    def reach_m(self, height_m: float) -> float:
        """Distance ahead of the far edge of the footprint on flat ground."""
        return height_m / math.tan(self.upper_edge_rad)

    def corner_reach_m(self, height_m: float) -> float:
        """Distance of the far corners of the footprint on flat ground."""
        far_m = self.reach_m(height_m)
        return math.hypot(far_m, self.width_at_m(height_m, far_m) / 2)

    def width_at_m(self, height_m: float, ahead_m: float) -> float:
        """Width of the footprint on flat ground `ahead_m` in front of the vehicle."""
        depth_m = ahead_m * math.cos(self.down_rad) + height_m * math.sin(self.down_rad)
        return 2 * self.half_width * depth_m

    def centre_ahead_m(self, height_m: float) -> float:
        return height_m / math.tan(self.down_rad)

    def window_m(self, height_m: float, lateral_m: float) -> tuple[float, float]:
        """Nearest and farthest distance ahead at which a ground point `lateral_m` off the track is in view; empty if
        near >= far."""
        nearest_m = height_m / math.tan(self.lower_edge_rad)
        depth_m = lateral_m / self.half_width
        widest_m = (depth_m - height_m * math.sin(self.down_rad)) / math.cos(self.down_rad)
        return max(nearest_m, widest_m), self.reach_m(height_m)

    def sees(self, at: Floats, heading_rad: Floats, points: Floats, *, margin_m: float = 0.0) -> Bools:
        """(n, 3) camera positions, (n,) headings and (m, 3) ground points, ENU, to (n, m): which images show which
        points.

        `margin_m` shrinks every image sideways and lengthwise, as an allowance for position errors.
        """
        offset = points[None, :, :] - at[:, None, :]
        sin_h, cos_h = np.sin(heading_rad)[:, None], np.cos(heading_rad)[:, None]
        ahead = offset[..., 0] * sin_h + offset[..., 1] * cos_h
        right = offset[..., 0] * cos_h - offset[..., 1] * sin_h
        below = -offset[..., 2]
        depth = ahead * math.cos(self.down_rad) + below * math.sin(self.down_rad)
        drop = below * math.cos(self.down_rad) - ahead * math.sin(self.down_rad)
        inside = (np.abs(right) + margin_m <= self.half_width * depth) & (
            np.abs(drop) + margin_m * math.sin(self.down_rad) <= self.half_height * depth
        )
        return np.asarray(inside & (depth > 0))


def camera_of(offer: VehicleOffer) -> Camera | None:
    """The search camera of an offer, or None when it has none that looks down far enough to have a footprint."""
    fields = (offer.camera_hfov_deg, offer.camera_width_px, offer.camera_height_px, offer.camera_pitch_deg)
    hfov_deg, width_px, height_px, pitch_deg = fields
    if hfov_deg is None or width_px is None or height_px is None or pitch_deg is None:
        return None
    half_width = math.tan(math.radians(hfov_deg) / 2)
    camera = Camera(
        half_width=half_width, half_height=half_width * height_px / width_px, down_rad=math.radians(-pitch_deg)
    )
    return camera if camera.upper_edge_rad > 0.1 and camera.lower_edge_rad < math.pi / 2 - 0.02 else None
