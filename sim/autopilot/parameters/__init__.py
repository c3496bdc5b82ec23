"""Parameters per kind and what vehicles do when asked about them: unknown names are met with silence."""

import math
from collections.abc import Mapping
from typing import Any, Final

from fleet.wire.enums import ParamType
from fleet.wire.message import Message
from sim.autopilot.parameters.tables import table_of
from sim.speak.port import Heard, Port, Voice
from sim.vehicles.spec import Kind

BURST: Final = 200
"""PARAM_VALUEs of a list in a tenth of a second (ArduPilot 4.5.7 sent 1,365 in 0.7 s over TCP)."""
_NO_INDEX: Final = 65535
_ROUNDING: Final = 0.01
"""What AP_Param adds to a float before it cuts it to a whole number."""
_LIMITS: Final = {
    ParamType.INT8: (-128, 127), ParamType.INT16: (-32768, 32767), ParamType.INT32: (-2147483648, 2147483647),
}


class UnknownParameter(LookupError):
    """A scenario sets a parameter that this kind does not have."""


class Parameters:
    """Values by name. Senseless values are accepted, as the autopilot does; defaults are shared by all of a kind."""

    def __init__(self, kind: Kind, overrides: Mapping[str, float]) -> None:
        self.table = table_of(kind)
        foreign = sorted(set(overrides) - set(self.table.defaults))
        if foreign:
            raise UnknownParameter(f"a {kind} has no parameter {', '.join(foreign)}")
        self._own: dict[str, float] = {name: float(value) for name, value in overrides.items()}
        self._listing: dict[Port, int] = {}

    def __getitem__(self, name: str) -> float:
        own = self._own.get(name)
        return self.table.defaults[name] if own is None else own

    def get(self, name: str, otherwise: float) -> float:
        return self[name] if name in self.table.defaults else otherwise

    def put(self, name: str, value: float) -> None:
        self._own[name] = value

    def changed(self) -> dict[str, float]:
        """Those that are not at their default."""
        return {name: value for name, value in self._own.items() if value != self.table.defaults[name]}

    def on_list(self, heard: Heard) -> None:
        self._listing[heard.port] = 0

    def on_read(self, heard: Heard) -> None:
        """One by its index, or by its name: then the answer has no index (GCS_Param.cpp)."""
        index, names = heard.message.param_index, self.table.names
        if index == -1 and heard.message.param_id in self.table.defaults:
            heard.port.say("PARAM_VALUE", **self._value(heard.message.param_id, _NO_INDEX))
        elif 0 <= index < len(names):
            heard.port.say("PARAM_VALUE", **self._value(names[index], index))

    def on_set(self, message: Message, voice: Voice) -> bool:
        """True when the name was known; the new value then goes to every port."""
        name = message.param_id
        if name not in self.table.defaults:
            return False
        if math.isfinite(message.param_value):
            self._own[name] = as_kept(message.param_value, self.table.types[name])
        voice.say("PARAM_VALUE", **self._value(name, _NO_INDEX))
        return True

    def tick(self) -> None:
        """Go on with the lists that were asked for."""
        if not self._listing:
            return
        names = self.table.names
        for port, begin in list(self._listing.items()):
            for index in range(begin, min(begin + BURST, len(names))):
                port.say("PARAM_VALUE", **self._value(names[index], index))
            self._listing[port] = begin + BURST
            if begin + BURST >= len(names):
                del self._listing[port]

    def drop(self, port: Port) -> None:
        """A link has gone."""
        self._listing.pop(port, None)

    def _value(self, name: str, index: int) -> dict[str, Any]:
        return {
            "param_id": name, "param_value": self[name], "param_type": self.table.types[name],
            "param_count": len(self.table.names), "param_index": index,
        }


def as_kept(value: float, kind: ParamType) -> float:
    """What AP_Param::set_float makes of it: whole numbers are cut and held to what their type reaches."""
    if kind not in _LIMITS:
        return float(value)
    low, high = _LIMITS[kind]
    return float(max(low, min(high, math.trunc(value + math.copysign(_ROUNDING, value)))))
