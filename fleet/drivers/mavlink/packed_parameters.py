"""ArduPilot's packed parameter file `@PARAM/param.pck`: all parameters in some 16 kB, read here, never written.

Layout: AP_Filesystem_Param.cpp. Head: magic, number in this file, number in all (u16 each). Each entry: type and
flags (4 bits each), length of the name's part shared with the entry before and of its own part less one (4 bits
each), the own part, the value, and with flag 1 the default. Zero bytes before an entry are padding.
"""

import re
import struct

from fleet.drivers.mavlink.parameter import Parameter
from fleet.wire.enums import ParamType

MAGIC, MAGIC_WITH_DEFAULTS = 0x671B, 0x671C
PATH = "@PARAM/param.pck"
_HEAD = struct.Struct("<HHH")
_TYPES = {
    1: (ParamType.INT8, struct.Struct("<b")), 2: (ParamType.INT16, struct.Struct("<h")),
    3: (ParamType.INT32, struct.Struct("<i")), 4: (ParamType.REAL32, struct.Struct("<f")),
}
_NAME = re.compile(rb"[A-Za-z0-9_]{1,16}")


class BadParameterFile(ValueError):
    """A packed parameter file that is cut, mixed from two states, or of another format."""


def unpack_parameters(data: bytes) -> list[Parameter]:
    """All parameters of a whole file, in order. Raises BadParameterFile."""
    if len(data) < _HEAD.size:
        raise BadParameterFile(f"{len(data)} bytes are too few for its head")
    magic, count, total = _HEAD.unpack_from(data)
    if magic not in (MAGIC, MAGIC_WITH_DEFAULTS):
        raise BadParameterFile(f"it begins with {magic:#06x} and not with {MAGIC:#06x}")
    found: list[Parameter] = []
    at, name = _after_padding(data, _HEAD.size), b""
    while at < len(data):
        parameter, name, at = _entry(data, at, name)
        found.append(parameter)
        at = _after_padding(data, at)
    if len(found) != count or count > total:
        raise BadParameterFile(f"it holds {len(found)} parameters where its head says {count} of {total}")
    if len({each.name for each in found}) != len(found):
        raise BadParameterFile("a name comes twice in it")
    return found


def total_of(data: bytes) -> int:
    """Number of parameters of the vehicle, from a file's head."""
    return int(_HEAD.unpack_from(data)[2]) if len(data) >= _HEAD.size else 0


def _after_padding(data: bytes, at: int) -> int:
    while at < len(data) and data[at] == 0:
        at += 1
    return at


def _entry(data: bytes, at: int, last_name: bytes) -> tuple[Parameter, bytes, int]:
    if at + 2 > len(data):
        raise BadParameterFile("its last entry is cut")
    kind, flags = data[at] & 0x0F, data[at] >> 4
    shared, own = data[at + 1] & 0x0F, (data[at + 1] >> 4) + 1
    if kind not in _TYPES or flags > 1 or shared > len(last_name):
        raise BadParameterFile(f"byte {at} begins no parameter")
    param_type, form = _TYPES[kind]
    values_at = at + 2 + own
    end = values_at + form.size * (2 if flags else 1)
    if end > len(data):
        raise BadParameterFile("its last entry is cut")
    name = last_name[:shared] + data[at + 2 : values_at]
    if _NAME.fullmatch(name) is None:
        raise BadParameterFile(f"byte {at} begins no parameter's name")
    value = float(form.unpack_from(data, values_at)[0])
    default = float(form.unpack_from(data, values_at + form.size)[0]) if flags else None
    return Parameter(name=name.decode(), value=value, kind=param_type, default=default), name, end
