"""H.264 from pictures, one encoder per stream: baseline, no delay, one thread; same pictures, same bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
import numpy.typing as npt
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame

from sim.video.nal import ParameterSets, parameter_sets, split_nals
from sim.video.rtp import CLOCK_HZ

Bytes = npt.NDArray[np.uint8]

QP: Final = 23
"""Constant quantiser (key frames get 3 less): unlike a rate control it has no memory that a restart would lose."""
_LONGEST_RUN: Final = 60
"""Frames between key frames of a live stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessUnit:
    """One encoded picture in Annex B form; key units carry their parameter sets."""

    data: bytes
    is_key: bool


class H264Encoder:
    """Encodes (h, w, 3) RGB or (h, w) grey pictures of one size, at whatever times they come."""

    def __init__(self, width_px: int, height_px: int, *, qp: int = QP, fps: int = 10) -> None:
        context = av.CodecContext.create("libx264", "w")
        context.width, context.height, context.pix_fmt = width_px, height_px, "yuv420p"
        context.time_base = Fraction(1, CLOCK_HZ)
        context.framerate = Fraction(fps, 1)
        context.gop_size, context.max_b_frames, context.thread_count = _LONGEST_RUN, 0, 1
        context.options = {
            "preset": "veryfast",
            "tune": "zerolatency",
            "profile": "baseline",
            "qp": str(qp),
            "forced-idr": "1",
            "x264-params": "repeat-headers=1:sliced-threads=0:scenecut=0",
        }
        self._context = context
        self._first_ns: int | None = None
        self._last_pts = -1

    def encode(self, picture: Bytes, utc_ns: int, *, is_key: bool = False) -> AccessUnit:
        """One picture in, its access unit out at once; times must rise."""
        frame = VideoFrame.from_ndarray(picture, format="rgb24" if picture.ndim == 3 else "gray")
        frame = frame.reformat(format="yuv420p")
        if self._first_ns is None:
            self._first_ns = utc_ns
        self._last_pts = max((utc_ns - self._first_ns) * CLOCK_HZ // 1_000_000_000, self._last_pts + 1)
        frame.pts, frame.time_base = self._last_pts, Fraction(1, CLOCK_HZ)
        frame.pict_type = PictureType.I if is_key else PictureType.NONE
        return _joined(self._context.encode(frame))


@cache
def headers_for(width_px: int, height_px: int) -> ParameterSets:
    """Parameter sets that an encoder of this size writes, known before its first picture."""
    unit = H264Encoder(width_px, height_px).encode(np.zeros((height_px, width_px), np.uint8), 0, is_key=True)
    sets = parameter_sets(split_nals(unit.data))
    assert sets is not None, "libx264 repeats its headers before every key frame"
    return sets


def _joined(packets: "list[Packet[Any]]") -> AccessUnit:
    return AccessUnit(data=b"".join(bytes(packet) for packet in packets), is_key=any(p.is_keyframe for p in packets))


def transcode(path: Path) -> Iterator[tuple[float, AccessUnit]]:
    """A film file as H.264 access units with their seconds from the start. Raises av.FFmpegError."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        width, height = stream.width // 2 * 2, stream.height // 2 * 2
        encoder = H264Encoder(width, height)
        for number, frame in enumerate(container.decode(stream)):
            at_s = frame.time if frame.time is not None else number / float(stream.average_rate or 25)
            picture = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
            yield at_s, encoder.encode(np.asarray(picture, np.uint8), round(at_s * 1e9))
