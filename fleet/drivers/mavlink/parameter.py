"""One parameter: its value as the autopilot counts it, and how the two ways of putting it into a float are undone."""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from fleet.drivers.mavlink.step import StepFailed
from fleet.wire.enums import ParamType
from fleet.wire.message import Message

_FORMATS: Mapping[int, str] = {
    ParamType.UINT8: "<B", ParamType.INT8: "<b", ParamType.UINT16: "<H", ParamType.INT16: "<h",
    ParamType.UINT32: "<I", ParamType.INT32: "<i",
}
"""Whole numbers that PARAM messages can carry."""
NOT_BY_INDEX = 65535
"""PARAM_VALUE.param_index of what was asked by name or has just been set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """`default` None: the vehicle did not say."""

    name: str
    value: float
    kind: int
    default: float | None = None


def parameter_of(message: Message, *, is_bytewise: bool) -> Parameter:
    """From PARAM_VALUE. A whole number sent bytewise is the float's own bytes (PX4, MAV_PROTOCOL_CAPABILITY bit 4).

    The float comes through a double, which sets bit 22 of a signalling NaN: bytewise numbers from -8,388,607 to
    -4,194,305 and above 2,139,095,040 cannot be told from others and are read 4,194,304 too high.
    """
    value, form = float(message.param_value), _FORMATS.get(message.param_type)
    if is_bytewise and form is not None:
        value = float(struct.unpack_from(form, struct.pack("<f", value))[0])
    return Parameter(name=message.param_id, value=value, kind=message.param_type)


def to_wire(name: str, value: float, kind: int, *, is_bytewise: bool) -> float:
    """PARAM_SET.param_value for a value. StepFailed names what the parameter's type cannot hold."""
    form = _FORMATS.get(kind)
    if form is None:
        if not math.isfinite(value) or abs(value) > 3.4e38:
            raise StepFailed(f"{name} takes a finite number, not {value:g}")
        return as_float32(value)
    if not math.isfinite(value) or value != int(value):
        raise StepFailed(f"{name} is a whole number; {value:g} cannot be written")
    try:
        octets = struct.pack(form, int(value))
    except struct.error as reason:
        word = ParamType(kind).name
        raise StepFailed(f"{name} is of type {word}, which does not reach {value:.0f}") from reason
    carried = struct.unpack("<f", octets.ljust(4, b"\0"))[0] if is_bytewise else as_float32(value)
    is_whole = struct.pack("<f", carried)[: len(octets)] == octets if is_bytewise else carried == value
    if not is_whole:
        raise StepFailed(f"{name} = {value:.0f} cannot pass through the float of PARAM_SET unchanged")
    return float(carried)


def as_float32(value: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def is_same(a: float, b: float) -> bool:
    """As a vehicle sees it: PARAM messages carry 32 bits."""
    return a == b or (math.isfinite(a) and math.isfinite(b) and as_float32(a) == as_float32(b))
