"""One hash per simulated second: equal hashes mean equal histories, over processes and over both back ends."""

from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.engine.columns import Columns

_QUANTA: Final = (("pos", 1e3), ("vel", 1e3), ("yaw", 1e4), ("energy_j", 1.0), ("error", 1e3), ("wind", 1e3))
"""Quantised (mm, mm/s, 0.1 mrad, J), so that rounding of the last bit in sines cannot show."""


def state_hash(tick: int, columns: Columns, minds: npt.NDArray[np.int64]) -> str:
    """32 hex digits over what physics and autopilots (`minds`: their modes and so on as integers) are at a tick."""
    digest = blake2b(tick.to_bytes(8, "little"), digest_size=16)
    for name, per_unit in _QUANTA:
        digest.update(np.rint(getattr(columns, name) * per_unit).astype("<i8").tobytes())
    digest.update(columns.drive.tobytes())
    digest.update(columns.on_ground.tobytes())
    digest.update(minds.astype("<i8").tobytes())
    return digest.hexdigest()
