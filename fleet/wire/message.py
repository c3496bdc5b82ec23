"""Light message objects: one tuple class per MAVLink message, made on first use, fields read by their MAVLink names."""

from collections.abc import Callable, Iterator
from functools import cache
from operator import itemgetter
from struct import Struct
from typing import TYPE_CHECKING, Any, ClassVar

from fleet.wire.dialect import FieldSpec, MessageSpec, ardupilotmega

if TYPE_CHECKING:
    # Seen by the type checker instead of a tuple: some MAVLink fields are called `count` and `index`.
    class Message:
        """Decoded message: immutable, attributes named as in the dialect, numbers as on the wire (NaN included)."""

        SPEC: ClassVar[MessageSpec]

        def __getattr__(self, name: str) -> Any: ...
        def __getitem__(self, index: int) -> Any: ...
        def __iter__(self) -> Iterator[Any]: ...
        def __len__(self) -> int: ...

else:

    class Message(tuple):
        """Decoded message: the unpacked numbers in wire order, attributes named as in the dialect."""

        __slots__ = ()
        SPEC: ClassVar[MessageSpec]

        def __repr__(self) -> str:
            fields = ", ".join(f"{name}={value!r}" for name, value in as_dict(self).items())
            return f"{self.SPEC.name}({fields})"


def as_dict(message: Message) -> dict[str, Any]:
    """Field names (wire order) with their values."""
    return {field.name: getattr(message, field.name) for field in message.SPEC.fields}


def octets(message: Message, field: str) -> bytes:
    """A text or byte field exactly as received, padding included: chunks of a longer UTF-8 text need it."""
    spec = message.SPEC
    position = 0
    for candidate in spec.fields:
        if candidate.name == field and (candidate.is_text or candidate.is_octets):
            value: bytes = message[position]
            return value
        position += _slots(candidate)
    raise LookupError(f"{spec.name} has no text or byte field {field!r}")


@cache
def message_class(msgid: int) -> type[Message]:
    """The class of a message of the dialect."""
    spec = ardupilotmega().spec(msgid)
    namespace: dict[str, Any] = {"__slots__": (), "SPEC": spec, "__doc__": f"MAVLink {spec.name} ({spec.msgid})."}
    position = 0
    for field in spec.fields:
        namespace[field.name] = property(_reader(field, position))
        position += _slots(field)
    return type(spec.name, (Message,), namespace)


@cache
def payload_struct(msgid: int) -> Struct:
    """Layout of the full payload: text and byte arrays as one `bytes`, other arrays element by element."""
    return Struct("<" + "".join(_format(field) for field in ardupilotmega().spec(msgid).fields))


def _slots(field: FieldSpec) -> int:
    """How many values of the unpacked tuple the field takes."""
    return 1 if field.is_text or field.is_octets else max(1, field.array_length)


def _format(field: FieldSpec) -> str:
    if field.is_text or field.is_octets:
        return f"{field.array_length}s"
    return f"{field.array_length or ''}{field.type.code}"


def _reader(field: FieldSpec, position: int) -> Callable[[Any], Any]:
    if field.is_text:
        pick = itemgetter(position)
        return lambda values: pick(values).partition(b"\0")[0].decode("utf-8", "replace")
    if field.array_length and not field.is_octets:
        return itemgetter(slice(position, position + field.array_length))
    return itemgetter(position)
