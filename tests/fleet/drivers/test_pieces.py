"""Bytes in any order become whole, and nothing is called whole that has a hole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.drivers.mavlink.allowance import Allowance
from fleet.drivers.mavlink.pieces import Pieces, TooLong
from world.time import Instant


@given(st.data(), st.integers(0, 300), st.integers(0, 40))
def test_every_order_of_chunks_gives_the_same_bytes(data: st.DataObject, length: int, start: int) -> None:
    whole = bytes(k * 37 % 251 for k in range(start + length))
    pieces, had = Pieces(start=start, limit=1000), set[int]()
    told = b""
    chunks = data.draw(st.lists(st.tuples(st.integers(0, start + length), st.integers(0, 60)), max_size=60))
    for at, size in chunks:
        chunk = whole[at : at + size]
        new = {k for k in range(at, at + len(chunk)) if k >= start} - had
        assert pieces.add(at, chunk) == bool(new)
        had |= new
        begin, fresh = pieces.fresh()
        assert begin == start + len(told)
        told += fresh
    front = next(k for k in range(start, start + length + 1) if k not in had)
    assert pieces.front == front
    assert pieces.data == told == whole[start:front]
    missing = {k for begin, end in pieces.missing(start + length) for k in range(begin, end)}
    assert missing == set(range(start, start + length)) - had


def test_a_senseless_offset_takes_no_memory() -> None:
    with pytest.raises(TooLong):
        Pieces(limit=1000).add(2**31, b"x")


def test_an_allowance_keeps_to_its_share() -> None:
    allowance, now, taken = Allowance.of_link(1000.0), Instant(mono_ns=0, utc_ns=0), 0
    for tick in range(100):
        at = now.plus_s(tick * 0.1)
        while allowance.take(50, at):
            taken += 50
    assert 0.29 * 1000 * 10 <= taken <= 0.3 * 1000 * 11
    assert all(Allowance().take(10**9, now) for _ in range(3))
