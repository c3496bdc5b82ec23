"""The record keeps what it acknowledged through kill -9, notices tampering, and says clearly what it cannot read."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from command.store.record import Record, RecordBroken, RecordUnavailable
from command.store.telemetry import Telemetry
from world.time import Instant

AT = Instant(mono_ns=1, utc_ns=2)
WRITER = """
import sys
from pathlib import Path
from command.store.record import Record
from world.time import Instant
record = Record(Path(sys.argv[1]))
while True:
    seq = record.append([("alarm", b"x" * 300)] * 3, Instant(mono_ns=1, utc_ns=2))
    print(seq, flush=True)
"""


def test_rows_read_back_and_chain_holds(tmp_path: Path) -> None:
    record = Record(tmp_path / "events.db")
    assert record.append([("a", b"1"), ("b", b"2")], AT) == 2
    record.close()
    again = Record(tmp_path / "events.db")
    assert again.append([("c", b"3")], AT) == 3
    assert [(e.topic, e.payload) for e in again.events(after=1)] == [("b", b"2"), ("c", b"3")]
    assert again.verify() == 3


@pytest.mark.parametrize("tamper", ["UPDATE events SET payload=x'00' WHERE seq=2", "DELETE FROM events WHERE seq=2"])
def test_altered_record_is_noticed(tmp_path: Path, tamper: str) -> None:
    record = Record(tmp_path / "events.db")
    record.append([("a", b"1"), ("b", b"2"), ("c", b"3")], AT)
    with sqlite3.connect(tmp_path / "events.db") as db:
        db.execute(tamper)
    db.close()
    with pytest.raises(RecordBroken, match="altered"):
        record.verify()


def test_kill_loses_nothing_acknowledged(tmp_path: Path) -> None:
    for attempt in range(5):
        path = tmp_path / f"events{attempt}.db"
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            acknowledged = 0
            for _ in range(7 + 5 * attempt):
                acknowledged = int(child.stdout.readline())
            os.kill(child.pid, signal.SIGKILL)
            rest = child.stdout.read().split("\n")
        acknowledged = max([acknowledged, *(int(line) for line in rest[:-1] if line)])
        assert Record(path).verify() >= acknowledged


def test_full_disk_keeps_events_for_the_next_append(tmp_path: Path) -> None:
    record = Record(tmp_path / "events.db")
    pages = record._db.execute("PRAGMA page_count").fetchone()[0]
    record._db.execute(f"PRAGMA max_page_count={pages + 1}")
    with pytest.raises(RecordUnavailable, match="wait in memory"):
        record.append([("a", b"x" * 100_000)], AT)
    record._db.execute("PRAGMA max_page_count=1000000")
    record.append([("b", b"2")], AT)
    assert [event.topic for event in record.events()] == ["a", "b"]
    assert record.verify() == 2


def test_what_is_not_a_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "events.db").write_bytes(b"not a database, but long enough to be looked at" * 50)
    with pytest.raises(RecordBroken, match="not an event record"):
        Record(tmp_path / "events.db")
    with pytest.raises(RecordUnavailable, match="name a folder"):
        Record(tmp_path / "missing" / "events.db")


def test_telemetry_is_thinned_and_kept(tmp_path: Path) -> None:
    telemetry = Telemetry(tmp_path / "telemetry.db")
    for tick in range(40):
        telemetry.sample("fleet/state", b"s", AT.plus_s(tick * 0.1))
        telemetry.sample("fleet/image", b"never kept", AT.plus_s(tick * 0.1))
    assert [event.topic for event in telemetry.samples()] == ["fleet/state"] * 4
    telemetry.close()
    again = Telemetry(tmp_path / "telemetry.db")
    assert [round(event.at.age_s(AT.plus_s(3.9)), 1) for event in again.samples()] == [3.9, 2.9, 1.9, 0.9, 0.0]
    again.close()


def test_a_life_lived_again_writes_nothing_twice_and_reads_none_of_its_future(tmp_path: Path) -> None:
    record = Record(tmp_path / "events.db", relives=True)
    record.append([("a", b"1")], AT)
    record.append([("b", b"2"), ("c", b"3")], AT)
    record.close()
    again = Record(tmp_path / "events.db", relives=True)
    assert list(again.events()) == []
    assert again.append([("a", b"1")], AT) == 1
    assert [event.topic for event in again.events()] == ["a"]
    assert again.append([("b", b"2"), ("c", b"3")], AT) == 3
    assert again.append([("d", b"4")], AT) == 4
    assert [event.topic for event in again.events()] == ["a", "b", "c", "d"]
    assert again.verify() == 4


def test_another_life_is_noticed(tmp_path: Path) -> None:
    record = Record(tmp_path / "events.db", relives=True)
    record.append([("a", b"1")], AT)
    record.close()
    again = Record(tmp_path / "events.db", relives=True)
    with pytest.raises(RecordBroken, match="another life"):
        again.append([("a", b"other")], AT)
    assert Record(tmp_path / "events.db").verify() == 1


def test_telemetry_of_a_life_lived_again_is_there_once(tmp_path: Path) -> None:
    for _ in range(2):
        telemetry = Telemetry(tmp_path / "telemetry.db", relives=True)
        telemetry.sample("fleet/state", b"s", AT)
        assert len(list(telemetry.samples())) == 1
        telemetry.close()
