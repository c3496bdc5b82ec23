"""What must hold for any bytes on the wire: readers agree, all is counted, signatures are proofs, nothing stalls."""

import hashlib
import time
from dataclasses import dataclass
from typing import Any, Final

from fleet.wire.bulk import BulkDecoder
from fleet.wire.decode import Decoder
from fleet.wire.enums import mode_name
from fleet.wire.frame import DatagramParser, Frame, FrameSplitter
from fleet.wire.message import Message, as_dict
from fleet.wire.signing import RADIO_STATUS_ID, CannotSign, SignatureCheck, Signer, SigningPolicy, without_signature
from fleet.wire.signing_keys import KeyRing
from fleet.wire.statustext import TextJoiner, chunked
from fleet.wire.tunnel import PAYLOAD_TYPE, TunnelCounters, pack, unpack, unpack_message
from fleet.wire.warm_up import compile_loops
from tests.support.wire_damage import KEY, NOW_NS

MOST_CPU_S: Final = 0.25
"""For one call, and on top of the rate for one whole input: a stop that people would notice."""
LEAST_BYTES_PER_CPU_S: Final = 10_000
"""Through all readers and checks here; a serial line of 57,600 baud brings 5,760."""
_BULK_FROM: Final = 512
_KEYS: Final = KeyRing(current=KEY)


@dataclass(slots=True)
class Totals:
    """What has been judged so far."""

    inputs: int = 0
    octets: int = 0
    frames: int = 0
    verified: int = 0
    cpu_s: float = 0.0
    slowest_s: float = 0.0


class Oracle:
    """Judges one input after the other; an AssertionError, or any other exception, is a fault found.

    The first byte says in what pieces the rest comes in as a stream.
    """

    def __init__(self) -> None:
        compile_loops()
        self.totals = Totals()
        self._decoder = Decoder()
        self._plain = DatagramParser()
        self._bulk = BulkDecoder()

    def judge(self, data: bytes) -> None:
        stream, started_s = data[1:], time.process_time()
        pairs = self._whole(stream)
        spent_s = time.process_time() - started_s
        self._in_pieces(data[0] + 1 if data else 1, stream, pairs)
        totals = self.totals
        totals.inputs += 1
        totals.octets += len(stream)
        totals.frames += len(pairs)
        totals.cpu_s += spent_s
        totals.slowest_s = max(totals.slowest_s, spent_s)
        assert spent_s < MOST_CPU_S + len(stream) / LEAST_BYTES_PER_CPU_S, f"{len(stream)} bytes took {spent_s:.3f} s"

    def _whole(self, stream: bytes) -> list[tuple[Frame, bytes]]:
        parser = DatagramParser()
        pairs = parser.parse_raw(stream)
        frames = [frame for frame, _ in pairs]
        assert frames == DatagramParser().parse(stream)
        self._counted(parser, pairs, len(stream))
        messages = [(frame, message) for frame in frames if (message := self._decoded(frame)) is not None]
        self._in_bulk(stream)
        self._signatures(pairs)
        self._texts(messages, stream)
        self._tunnels(messages, stream)
        for _, message in messages:
            if message.SPEC.name == "HEARTBEAT":
                assert mode_name(message.autopilot, message.type, message.custom_mode)
        return pairs

    def _counted(self, parser: DatagramParser, pairs: list[tuple[Frame, bytes]], length: int) -> None:
        counters = parser.counters
        assert counters.frames == len(pairs)
        assert counters.unknown == sum(not frame.is_known for frame, _ in pairs)
        assert counters.garbage_bytes + sum(len(raw) for _, raw in pairs) == length
        assert all(len(raw) == frame.wire_length for frame, raw in pairs)

    def _in_pieces(self, piece: int, stream: bytes, pairs: list[tuple[Frame, bytes]]) -> None:
        splitter, found, last_s = FrameSplitter(), list[tuple[Frame, bytes]](), time.process_time()
        for at in range(0, len(stream), piece):
            found += splitter.feed_raw(stream[at : at + piece])
            now_s = time.process_time()
            assert now_s - last_s < MOST_CPU_S, f"a piece of {piece} bytes took {now_s - last_s:.3f} s"
            last_s = now_s
        assert found + splitter.finish_raw() == pairs

    def _decoded(self, frame: Frame) -> Message | None:
        message = self._decoder.decode(frame)
        assert (message is not None) == frame.is_known
        if message is not None:
            as_dict(message)
        return message

    def _in_bulk(self, stream: bytes) -> None:
        """Repeated until it is long enough for the compiled loop."""
        data = stream * (_BULK_FROM // len(stream) + 1) if stream else b""
        decoded = [(frame, self._decoder.decode(frame)) for frame in self._plain.parse(data)]
        known = [(frame, message) for frame, message in decoded if message is not None]
        batch = self._bulk.read(data)
        assert batch.used == len(data)
        assert batch.sysids == [frame.sysid for frame, _ in known]
        assert batch.compids == [frame.compid for frame, _ in known]
        messages = [message for _, message in known]
        # NaN is not equal to itself, but its text is
        assert batch.messages == messages or repr(batch.messages) == repr(messages)
        ours, theirs = self._bulk.counters, self._plain.counters
        for name in ("frames", "bad_crc", "garbage_bytes", "unknown", "gaps"):
            assert getattr(ours, name) == getattr(theirs, name), name

    def _signatures(self, pairs: list[tuple[Frame, bytes]]) -> None:
        required, accepting = SignatureCheck(_KEYS, SigningPolicy.REQUIRE), SignatureCheck(_KEYS)
        signer = Signer(_KEYS, link_id=9)
        for frame, raw in pairs:
            is_in = required.refusal(frame, raw, NOW_NS) is None
            assert (accepting.refusal(frame, raw, NOW_NS) is None) == (is_in or not frame.is_signed)
            if is_in and frame.is_signed:
                assert hashlib.sha256(KEY.secret + raw[:-6]).digest()[:6] == raw[-6:]
            else:
                assert not is_in or frame.msgid == RADIO_STATUS_ID
            self._signed(signer, frame, raw)
        self.totals.verified += required.counters.verified

    def _signed(self, signer: Signer, frame: Frame, raw: bytes) -> None:
        try:
            signed = signer.sign(raw, NOW_NS)
        except CannotSign:
            assert frame.version == 1 or frame.is_signed
            return
        assert without_signature(signed) == raw
        heard = DatagramParser().parse_raw(signed)
        # behind an unknown id a known frame may hide, and it may be the signature that completes it
        assert not frame.is_known or [raw for _, raw in heard] == [signed]

    def _texts(self, messages: list[tuple[Frame, Message]], stream: bytes) -> None:
        joiner = TextJoiner()
        for number, (frame, message) in enumerate(messages):
            if message.SPEC.name == "STATUSTEXT":
                joiner, _ = joiner.add(frame.sysid, frame.compid, message, number)
        joiner, _ = joiner.expired(1 << 62)
        assert joiner.expired(1 << 62) == (joiner, ())
        text = stream[:900].decode("utf-8", "ignore").replace("\0", "")
        for fields in chunked(6, text, 1):
            assert len(fields["text"]) <= 50

    def _tunnels(self, messages: list[tuple[Frame, Message]], stream: bytes) -> None:
        counters = TunnelCounters()
        readings: list[Any] = [unpack(PAYLOAD_TYPE, stream[:128], counters)]
        readings += [unpack_message(message, counters) for _, message in messages if message.SPEC.name == "TUNNEL"]
        for reading in readings:
            if reading is not None:
                again = unpack(PAYLOAD_TYPE, pack(reading), counters)
                assert repr(again) == repr(reading)
