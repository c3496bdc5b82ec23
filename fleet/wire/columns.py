"""How one value of a TUNNEL payload is laid out: struct format, and both ways across it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from fleet.wire.readings import PixelBox


class BadValue(ValueError):
    """A number on the wire that its column cannot mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One value of a row: `format` takes exactly `count` struct values."""

    name: str
    format: str
    to_wire: Callable[[Any], tuple[Any, ...]]
    from_wire: Callable[[tuple[Any, ...]], Any]
    count: int = 1


MOST_BOXES: Final = 10
"""Of one message: what 128 bytes hold."""
_PX_PER_STEP: Final = 0.125
_BOX_VALUES: Final = 5
_UNKNOWN_I32: Final = 0x7FFFFFFF  # as INT32_MAX in GLOBAL_POSITION_INT and its kin


def whole(name: str, code: str) -> Column:
    """An integer that is always known."""
    return Column(name=name, format=code, to_wire=lambda value: (value,), from_wire=lambda wire: wire[0])


def whole_or_none(name: str, code: str) -> Column:
    """An integer for which 0 means unknown."""
    return Column(name=name, format=code, to_wire=lambda value: (value or 0,), from_wire=lambda wire: wire[0] or None)


def real(name: str) -> Column:
    """A float that must be finite."""
    return Column(
        name=name, format="f", to_wire=lambda value: (_finite(value),), from_wire=lambda wire: _finite(wire[0])
    )


def real_or_none(name: str) -> Column:
    """A float for which NaN means unknown."""
    return Column(name=name, format="f", to_wire=_nan_for_none, from_wire=lambda wire: _none_for_nan(wire[0]))


def four_reals(name: str) -> Column:
    """Four floats, each possibly unknown."""
    return Column(
        name=name,
        format="4f",
        count=4,
        to_wire=lambda values: tuple(_nan_for_none(value)[0] for value in values),
        from_wire=lambda wire: tuple(_none_for_nan(value) for value in wire),
    )


def scaled(name: str, per_unit: float, *, limit: float) -> Column:
    """A 32-bit fixed-point number (degrees at 1e7, metres at 1e3) within +-limit, INT32_MAX for unknown."""

    def checked(value: float) -> float:
        if not abs(value) <= limit:
            raise BadValue(f"{name} {value} is beyond {limit}")
        return value

    return Column(
        name=name,
        format="i",
        to_wire=lambda value: (_UNKNOWN_I32 if value is None else round(checked(value) * per_unit),),
        from_wire=lambda wire: None if wire[0] == _UNKNOWN_I32 else checked(wire[0] / per_unit),
    )


def choice(name: str, kind: type[IntEnum]) -> Column:
    """A number of an enum; a number outside it is a BadValue."""

    def read(wire: tuple[Any, ...]) -> IntEnum:
        try:
            return kind(wire[0])
        except ValueError:
            raise BadValue(f"{name} {wire[0]} is no {kind.__name__}") from None

    return Column(name=name, format="B", to_wire=lambda value: (int(value),), from_wire=read)


def octets(name: str, length: int) -> Column:
    """Bytes of a fixed length."""

    def write(value: bytes) -> tuple[bytes]:
        if len(value) != length:
            raise BadValue(f"{name} takes {length} bytes, not {len(value)}")
        return (value,)

    return Column(name=name, format=f"{length}s", to_wire=write, from_wire=lambda wire: wire[0])


def part(name: str) -> Column:
    """Which of how many, from 1."""

    def checked(values: tuple[Any, ...]) -> tuple[int, int]:
        number, of = values
        if not 1 <= number <= of:
            raise BadValue(f"{name} {number} of {of}")
        return number, of

    return Column(name=name, format="2B", count=2, to_wire=checked, from_wire=checked)


def pixel_boxes(name: str) -> Column:
    """How many boxes, then room for MOST_BOXES; what lies behind the last is ignored."""

    def write(boxes: tuple[PixelBox, ...]) -> tuple[int, ...]:
        if len(boxes) > MOST_BOXES:
            raise BadValue(f"{name} holds {MOST_BOXES}, not {len(boxes)}")
        values = [value for box in boxes for value in _steps_of(box)]
        return (len(boxes), *values, *[0] * (_BOX_VALUES * (MOST_BOXES - len(boxes))))

    def read(wire: tuple[Any, ...]) -> tuple[PixelBox, ...]:
        if wire[0] > MOST_BOXES:
            raise BadValue(f"{name} cannot hold {wire[0]}")
        return tuple(_box_of(wire[1 + _BOX_VALUES * k : 1 + _BOX_VALUES * (k + 1)]) for k in range(wire[0]))

    return Column(
        name=name, format=f"B{_BOX_VALUES * MOST_BOXES}H", count=1 + _BOX_VALUES * MOST_BOXES, to_wire=write,
        from_wire=read,
    )


def _steps_of(box: PixelBox) -> list[int]:
    edges = [round(_finite(edge) / _PX_PER_STEP) for edge in (box.left_px, box.top_px, box.right_px, box.bottom_px)]
    if not (edges[0] < edges[2] and edges[1] < edges[3] and 0.0 <= box.score <= 1.0):
        raise BadValue(f"{box} is no box")
    return [*edges, round(box.score * 0xFFFF)]


def _box_of(steps: tuple[Any, ...]) -> PixelBox:
    left, top, right, bottom = (step * _PX_PER_STEP for step in steps[:4])
    if not (left < right and top < bottom):
        raise BadValue(f"{steps} is no box")
    return PixelBox(left_px=left, top_px=top, right_px=right, bottom_px=bottom, score=steps[4] / 0xFFFF)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise BadValue(f"{value} where a number is needed")
    return value


def _nan_for_none(value: float | None) -> tuple[float]:
    return (math.nan if value is None else value,)


def _none_for_nan(value: float) -> float | None:
    return value if math.isfinite(value) else None
