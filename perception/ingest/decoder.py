"""Access units of one stream to pictures, one thread, one picture per unit."""

from dataclasses import dataclass
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.error import FFmpegError

from perception.ingest.unit import AccessUnit

Bgr = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """A decoded picture; colours are converted only when somebody looks."""

    utc_ns: int
    frame: Any

    def bgr(self) -> Bgr:
        """(height, width, 3) uint8."""
        return np.ascontiguousarray(self.frame.to_ndarray(format="bgr24"))

    def grey(self) -> Bgr:
        """(height, width) uint8: the luma plane."""
        return np.ascontiguousarray(self.frame.to_ndarray(format="gray"))


class H264Decoder:
    """Decodes whole units in order. Damaged units are skipped; decoding goes on at the next whole IDR unit."""

    def __init__(self) -> None:
        self._codec = av.CodecContext.create("h264", "r")
        self._codec.thread_count = 1
        self._codec.flags |= av.codec.context.Flags.low_delay
        self._times: dict[int, int] = {}
        self._count = 0
        self._waits_for_key = True
        self.failures = 0

    def decode(self, unit: AccessUnit) -> list[DecodedFrame]:
        """The pictures this unit completes: one, or none when it cannot be decoded."""
        if unit.is_damaged or (self._waits_for_key and not unit.is_key):
            self._waits_for_key = True
            return []
        self._waits_for_key = False
        packet = av.Packet(unit.data)
        packet.pts = packet.dts = self._count
        self._times[self._count] = unit.utc_ns
        self._count += 1
        try:
            frames = self._codec.decode(packet)
        except FFmpegError:
            self.failures += 1
            self._waits_for_key = True
            return []
        dated = [frame for frame in frames if frame.pts is not None and frame.pts in self._times]
        return [DecodedFrame(self._times.pop(frame.pts), frame) for frame in dated if frame.pts is not None]
