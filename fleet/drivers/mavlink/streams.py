"""Keeps telemetry flowing: nothing comes unasked from ArduPilot; a silent stream is asked for again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fleet.drivers.mavlink.commands import command_long
from fleet.drivers.mavlink.step import Outgoing, Talk
from fleet.wire.dialect import ardupilotmega
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import MavResult
from fleet.wire.message import Message, message_class
from world.time import Instant

RATES_HZ: Mapping[str, float] = {
    "GLOBAL_POSITION_INT": 5.0,
    "ATTITUDE": 5.0,
    "SYS_STATUS": 1.0,
    "GPS_RAW_INT": 1.0,
    "EKF_STATUS_REPORT": 1.0,
    "EXTENDED_SYS_STATE": 1.0,
    "MISSION_CURRENT": 2.0,
    "HOME_POSITION": 0.2,
}
WHILE_ARMED_HZ: Mapping[str, float] = {"RC_CHANNELS": 1.0}
"""Asked of armed vehicles only: whether a person's sticks are moved."""
_QUESTIONS = (MavCommand.SET_MESSAGE_INTERVAL, MavCommand.REQUEST_MESSAGE)
SILENT_PERIODS = 5.0
_LOOK_EVERY_NS = 500_000_000
"""Streams that all flow are looked at again after this."""
ASK_EVERY_S = 3.0
# An autopilot without the message is asked once a minute: it may be another one after a reboot.
UNSUPPORTED_EVERY_S = 60.0


@dataclass(slots=True, kw_only=True)
class _Stream:
    name: str
    number: int
    rate_hz: float
    heard: Instant | None = None
    asked: Instant | None = None
    ask_every_s: float = ASK_EVERY_S
    while_armed: bool = False
    silent_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.silent_s = max(SILENT_PERIODS / self.rate_hz, ASK_EVERY_S)

    def is_due(self, now: Instant) -> bool:
        is_silent = self.heard is None or self.heard.age_s(now) > self.silent_s
        return is_silent and (self.asked is None or self.asked.age_s(now) >= self.ask_every_s)


class Streams:
    """The streams of one vehicle. `requests` gives what to send now, nothing before its first heartbeat."""

    def __init__(self, talk: Talk, rates_hz: Mapping[str, float] = RATES_HZ) -> None:
        self._talk = talk
        number = ardupilotmega().spec
        self._streams = {
            name: _Stream(
                name=name, number=number(name).msgid, rate_hz=rate, while_armed=name in WHILE_ARMED_HZ
            )
            for name, rate in (*rates_hz.items(), *WHILE_ARMED_HZ.items())
        }
        self._by_type = {message_class(stream.number): stream for stream in self._streams.values()}
        self._last_asked: _Stream | None = None
        self._quiet_until_ns = 0

    def hear(self, message: Message, now: Instant) -> None:
        stream = self._by_type.get(type(message))
        if stream is not None:
            stream.heard, stream.ask_every_s = now, ASK_EVERY_S
        elif message.SPEC.name == "COMMAND_ACK" and message.command in _QUESTIONS:
            self._acknowledged(message.result)

    def _acknowledged(self, result: int) -> None:
        # Requests go out one per tick, so the last one asked is the one acknowledged
        if self._last_asked is not None and result not in (MavResult.ACCEPTED, MavResult.IN_PROGRESS):
            self._last_asked.ask_every_s = UNSUPPORTED_EVERY_S

    def begin_anew(self) -> None:
        """The vehicle is back after long: it may have started anew, and every stream is asked for at once."""
        for stream in self._streams.values():
            stream.heard = stream.asked = None
        self._quiet_until_ns = 0

    def requests(self, now: Instant) -> list[Outgoing]:
        """At most one request a call: a radio link is narrow, and acks do not say which message they are about."""
        if now.mono_ns < self._quiet_until_ns or self._talk.known().vitals.heartbeat is None:
            return []
        is_armed = self._talk.known().state.is_armed is True
        wanted = (stream for stream in self._streams.values() if is_armed or not stream.while_armed)
        due = next((stream for stream in wanted if stream.is_due(now)), None)
        if due is None:
            self._quiet_until_ns = now.mono_ns + _LOOK_EVERY_NS
            return []
        due.asked, self._last_asked = now, due
        if due.heard is None and due.rate_hz < 1.0:  # one now: the first of a slow stream would come after its period
            return [command_long(self._talk, MavCommand.REQUEST_MESSAGE, float(due.number))]
        interval_us = 1e6 / due.rate_hz
        return [command_long(self._talk, MavCommand.SET_MESSAGE_INTERVAL, float(due.number), interval_us)]
