"""Who asked what: answers of the vehicle go to the one program that asked, addressed as that expects it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fleet.guard.guest import GUIDED_ITEM
from fleet.roster import GROUND_STATION
from fleet.share.peer import Peer
from fleet.wire.crc import frame_crc
from fleet.wire.dialect import ardupilotmega
from fleet.wire.enums import Component
from fleet.wire.frame import CRC_LENGTH, HEADER_LENGTH_V1, HEADER_LENGTH_V2, Frame
from fleet.wire.message import Message
from world.time import Instant

LASTS_S: Final = 30.0
MOST: Final = 512
SET_MODE_ID: Final = 11
"""ArduPilot answers SET_MODE as if its number were a command's."""
LIST_ASKING: Final = frozenset({
    "MISSION_REQUEST_LIST", "MISSION_REQUEST_PARTIAL_LIST", "MISSION_REQUEST", "MISSION_REQUEST_INT",
    "MISSION_CLEAR_ALL",
})
LIST_ANSWERS: Final = frozenset({"MISSION_COUNT", "MISSION_ITEM", "MISSION_ITEM_INT", "MISSION_ACK"})
UPLOAD_ASKING: Final = frozenset({"MISSION_REQUEST", "MISSION_REQUEST_INT"})
Key = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A program and the ids that it spoke with."""

    peer: Peer
    sysid: int
    compid: int
    at: Instant


def asked(message: Message) -> Key | None:
    """What a guest's message will be answered under."""
    name = message.SPEC.name
    if name in ("COMMAND_LONG", "COMMAND_INT"):
        return "command", message.command
    if name == "SET_MODE":
        return "command", SET_MODE_ID
    if name in LIST_ASKING or is_guided_item(message):
        return "list", message.mission_type
    if name == "TIMESYNC":
        return ("time", message.ts1) if message.tc1 == 0 else None
    if name == "PING":
        return ("ping", message.seq) if message.target_system == 0 else None
    return ("files", 0) if name == "FILE_TRANSFER_PROTOCOL" else None


def answered(message: Message) -> Key | None:
    """What a vehicle's message is the answer to; None for what it says by itself."""
    name = message.SPEC.name
    if name == "COMMAND_ACK":
        return "command", message.command
    if name in LIST_ANSWERS:
        return "list", message.mission_type
    if name in UPLOAD_ASKING:
        return "upload", message.mission_type  # asked of us alone: guests' missions are carried for them
    if name == "TIMESYNC":
        return ("time", message.ts1) if message.tc1 != 0 else None
    if name == "PING":
        return ("ping", message.seq) if message.target_system != 0 else None
    return ("files", 0) if name == "FILE_TRANSFER_PROTOCOL" else None


def is_guided_item(message: Message) -> bool:
    """A target that belongs to no mission; its answer is that of a mission."""
    return message.SPEC.name in ("MISSION_ITEM", "MISSION_ITEM_INT") and message.current == GUIDED_ITEM


ANSWERS: Final = frozenset({"COMMAND_ACK", "TIMESYNC", "PING", "FILE_TRANSFER_PROTOCOL", *LIST_ANSWERS, *UPLOAD_ASKING})


class Dialogues:
    """Open questions of one share."""

    def __init__(self) -> None:
        self._askers: dict[Key, Asker] = {}

    def note(self, message: Message, asker: Asker) -> None:
        key = asked(message)
        if key is None:
            return
        self._askers.pop(key, None)
        self._askers[key] = asker
        if len(self._askers) > MOST:
            del self._askers[next(iter(self._askers))]

    def asker(self, key: Key, now: Instant) -> Asker | None:
        asker = self._askers.get(key)
        return asker if asker is not None and asker.at.age_s(now) <= LASTS_S else None


def is_ours(message: Message) -> bool:
    """Addressed to the fleet's ground station, whose name guests' frames carry."""
    return (message.target_system, message.target_component) == (GROUND_STATION, Component.GROUND_STATION)


_OFFSETS: Mapping[int, tuple[int, int]] = {
    msgid: (spec.target_system_offset, spec.target_component_offset)
    for msgid, spec in ardupilotmega().by_id.items()
    if spec.target_system_offset is not None and spec.target_component_offset is not None
}


def to_one(frame: Frame, sysid: int) -> Frame:
    """What is said to every system is meant for the one vehicle here (DroneKit addresses nobody); a ping stays one."""
    spec = ardupilotmega().by_id[frame.msgid]
    at = spec.target_system_offset
    if at is None or spec.name == "PING" or frame.payload[at : at + 1].strip(b"\0"):
        return frame
    payload = frame.payload.ljust(at + 1, b"\0")
    return frame._replace(payload=payload[:at] + bytes([sysid]) + payload[at + 1 :])


def readdressed(frame: Frame, octets: bytes, sysid: int, compid: int) -> bytes:
    """The frame with another addressee, everything else as it came."""
    at_system, at_component = _OFFSETS[frame.msgid]
    payload = bytearray(frame.payload)
    if frame.version == 2:
        payload = payload.ljust(max(at_system, at_component) + 1, b"\0")
    if max(at_system, at_component) >= len(payload):
        return octets  # MAVLink 1 leaves these fields out
    payload[at_system], payload[at_component] = sysid, compid
    head = bytearray(octets[: HEADER_LENGTH_V2 if frame.version == 2 else HEADER_LENGTH_V1])
    head[1] = len(payload)
    body = bytes(head[1:]) + bytes(payload)
    crc = frame_crc(body, ardupilotmega().crc_extras[frame.msgid])
    return octets[:1] + body + crc.to_bytes(CRC_LENGTH, "little")
