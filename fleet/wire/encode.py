"""Messages -> MAVLink 2 frames, one at a time; columns of a whole fleet are packed by `batch`."""

from collections.abc import Mapping
from functools import cache
from struct import Struct
from struct import error as StructError
from typing import Any, Final

from fleet.wire.crc import frame_crc
from fleet.wire.dialect import FieldSpec, MessageSpec, UnknownField, WireType, ardupilotmega
from fleet.wire.frame import MAGIC_V2
from fleet.wire.message import array_struct, payload_struct

# length, both flag bytes, sequence, system, component, id
_HEADER: Final = Struct("<BHBBBHB")
_MAGIC: Final = bytes([MAGIC_V2])
# Filled by the sender with the protocol's minor version (HEARTBEAT definition).
IMPLIED_FIELDS: Final[Mapping[str, int]] = {"mavlink_version": 3}


class MissingField(LookupError):
    """A field that is no extension was not given."""


class ValueOutOfRange(ValueError):
    """A value that the field's wire type cannot carry."""


class Encoder:
    """Encodes for one component of one system and counts its sequence."""

    __slots__ = ("_compid", "_sysid", "seq")

    def __init__(self, sysid: int, compid: int, seq: int = 0) -> None:
        self._sysid = sysid
        self._compid = compid
        self.seq = seq

    def encode(self, message: str | int, /, **fields: Any) -> bytes:
        """One frame; extensions may be left out.

        Raises UnknownMessage, UnknownField, MissingField, ValueOutOfRange.
        """
        layout = _layout(message)
        payload = layout.pack(fields).rstrip(b"\0") or b"\0"
        seq, self.seq = self.seq, (self.seq + 1) & 0xFF
        head = _HEADER.pack(len(payload), 0, seq, self._sysid, self._compid, layout.msgid_low, layout.msgid_high)
        body = head + payload
        return _MAGIC + body + frame_crc(body, layout.crc_extra).to_bytes(2, "little")


def encode_payload(message: str | int, fields: Mapping[str, Any]) -> bytes:
    """Full payload of a message, trailing zeros kept."""
    return _layout(message).pack(fields)


class _Layout:
    """How the fields of one message become its payload, worked out once."""

    __slots__ = ("_arrays", "_defaults", "_names", "_pack", "_spec", "crc_extra", "msgid_high", "msgid_low")

    def __init__(self, spec: MessageSpec) -> None:
        self._spec = spec
        self._pack = payload_struct(spec.msgid).pack
        self._names = tuple(field.name for field in spec.fields)
        self._defaults = {field.name: _default(field) for field in spec.fields if field.is_extension} | {
            name: value for name, value in IMPLIED_FIELDS.items() if name in self._names
        }
        self._arrays = [(position, field) for position, field in enumerate(spec.fields) if field.array_length]
        self.crc_extra = spec.crc_extra
        self.msgid_low, self.msgid_high = spec.msgid & 0xFFFF, spec.msgid >> 16

    def pack(self, fields: Mapping[str, Any]) -> bytes:
        """Full payload; see Encoder.encode for what is raised."""
        given = fields if len(fields) == len(self._names) else {**self._defaults, **fields}
        if len(given) != len(self._names):
            raise self._mismatch(given)
        try:
            values = [given[name] for name in self._names]
        except KeyError:
            raise self._mismatch(given) from None
        try:
            for position, field in self._arrays:
                values[position] = self._octets(field, values[position])
            return self._pack(*values)
        except (StructError, OverflowError) as reason:
            raise self._misfit(given, reason) from reason

    def _octets(self, field: FieldSpec, value: Any) -> bytes:
        if not field.is_text and not field.is_octets:
            if len(value) != field.array_length:
                raise ValueOutOfRange(f"{self._spec.name}.{field.name} takes {field.array_length} values")
            return array_struct(field).pack(*value)
        data = value.encode() if isinstance(value, str) else bytes(value)
        if len(data) > field.array_length:
            raise ValueOutOfRange(f"{self._spec.name}.{field.name} holds {field.array_length} bytes, not {len(data)}")
        return data

    def _mismatch(self, given: Mapping[str, Any]) -> LookupError:
        foreign = [name for name in given if name not in self._names]
        if foreign:
            return UnknownField(f"{self._spec.name} has no field {', '.join(foreign)}")
        missing = [name for name in self._names if name not in given]
        return MissingField(f"{self._spec.name} needs {', '.join(missing)}")

    def _misfit(self, given: Mapping[str, Any], reason: Exception) -> ValueOutOfRange:
        for field in self._spec.fields:
            elements = [given[field.name]] if field.array_length == 0 else given[field.name]
            if field.is_text or field.is_octets or all(_fits(field.type, element) for element in elements):
                continue
            return ValueOutOfRange(f"{self._spec.name}.{field.name}: {given[field.name]!r} is no {field.type.value}")
        return ValueOutOfRange(f"{self._spec.name}: {reason}")


@cache
def _layout(message: str | int) -> _Layout:
    return _Layout(ardupilotmega().spec(message))


def _default(field: FieldSpec) -> Any:
    if field.is_text or field.is_octets:
        return b""
    return (0,) * field.array_length if field.array_length else 0


def _fits(kind: WireType, value: Any) -> bool:
    try:
        Struct(f"<{kind.code}").pack(value)
    except (StructError, OverflowError):
        return False
    return True
