"""Messages -> frames, one at a time, MAVLink 2 unless told; columns of a whole fleet are packed by `batch`."""

from collections.abc import Mapping, Sized
from functools import cache
from struct import Struct
from struct import error as StructError
from typing import Any, Final

from fleet.wire.crc import frame_crc
from fleet.wire.dialect import FieldSpec, MessageSpec, UnknownField, ardupilotmega
from fleet.wire.frame import MAGIC_V1, MAGIC_V2
from fleet.wire.message import array_struct, payload_struct

# length, both flag bytes, sequence, system, component, id
_HEADER: Final = Struct("<BHBBBHB")
_MAGIC: Final = bytes([MAGIC_V2])
_MAGIC_V1: Final = bytes([MAGIC_V1])
_LAST_ID_V1: Final = 255
# Filled by the sender with the protocol's minor version (HEARTBEAT definition).
IMPLIED_FIELDS: Final[Mapping[str, int]] = {"mavlink_version": 3}


class MissingField(LookupError):
    """A field that is no extension was not given."""


class ValueOutOfRange(ValueError):
    """A value that the field's wire type cannot carry."""


class NotInMavlink1(ValueError):
    """A message whose number MAVLink 1, with one byte for it, cannot carry."""


class Encoder:
    """Encodes for one component of one system and counts its sequence.

    `version` 1 is for vehicles that speak nothing newer: ids up to 255, extension fields left out.
    """

    __slots__ = ("_compid", "_sysid", "_version", "seq")

    def __init__(self, sysid: int, compid: int, seq: int = 0, *, version: int = 2) -> None:
        if version not in (1, 2):
            raise ValueError(f"MAVLink has versions 1 and 2, not {version}")
        self._sysid = sysid
        self._compid = compid
        self._version = version
        self.seq = seq

    def encode(self, message: str | int, /, **fields: Any) -> bytes:
        """One frame; extensions may be left out.

        Raises UnknownMessage, UnknownField, MissingField, ValueOutOfRange, NotInMavlink1.
        """
        layout = _layout(message)
        if self._version == 1:
            return self._encode_v1(layout, fields)
        return self._frame(layout, layout.pack(fields))

    def wrap(self, msgid: int, payload: bytes) -> bytes:
        """A frame around a payload that somebody else packed. Raises UnknownMessage."""
        return self._frame(_layout(msgid), payload)

    def _frame(self, layout: "_Layout", payload: bytes) -> bytes:
        payload = payload.rstrip(b"\0") or b"\0"
        seq, self.seq = self.seq, (self.seq + 1) & 0xFF
        head = _HEADER.pack(len(payload), 0, seq, self._sysid, self._compid, layout.msgid_low, layout.msgid_high)
        body = head + payload
        return _MAGIC + body + frame_crc(body, layout.crc_extra).to_bytes(2, "little")

    def _encode_v1(self, layout: "_Layout", fields: Mapping[str, Any]) -> bytes:
        spec = layout.spec
        if spec.msgid > _LAST_ID_V1:
            raise NotInMavlink1(f"{spec.name} has number {spec.msgid}, MAVLink 1 ends at {_LAST_ID_V1}: use MAVLink 2")
        payload = layout.pack(fields)[: spec.min_length]
        seq, self.seq = self.seq, (self.seq + 1) & 0xFF
        body = bytes([len(payload), seq, self._sysid, self._compid, spec.msgid]) + payload
        return _MAGIC_V1 + body + frame_crc(body, layout.crc_extra).to_bytes(2, "little")


def encode_payload(message: str | int, fields: Mapping[str, Any]) -> bytes:
    """Full payload of a message, trailing zeros kept."""
    return _layout(message).pack(fields)


class _Layout:
    """How the fields of one message become its payload, worked out once."""

    __slots__ = ("_arrays", "_defaults", "_names", "_pack", "crc_extra", "msgid_high", "msgid_low", "spec")

    def __init__(self, spec: MessageSpec) -> None:
        self.spec = spec
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
            raise self._misfit(given) from reason

    def _octets(self, field: FieldSpec, value: Any) -> bytes:
        """Bytes of an array or text field; bytes and texts may be shorter than the field, number arrays not."""
        where = f"{self.spec.name}.{field.name}"
        if isinstance(value, str):
            value = value.encode()
        elif not isinstance(value, Sized):
            raise ValueOutOfRange(f"{where}: {value!r} is no array")
        may_be_shorter = field.is_text or field.is_octets
        if len(value) > field.array_length or (len(value) < field.array_length and not may_be_shorter):
            raise ValueOutOfRange(f"{where} takes {field.array_length} values, not {len(value)}")
        if not may_be_shorter:
            return array_struct(field).pack(*value)
        try:
            return value if isinstance(value, bytes) else bytes(list(value))
        except (TypeError, ValueError) as reason:
            raise ValueOutOfRange(f"{where}: {reason}") from reason

    def _mismatch(self, given: Mapping[str, Any]) -> LookupError:
        foreign = [name for name in given if name not in self._names]
        if foreign:
            return UnknownField(f"{self.spec.name} has no field {', '.join(foreign)}")
        missing = [name for name in self._names if name not in given]
        return MissingField(f"{self.spec.name} needs {', '.join(missing)}")

    def _misfit(self, given: Mapping[str, Any]) -> ValueOutOfRange:
        misfits = [
            f"{field.name}={given[field.name]!r} is no {field.type.value}"
            for field in self.spec.fields if not _fits(field, given[field.name])
        ]
        return ValueOutOfRange(f"{self.spec.name}: {'; '.join(misfits)}")


@cache
def _layout(message: str | int) -> _Layout:
    return _Layout(ardupilotmega().spec(message))


def _default(field: FieldSpec) -> Any:
    if field.is_text or field.is_octets:
        return b""
    return (0,) * field.array_length if field.array_length else 0


def _fits(field: FieldSpec, value: Any) -> bool:
    if field.is_text or field.is_octets:
        return True
    try:
        Struct(f"<{field.array_length or 1}{field.type.code}").pack(*(value if field.array_length else (value,)))
    except (StructError, OverflowError):
        return False
    return True
