"""Bus frames: msgpack [topic, payload], payload being the topic's dataclass in msgpack."""

from collections.abc import Callable
from typing import Any

import msgspec

from command.topics import TOPICS

_encoder = msgspec.msgpack.Encoder()
_frame_decoder = msgspec.msgpack.Decoder(tuple[str, bytes])
_decoders: dict[str, Callable[[bytes], Any]] = {
    name: msgspec.msgpack.Decoder(topic.type).decode for name, topic in TOPICS.items()
}
SUBSCRIBE = "bus/subscribe"
"""Control frame: payload is a `Subscription`."""


class Subscription(msgspec.Struct, frozen=True, array_like=True):
    """Topics wanted, and the last event already known: what the record holds after it is sent first."""

    topics: list[str]
    after: int


class BadFrame(ValueError):
    """A frame that no topic explains; counted by the receiver, never fatal.

    msgspec says so by ValueErrors: its own, and UnicodeDecodeError for text that is not UTF-8.
    """


def encode_value(topic: str, value: Any) -> bytes:
    """Payload bytes of a value; raises BadFrame when the topic is unknown or of another type."""
    row = TOPICS.get(topic)
    if row is None:
        raise BadFrame(f"no topic is called {topic!r}: add it to command/topics.py")
    if not isinstance(value, row.type):
        raise BadFrame(f"topic {topic} carries {row.type.__name__}, not {type(value).__name__}")
    return _encoder.encode(value)


def decode_value(topic: str, payload: bytes) -> Any:
    decode = _decoders.get(topic)
    if decode is None:
        raise BadFrame(f"no topic is called {topic!r}")
    try:
        return decode(payload)
    except ValueError as error:
        raise BadFrame(f"topic {topic}: {error}") from error


def encode_frame(topic: str, payload: bytes) -> bytes:
    return _encoder.encode((topic, payload))


def decode_frame(frame: bytes) -> tuple[str, bytes]:
    try:
        return _frame_decoder.decode(frame)
    except ValueError as error:
        raise BadFrame(f"not a bus frame: {error}") from error


def encode_subscription(topics: list[str], *, after: int) -> bytes:
    return encode_frame(SUBSCRIBE, _encoder.encode(Subscription(topics, after)))


def decode_subscription(payload: bytes) -> Subscription:
    try:
        return msgspec.msgpack.decode(payload, type=Subscription)
    except ValueError as error:
        raise BadFrame(f"not a subscription: {error}") from error
