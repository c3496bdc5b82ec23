"""Attitudes as unit quaternions (w, x, y, z) that rotate body FRD into NED, as MAVLink's ATTITUDE_QUATERNION does."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quaternion:
    """Rotation from a body's FRD axes to NED."""

    w: float
    x: float
    y: float
    z: float

    @staticmethod
    def from_euler(*, roll_rad: float, pitch_rad: float, yaw_rad: float) -> "Quaternion":
        """Aerospace order: yaw about down, then pitch about right, then roll about forward."""
        cr, sr = math.cos(roll_rad / 2), math.sin(roll_rad / 2)
        cp, sp = math.cos(pitch_rad / 2), math.sin(pitch_rad / 2)
        cy, sy = math.cos(yaw_rad / 2), math.sin(yaw_rad / 2)
        return Quaternion(
            w=cr * cp * cy + sr * sp * sy,
            x=sr * cp * cy - cr * sp * sy,
            y=cr * sp * cy + sr * cp * sy,
            z=cr * cp * sy - sr * sp * cy,
        )

    def euler_rad(self) -> tuple[float, float, float]:
        """Roll, pitch, yaw."""
        roll = math.atan2(2 * (self.w * self.x + self.y * self.z), 1 - 2 * (self.x**2 + self.y**2))
        pitch = math.asin(max(-1.0, min(1.0, 2 * (self.w * self.y - self.z * self.x))))
        yaw = math.atan2(2 * (self.w * self.z + self.x * self.y), 1 - 2 * (self.y**2 + self.z**2))
        return roll, pitch, yaw

    def matrix(self) -> Floats:
        """3x3 rotation matrix: `ned = matrix() @ frd`."""
        w, x, y, z = self.w, self.x, self.y, self.z
        return np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
            ]
        )


def enu_from_ned(vector: Floats) -> Floats:
    """(..., 3) NED to (..., 3) ENU; the same swap goes back."""
    return np.stack([vector[..., 1], vector[..., 0], -vector[..., 2]], axis=-1)
