"""events.db: append-only, hash-chained record of one incident; what was acknowledged survives kill -9."""

import hashlib
import sqlite3
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command.bus.codec import decode_value
from world.time import Instant

SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS events(
  seq INTEGER PRIMARY KEY, utc_ns INTEGER NOT NULL, mono_ns INTEGER NOT NULL,
  topic TEXT NOT NULL, payload BLOB NOT NULL, hash BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_BACKLOG_LIMIT = 100_000
_ENDLESS = 2**63 - 1
_Row = tuple[int, int, int, str, bytes, bytes]


class RecordUnavailable(Exception):
    """The record cannot be written now (disk full, read-only); events wait in memory for the next append."""


class RecordBroken(Exception):
    """The file is not a record of ours, or its hash chain does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row. `payload` is the topic's msgpack."""

    seq: int
    at: Instant
    topic: str
    payload: bytes
    hash: bytes

    def value(self) -> Any:
        return decode_value(self.topic, self.payload)


def chain(previous: bytes, seq: int, at: Instant, topic: str, payload: bytes) -> bytes:
    """SHA-256 over the previous hash and everything in this row, lengths included."""
    name = topic.encode()
    head = struct.pack("<qqqII", seq, at.utc_ns, at.mono_ns, len(name), len(payload))
    return hashlib.sha256(previous + head + name + payload).digest()


class Record:
    """Writer and reader of events.db (WAL, synchronous=FULL).

    `relives`: who writes lives its whole life again; rows that are there must come again alike, and are not written.
    """

    def __init__(self, path: Path, *, read_only: bool = False, relives: bool = False) -> None:
        self.path = path
        self._db = _connect(path, read_only=read_only)
        last = self._db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        self._written: int = last[0] if last else 0
        self._seq: int = 0 if relives else self._written
        self._hash: bytes = last[1] if last and not relives else bytes(32)
        self._backlog: list[tuple[str, bytes, Instant]] = []

    def append(self, events: list[tuple[str, bytes]], at: Instant) -> int:
        """Write (topic, payload) rows in one transaction; returns the last sequence number, durable on return.

        Raises RecordUnavailable when the disk refuses; the rows are kept in memory and written with the next append.
        """
        self._backlog.extend((topic, payload, at) for topic, payload in events)
        del self._backlog[:-_BACKLOG_LIMIT]
        rows, seq, previous = list[_Row](), self._seq, self._hash
        for topic, payload, moment in self._backlog:
            seq += 1
            previous = chain(previous, seq, moment, topic, payload)
            rows.append((seq, moment.utc_ns, moment.mono_ns, topic, payload, previous))
        if self._seq < self._written:
            rows = self._unwritten(rows)
        try:
            with self._db:
                self._db.executemany("INSERT INTO events VALUES(?,?,?,?,?,?)", rows)
        except sqlite3.OperationalError as error:
            raise RecordUnavailable(f"{self.path}: {error}; {len(rows)} events wait in memory") from error
        self._seq, self._hash, self._written = seq, previous, max(seq, self._written)
        self._backlog.clear()
        return seq

    def _unwritten(self, rows: list[_Row]) -> list[_Row]:
        """Without those of an earlier life; raises RecordBroken when that was another one."""
        for seq, *_, lived in rows:
            stored = self._db.execute("SELECT hash FROM events WHERE seq = ?", (seq,)).fetchone()
            if stored and stored[0] != lived:
                raise RecordBroken(f"{self.path}: row {seq} is of another life: the journal belongs to another run")
        return [row for row in rows if row[0] > self._written]

    def events(self, *, after: int = 0) -> Iterator[Event]:
        """Rows in order, from sequence number `after` + 1; in a life lived again, none of its future."""
        query = "SELECT seq, utc_ns, mono_ns, topic, payload, hash FROM events WHERE seq > ? AND seq <= ? ORDER BY seq"
        through = self._seq if self._seq < self._written else _ENDLESS
        for seq, utc_ns, mono_ns, topic, payload, digest in self._db.execute(query, (after, through)):
            at = Instant(utc_ns=utc_ns, mono_ns=mono_ns)
            yield Event(seq=seq, at=at, topic=topic, payload=payload, hash=digest)

    def verify(self) -> int:
        """Check the whole chain; returns the number of rows or raises RecordBroken naming the first bad row."""
        previous, count = bytes(32), 0
        for event in self.events():
            count += 1
            previous = chain(previous, event.seq, event.at, event.topic, event.payload)
            if event.seq != count or event.hash != previous:
                raise RecordBroken(f"{self.path}: row {event.seq} does not follow from the one before: it was altered")
        return count

    def set_meta(self, key: str, value: str) -> None:
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO meta VALUES(?,?)", (key, value))

    def meta(self) -> dict[str, str]:
        return dict(self._db.execute("SELECT key, value FROM meta").fetchall())

    def close(self) -> None:
        self._db.close()


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    try:
        if read_only:
            db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            db.execute("SELECT 1 FROM events LIMIT 1")
            return db
        db = sqlite3.connect(path)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        with db:
            db.executescript(_SCHEMA)
            db.execute("INSERT OR IGNORE INTO meta VALUES('schema', ?)", (str(SCHEMA_VERSION),))
    except sqlite3.OperationalError as error:
        raise RecordUnavailable(f"{path}: {error}; name a folder that can be written") from error
    except sqlite3.DatabaseError as error:
        raise RecordBroken(f"{path} is not an event record: {error}") from error
    return db
