"""What a tool and `taihang up` say to each other beside topics: who it is, what is refused, what would be sent."""

from typing import Any

import msgspec

from command.bus.codec import BadFrame, encode_frame
from fleet.commands import Command
from world.ids import CommandId, OperatorId
from world.time import Instant


class Hello(msgspec.Struct, frozen=True):
    """First word of a tool. `name` None: the user of the operating system. `topics`: heard from now on.

    With `after`, what was recorded of them after this number comes first; 0: all.
    """

    name: str | None
    topics: list[str]
    after: int | None = None


class Welcome(msgspec.Struct, frozen=True):
    """Answer to Hello. Deadlines count from `now`."""

    name: OperatorId
    role: str
    site: str
    is_simulated: bool
    now: Instant


class Refused(msgspec.Struct, frozen=True):
    """Why something that a tool said was not taken; `about` is a topic, or the first word's name."""

    about: str
    reason: str


class Rehearse(msgspec.Struct, frozen=True):
    """Asks what a command would do; nothing is sent to the vehicle."""

    command: Command


class Rehearsal(msgspec.Struct, frozen=True):
    """What the guard would say (None: it would let it through), and the first messages to the vehicle."""

    command: CommandId
    fault: str | None
    messages: list[dict[str, Any]]


KINDS: dict[str, type[msgspec.Struct]] = {
    "up/hello": Hello,
    "up/welcome": Welcome,
    "up/refused": Refused,
    "up/rehearse": Rehearse,
    "up/rehearsal": Rehearsal,
}
_NAMES = {kind: name for name, kind in KINDS.items()}


def encode(value: msgspec.Struct) -> bytes:
    return encode_frame(_NAMES[type(value)], msgspec.msgpack.encode(value))


def decode(topic: str, payload: bytes) -> Any:
    """Raises BadFrame."""
    try:
        return msgspec.msgpack.decode(payload, type=KINDS[topic])
    except ValueError as error:
        raise BadFrame(f"{topic}: {error}") from error
