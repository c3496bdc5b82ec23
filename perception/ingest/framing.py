"""An RTSP connection's bytes to replies and interleaved packets (RFC 2326, 10.12), skipping what is neither."""

from dataclasses import dataclass

from perception.ingest.unit import IngestCounters

_MAX_HEAD_BYTES = 16_384
_MAX_BODY_BYTES = 65_536
_SHORTEST_PACKET = 8
"""An RTCP packet is at least a header and an SSRC (RFC 3550, 6.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An RTSP response; header names are lower case."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One interleaved RTP or RTCP packet."""

    channel: int
    payload: bytes


class Framer:
    """Feed it bytes as they come; it returns whole replies and packets and keeps the rest."""

    def __init__(self, counters: IngestCounters, *, channels: int = 2) -> None:
        self._counters = counters
        self._channels = channels
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Reply | Packet]:
        self._buffer += data
        found: list[Reply | Packet] = []
        item: Reply | Packet | None
        while self._buffer:
            if self._buffer[0] == 0x24:
                item, used = self._packet()
            elif b"RTSP/1.".startswith(self._buffer[:7]):
                item, used = self._reply()
            else:
                item, used = None, -1
            if used == 0:
                break
            if used < 0:
                self._skip_garbage()
                continue
            del self._buffer[:used]
            if item is not None:
                found.append(item)
        return found

    def _packet(self) -> tuple[Packet | None, int]:
        """The packet and bytes used; 0 used: wait for more; -1: these bytes are no packet."""
        head = self._buffer
        if len(head) < 5:
            return None, 0
        size = int.from_bytes(head[2:4], "big")
        if head[1] >= self._channels or size < _SHORTEST_PACKET or head[4] >> 6 != 2:
            return None, -1
        if len(head) < 4 + size:
            return None, 0
        return Packet(channel=head[1], payload=bytes(head[4 : 4 + size])), 4 + size

    def _reply(self) -> tuple[Reply | None, int]:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None, -1 if len(self._buffer) > _MAX_HEAD_BYTES else 0
        lines = self._buffer[:end].decode("utf-8", "replace").split("\r\n")
        words = lines[0].split(" ", 2)
        pairs = (line.split(":", 1) for line in lines[1:] if ":" in line)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        length = headers.get("content-length", "0")
        if len(words) < 2 or not words[1].isdecimal() or not length.isdecimal() or int(length) > _MAX_BODY_BYTES:
            return None, -1
        whole = end + 4 + int(length)
        if len(self._buffer) < whole:
            return None, 0
        reason = words[2] if len(words) > 2 else ""
        body = bytes(self._buffer[end + 4 : whole])
        return Reply(status=int(words[1]), reason=reason, headers=headers, body=body), whole

    def _skip_garbage(self) -> None:
        """Drop the first byte and all up to the next byte that may begin something."""
        starts = [at for at in (self._buffer.find(b"$", 1), self._buffer.find(b"R", 1)) if at > 0]
        drop = min(starts) if starts else len(self._buffer)
        self._counters.garbage_bytes += drop
        del self._buffer[:drop]
