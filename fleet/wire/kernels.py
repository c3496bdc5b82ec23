"""Loops over bytes, written for numba and compiled on first use; each has an equal slow twin in this package."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fleet.wire.crc import CRC_TABLE

Octets = NDArray[np.uint8]
Integers = NDArray[np.int64]

_MAGIC_V2: Final = 0xFD
_HEADER: Final = 10
_CRC: Final = 2
_LARGEST_GAP: Final = 128


@cache
def compiled(loop: Callable[..., Any]) -> Callable[..., Any]:
    """Machine code of a loop, kept on disk between runs; numba itself is imported only here."""
    from numba import njit

    machine: Callable[..., Any] = njit(cache=True, nogil=True)(loop)
    return machine


def _crc_tables() -> NDArray[np.uint16]:
    """Four tables that take four bytes in one step (Kounavis and Berry, slicing-by-4)."""
    tables = [list(CRC_TABLE)]
    for _ in range(3):
        tables.append([CRC_TABLE[previous & 0xFF] ^ (previous >> 8) for previous in tables[-1]])
    return np.array(tables, dtype=np.uint16)


CRC_TABLES: Final = _crc_tables()


def pack_rows(
    raw: Octets, rows: Integers, head: Octets, sysids: Octets, seqs: Octets, tables: NDArray[np.uint16],
    out: Octets, ends: Integers,
) -> int:
    """Frames of the chosen payload rows, one after another; counts up their sequences. Returns the bytes written.

    `head` is (compid, id low, id middle, id high, crc_extra), the same for all rows.
    """
    at = 0
    for number in range(rows.shape[0]):
        row = rows[number]
        length = raw.shape[1]
        while length > 1 and raw[row, length - 1] == 0:
            length -= 1
        out[at] = _MAGIC_V2
        out[at + 1] = length
        out[at + 2] = 0
        out[at + 3] = 0
        out[at + 4] = seqs[row]
        out[at + 5] = sysids[row]
        for k in range(4):
            out[at + 6 + k] = head[k]
        for k in range(length):
            out[at + _HEADER + k] = raw[row, k]
        seqs[row] = (np.int64(seqs[row]) + 1) & 0xFF
        stop = at + _HEADER + length
        crc = np.int64(0xFFFF)
        k = at + 1
        while k + 4 <= stop:
            crc ^= np.int64(out[k]) | np.int64(out[k + 1]) << 8
            crc = np.int64(
                tables[3, crc & 0xFF] ^ tables[2, crc >> 8] ^ tables[1, out[k + 2]] ^ tables[0, out[k + 3]]
            )
            k += 4
        while k < stop:
            crc = np.int64(tables[0, (crc ^ out[k]) & 0xFF]) ^ (crc >> 8)
            k += 1
        crc = np.int64(tables[0, (crc ^ head[4]) & 0xFF]) ^ (crc >> 8)
        out[stop] = crc & 0xFF
        out[stop + 1] = crc >> 8
        at = stop + _CRC
        ends[number] = at
    return at


def scan_run(
    data: Octets, position: int, slots: NDArray[np.int16], extras: Octets, tables: NDArray[np.uint16],
    expected: NDArray[np.int16], records: Integers, count: int, lost: Integers,
) -> tuple[int, int, int]:
    """Take whole unsigned known MAVLink 2 frames until something else comes.

    Writes (payload start, payload length, slot, sysid << 8 | compid) per frame from `count` on, (source, number) per
    gap. Returns position, count and the number of gaps.
    """
    end = data.shape[0]
    gaps = 0
    while position + _HEADER + _CRC <= end:
        length = int(data[position + 1])
        stop = position + _HEADER + length
        if data[position] != _MAGIC_V2 or data[position + 2] != 0 or stop + _CRC > end or data[position + 9] != 0:
            break
        slot = slots[np.int64(data[position + 7]) | np.int64(data[position + 8]) << 8]
        if slot < 0:
            break
        crc = np.int64(0xFFFF)
        k = position + 1
        while k + 4 <= stop:
            crc ^= np.int64(data[k]) | np.int64(data[k + 1]) << 8
            crc = np.int64(
                tables[3, crc & 0xFF] ^ tables[2, crc >> 8] ^ tables[1, data[k + 2]] ^ tables[0, data[k + 3]]
            )
            k += 4
        while k < stop:
            crc = np.int64(tables[0, (crc ^ data[k]) & 0xFF]) ^ (crc >> 8)
            k += 1
        crc = np.int64(tables[0, (crc ^ extras[slot]) & 0xFF]) ^ (crc >> 8)
        if crc != np.int64(data[stop]) | np.int64(data[stop + 1]) << 8:
            break
        source = np.int64(data[position + 5]) << 8 | np.int64(data[position + 6])
        seq = np.int64(data[position + 4])
        missing = (seq - expected[source]) & 0xFF if expected[source] >= 0 else 0
        if missing < _LARGEST_GAP:
            expected[source] = (seq + 1) & 0xFF
            if missing > 0:
                lost[gaps, 0] = source
                lost[gaps, 1] = missing
                gaps += 1
        records[count, 0] = position + _HEADER
        records[count, 1] = length
        records[count, 2] = slot
        records[count, 3] = source
        count += 1
        position = stop + _CRC
    return position, count, gaps


def gather(
    data: Octets, records: Integers, wanted: NDArray[np.bool_], sizes: Integers, blocks: Octets, order: Integers,
    sysids: Octets, compids: Octets, groups: Integers,
) -> tuple[int, int]:
    """Copy the payloads of wanted records, cut zeros restored, into one block per kind of message.

    Writes (slot, first byte, last byte + 1) per kind to `groups`; per message, in order of arrival, its place among the
    grouped ones to `order` and where it came from. Returns the numbers of messages and of kinds.
    """
    counts = np.zeros(sizes.shape[0], dtype=np.int64)
    for number in range(records.shape[0]):
        if wanted[records[number, 2]]:
            counts[records[number, 2]] += 1
    starts, ranks = np.empty_like(counts), np.empty_like(counts)
    messages = kinds = at = 0
    for slot in range(sizes.shape[0]):
        if counts[slot]:
            starts[slot], ranks[slot] = at, messages
            groups[kinds, 0], groups[kinds, 1] = slot, at
            at += counts[slot] * sizes[slot]
            groups[kinds, 2] = at
            messages += counts[slot]
            kinds += 1
    messages = 0
    for number in range(records.shape[0]):
        begin, slot = records[number, 0], records[number, 2]
        if not wanted[slot]:
            continue
        size, to = sizes[slot], starts[slot]
        length = min(records[number, 1], size)
        for k in range(length):
            blocks[to + k] = data[begin + k]
        for k in range(length, size):
            blocks[to + k] = 0
        starts[slot] += size
        order[messages] = ranks[slot]
        ranks[slot] += 1
        sysids[messages], compids[messages] = records[number, 3] >> 8, records[number, 3] & 0xFF
        messages += 1
    return messages, kinds
