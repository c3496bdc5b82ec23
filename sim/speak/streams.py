"""Which messages a port has asked for and when each is due, in integer ticks."""

from collections.abc import Mapping
from typing import Final

from fleet.wire.enums import DataStream
from sim.engine.columns import NEVER, STEP_TICKS, TICKS_PER_S

_BEAT: Final = 25
"""Intervals that are multiples of 100 ms keep to the autopilot's own beat: one estimate then serves them all."""

GROUPS: Final[Mapping[int, tuple[str, ...]]] = {
    DataStream.RAW_SENSORS: ("SCALED_PRESSURE",),
    DataStream.EXTENDED_STATUS: (
        "SYS_STATUS", "POWER_STATUS", "MEMINFO", "MISSION_CURRENT", "GPS_RAW_INT", "FENCE_STATUS",
    ),
    DataStream.RC_CHANNELS: ("RC_CHANNELS",),
    DataStream.POSITION: ("GLOBAL_POSITION_INT", "LOCAL_POSITION_NED"),
    DataStream.EXTRA1: ("ATTITUDE",),
    DataStream.EXTRA2: ("VFR_HUD",),
    DataStream.EXTRA3: ("SYSTEM_TIME", "BATTERY_STATUS", "EKF_STATUS_REPORT", "VIBRATION"),
}
"""REQUEST_DATA_STREAM groups, as ArduPilot's stream entries."""


class Streams:
    """Messages by name with their interval; the step of 20 ms is the shortest."""

    def __init__(self, phase: int = 0) -> None:
        """`phase`: the tick at which the autopilot's beat began."""
        self._phase = phase
        self._interval: dict[str, int] = {}
        self._due: dict[str, int] = {}
        self.next_tick = NEVER

    def ask(self, name: str, interval_us: float, tick: int) -> None:
        """Start, change (interval in microseconds) or stop (not positive) a message."""
        self._interval.pop(name, None)
        self._due.pop(name, None)
        if interval_us > 0:
            self._interval[name] = max(STEP_TICKS, round(interval_us * TICKS_PER_S / 1e6))
            self._due[name] = tick + self._interval[name]
            if self._interval[name] % _BEAT == 0:
                self._due[name] -= (self._due[name] - self._phase) % _BEAT
        self.next_tick = min(self._due.values(), default=NEVER)

    def ask_group(self, group: int, rate_hz: float, tick: int) -> None:
        """REQUEST_DATA_STREAM; group 0 is all of them."""
        for number, names in GROUPS.items():
            if group in (DataStream.ALL, number):
                for name in names:
                    self.ask(name, 1e6 / rate_hz if rate_hz > 0 else 0, tick)

    def interval_us(self, name: str) -> int:
        """0 when it is not streamed."""
        return round(self._interval.get(name, 0) * 1e6 / TICKS_PER_S)

    def rates_hz(self) -> dict[str, float]:
        """What is streamed, by name."""
        return {name: TICKS_PER_S / ticks for name, ticks in self._interval.items()}

    def due(self, tick: int) -> list[str]:
        """Names to send at this tick, in the order they were asked for."""
        if tick < self.next_tick:
            return []
        names = [name for name, at in self._due.items() if at <= tick]
        for name in names:
            self._due[name] = max(self._due[name] + self._interval[name], tick + 1)
        self.next_tick = min(self._due.values())
        return names
