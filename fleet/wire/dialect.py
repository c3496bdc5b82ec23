"""Field tables of every MAVLink message, read once from pymavlink's generated `ardupilotmega` dialect."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from pymavlink.dialects.v20 import ardupilotmega as generated


class WireType(StrEnum):
    """C types of MAVLink fields, as the message definitions spell them."""

    CHAR = "char"
    UINT8 = "uint8_t"
    INT8 = "int8_t"
    UINT16 = "uint16_t"
    INT16 = "int16_t"
    UINT32 = "uint32_t"
    INT32 = "int32_t"
    UINT64 = "uint64_t"
    INT64 = "int64_t"
    FLOAT = "float"
    DOUBLE = "double"

    @property
    def code(self) -> str:
        """Format character of `struct`."""
        return _CODES[self][0]

    @property
    def size(self) -> int:
        """Bytes on the wire of one element."""
        return _CODES[self][1]


_CODES: Final[Mapping[WireType, tuple[str, int]]] = MappingProxyType({
    WireType.CHAR: ("s", 1),
    WireType.UINT8: ("B", 1),
    WireType.INT8: ("b", 1),
    WireType.UINT16: ("H", 2),
    WireType.INT16: ("h", 2),
    WireType.UINT32: ("I", 4),
    WireType.INT32: ("i", 4),
    WireType.UINT64: ("Q", 8),
    WireType.INT64: ("q", 8),
    WireType.FLOAT: ("f", 4),
    WireType.DOUBLE: ("d", 8),
})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field; `array_length` 0 means a scalar, `offset` counts from the start of the payload."""

    name: str
    type: WireType
    array_length: int
    offset: int
    unit: str | None
    enum: str | None
    is_extension: bool

    @property
    def size(self) -> int:
        return self.type.size * max(1, self.array_length)

    @property
    def is_text(self) -> bool:
        return self.type is WireType.CHAR and self.array_length > 0

    @property
    def is_octets(self) -> bool:
        """A byte array: carried as `bytes`, not as a tuple of numbers."""
        return self.type is WireType.UINT8 and self.array_length > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSpec:
    """One message; `fields` in wire order, `min_length` without extensions (the MAVLink 1 length)."""

    msgid: int
    name: str
    crc_extra: int
    fields: tuple[FieldSpec, ...]
    min_length: int
    max_length: int
    target_system_offset: int | None
    target_component_offset: int | None

    def field(self, name: str) -> FieldSpec:
        for field in self.fields:
            if field.name == name:
                return field
        raise UnknownField(f"{self.name} has no field {name!r}")


class UnknownMessage(LookupError):
    """A message name or number that the dialect does not define."""


class UnknownField(LookupError):
    """A field that the message does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """All messages by number and by name, and the CRC seed of each for the frame reader."""

    by_id: Mapping[int, MessageSpec]
    by_name: Mapping[str, MessageSpec]
    crc_extras: Mapping[int, int]

    def spec(self, message: str | int) -> MessageSpec:
        """Table of a message; UnknownMessage says which name or number is foreign."""
        found = self.by_name.get(message) if isinstance(message, str) else self.by_id.get(message)
        if found is None:
            raise UnknownMessage(f"message {message!r} is not in the ardupilotmega dialect")
        return found


@cache
def ardupilotmega() -> Dialect:
    """The dialect of ArduPilot with MAVLink's common and minimal sets."""
    by_id = {msgid: _message(msgid, source) for msgid, source in sorted(generated.mavlink_map.items())}
    return Dialect(
        by_id=MappingProxyType(by_id),
        by_name=MappingProxyType({spec.name: spec for spec in by_id.values()}),
        crc_extras=MappingProxyType({msgid: spec.crc_extra for msgid, spec in by_id.items()}),
    )


def number_of(message: str) -> int:
    """Id of a message by its name; UnknownMessage says which name is foreign."""
    return ardupilotmega().spec(message).msgid


def _message(msgid: int, source: Any) -> MessageSpec:
    fields = _fields(source)
    offsets = {field.name: field.offset for field in fields}
    return MessageSpec(
        msgid=msgid,
        name=source.msgname,
        crc_extra=source.crc_extra,
        fields=fields,
        min_length=sum(field.size for field in fields if not field.is_extension),
        max_length=sum(field.size for field in fields),
        target_system_offset=offsets.get("target_system"),
        target_component_offset=offsets.get("target_component"),
    )


def _fields(source: Any) -> tuple[FieldSpec, ...]:
    # The generator gives extension fields, and only those, a default in the constructor.
    parameters = inspect.signature(source.__init__).parameters
    types = dict(zip(source.fieldnames, source.fieldtypes, strict=True))
    fields: list[FieldSpec] = []
    offset = 0
    for name, array_length in zip(source.ordered_fieldnames, source.array_lengths, strict=True):
        field = FieldSpec(
            name=name,
            type=WireType(types[name]),
            array_length=array_length,
            offset=offset,
            unit=source.fieldunits_by_name.get(name),
            enum=source.fieldenums_by_name.get(name),
            is_extension=parameters[name].default is not inspect.Parameter.empty,
        )
        fields.append(field)
        offset += field.size
    return tuple(fields)
