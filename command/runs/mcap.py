"""Writes MCAP, the container that robotics viewers open: messages in indexed chunks (mcap.dev/spec, version 0)."""

import struct
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from zlib import crc32

MAGIC = b"\x89MCAP0\r\n"
CHUNK_BYTES = 1 << 20


class Op(IntEnum):
    HEADER = 0x01
    FOOTER = 0x02
    SCHEMA = 0x03
    CHANNEL = 0x04
    MESSAGE = 0x05
    CHUNK = 0x06
    MESSAGE_INDEX = 0x07
    CHUNK_INDEX = 0x08
    STATISTICS = 0x0B
    METADATA = 0x0C
    METADATA_INDEX = 0x0D
    SUMMARY_OFFSET = 0x0E
    DATA_END = 0x0F


@dataclass(slots=True)
class _Chunk:
    """What was said since the last chunk was closed."""

    records: bytearray = field(default_factory=bytearray)
    start_ns: int = 0
    end_ns: int = 0
    index: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """Per channel: log time and offset in the uncompressed records."""


class McapWriter:
    """A context manager. `channel` first, then `say`; times never go back within a channel, nor need they overall."""

    def __init__(self, path: Path, *, library: str) -> None:
        self._file = path.open("wb")
        self._at = 0
        self._schemas: dict[int, bytes] = {}
        self._channels: dict[int, bytes] = {}
        self._counts: Counter[int] = Counter()
        self._chunk = _Chunk()
        self._chunk_indexes: list[bytes] = []
        self._metadata_indexes: list[bytes] = []
        self._span_ns: tuple[int, int] | None = None
        self._data_crc = 0
        self._put(MAGIC)
        self._put(_record(Op.HEADER, _text("") + _text(library)))

    def channel(self, topic: str, *, schema: str, definition: bytes) -> int:
        """A topic whose messages are JSON objects by this JSON Schema."""
        number = len(self._channels) + 1
        shape = struct.pack("<H", number) + _text(schema) + _text("jsonschema") + _bytes(definition)
        self._schemas[number] = _record(Op.SCHEMA, shape)
        body = struct.pack("<HH", number, number) + _text(topic) + _text("json") + _map({})
        self._channels[number] = _record(Op.CHANNEL, body)
        self._chunk.records += self._schemas[number] + self._channels[number]
        return number

    def say(self, channel: int, at_ns: int, payload: bytes) -> None:
        chunk = self._chunk
        if not chunk.index:
            chunk.start_ns = chunk.end_ns = at_ns
        chunk.start_ns, chunk.end_ns = min(chunk.start_ns, at_ns), max(chunk.end_ns, at_ns)
        chunk.index.setdefault(channel, []).append((at_ns, len(chunk.records)))
        head = struct.pack("<HIQQ", channel, self._counts[channel], at_ns, at_ns)
        chunk.records += _record(Op.MESSAGE, head + payload)
        self._counts[channel] += 1
        low, high = self._span_ns or (at_ns, at_ns)
        self._span_ns = min(low, at_ns), max(high, at_ns)
        if len(chunk.records) >= CHUNK_BYTES:
            self._close_chunk()

    def metadata(self, name: str, values: Mapping[str, str]) -> None:
        record = _record(Op.METADATA, _text(name) + _map(values))
        self._metadata_indexes.append(
            _record(Op.METADATA_INDEX, struct.pack("<QQ", self._at, len(record)) + _text(name))
        )
        self._put(record)

    def _close_chunk(self) -> None:
        chunk, self._chunk = self._chunk, _Chunk()
        if not chunk.records:
            return
        records = bytes(chunk.records)
        start = self._at
        head = struct.pack("<QQQI", chunk.start_ns, chunk.end_ns, len(records), crc32(records))
        whole = _record(Op.CHUNK, head + _text("") + struct.pack("<Q", len(records)) + records)
        self._put(whole)
        indexed = self._at
        offsets = b""
        for channel, entries in chunk.index.items():
            offsets += struct.pack("<HQ", channel, self._at)
            listed = b"".join(struct.pack("<QQ", *entry) for entry in entries)
            self._put(_record(Op.MESSAGE_INDEX, struct.pack("<H", channel) + _bytes(listed)))
        span = struct.pack("<QQQQ", chunk.start_ns, chunk.end_ns, start, len(whole))
        sizes = struct.pack("<QQ", len(records), len(records))
        index = span + _bytes(offsets) + struct.pack("<Q", self._at - indexed) + _text("") + sizes
        self._chunk_indexes.append(_record(Op.CHUNK_INDEX, index))

    def close(self) -> None:
        """The index of everything, and the end."""
        self._close_chunk()
        self._put(_record(Op.DATA_END, struct.pack("<I", self._data_crc)))
        start = self._at
        groups: list[tuple[Op, Iterable[bytes]]] = [
            (Op.SCHEMA, self._schemas.values()),
            (Op.CHANNEL, self._channels.values()),
            (Op.STATISTICS, [self._statistics()]),
            (Op.CHUNK_INDEX, self._chunk_indexes),
            (Op.METADATA_INDEX, self._metadata_indexes),
        ]
        summary, offsets = b"", b""
        for op, records in groups:
            whole = b"".join(records)
            if whole:
                entry = struct.pack("<BQQ", op, start + len(summary), len(whole))
                offsets += _record(Op.SUMMARY_OFFSET, entry)
                summary += whole
        footer = struct.pack("<BQQQ", Op.FOOTER, 20, start, start + len(summary))
        crc = crc32(summary + offsets + footer)
        self._put(summary + offsets + footer + struct.pack("<I", crc) + MAGIC)
        self._file.close()

    def _statistics(self) -> bytes:
        low, high = self._span_ns or (0, 0)
        counts = b"".join(struct.pack("<HQ", channel, count) for channel, count in sorted(self._counts.items()))
        head = struct.pack(
            "<QHIIIIQQ", sum(self._counts.values()), len(self._schemas), len(self._channels), 0,
            len(self._metadata_indexes), len(self._chunk_indexes), low, high,
        )
        return _record(Op.STATISTICS, head + _bytes(counts))

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._at += len(data)
        self._data_crc = crc32(data, self._data_crc)

    def __enter__(self) -> "McapWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _record(op: Op, body: bytes) -> bytes:
    return struct.pack("<BQ", op, len(body)) + body


def _bytes(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def _text(text: str) -> bytes:
    return _bytes(text.encode())


def _map(values: Mapping[str, str]) -> bytes:
    return _bytes(b"".join(_text(key) + _text(value) for key, value in values.items()))
