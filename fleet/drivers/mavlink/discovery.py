"""Who a vehicle is: autopilot, firmware, serial number, abilities, and what else speaks under its system id."""

from fleet.drivers.mavlink.commands import command_long, is_for_us
from fleet.drivers.mavlink.fold import autopilot_kind
from fleet.drivers.mavlink.pace import Pace
from fleet.drivers.mavlink.step import Outgoing, Talk
from fleet.model import AutopilotKind, ComponentInfo
from fleet.wire.dialect import ardupilotmega
from fleet.wire.enums import Autopilot, MavResult, MavType
from fleet.wire.enums import Command as MavCommand
from fleet.wire.message import Message
from world.time import Instant

ASK_EVERY_S = 3.0
# One that does not answer may be rebooting, or its radio may be bad: ask on, but seldom.
SELDOM_S = 60.0
TRIES = 10
_RELEASES = ((0, "dev"), (64, "alpha"), (128, "beta"), (192, "rc"), (255, ""))
"""FIRMWARE_VERSION_TYPE, the lowest byte of flight_sw_version."""
_NAMES = {
    **{100 + k: f"camera {k + 1}" for k in range(6)},
    **{compid: f"gimbal {k + 1}" for k, compid in enumerate((154, 171, 172, 173, 174, 175))},
    140: "servo 1", 155: "log", 157: "on-screen display", 158: "peripheral", 161: "parachute", 169: "winch",
    180: "battery 1", 181: "battery 2", 190: "mission planner", 191: "companion computer",
    192: "companion computer 2", 193: "companion computer 3", 194: "companion computer 4", 195: "path planner",
    196: "obstacle avoidance", 197: "visual odometry", 220: "gps 1", 221: "gps 2", 236: "remote id 1",
    237: "remote id 2", 238: "remote id 3", 240: "udp bridge", 241: "uart bridge", 242: "tunnel node",
}
"""MAV_COMPONENT, in plain words."""


class Discovery:
    """A chore: asks AUTOPILOT_VERSION until it is heard. Give it the heartbeats of every component by `hear_of`.

    It stands on no message that autopilots refuse (435, 397, 300: AUTOPILOTS.md 3).
    """

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._pace = Pace(every_s=ASK_EVERY_S, times=TRIES)
        self._seldom = Pace(every_s=SELDOM_S)
        self._is_old_way = False
        self._is_heard = False
        self._components: dict[int, ComponentInfo] = {}
        self.autopilot: AutopilotKind | None = None
        self.firmware: str | None = None
        self.uid: str | None = None
        self.capabilities: int | None = None

    @property
    def components(self) -> tuple[ComponentInfo, ...]:
        """All heard so far but the autopilot itself, by id."""
        return tuple(self._components[compid] for compid in sorted(self._components))

    def hear_of(self, compid: int, message: Message) -> bool:
        """A HEARTBEAT of any component of this vehicle; True when it is one not met before."""
        if message.SPEC.name != "HEARTBEAT" or message.type == MavType.GCS or message.autopilot != Autopilot.INVALID:
            return False
        known = self._components.get(compid)
        if known is not None and known.type == message.type:
            return False
        name = _NAMES.get(compid, f"component {compid}")
        self._components[compid] = ComponentInfo(compid=compid, type=int(message.type), name=name)
        return True

    def hear(self, message: Message, now: Instant) -> None:
        name = message.SPEC.name
        if name == "HEARTBEAT" and message.autopilot != Autopilot.INVALID:
            self.autopilot = autopilot_kind(message.autopilot)
        elif name == "AUTOPILOT_VERSION":
            self._take(message)
        elif name == "COMMAND_ACK" and message.command == MavCommand.REQUEST_MESSAGE and is_for_us(message):
            # Firmware older than REQUEST_MESSAGE says so; any other refusal passes
            self._is_old_way = self._is_old_way or message.result == MavResult.UNSUPPORTED

    def requests(self, now: Instant) -> list[Outgoing]:
        if self.autopilot is None or self._is_heard:
            return []
        is_due = self._seldom.is_due(now) if self._pace.is_spent(now) else self._pace.is_due(now)
        if not is_due:
            return []
        # every third time the old way, in case its refusal of the new one was lost
        is_old_way = self._is_old_way or self._pace.count % 3 == 0
        number = float(ardupilotmega().spec("AUTOPILOT_VERSION").msgid)
        if is_old_way:
            return [command_long(self._talk, MavCommand.REQUEST_AUTOPILOT_CAPABILITIES, 1.0)]
        return [command_long(self._talk, MavCommand.REQUEST_MESSAGE, number)]

    def refresh(self) -> None:
        """Ask anew, as after a reboot; what is known stays until it is answered otherwise."""
        self._is_heard, self._pace = False, Pace(every_s=ASK_EVERY_S, times=TRIES)

    def _take(self, message: Message) -> None:
        self._is_heard = True
        self.capabilities = int(message.capabilities)
        self.firmware = firmware_words(message, self.autopilot)
        board = bytes(message.uid2)
        if any(board):
            self.uid = board.rstrip(b"\0").hex()
        elif message.uid:
            self.uid = f"{message.uid:016x}"


def firmware_words(message: Message, autopilot: AutopilotKind | None) -> str:
    """As in "ardupilot 4.5.7 (2a3dc4b7)": the version and the beginning of its git hash."""
    version = message.flight_sw_version
    major, minor, patch, release = (version >> shift & 0xFF for shift in (24, 16, 8, 0))
    kind = next((word for top, word in reversed(_RELEASES) if release >= top), "")
    number = f"{major}.{minor}.{patch}" + (f"-{kind}" if kind else "")
    digest = git_hash(bytes(message.flight_custom_version), autopilot)
    return f"{autopilot or AutopilotKind.OTHER} {number}" + (f" ({digest})" if digest else "")


def git_hash(raw: bytes, autopilot: AutopilotKind | None) -> str:
    """ArduPilot sends characters; PX4 five bytes of the hash, last one first, behind three of a vendor's version."""
    if not any(raw):
        return ""
    text = raw.partition(b"\0")[0]
    if autopilot is not AutopilotKind.PX4 and text.isalnum():
        return text.decode("ascii")
    return raw[3:][::-1].hex()
