"""Compile the byte loops before the first real message needs them (seconds once, then read from disk)."""

import numpy as np

from fleet.wire.batch import BatchPacker
from fleet.wire.bulk import BulkDecoder


def compile_loops() -> None:
    """To be called while a service starts; tests and one-shot tools do not need it."""
    one = np.ones(1, dtype=np.uint8)
    packed = BatchPacker("MISSION_CURRENT", 1).pack({"seq": 1}, sysids=one, compid=1, seqs=one.copy())
    BulkDecoder().read(packed.data * 100)
