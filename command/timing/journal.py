"""What a participant was granted and given, written before it acts on it: after a crash it lives all again."""

import struct
from collections.abc import Iterator
from pathlib import Path

import msgspec

from command.timing.inbox import Arrival

_LENGTH = struct.Struct("<I")


class Header(msgspec.Struct, frozen=True, array_like=True):
    """The ports that peers know, to be bound again."""

    ports: dict[str, int]


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One grant: from this tick through that one, with these messages; what was sent up to `taken` may be forgotten."""

    begin: int
    until: int
    taken: dict[int, int]
    arrivals: list[Arrival]
    begin_counts: dict[int, int] = {}
    """Not empty where a late joiner begins."""


class Journal:
    """An append-only file of records. A record torn by a crash is cut off: the time owner grants it again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        records = self._records()
        first = next(records, None)
        self.header = None if first is None else msgspec.msgpack.decode(first, type=Header)
        self._replay = (msgspec.msgpack.decode(record, type=Entry) for record in records)
        self._encoder = msgspec.msgpack.Encoder()
        self._file = path.open("ab")

    def begin(self, ports: dict[str, int]) -> None:
        if self.header is None:
            self._write(Header(ports=ports))

    def entries(self) -> Iterator[Entry]:
        """What was lived before; read it to its end before appending."""
        return self._replay

    def append(self, entry: Entry) -> None:
        """On return the entry is with the kernel, so it survives the death of this process (not of the machine)."""
        self._write(entry)

    def _write(self, record: Header | Entry) -> None:
        data = self._encoder.encode(record)
        self._file.write(_LENGTH.pack(len(data)) + data)
        self._file.flush()

    def _records(self) -> Iterator[bytes]:
        if not self._path.exists():
            return
        whole = 0
        with self._path.open("rb") as file:
            while len(head := file.read(_LENGTH.size)) == _LENGTH.size:
                (length,) = _LENGTH.unpack(head)
                data = file.read(length)
                if len(data) < length:
                    break
                whole = file.tell()
                yield data
            is_torn = whole < file.seek(0, 2)
        if is_torn:
            with self._path.open("r+b") as file:
                file.truncate(whole)

    def close(self) -> None:
        self._file.close()
