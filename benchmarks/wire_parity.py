"""Every message of the dialect, several values each, against pymavlink: the same bytes out, the same fields in."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from struct import Struct
from typing import Any

import numpy as np
from pymavlink.dialects.v20 import ardupilotmega as reference

from fleet.wire.batch import BatchPacker, Engine
from fleet.wire.bulk import BulkDecoder
from fleet.wire.decode import Decoder
from fleet.wire.dialect import FieldSpec, MessageSpec, WireType, ardupilotmega
from fleet.wire.encode import Encoder
from fleet.wire.frame import parse_datagram
from fleet.wire.message import Message

SYSID, COMPID = 42, 191


class Style(StrEnum):
    """Which corner of each field's range a sample is taken from."""

    ZERO = "zero"
    LOWEST = "lowest"
    HIGHEST = "highest"
    NOT_A_NUMBER = "nan"
    RANDOM = "random"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One message with its values and the bytes pymavlink makes of them."""

    spec: MessageSpec
    values: Mapping[str, Any]
    seq: int
    frame: bytes


def samples(seed: int, rounds: int = 1) -> Iterator[Sample]:
    """All messages in every style; RANDOM comes `rounds` times."""
    rng = random.Random(seed)
    styles = [style for style in Style if style is not Style.RANDOM] + [Style.RANDOM] * rounds
    for spec in ardupilotmega().by_id.values():
        for style in styles:
            yield sample(spec, style, rng)


def sample(spec: MessageSpec, style: Style, rng: random.Random) -> Sample:
    """One message in one style, encoded by pymavlink."""
    values = {field.name: _value(field, style, rng) for field in spec.fields}
    seq = rng.randrange(256)
    return Sample(spec=spec, values=values, seq=seq, frame=reference_frame(spec, values, seq))


def reference_frame(spec: MessageSpec, values: Mapping[str, Any], seq: int, *, force_mavlink1: bool = False) -> bytes:
    """What pymavlink puts on the wire."""
    link = reference.MAVLink(None, SYSID, COMPID)
    link.seq = seq
    given = {name: value.encode() if isinstance(value, str) else value for name, value in values.items()}
    frame: bytes = reference.mavlink_map[spec.msgid](**given).pack(link, force_mavlink1=force_mavlink1)
    return frame


def reference_message(frame: bytes) -> Any:
    """What pymavlink reads from one frame."""
    return reference.MAVLink(None).decode(bytearray(frame))


def disagreements(case: Sample) -> list[str]:
    """In words: where our encoder or decoder differs from pymavlink on a sample."""
    found = []
    if Encoder(SYSID, COMPID, case.seq).encode(case.spec.name, **case.values) != case.frame:
        found.append(f"{case.spec.name}: encoded differently")
    frames = parse_datagram(case.frame)
    message = Decoder().decode(frames[0]) if len(frames) == 1 else None
    if message is None:
        return [*found, f"{case.spec.name}: not decoded"]
    if (frames[0].sysid, frames[0].compid, frames[0].seq) != (SYSID, COMPID, case.seq):
        found.append(f"{case.spec.name}: source or sequence differs")
    return found + field_differences(message, reference_message(case.frame))


def field_differences(message: Message, expected: Any) -> list[str]:
    """Fields whose values differ from pymavlink's message."""
    return [
        f"{message.SPEC.name}.{field.name}: {getattr(message, field.name)!r} for {getattr(expected, field.name)!r}"
        for field in message.SPEC.fields
        if not _same(getattr(message, field.name), getattr(expected, field.name))
    ]


def batch_disagreements(cases: list[Sample], engine: Engine) -> list[str]:
    """Where the batch packer differs on samples of one message."""
    spec = cases[0].spec
    columns = {field.name: _column(field, [case.values[field.name] for case in cases]) for field in spec.fields}
    seqs = np.array([case.seq for case in cases], dtype=np.uint8)
    packer = BatchPacker(spec.msgid, len(cases), engine=engine)
    sysids = np.full(len(cases), SYSID, dtype=np.uint8)
    frames = packer.pack(columns, sysids=sysids, compid=COMPID, seqs=seqs).frames()
    found = [
        f"{spec.name}: packed differently by {engine.value}"
        for case, frame in zip(cases, frames, strict=True) if frame != case.frame
    ]
    if seqs.tolist() != [(case.seq + 1) % 256 for case in cases]:
        found.append(f"{spec.name}: sequence not counted up by {engine.value}")
    return found


def bulk_disagreements(cases: list[Sample]) -> list[str]:
    """Where the bulk decoder differs on all samples in one buffer."""
    batch = BulkDecoder().read(b"".join(case.frame for case in cases))
    if len(batch) != len(cases):
        return [f"bulk decoder gave {len(batch)} messages of {len(cases)}"]
    return [
        difference
        for case, message in zip(cases, batch.messages, strict=True)
        for difference in field_differences(message, reference_message(case.frame))
    ]


def _value(field: FieldSpec, style: Style, rng: random.Random) -> Any:
    if field.type is WireType.CHAR:
        return _text(field, style, rng)
    if field.array_length:
        return [_number(field, style, rng) for _ in range(field.array_length)]
    return _number(field, style, rng)


def _text(field: FieldSpec, style: Style, rng: random.Random) -> str:
    length = {Style.ZERO: 0, Style.HIGHEST: field.array_length}.get(style, rng.randint(0, field.array_length))
    return "".join(chr(rng.randint(0x20, 0x7E)) for _ in range(length))


def _number(field: FieldSpec, style: Style, rng: random.Random) -> int | float:
    if style is Style.ZERO:
        return 0
    return _real(field, style, rng) if field.type in (WireType.FLOAT, WireType.DOUBLE) else _whole(field, style, rng)


def _real(field: FieldSpec, style: Style, rng: random.Random) -> float:
    code = "<f" if field.type is WireType.FLOAT else "<d"
    largest = float(np.finfo(code).max)
    corners = {Style.LOWEST: -largest, Style.HIGHEST: largest, Style.NOT_A_NUMBER: float("nan")}
    if style in corners:
        return corners[style]
    layout = Struct(code)
    value: float = layout.unpack(layout.pack(rng.uniform(-1000.0, 1000.0)))[0]
    return value


def _whole(field: FieldSpec, style: Style, rng: random.Random) -> int:
    bits = 8 * field.type.size
    lowest, highest = (0, (1 << bits) - 1) if field.type.startswith("u") else (-(1 << bits - 1), (1 << bits - 1) - 1)
    corners = {Style.LOWEST: lowest, Style.RANDOM: rng.randint(lowest, highest)}
    return corners.get(style, highest)


def _column(field: FieldSpec, values: list[Any]) -> Any:
    if field.type is WireType.CHAR:
        return np.array([value.encode() for value in values], dtype=f"S{field.array_length}")
    if field.type in (WireType.FLOAT, WireType.DOUBLE):
        return np.array(values, dtype=np.float64)
    return np.array(values, dtype=np.uint64 if field.type.startswith("u") else np.int64)


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, (bytes, tuple)):
        return len(ours) == len(theirs) and all(map(_same, ours, theirs))
    return bool(ours == theirs) or (ours != ours and theirs != theirs)
