"""telemetry.db: samples of unlogged topics for replay and plots: at most one per topic and period, and the last."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from command.store.record import Event, RecordUnavailable
from world.time import NS_PER_S, Instant

_SCHEMA = """
CREATE TABLE IF NOT EXISTS samples(
  seq INTEGER PRIMARY KEY, utc_ns INTEGER NOT NULL, mono_ns INTEGER NOT NULL,
  topic TEXT NOT NULL, payload BLOB NOT NULL);
"""
PERIOD_S = {"fleet/state": 1.0, "mission/progress": 1.0, "perception/stats": 5.0}
"""Topics kept, and how often."""
_BATCH = 50


class Telemetry:
    """Writer and reader (WAL, synchronous=NORMAL, batched). Losing the last batch at a crash is accepted.

    `relives`: who writes lives its whole life again, and so does this.
    """

    def __init__(self, path: Path, *, relives: bool = False) -> None:
        try:
            self._db = sqlite3.connect(path)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_SCHEMA)
            if relives:
                with self._db:
                    self._db.execute("DELETE FROM samples")
        except sqlite3.OperationalError as error:
            raise RecordUnavailable(f"{path}: {error}; name a folder that can be written") from error
        self._last_ns: dict[str, int] = {}
        self._rows: list[tuple[int, int, str, bytes]] = []
        self._skipped: dict[str, tuple[int, int, str, bytes]] = {}
        """By topic, the newest since its last sample: how things ended is told by the very last."""
        self.rows_lost = 0

    def sample(self, topic: str, payload: bytes, at: Instant) -> None:
        period_s = PERIOD_S.get(topic)
        last_ns = self._last_ns.get(topic)
        if period_s is None:
            return
        row = (at.utc_ns, at.mono_ns, topic, payload)
        if last_ns is not None and at.mono_ns - last_ns < period_s * NS_PER_S:
            self._skipped[topic] = row
            return
        self._last_ns[topic] = at.mono_ns
        self._skipped.pop(topic, None)
        self._rows.append(row)
        if len(self._rows) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        rows, self._rows = self._rows, []
        try:
            with self._db:
                self._db.executemany("INSERT INTO samples(utc_ns, mono_ns, topic, payload) VALUES(?,?,?,?)", rows)
        except sqlite3.OperationalError:
            self.rows_lost += len(rows)

    def samples(self) -> Iterator[Event]:
        self.flush()
        query = "SELECT seq, utc_ns, mono_ns, topic, payload FROM samples ORDER BY seq"
        for seq, utc_ns, mono_ns, topic, payload in self._db.execute(query):
            at = Instant(utc_ns=utc_ns, mono_ns=mono_ns)
            yield Event(seq=seq, at=at, topic=topic, payload=payload, hash=b"")

    def close(self) -> None:
        self._rows += sorted(self._skipped.values())
        self.flush()
        self._db.close()
