"""What the gas sensor measures. A saturated gas is dangerous and has no number."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fleet.drivers.payloads.gas_sensor.values import RANGES
from fleet.drivers.payloads.shape import Fold
from fleet.drivers.payloads.tool import ToolState, is_older, status_of, tunnelled
from fleet.wire.message import Message
from fleet.wire.readings import GasReading, Payload, PayloadState
from world.time import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class GasSensorState(ToolState):
    """The newest breath. `saturated` names the gases beyond the range: their number is None, never the limit."""

    rate_hz: float | None = None
    read_us: int | None = None
    ch4_pct: float | None = None
    co_ppm: float | None = None
    o2_pct: float | None = None
    co2_pct: float | None = None
    h2s_ppm: float | None = None
    temperature_c: float | None = None
    saturated: tuple[str, ...] = ()

    @property
    def is_power_cut(self) -> bool:
        return self.doing is PayloadState.LATCHED


_STATUS: Fold[GasSensorState] = status_of(Payload.GAS_SENSOR)


def _tunnel(state: GasSensorState, message: Message, now: Instant) -> GasSensorState:
    said = tunnelled(message)
    if not isinstance(said, GasReading):
        return _STATUS(state, message, now)
    if said.instance != state.instance or is_older(said.time_utc_us, state.read_us):
        return state
    read = {name: getattr(said, name) for name in RANGES}
    beyond = tuple(name for name, (_, high) in RANGES.items() if read[name] is not None and read[name] >= high)
    values: dict[str, Any] = {name: None if name in beyond else value for name, value in read.items()}
    return replace(state, at=now, read_us=said.time_utc_us, saturated=beyond, **values)


UNKNOWN = GasSensorState()
FOLD: Mapping[str, Fold[GasSensorState]] = {"TUNNEL": _tunnel}
