"""The screen's line to the hub: a Unix stream of bus frames, each behind its big-endian length."""

import asyncio
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from command.bus.codec import BadFrame, decode_frame, decode_value, encode_frame, encode_value
from world.time import Clock

_LENGTH = struct.Struct("!I")
LONGEST_FRAME_BYTES = 16 << 20
_RETRY_S = 0.5


class HubOffline(ConnectionError):
    """Nothing can be sent: the hub's socket is not connected."""


class FrameTooLong(ConnectionError):
    """A length no topic can have: the stream is out of step and must be opened again."""


def framed(frame: bytes) -> bytes:
    return _LENGTH.pack(len(frame)) + frame


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """Raises FrameTooLong and IncompleteReadError."""
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    if length > LONGEST_FRAME_BYTES:
        raise FrameTooLong(f"a frame of {length} bytes was announced, {LONGEST_FRAME_BYTES} are allowed")
    return await reader.readexactly(length)


class HubClient:
    """Keeps a connection to the hub, which tells all topics and repeats its record on every connect."""

    def __init__(
        self,
        *,
        path: Path,
        clock: Clock,
        on_connect: Callable[[], None],
        on_value: Callable[[str, Any], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._path = path
        self._clock = clock
        self._on_connect = on_connect
        self._on_value = on_value
        self._on_lost = on_lost
        self._writer: asyncio.StreamWriter | None = None
        self.bad_frames = 0

    @property
    def is_connected(self) -> bool:
        return self._writer is not None

    async def run(self) -> None:
        """Connect, read until the stream ends, wait, connect again; until cancelled."""
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(str(self._path))
            except OSError:
                await self._clock.sleep(_RETRY_S)
                continue
            await self._attend(reader, writer)
            await self._clock.sleep(_RETRY_S)

    def publish(self, topic: str, value: Any) -> None:
        """Hand a value to the hub; raises HubOffline."""
        if self._writer is None:
            raise HubOffline("The command centre's hub is not connected; nothing was sent.")
        self._writer.write(framed(encode_frame(topic, encode_value(topic, value))))

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._on_connect()
        try:
            while True:
                self._take(await read_frame(reader))
        except FrameTooLong:
            self.bad_frames += 1
        except (asyncio.IncompleteReadError, OSError):
            return  # the hub ended: `run` connects again
        finally:
            self._writer = None
            self._on_lost()
            writer.close()

    def _take(self, frame: bytes) -> None:
        try:
            topic, payload = decode_frame(frame)
            value = decode_value(topic, payload)
        except BadFrame:
            self.bad_frames += 1
        else:
            self._on_value(topic, value)
