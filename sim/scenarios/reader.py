"""Reads parsed TOML into frozen dataclasses by their type hints: types, ranges and names are checked in one place."""

import dataclasses
import difflib
import math
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin

from sim.scenarios.source import Source


@dataclasses.dataclass(frozen=True, slots=True)
class Range:
    """Bounds of a number, both included."""

    low: float
    high: float


def read_table(source: Source, cls: type[Any], table: Mapping[str, Any], path: str = "") -> Any:
    """An instance of dataclass `cls`; raises ScenarioError for the first field that is unknown, missing or wrong."""
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    for key in table:
        if key not in fields:
            raise source.error(_join(path, key), _unknown(key, tuple(fields)))
    values: dict[str, Any] = {}
    for name, field in fields.items():
        here = _join(path, name)
        if name in table:
            values[name] = _read(source, hints[name], table[name], here)
        elif field.default is dataclasses.MISSING:
            raise source.error(here, f"is missing; add {name} = <{_describe(hints[name])}>")
    return cls(**values)


def _read(source: Source, hint: Any, value: Any, path: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        inner = _read(source, arguments[0], value, path)
        for bound in arguments[1:]:
            _check_range(source, bound, inner, path)
        return inner
    if origin in (Union, types.UnionType):
        return _read(source, next(a for a in arguments if a is not type(None)), value, path)
    if origin is tuple:
        return _read_sequence(source, arguments, value, path)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping):
            raise source.error(path, f"is {value!r}; write it as a table")
        return read_table(source, hint, value, path)
    return _read_scalar(source, hint, value, path)


def _read_sequence(source: Source, arguments: tuple[Any, ...], value: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise source.error(path, f"is {value!r}; write a list in brackets")
    if arguments[-1] is Ellipsis:
        return tuple(_read(source, arguments[0], each, f"{path}[{n}]") for n, each in enumerate(value))
    if len(value) != len(arguments):
        raise source.error(path, f"has {len(value)} values; give {len(arguments)}, such as [east, north]")
    return tuple(_read(source, hint, each, path) for hint, each in zip(arguments, value, strict=True))


def _read_scalar(source: Source, hint: Any, value: Any, path: str) -> Any:
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        if value not in [member.value for member in hint]:
            raise source.error(path, _unknown(str(value), tuple(member.value for member in hint)))
        return hint(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    wanted = getattr(hint, "__supertype__", hint)
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise source.error(path, f"is {value!r}; give {_describe(hint)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise source.error(path, f"is {value!r}; give a finite number")
    if isinstance(value, datetime) and value.tzinfo is None:
        raise source.error(path, "has no time zone; end it with Z for UTC")
    return value


def _check_range(source: Source, bound: Range, value: Any, path: str) -> None:
    if not bound.low <= value <= bound.high:
        raise source.error(path, f"is {value:g}; give a value between {bound.low:g} and {bound.high:g}")


def _unknown(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"use one of {', '.join(known)}"
    return f"{name!r} is not known here; {hint}"


def _describe(hint: Any) -> str:
    if get_origin(hint) is Annotated:
        inner, bound = get_args(hint)[:2]
        return f"{_describe(inner)} between {bound.low:g} and {bound.high:g}"
    if get_origin(hint) is tuple:
        return "a list"
    if dataclasses.is_dataclass(hint):
        return "a table"
    moment = "a UTC time such as 2026-09-12T06:30:00Z"
    names = {float: "a number", int: "a whole number", str: "a text", datetime: moment}
    return names.get(getattr(hint, "__supertype__", hint), "a value of the right type")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
