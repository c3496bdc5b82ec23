"""How one value of a TUNNEL payload is laid out: struct format, and both ways across it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final


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


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise BadValue(f"{value} where a number is needed")
    return value


def _nan_for_none(value: float | None) -> tuple[float]:
    return (math.nan if value is None else value,)


def _none_for_nan(value: float) -> float | None:
    return value if math.isfinite(value) else None
