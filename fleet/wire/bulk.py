"""Large reads (a drained socket, a fast stream, a log) -> messages: frames are found and checked in one compiled pass.

Same result as DatagramParser and Decoder one by one; worth it from a few dozen frames a call, so short reads go there.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fleet.wire.decode import Decoder, new_message
from fleet.wire.dialect import ardupilotmega
from fleet.wire.frame import Frame, FrameScanner, WireCounters
from fleet.wire.kernels import CRC_TABLES, Integers, Octets, compiled, gather, scan_run
from fleet.wire.message import Message, message_class, payload_struct

_SHORT_READ: Final = 2048
_SHORTEST_FRAME: Final = 8
_IDS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages in order of arrival with the system and component each came from; `used` bytes were consumed."""

    messages: list[Message]
    sysids: list[int]
    compids: list[int]
    used: int

    def __len__(self) -> int:
        return len(self.messages)

    def __iter__(self) -> Iterator[tuple[int, int, Message]]:
        return zip(self.sysids, self.compids, self.messages, strict=True)


class BulkDecoder:
    """Decodes the wanted messages (names or ids; None means all) of many vehicles from one buffer at a time."""

    def __init__(self, wanted: Iterable[str | int] | None = None) -> None:
        dialect = ardupilotmega()
        specs = list(dialect.by_id.values())
        self._slots: NDArray[np.int16] = np.full(_IDS, -1, dtype=np.int16)
        self._slots[[spec.msgid for spec in specs]] = np.arange(len(specs))
        self._extras: Octets = np.array([spec.crc_extra for spec in specs], dtype=np.uint8)
        self._sizes: Integers = np.array([spec.max_length for spec in specs], dtype=np.int64)
        self._msgids = [spec.msgid for spec in specs]
        chosen = {spec.msgid for spec in (specs if wanted is None else map(dialect.spec, wanted))}
        self._wanted = np.array([spec.msgid in chosen for spec in specs])
        self._decoder = Decoder(wanted)
        expected = array("h", [-1]) * _IDS
        self._expected: NDArray[np.int16] = np.frombuffer(expected, dtype=np.int16)
        self._scanner = FrameScanner(WireCounters(expected=expected))

    @property
    def counters(self) -> WireCounters:
        return self._scanner.counters

    def read(self, data: bytes, *, is_final: bool = True) -> Batch:
        """All messages in the bytes; with `is_final` False an unfinished end is left for the caller to prepend."""
        if len(data) < _SHORT_READ:
            return self._read_singly(data, is_final=is_final)
        view: Octets = np.frombuffer(data, dtype=np.uint8)
        records, used = self._scan(data, view, is_final=is_final)
        records = records[self._wanted[records[:, 2]]]
        sources = records[:, 3]
        return Batch(self._messages(view, records), (sources >> 8).tolist(), (sources & 0xFF).tolist(), used)

    def _read_singly(self, data: bytes, *, is_final: bool) -> Batch:
        frames, used = self._scanner.scan(data, is_final=is_final)
        batch = Batch([], [], [], used)
        for frame in frames:
            message = self._decoder.decode(frame)
            if message is not None:
                batch.messages.append(message)
                batch.sysids.append(frame.sysid)
                batch.compids.append(frame.compid)
        return batch

    def _scan(self, data: bytes, view: Octets, *, is_final: bool) -> tuple[Integers, int]:
        """Records (payload start, payload length, slot, source) of all known frames, and the bytes used."""
        most = len(data) // _SHORTEST_FRAME + 1
        records: Integers = np.empty((most, 4), dtype=np.int64)
        lost: Integers = np.empty((most, 2), dtype=np.int64)
        run, tables, end = compiled(scan_run), (self._slots, self._extras, CRC_TABLES, self._expected), len(data)
        position = count = 0
        while True:
            first = count
            position, count, gaps = run(view, position, *tables, records, count, lost)
            self.counters.frames += count - first
            for source, missing in lost[:gaps].tolist():
                self.counters.note_gap(source >> 8, source & 0xFF, missing)
            if position == end:
                break
            frame, following = self._scanner.step(data, position, is_final=is_final)
            if following == position:
                break
            position = following
            if frame is not None and frame.is_known:
                records[count] = self._record(frame, position)
                count += 1
        return records[:count], position

    def _record(self, frame: Frame, end: int) -> tuple[int, int, int, int]:
        length, slot = len(frame.payload), int(self._slots[frame.msgid])
        return end - frame.trailer_length - length, length, slot, frame.sysid << 8 | frame.compid

    def _messages(self, view: Octets, records: Integers) -> list[Message]:
        counts = np.bincount(records[:, 2], minlength=len(self._sizes))
        ends = np.cumsum(counts * self._sizes)
        blocks: Octets = np.empty(int(ends[-1]), dtype=np.uint8)
        ranks = np.cumsum(counts) - counts
        order: Integers = np.empty(len(records), dtype=np.int64)
        starts = ends - counts * self._sizes
        compiled(gather)(view, records, self._sizes, starts.copy(), ranks, blocks, order)
        grouped: list[Message] = []
        for slot in np.flatnonzero(counts).tolist():
            msgid = self._msgids[slot]
            values = payload_struct(msgid).iter_unpack(blocks[starts[slot] : ends[slot]].data)
            grouped.extend(map(new_message, repeat(message_class(msgid)), values))
        if len(grouped) < 2:
            return grouped
        return list(itemgetter(*order.tolist())(grouped))
