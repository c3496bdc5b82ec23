"""Replies and packets survive any cutting of the stream, and garbage between them is skipped and counted."""

from hypothesis import given
from hypothesis import strategies as st

from perception.ingest.framing import Framer, Packet, Reply
from perception.ingest.unit import IngestCounters
from tests.perception.ingest.packets import interleaved, rtp

REPLY = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 4\r\n\r\nbody"
PACKETS = [rtp(number, 0, bytes([0x41]) * (number + 1), is_last=True) for number in range(5)]


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(data[at : at + size])
        at += size
    return [*pieces, data[at:]]


@given(st.lists(st.integers(1, 40), max_size=20))
def test_cutting_the_stream_changes_nothing(sizes: list[int]) -> None:
    framer = Framer(IngestCounters())
    stream = REPLY + b"".join(map(interleaved, PACKETS)) + REPLY
    items = [item for piece in cut(stream, sizes) for item in framer.feed(piece)]
    assert [item.payload for item in items if isinstance(item, Packet)] == PACKETS
    replies = [item for item in items if isinstance(item, Reply)]
    assert [reply.body for reply in replies] == [b"body", b"body"]


@given(st.binary(max_size=200).filter(lambda data: b"$" not in data and b"R" not in data))
def test_garbage_is_skipped_and_counted(garbage: bytes) -> None:
    counters = IngestCounters()
    items = Framer(counters).feed(garbage + interleaved(PACKETS[0]))
    assert [item.payload for item in items if isinstance(item, Packet)] == [PACKETS[0]]
    assert counters.garbage_bytes == len(garbage)


@given(st.lists(st.binary(max_size=300), max_size=10))
def test_no_bytes_raise(pieces: list[bytes]) -> None:
    framer = Framer(IngestCounters())
    for piece in pieces:
        framer.feed(piece)
