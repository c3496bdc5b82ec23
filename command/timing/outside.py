"""The other side of the door: how a live process (web server, CLI) talks to a participant in simulated time."""

import asyncio
from pathlib import Path

from command.timing.framing import FrameReader, framed

_PIECE_BYTES = 256 * 1024


class OutsideClient:
    """Frames over a Unix socket, in ordinary asyncio."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._stream, self._writer = reader, writer
        self._frames: list[bytes] = []
        self._reader = FrameReader()

    @classmethod
    async def connect(cls, path: str | Path) -> "OutsideClient":
        """Raises OSError when nobody listens."""
        return cls(*await asyncio.open_unix_connection(str(path)))

    async def send(self, data: bytes) -> None:
        self._writer.write(framed(data))
        await self._writer.drain()

    async def receive(self) -> bytes | None:
        """The next frame; None when the participant left."""
        while not self._frames:
            piece = await self._stream.read(_PIECE_BYTES)
            if not piece:
                return None
            self._frames += self._reader.feed(piece)
        return self._frames.pop(0)

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()
