"""The file `@PARAM/param.pck` as ArduPilot makes it (AP_Filesystem_Param.cpp): packed names, padded for its reader."""

import struct
from typing import Final
from urllib.parse import parse_qs

from fleet.wire.enums import ParamType
from sim.autopilot.parameters import Parameters

NAME: Final = "@PARAM/param.pck"
_MAGIC: Final = 0x671B
_MAGIC_WITH_DEFAULTS: Final = 0x671C
_HEAD: Final = struct.Struct("<HHH")
_KINDS: Final = {
    ParamType.INT8: (1, struct.Struct("<b")), ParamType.INT16: (2, struct.Struct("<h")),
    ParamType.INT32: (3, struct.Struct("<i")), ParamType.REAL32: (4, struct.Struct("<f")),
}


class BadQuery(ValueError):
    """What follows the file's name after a question mark makes no sense."""


def pack(parameters: Parameters, query: str, read_size: int) -> bytes:
    """The whole file. `query` may hold start, count and withdefaults; no value lies across two reads of `read_size`."""
    start, count, with_defaults = _asked(query)
    names = parameters.table.names
    if start >= len(names):
        raise BadQuery(f"start={start} is behind the last parameter")
    chosen = names[start : start + count] if count else names[start:]
    out = bytearray(_HEAD.pack(_MAGIC_WITH_DEFAULTS if with_defaults else _MAGIC, len(chosen), len(names)))
    last = ""
    for name in chosen:
        entry, size = _entry(parameters, name, last, with_defaults=with_defaults)
        over = (len(out) + len(entry)) % read_size
        if size > 1 and 0 < over < size:
            out += bytes(size - over)
        out += entry
        last = name
    return bytes(out)


def _asked(query: str) -> tuple[int, int, bool]:
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    try:
        return int(asked.get("start", 0)), int(asked.get("count", 0)), asked.get("withdefaults") == "1"
    except ValueError as reason:
        raise BadQuery(f"{query} is no query for {NAME}") from reason


def _entry(parameters: Parameters, name: str, last: str, *, with_defaults: bool) -> tuple[bytes, int]:
    """Bytes of one parameter, and how many of them its value has."""
    table = parameters.table
    number, form = _KINDS[table.types[name]]
    shared = _shared(name, last)
    own = name[shared:].encode()
    value, default = parameters[name], table.defaults[name]
    packed = _pack(form, table.types[name], value)
    has_default = with_defaults and value != default
    if has_default:
        packed += _pack(form, table.types[name], default)
    return bytes([number | has_default << 4, shared | (len(own) - 1) << 4]) + own + packed, form.size


def _pack(form: struct.Struct, kind: ParamType, value: float) -> bytes:
    return form.pack(value if kind is ParamType.REAL32 else int(value))


def _shared(name: str, last: str) -> int:
    """Length of the common beginning; one character at least stays the name's own."""
    count = 0
    while count < min(len(name) - 1, len(last), 15) and name[count] == last[count]:
        count += 1
    return count
