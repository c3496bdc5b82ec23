"""Frames -> messages, only those asked for: padding of cut zeros, one struct call, no work per field."""

from collections.abc import Callable, Iterable
from typing import Any, Final, cast

from fleet.wire.dialect import Dialect, ardupilotmega
from fleet.wire.frame import Frame
from fleet.wire.message import Message, message_class, payload_struct

_ZERO: Final = b"\0"
new_message: Final = cast("Callable[[type[Message], tuple[Any, ...]], Message]", tuple.__new__)


class Decoder:
    """Decodes the wanted messages (names or ids; None means all) and answers None for every other frame."""

    __slots__ = ("_dialect", "_plans", "_wanted")

    def __init__(self, wanted: Iterable[str | int] | None = None) -> None:
        self._dialect: Dialect = ardupilotmega()
        specs = self._dialect.by_id.values() if wanted is None else [self._dialect.spec(name) for name in wanted]
        self._wanted = frozenset(spec.msgid for spec in specs)
        self._plans: dict[int, tuple[type[Message], Callable[[bytes], tuple[Any, ...]], int]] = {}

    def decode(self, frame: Frame) -> Message | None:
        """The message of a frame, or None when it is unknown or not wanted."""
        plan = self._plans.get(frame.msgid) or self._plan(frame.msgid)
        if plan is None:
            return None
        kind, unpack, size = plan
        # unpack_from reads `size` bytes: a cut payload is padded, one of a newer dialect is longer and its end ignored
        return new_message(kind, unpack(frame.payload.ljust(size, _ZERO)))

    def _plan(self, msgid: int) -> tuple[type[Message], Callable[[bytes], tuple[Any, ...]], int] | None:
        if msgid not in self._wanted:
            return None
        layout = payload_struct(msgid)
        plan = (message_class(msgid), layout.unpack_from, layout.size)
        self._plans[msgid] = plan
        return plan
