"""One link of one vehicle: bytes in to messages, messages out to bytes, in one datagram per step."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.enums import Component
from fleet.wire.frame import DatagramParser, FrameSplitter
from fleet.wire.message import Message
from fleet.wire.statustext import CHUNK, chunked
from sim.speak.keyholder import PortSeal
from sim.speak.streams import Streams

LONGEST_DATAGRAM: Final = 1400
"""Bytes; below the payload of an Ethernet frame."""


class Heard(NamedTuple):
    """A message, who said it and on which port."""

    port: "Port"
    sysid: int
    compid: int
    message: Message
    is_proven: bool = False
    """Signed with the vehicle's own key."""

    @property
    def target(self) -> tuple[int, int]:
        """Addressed system and component; 0 is everybody."""
        spec = self.message.SPEC
        system = self.message.target_system if spec.target_system_offset is not None else 0
        component = self.message.target_component if spec.target_component_offset is not None else 0
        return system, component


class Port:
    """Counts its own sequence numbers, streams and garbage. A byte stream (TCP) resynchronises after noise."""

    def __init__(
        self, *, sysid: int, send: Callable[[bytes], None], decoder: Decoder, seal: PortSeal,
        utc_ns: Callable[[], int], is_stream: bool = False, phase: int = 0,
    ) -> None:
        """`utc_ns`: the vehicle's own time, for signatures."""
        self.seal = seal
        self._utc_ns = utc_ns
        self.streams = Streams(phase)
        self.has_heard = False
        self._send = send
        self._decoder = decoder
        self._splitter = FrameSplitter() if is_stream else None
        self._parser = DatagramParser()
        self._sysid = sysid
        self._encoders: dict[Component, Encoder] = {}
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self.sent_bytes = 0
        self.heard_bytes = 0

    def hear(self, data: bytes) -> list[Heard]:
        """Messages in these bytes; foreign bytes are counted and dropped."""
        self.heard_bytes += len(data)
        if self.seal.is_on:
            return self._hear_sealed(data)
        frames = self._splitter.feed(data) if self._splitter else self._parser.parse(data)
        self.has_heard = self.has_heard or bool(frames)
        heard = []
        for frame in frames:
            message = self._decoder.decode(frame)
            if message is not None:
                heard.append(Heard(self, frame.sysid, frame.compid, message))
        return heard

    def _hear_sealed(self, data: bytes) -> list[Heard]:
        pairs = self._splitter.feed_raw(data) if self._splitter else self._parser.parse_raw(data)
        let_in = self.seal.let_in(pairs, self._utc_ns())
        self.has_heard = self.has_heard or bool(let_in)
        heard = []
        for frame, is_proven in let_in:
            message = self._decoder.decode(frame)
            if message is not None:
                heard.append(Heard(self, frame.sysid, frame.compid, message, is_proven))
        return heard

    def say(self, name: str, *, component: Component = Component.AUTOPILOT, **fields: Any) -> None:
        encoder = self._encoders.get(component)
        if encoder is None:
            encoder = self._encoders[component] = Encoder(self._sysid, component)
        data = encoder.encode(name, **fields)
        self.push(self.seal.sign(data, self._utc_ns()) if self.seal.is_on else data)

    def push(self, data: bytes) -> None:
        """Queue bytes, flushing before a datagram grows too long."""
        if self._pending_bytes + len(data) > LONGEST_DATAGRAM:
            self.flush()
        self._pending.append(data)
        self._pending_bytes += len(data)

    def flush(self) -> None:
        if self._pending:
            data = b"".join(self._pending)
            self._pending.clear()
            self._pending_bytes = 0
            self.sent_bytes += len(data)
            self._send(data)


class Voice:
    """All ports of one vehicle."""

    def __init__(self) -> None:
        self.ports: list[Port] = []
        self._long_texts = 0
        self.on_text: Callable[[str], None] = lambda text: None
        """Who else takes down what is said in words."""

    def say(self, name: str, *, component: Component = Component.AUTOPILOT, **fields: Any) -> None:
        """To everybody."""
        for port in self.ports:
            port.say(name, component=component, **fields)

    def text(self, severity: int, text: str) -> None:
        """STATUSTEXT, in chunks when it is long; their number tells long texts apart."""
        if len(text.encode()) > CHUNK:
            self._long_texts = self._long_texts % 65535 + 1
        for fields in chunked(severity, text, self._long_texts):
            self.say("STATUSTEXT", **fields)
        self.on_text(text)

    def flush(self) -> None:
        for port in self.ports:
            port.flush()
