"""The bytes between Gazebo and us, version 1: packed, little-endian. Twin of plugin/wire.h; golden bytes hold both."""

from dataclasses import dataclass
from struct import Struct
from typing import Final

import numpy as np
import numpy.typing as npt

LINK_MAGIC: Final = 0x4C5A4754
IMAGE_MAGIC: Final = 0x495A4754
VERSION: Final = 1
STATE, COMMAND = 1, 2
RGB8: Final = 1
MOST_VEHICLES: Final = 500

HEADER: Final = Struct("<IHHQqII")
IMAGE: Final = Struct("<IHHIIIIq3d4d")
STATE_ROW: Final = np.dtype([
    ("position_m", "<f8", 3), ("attitude", "<f8", 4), ("velocity_m_s", "<f8", 3), ("rate_rad_s", "<f8", 3),
    ("touches", "<u4"), ("spare", "<u4"),
])
"""ENU; quaternion w x y z, body FLU to ENU; rates in FLU; `touches`: contacts of the body in the last step."""
COMMAND_ROW: Final = np.dtype([("force_n", "<f8", 3), ("torque_nm", "<f8", 3), ("push_n", "<f8", 3)])
"""Force and torque in the body (FLU) and a push in ENU, all at the centre of mass."""

States = npt.NDArray[np.void]
Commands = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where everything was at a simulated time. `seq` names the step that the answer must name, too."""

    seq: int
    t_ns: int
    states: States


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageHeader:
    """Before the pixels. The lens (x ahead, y left, z up) as it was when the picture was drawn."""

    camera: int
    width_px: int
    height_px: int
    size_bytes: int
    t_ns: int
    position_m: tuple[float, float, float]
    attitude: tuple[float, float, float, float]


def decode_step(data: bytes) -> Step | None:
    """None for what is no state of this version."""
    if len(data) < HEADER.size:
        return None
    magic, version, kind, seq, t_ns, count, _ = HEADER.unpack_from(data)
    if (magic, version, kind) != (LINK_MAGIC, VERSION, STATE):
        return None
    if len(data) != HEADER.size + count * STATE_ROW.itemsize:
        return None
    return Step(seq=seq, t_ns=t_ns, states=np.frombuffer(data, STATE_ROW, count, HEADER.size))


def encode_commands(step: Step, commands: Commands) -> bytes:
    """The answer to a step: one COMMAND_ROW per vehicle, in its order."""
    return HEADER.pack(LINK_MAGIC, VERSION, COMMAND, step.seq, step.t_ns, len(commands), 0) + commands.tobytes()


def decode_image(data: bytes) -> ImageHeader | None:
    """From IMAGE.size bytes; None for what is no picture of this version, or none of the size it says."""
    magic, version, form, camera, width, height, size, t_ns, *pose = IMAGE.unpack(data)
    if (magic, version, form) != (IMAGE_MAGIC, VERSION, RGB8) or size != 3 * width * height:
        return None
    east, north, up, w, x, y, z = pose
    return ImageHeader(
        camera=camera, width_px=width, height_px=height, size_bytes=size, t_ns=t_ns, position_m=(east, north, up),
        attitude=(w, x, y, z),
    )
