"""Parameter tables per kind and what vehicles do when asked about them: unknown names are met with silence."""

import math
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from fleet.wire.enums import ParamType
from fleet.wire.message import Message
from sim.speak.port import Heard, Port, Voice
from sim.vehicles.spec import Kind

BURST: Final = 40
"""PARAM_VALUEs a step on a fast link: 2,000 a second (ArduPilot sent 1,365 in 0.7 s over TCP)."""
_NO_INDEX: Final = 65535


class UnknownParameter(LookupError):
    """A scenario sets a parameter that this kind does not have."""


class Parameters:
    """Values by name. Senseless values are accepted, as the autopilot does."""

    def __init__(self, kind: Kind, overrides: Mapping[str, float]) -> None:
        table = tomllib.loads(files("sim.autopilot.parameters").joinpath(f"{kind}.toml").read_text("utf-8"))
        foreign = sorted(set(overrides) - set(table))
        if foreign:
            raise UnknownParameter(f"a {kind} has no parameter {', '.join(foreign)}")
        self._types = {k: ParamType.INT32 if isinstance(v, int) else ParamType.REAL32 for k, v in table.items()}
        self._values: dict[str, float] = {name: float(overrides.get(name, value)) for name, value in table.items()}
        self._names = list(self._values)
        self._listing: dict[Port, int] = {}

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def get(self, name: str, otherwise: float) -> float:
        return self._values.get(name, otherwise)

    def put(self, name: str, value: float) -> None:
        self._values[name] = value

    def on_list(self, heard: Heard) -> None:
        self._listing[heard.port] = 0

    def on_read(self, heard: Heard) -> None:
        message = heard.message
        name = message.param_id
        if 0 <= message.param_index < len(self._names):
            name = self._names[message.param_index]
        if name in self._values:
            heard.port.say("PARAM_VALUE", **self._value(name, self._names.index(name)))

    def on_set(self, message: Message, voice: Voice) -> bool:
        """True when the name was known; the new value then goes to every port."""
        name = message.param_id
        if name not in self._values:
            return False
        if math.isfinite(message.param_value):
            self._values[name] = float(message.param_value)
        voice.say("PARAM_VALUE", **self._value(name, _NO_INDEX))
        return True

    def tick(self) -> None:
        """Go on with the lists that were asked for."""
        for port, begin in list(self._listing.items()):
            for index in range(begin, min(begin + BURST, len(self._names))):
                port.say("PARAM_VALUE", **self._value(self._names[index], index))
            self._listing[port] = begin + BURST
            if begin + BURST >= len(self._names):
                del self._listing[port]

    def _value(self, name: str, index: int) -> dict[str, Any]:
        return {
            "param_id": name, "param_value": self._values[name], "param_type": self._types[name],
            "param_count": len(self._names), "param_index": index,
        }
