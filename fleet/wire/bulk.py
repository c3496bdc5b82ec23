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

_SHORT_READ: Final = 512
_SHORTEST_FRAME: Final = 8
_LONGEST_PAYLOAD: Final = 255
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


class _Scratch:
    """Arrays the compiled loops write to, kept between reads and grown when one is larger."""

    __slots__ = ("blocks", "compids", "lost", "order", "records", "sysids")

    def __init__(self, frames: int) -> None:
        self.records: Integers = np.empty((frames, 4), dtype=np.int64)
        self.lost: Integers = np.empty((frames, 2), dtype=np.int64)
        self.order: Integers = np.empty(frames, dtype=np.int64)
        self.sysids: Octets = np.empty(frames, dtype=np.uint8)
        self.compids: Octets = np.empty(frames, dtype=np.uint8)
        self.blocks: Octets = np.empty(frames * _LONGEST_PAYLOAD, dtype=np.uint8)


class BulkDecoder:
    """Decodes the wanted messages (names or ids; None means all) of many vehicles from one buffer at a time.

    Holds about 0.6 MB of tables and scratch arrays: one for all links of a process, not one per link.
    """

    def __init__(self, wanted: Iterable[str | int] | None = None) -> None:
        dialect = ardupilotmega()
        specs = list(dialect.by_id.values())
        chosen = {spec.msgid for spec in (specs if wanted is None else map(dialect.spec, wanted))}
        self._slots: NDArray[np.int16] = np.full(_IDS, -1, dtype=np.int16)
        self._slots[[spec.msgid for spec in specs]] = np.arange(len(specs))
        self._extras: Octets = np.array([spec.crc_extra for spec in specs], dtype=np.uint8)
        self._sizes: Integers = np.array([spec.max_length for spec in specs], dtype=np.int64)
        self._wanted: NDArray[np.bool_] = np.array([spec.msgid in chosen for spec in specs])
        self._groups: Integers = np.empty((len(specs), 3), dtype=np.int64)
        self._msgids = [spec.msgid for spec in specs]
        self._decoder = Decoder(chosen)
        self._scratch = _Scratch(1024)
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
        most = len(data) // _SHORTEST_FRAME + 1
        if most > len(self._scratch.order):
            self._scratch = _Scratch(2 * most)
        view: Octets = np.frombuffer(data, dtype=np.uint8)
        count, used = self._scan(data, view, is_final=is_final)
        scratch = self._scratch
        total, kinds = compiled(gather)(
            view, scratch.records[:count], self._wanted, self._sizes, scratch.blocks, scratch.order, scratch.sysids,
            scratch.compids, self._groups,
        )
        messages = self._messages(total, kinds)
        return Batch(messages, scratch.sysids[:total].tolist(), scratch.compids[:total].tolist(), used)

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

    def _scan(self, data: bytes, view: Octets, *, is_final: bool) -> tuple[int, int]:
        """Record all known frames; returns how many, and the bytes used."""
        scratch, run, end = self._scratch, compiled(scan_run), len(data)
        position = count = 0
        while True:
            first = count
            position, count, gaps = run(
                view, position, self._slots, self._extras, CRC_TABLES, self._expected, scratch.records, count,
                scratch.lost,
            )
            self.counters.frames += count - first
            for source, missing in scratch.lost[:gaps].tolist():
                self.counters.note_gap(source >> 8, source & 0xFF, missing)
            if position == end:
                break
            frame, following = self._scanner.step(data, position, is_final=is_final)
            if following == position:
                break
            position = following
            if frame is not None and frame.is_known:
                scratch.records[count] = self._record(frame, position)
                count += 1
        return count, position

    def _record(self, frame: Frame, end: int) -> tuple[int, int, int, int]:
        length, slot = len(frame.payload), int(self._slots[frame.msgid])
        return end - frame.trailer_length - length, length, slot, frame.sysid << 8 | frame.compid

    def _messages(self, total: int, kinds: int) -> list[Message]:
        """Build the messages kind by kind, then put them back into order of arrival."""
        blocks, grouped = self._scratch.blocks.data, list[Message]()
        for slot, begin, end in self._groups[:kinds].tolist():
            msgid = self._msgids[slot]
            values = payload_struct(msgid).iter_unpack(blocks[begin:end])
            grouped.extend(map(new_message, repeat(message_class(msgid)), values))
        if kinds < 2:
            return grouped
        return list(itemgetter(*self._scratch.order[:total].tolist())(grouped))
