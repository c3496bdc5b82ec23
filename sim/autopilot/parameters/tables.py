"""Names, types and defaults of each kind's parameters: those that act here, and the rest an ArduPilot lists."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from fleet.wire.enums import ParamType
from sim.vehicles.spec import Kind

_TYPES: Final = {
    "int8": ParamType.INT8, "int16": ParamType.INT16, "int32": ParamType.INT32, "real32": ParamType.REAL32,
}

_REST_OF: Final = {Kind.BOAT: Kind.ROVER}
"""One firmware drives both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterTable:
    """One kind's parameters, in the order in which they are listed."""

    names: tuple[str, ...]
    types: Mapping[str, ParamType]
    defaults: Mapping[str, float]


@cache
def table_of(kind: Kind) -> ParameterTable:
    """Read once; thousands of vehicles share it."""
    acting, rest = _read(f"{kind}.toml"), _read(f"{_REST_OF.get(kind, kind)}_rest.toml")
    types = {name: _TYPES[word] for name, word in rest["acting"].items()}
    defaults = {name: float(acting[name]) for name in types}
    for word, number in _TYPES.items():
        for name, value in rest[word].items():
            types[name], defaults[name] = number, float(value)
    return ParameterTable(names=tuple(sorted(types)), types=types, defaults=defaults)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("sim.autopilot.parameters").joinpath(name).read_text("utf-8"))
