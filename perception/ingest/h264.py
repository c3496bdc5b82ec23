"""RTP payloads to H.264 access units (RFC 6184: single NAL unit, STAP-A, FU-A), with every loss noticed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from perception.ingest.rtp import RtpPacket
from perception.ingest.unit import IngestCounters

_START_CODE = b"\x00\x00\x00\x01"
_IDR, _SPS, _PPS, _DELIMITER = 5, 7, 8, 9
_STAP_A, _FU_A = 24, 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One access unit still in media time."""

    timestamp: int
    data: bytes
    is_key: bool
    is_damaged: bool


@dataclass(slots=True)
class _Assembly:
    """The access unit being put together."""

    timestamp: int
    is_damaged: bool = False
    nals: list[bytes] = field(default_factory=list)
    fragment: bytearray | None = None


class Depacketiser:
    """Feed it RTP packets in order of arrival; it returns the pictures that each one completes.

    After a loss every picture up to the next whole IDR picture is marked damaged: it may refer to what was lost.
    Nothing is returned before the first IDR picture.
    """

    def __init__(self, counters: IngestCounters, *, parameter_sets: tuple[bytes, ...] = ()) -> None:
        self._counters = counters
        self._parameter_sets = parameter_sets
        self._next_sequence: int | None = None
        self._assembly: _Assembly | None = None
        self._has_key = False
        self._waits_for_key = True

    def feed(self, packet: RtpPacket) -> list[Picture]:
        done: list[Picture] = []
        is_first = self._next_sequence is None
        gap = self._gap_before(packet)
        if gap < 0:
            self._counters.bad_packets += 1
            return done
        if gap and self._assembly is not None:
            self._assembly.is_damaged = True
        if self._assembly is not None and self._assembly.timestamp != packet.timestamp:
            done += self._finish()
        if self._assembly is None:
            self._assembly = _Assembly(packet.timestamp)
            if gap or is_first:
                self._assembly.is_damaged = not self._begins_picture(packet.payload)
                self._waits_for_key = True
        self._add(self._assembly, packet.payload)
        if packet.is_last:
            done += self._finish()
        return done

    def _gap_before(self, packet: RtpPacket) -> int:
        """Packets lost just before this one; negative for a late or repeated packet."""
        expected = self._next_sequence
        gap = 0 if expected is None else ((packet.sequence - expected + 0x8000) & 0xFFFF) - 0x8000
        if gap >= 0:
            self._next_sequence = (packet.sequence + 1) & 0xFFFF
            self._counters.lost_packets += gap
        return gap

    def _add(self, assembly: _Assembly, payload: bytes) -> None:
        kind = payload[0] & 0x1F
        if assembly.fragment is not None and kind != _FU_A:
            assembly.is_damaged, assembly.fragment = True, None
        if 1 <= kind < _STAP_A:
            assembly.nals.append(payload)
        elif kind == _STAP_A:
            self._add_aggregate(assembly, payload)
        elif kind == _FU_A and len(payload) > 2:
            self._add_fragment(assembly, payload)
        else:
            self._counters.bad_packets += 1
            assembly.is_damaged = True

    def _add_aggregate(self, assembly: _Assembly, payload: bytes) -> None:
        at = 1
        while at < len(payload):
            size = int.from_bytes(payload[at : at + 2], "big")
            nal = payload[at + 2 : at + 2 + size]
            if size == 0 or len(nal) < size:
                self._counters.bad_packets += 1
                assembly.is_damaged = True
                return
            assembly.nals.append(nal)
            at += 2 + size

    def _add_fragment(self, assembly: _Assembly, payload: bytes) -> None:
        indicator, header = payload[0], payload[1]
        starts, ends = bool(header & 0x80), bool(header & 0x40)
        if starts:
            assembly.is_damaged |= assembly.fragment is not None
            assembly.fragment = bytearray([indicator & 0xE0 | header & 0x1F])
        if assembly.fragment is None:
            assembly.is_damaged = True
            return
        assembly.fragment += payload[2:]
        if ends:
            assembly.nals.append(bytes(assembly.fragment))
            assembly.fragment = None

    def _finish(self) -> Iterator[Picture]:
        assembly, self._assembly = self._assembly, None
        if assembly is None:
            return
        kinds = [nal[0] & 0x1F for nal in assembly.nals]
        is_key = _IDR in kinds
        is_whole = not assembly.is_damaged and assembly.fragment is None and bool(assembly.nals)
        if is_whole and is_key:
            self._has_key, self._waits_for_key = True, False
        elif not is_whole:
            self._waits_for_key = True
        if not self._has_key:
            return
        nals = (*self._parameter_sets, *assembly.nals) if is_key and _SPS not in kinds else assembly.nals
        data = b"".join(_START_CODE + nal for nal in nals)
        yield Picture(
            timestamp=assembly.timestamp, data=data, is_key=is_key, is_damaged=not is_whole or self._waits_for_key
        )

    def _begins_picture(self, payload: bytes) -> bool:
        """Whether nothing of its picture can have come before a payload.

        True of NAL units that only ever come first (H.264, 7.4.1.2.3) and, where the parameter sets are known, of the
        slice that starts at macroblock 0: its header opens with the Exp-Golomb code of 0, a set bit (7.3.3).
        """
        kind = payload[0] & 0x1F
        if kind == _STAP_A and len(payload) > 3:
            kind = payload[3] & 0x1F
        if kind == _FU_A and len(payload) > 2 and payload[1] & 0x80:
            kind, first = payload[1] & 0x1F, payload[2]
        else:
            first = payload[1] if len(payload) > 1 else 0
        return kind in (_SPS, _DELIMITER) or (kind == _IDR and bool(self._parameter_sets) and first >= 0x80)
