"""Columns of a whole fleet -> MAVLink 2 frames, one message of one kind per vehicle, in one compiled pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fleet.wire.crc import frame_crc
from fleet.wire.dialect import FieldSpec, MessageSpec, UnknownField, WireType, ardupilotmega
from fleet.wire.encode import IMPLIED_FIELDS, MissingField, ValueOutOfRange
from fleet.wire.frame import CRC_LENGTH, HEADER_LENGTH_V2, MAGIC_V2
from fleet.wire.kernels import CRC_TABLES, Integers, Octets, compiled, pack_rows


class Engine(StrEnum):
    """What runs the packing loop; both give the same bytes."""

    NUMBA = "numba"
    PYTHON = "python"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFrames:
    """Frames one after another in `data`; frame i ends at `ends[i]` and belongs to vehicle `rows[i]`."""

    data: bytes
    ends: Integers
    rows: Integers

    def __len__(self) -> int:
        return len(self.ends)

    def frames(self) -> list[bytes]:
        """One `bytes` per vehicle, in the order of `rows`."""
        data, begin, frames = self.data, 0, []
        for end in self.ends.tolist():
            frames.append(data[begin:end])
            begin = end
        return frames


class BatchPacker:
    """Packs one kind of message for n vehicles; its buffers are reused, so one packer serves one caller."""

    def __init__(self, message: str | int, n: int, *, engine: Engine = Engine.NUMBA) -> None:
        self._spec = ardupilotmega().spec(message)
        self._engine = engine
        self._payloads = np.zeros(n, dtype=payload_dtype(self._spec))
        self._raw: Octets = self._payloads.view(np.uint8).reshape(n, self._spec.max_length)
        self._columns = {field.name: self._payloads[field.name] for field in self._spec.fields}
        self._all: Integers = np.arange(n)
        self._out: Octets = np.empty(n * (HEADER_LENGTH_V2 + self._spec.max_length + CRC_LENGTH), dtype=np.uint8)
        self._ends: Integers = np.empty(n, dtype=np.int64)

    def pack(
        self, columns: Mapping[str, ArrayLike], *, sysids: Octets, compid: int, seqs: Octets,
        rows: Integers | None = None,
    ) -> PackedFrames:
        """Frames of all vehicles, or of `rows` only; `seqs` (uint8, one per vehicle) is counted up in place.

        A column is an array of n values (n x k for array fields) or one value for all. Columns of the wire's own type
        are copied unchecked; others are range-checked and cast. Raises UnknownField, MissingField, ValueOutOfRange.
        """
        self._fill(columns)
        chosen = self._all if rows is None else np.asarray(rows, dtype=np.int64)
        msgid = self._spec.msgid
        head = np.array([compid, msgid & 0xFF, msgid >> 8 & 0xFF, msgid >> 16, self._spec.crc_extra], dtype=np.uint8)
        if self._engine is Engine.NUMBA:
            used = compiled(pack_rows)(
                self._raw, chosen, head, np.asarray(sysids, dtype=np.uint8), seqs, CRC_TABLES, self._out, self._ends
            )
            data = self._out[:used].tobytes()
        else:
            data = _pack_rows_plainly(self._raw, chosen, head.tolist(), sysids, seqs, self._ends)
        return PackedFrames(data=data, ends=self._ends[: len(chosen)].copy(), rows=chosen)

    def _fill(self, columns: Mapping[str, ArrayLike]) -> None:
        for field in self._spec.fields:
            value = columns.get(field.name)
            if value is not None:
                _store(self._spec, field, self._columns[field.name], np.asarray(value))
            elif field.name in IMPLIED_FIELDS:
                self._columns[field.name][...] = IMPLIED_FIELDS[field.name]
            elif not field.is_extension:
                raise MissingField(f"{self._spec.name} needs {field.name}")
            else:
                self._columns[field.name][...] = 0
        if not self._columns.keys() >= columns.keys():
            foreign = ", ".join(sorted(columns.keys() - self._columns.keys()))
            raise UnknownField(f"{self._spec.name} has no field {foreign}")


_NUMPY_TYPES: Final[Mapping[WireType, str]] = {
    WireType.CHAR: "S",
    WireType.UINT8: "u1",
    WireType.INT8: "i1",
    WireType.UINT16: "<u2",
    WireType.INT16: "<i2",
    WireType.UINT32: "<u4",
    WireType.INT32: "<i4",
    WireType.UINT64: "<u8",
    WireType.INT64: "<i8",
    WireType.FLOAT: "<f4",
    WireType.DOUBLE: "<f8",
}


def payload_dtype(spec: MessageSpec) -> np.dtype[np.void]:
    """The full payload of a message as a numpy record, unpadded."""
    formats: list[Any] = []
    for field in spec.fields:
        if field.type is WireType.CHAR:
            formats.append(f"S{max(1, field.array_length)}")
        else:
            kind = _NUMPY_TYPES[field.type]
            formats.append((kind, (field.array_length,)) if field.array_length else kind)
    return np.dtype({
        "names": [field.name for field in spec.fields],
        "formats": formats,
        "offsets": [field.offset for field in spec.fields],
        "itemsize": spec.max_length,
    })


def _store(spec: MessageSpec, field: FieldSpec, column: NDArray[Any], values: NDArray[Any]) -> None:
    if column.dtype.kind in "iu" and values.dtype != column.dtype:
        if values.dtype.kind not in "iub":
            raise ValueOutOfRange(f"{spec.name}.{field.name} takes whole numbers, not {values.dtype}: round them first")
        bounds = np.iinfo(column.dtype)
        if values.size and (int(values.min()) < bounds.min or int(values.max()) > bounds.max):
            raise ValueOutOfRange(f"{spec.name}.{field.name}: {values.min()}..{values.max()} is no {field.type.value}")
    elif column.dtype.kind == "S" and values.dtype.itemsize > column.dtype.itemsize:
        raise ValueOutOfRange(f"{spec.name}.{field.name} holds {column.dtype.itemsize} bytes")
    column[...] = values


def _pack_rows_plainly(
    raw: Octets, rows: Integers, head: list[int], sysids: Octets, seqs: Octets, ends: Integers
) -> bytes:
    """The twin of `kernels.pack_rows` without compilation."""
    *tail, crc_extra = head
    data = bytearray()
    for number, row in enumerate(rows.tolist()):
        payload = raw[row].tobytes().rstrip(b"\0") or b"\0"
        body = bytes([len(payload), 0, 0, int(seqs[row]), int(sysids[row]), *tail]) + payload
        seqs[row] = (int(seqs[row]) + 1) & 0xFF
        data += bytes([MAGIC_V2]) + body + frame_crc(body, crc_extra).to_bytes(CRC_LENGTH, "little")
        ends[number] = len(data)
    return bytes(data)
