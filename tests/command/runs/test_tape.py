"""A run's MCAP, read back by the letter of the format: records, checksums, indexes and what was said."""

import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import msgspec
import pytest

from command.report import track
from command.runs.mcap import MAGIC, McapWriter, Op
from command.runs.tape import write_tape
from command.store.record import Record
from tests.command.runs.conftest import Flown

Found = tuple[int, int, bytes]
"""Opcode, offset of the record, content."""


def records(data: bytes, at: int, end: int) -> Iterator[Found]:
    while at < end:
        op, size = struct.unpack_from("<BQ", data, at)
        yield op, at, data[at + 9 : at + 9 + size]
        at += 9 + size
    assert at == end, "a record is cut off"


def text(data: bytes, at: int) -> tuple[str, int]:
    (size,) = struct.unpack_from("<I", data, at)
    return data[at + 4 : at + 4 + size].decode(), at + 4 + size


def chunk_records(content: bytes) -> bytes:
    size, crc = struct.unpack_from("<QI", content, 16)
    compression, at = text(content, 28)
    (length,) = struct.unpack_from("<Q", content, at)
    inner = content[at + 8 :]
    assert (compression, length, len(inner), crc32(inner)) == ("", size, size, crc)
    return inner


class Tape:
    """Everything in a file, checked on the way."""

    def __init__(self, data: bytes) -> None:
        assert data.startswith(MAGIC)
        assert data.endswith(MAGIC)
        footer = len(data) - len(MAGIC) - 29
        ((op, _, content),) = records(data, footer, len(data) - len(MAGIC))
        summary, offsets, crc = struct.unpack("<QQI", content)
        assert op == Op.FOOTER
        assert crc == crc32(data[summary : len(data) - len(MAGIC) - 4])
        self.topics: dict[int, str] = {}
        self.messages: list[tuple[int, int, bytes]] = []
        """Channel, log time, payload, as they lie in chunks."""
        self.metadata: dict[str, bytes] = {}
        found = list(records(data, len(MAGIC), summary))
        assert [found[0][0], found[-1][0]] == [Op.HEADER, Op.DATA_END]
        (data_crc,) = struct.unpack("<I", found[-1][2])
        assert data_crc == crc32(data[: found[-1][1]])
        for kind, _, content in found:
            if kind == Op.CHUNK:
                self._read_chunk(content)
            if kind == Op.METADATA:
                name, at = text(content, 0)
                self.metadata[name] = content[at:]
        self._check_summary(data, summary, offsets, footer)

    def _read_chunk(self, content: bytes) -> None:
        inner = chunk_records(content)
        start, end = struct.unpack_from("<QQ", content)
        for op, _, record in records(inner, 0, len(inner)):
            if op == Op.CHANNEL:
                (number,) = struct.unpack_from("<H", record)
                self.topics[number], at = text(record, 4)
                assert text(record, at)[0] == "json"
            elif op == Op.MESSAGE:
                channel, _, log_ns, _ = struct.unpack_from("<HIQQ", record)
                assert channel in self.topics, "a channel is known before it speaks"
                assert start <= log_ns <= end
                self.messages.append((channel, log_ns, record[22:]))

    def _check_summary(self, data: bytes, summary: int, offsets: int, footer: int) -> None:
        kinds = Counter(op for op, _, _ in records(data, summary, offsets))
        assert kinds[Op.CHANNEL] == kinds[Op.SCHEMA] == len(self.topics)
        for op, _, content in records(data, summary, offsets):
            if op == Op.STATISTICS:
                assert struct.unpack_from("<Q", content)[0] == len(self.messages)
            if op == Op.CHUNK_INDEX:
                start, size = struct.unpack_from("<QQ", content, 16)
                assert data[start] == Op.CHUNK
                assert struct.unpack_from("<Q", data, start + 1)[0] + 9 == size
                (length,) = struct.unpack_from("<I", content, 32)
                for channel, at in struct.iter_unpack("<HQ", content[36 : 36 + length]):
                    self._check_index(data, channel, at, start)
        for op, _, content in records(data, offsets, footer):
            assert op == Op.SUMMARY_OFFSET
            kind, start, size = struct.unpack("<BQQ", content)
            assert {found for found, _, _ in records(data, start, start + size)} == {kind}

    def _check_index(self, data: bytes, channel: int, at: int, chunk: int) -> None:
        """Every entry points at a message of this channel and time."""
        ((op, _, content),) = records(data, at, at + 9 + struct.unpack_from("<Q", data, at + 1)[0])
        assert op == Op.MESSAGE_INDEX
        (size,) = struct.unpack_from("<Q", data, chunk + 1)
        inner = chunk_records(data[chunk + 9 : chunk + 9 + size])
        for log_ns, offset in struct.iter_unpack("<QQ", content[6:]):
            assert inner[offset] == Op.MESSAGE
            assert struct.unpack_from("<HIQ", inner, offset + 9)[::2] == (channel, log_ns)


def test_a_run_is_all_there(sound: Flown, tmp_path: Path) -> None:
    write_tape(sound.folder, tmp_path / "deep" / "run.mcap", sound.verdict)
    tape = Tape((tmp_path / "deep" / "run.mcap").read_bytes())
    seconds = track.read(sound.folder)
    counts = Counter(tape.topics[channel] for channel, _, _ in tape.messages)
    assert counts["truth"] == counts["truth/U01"] == counts["truth/U01/fix"] == len(seconds)
    record = Record(sound.folder / "events.db", read_only=True)
    recorded = Counter(event.topic for event in record.events())
    record.close()
    assert {topic: counts[topic] for topic in recorded} == recorded
    times = [log_ns for _, log_ns, _ in tape.messages]
    assert times == sorted(times)
    assert b"--seed 3" in tape.metadata["run"]


def test_messages_are_json_with_the_true_values(sound: Flown, tmp_path: Path) -> None:
    write_tape(sound.folder, tmp_path / "run.mcap", sound.verdict)
    tape = Tape((tmp_path / "run.mcap").read_bytes())
    last = {tape.topics[channel]: msgspec.json.decode(payload) for channel, _, payload in tape.messages}
    second = track.read(sound.folder)[-1]
    assert last["truth"]["hash"] == second.digest
    assert last["truth/U01"]["up_mm"] == second.value(0, "up_mm")
    assert last["truth/U01/fix"]["latitude"] == pytest.approx(35.49, abs=0.01)


def test_many_chunks_are_indexed(tmp_path: Path) -> None:
    with McapWriter(tmp_path / "big.mcap", library="test") as writer:
        channels = [writer.channel(f"t{n}", schema="s", definition=b"{}") for n in range(2)]
        for n in range(60):
            writer.say(channels[n % 2], 1000 + n, msgspec.json.encode({"text": "x" * 50_000}))
    tape = Tape((tmp_path / "big.mcap").read_bytes())
    assert [log_ns for _, log_ns, _ in tape.messages] == list(range(1000, 1060))


def test_an_empty_one_is_a_file_too(tmp_path: Path) -> None:
    with McapWriter(tmp_path / "empty.mcap", library="test"):
        pass
    assert Tape((tmp_path / "empty.mcap").read_bytes()).messages == []
