"""Light message objects: one tuple class per MAVLink message, made on first use, fields read by their MAVLink names."""

from collections.abc import Callable, Iterator
from functools import cache
from operator import itemgetter
from struct import Struct
from typing import TYPE_CHECKING, Any, ClassVar, Final

from fleet.wire.dialect import FieldSpec, MessageSpec, ardupilotmega

# of SETUP_SIGNING and WIFI_CONFIG_AP: nothing that prints a message gives them away
_SECRET: Final = frozenset({"secret_key", "password"})

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
            shown = {name: "hidden" if name in _SECRET else repr(value) for name, value in as_dict(self).items()}
            fields = ", ".join(f"{name}={value}" for name, value in shown.items())
            return f"{self.SPEC.name}({fields})"


def as_dict(message: Message) -> dict[str, Any]:
    """Field names (wire order) with their values."""
    return {field.name: getattr(message, field.name) for field in message.SPEC.fields}


def octets(message: Message, field: str) -> bytes:
    """An array or text field exactly as received, padding included: chunks of a longer UTF-8 text need it."""
    for position, candidate in enumerate(message.SPEC.fields):
        if candidate.name == field and candidate.array_length:
            value: bytes = message[position]
            return value
    raise LookupError(f"{message.SPEC.name} has no array or text field {field!r}")


@cache
def message_class(msgid: int) -> type[Message]:
    """The class of a message of the dialect."""
    spec = ardupilotmega().spec(msgid)
    namespace: dict[str, Any] = {"__slots__": (), "SPEC": spec, "__doc__": f"MAVLink {spec.name} ({spec.msgid})."}
    for position, field in enumerate(spec.fields):
        namespace[field.name] = property(_reader(field, position))
    return type(spec.name, (Message,), namespace)


@cache
def payload_struct(msgid: int) -> Struct:
    """Layout of the full payload: one value per field, arrays and texts as `bytes`."""
    fields = ardupilotmega().spec(msgid).fields
    return Struct("<" + "".join(f"{field.size}s" if field.array_length else field.type.code for field in fields))


@cache
def array_struct(field: FieldSpec) -> Struct:
    """Layout of the elements of an array field."""
    return Struct(f"<{field.array_length}{field.type.code}")


def _reader(field: FieldSpec, position: int) -> Callable[[Any], Any]:
    """Reads a field of the unpacked values; arrays and texts are made from their bytes only when read."""
    pick = itemgetter(position)
    if field.is_text:
        return lambda values: pick(values).partition(b"\0")[0].decode("utf-8", "replace")
    if field.array_length and not field.is_octets:
        unpack = array_struct(field).unpack
        return lambda values: unpack(pick(values))
    return pick
