"""What an autopilot says it can do (AUTOPILOT_VERSION): asked for by the programmes that must know."""

from dataclasses import dataclass

from fleet.drivers.mavlink.commands import command_long
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.pace import Pace
from fleet.drivers.mavlink.step import Outgoing, Step, Talk
from fleet.wire.dialect import ardupilotmega
from fleet.wire.enums import Autopilot, Capability
from fleet.wire.enums import Command as MavCommand
from fleet.wire.message import Message, octets
from world.time import Instant

REPEAT_S = 1.0
REPEATS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """None means it did not say."""

    capabilities: int | None = None
    autopilot: int | None = None
    """HEARTBEAT.autopilot."""
    firmware: str | None = None
    uid: str | None = None

    @property
    def has_files(self) -> bool:
        return bool((self.capabilities or 0) & Capability.FTP)

    @property
    def counts_bytewise(self) -> bool | None:
        """Whether whole numbers travel as their bytes in PARAM messages (PX4) and not as floats (ArduPilot)."""
        if self.capabilities is not None:
            return bool(self.capabilities & Capability.PARAM_ENCODE_BYTEWISE)
        if self.autopilot in (Autopilot.PX4, Autopilot.ARDUPILOT):
            return self.autopilot == Autopilot.PX4
        return None


class AskOffers(Step[Offers]):
    """Requests AUTOPILOT_VERSION; a vehicle that never sends it is judged by its heartbeat alone."""

    def __init__(self, talk: Talk) -> None:
        super().__init__()
        self._talk = talk
        self._pace = Pace(every_s=REPEAT_S, times=REPEATS)
        self._autopilot: int | None = None

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        if self._pace.is_spent(now):
            self.end(Offers(autopilot=self._autopilot))
            return []
        if not self._pace.is_due(now):
            return []
        number = float(ardupilotmega().spec("AUTOPILOT_VERSION").msgid)
        return [command_long(self._talk, MavCommand.REQUEST_MESSAGE, number)]

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        if message.SPEC.name == "HEARTBEAT" and message.autopilot != Autopilot.INVALID:
            self._autopilot = message.autopilot
        elif message.SPEC.name == "AUTOPILOT_VERSION":
            self.end(Offers(
                capabilities=message.capabilities, autopilot=self._autopilot,
                firmware=f"{message.flight_sw_version:08x}", uid=_uid(message),
            ))
        return []


def _uid(message: Message) -> str | None:
    """The long serial number when there is one, hex."""
    long = octets(message, "uid2")
    if any(long):
        return long.hex()
    return f"{message.uid:016x}" if message.uid else None
