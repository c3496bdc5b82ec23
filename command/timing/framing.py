"""Length-prefixed frames over a byte stream: local streams, outside clients and the control protocol."""

import struct
from collections.abc import Iterator

from command.timing.errors import FrameTooLong

_LENGTH = struct.Struct("!I")
LONGEST_FRAME_BYTES = 64 * 1024 * 1024


def framed(payload: bytes) -> bytes:
    return _LENGTH.pack(len(payload)) + payload


class FrameReader:
    """Reassembles frames from whatever pieces the socket gives."""

    def __init__(self, longest_bytes: int = LONGEST_FRAME_BYTES) -> None:
        self._longest_bytes = longest_bytes
        self._buffer = bytearray()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yields every frame that is now whole; raises FrameTooLong on an absurd length."""
        self._buffer += piece
        at = 0
        while len(self._buffer) - at >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer, at)
            if length > self._longest_bytes:
                raise FrameTooLong(f"a frame of {length} bytes was announced, {self._longest_bytes} are allowed")
            end = at + _LENGTH.size + length
            if end > len(self._buffer):
                break
            frame = bytes(self._buffer[at + _LENGTH.size : end])
            at = end
            yield frame
        del self._buffer[:at]
