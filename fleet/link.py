"""The link: bytes of each vehicle to messages and back, counted; foreign senders quarantined; our heartbeats."""

from collections.abc import Callable
from dataclasses import dataclass, field

from fleet.drivers.mavlink.step import Outgoing
from fleet.drivers.registry import DRIVERS
from fleet.guard import Guard
from fleet.roster import GROUND_STATION, Roster, RosterEntry
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.enums import Autopilot, Component, MavType, SystemState
from fleet.wire.frame import DatagramParser, Frame, FrameSplitter, WireCounters
from fleet.wire.message import Message
from world.ids import VehicleId
from world.time import Instant

_PROTOCOL = (
    "COMMAND_ACK", "MISSION_COUNT", "MISSION_ITEM_INT", "MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK",
    "PARAM_VALUE", "CAMERA_IMAGE_CAPTURED", "TUNNEL",
)


@dataclass(slots=True, kw_only=True)
class LinkCounters:
    """Traffic of one vehicle's link. `foreign`: frames of system ids that do not belong there, thrown away."""

    wire: WireCounters = field(default_factory=WireCounters)
    foreign: dict[int, int] = field(default_factory=dict)
    sent: int = 0
    held_back: int = 0

    @property
    def foreign_frames(self) -> int:
        return sum(self.foreign.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message of a vehicle, and which of its components sent it."""

    component: int
    message: Message


@dataclass(slots=True, kw_only=True)
class _Line:
    sysid: int
    parse: Callable[[bytes], list[Frame]]
    encoder: Encoder
    counters: LinkCounters


class FleetLink:
    """All vehicles' lines. Bytes leave through the guard only."""

    def __init__(self, roster: Roster, guard: Guard) -> None:
        self._guard = guard
        wanted = {name: None for driver in DRIVERS.values() for name in driver.fold}
        self._decoder = Decoder([*wanted, *_PROTOCOL])
        self._lines = {entry.vehicle: _line(entry) for entry in roster}

    def counters(self, vehicle: VehicleId) -> LinkCounters:
        return self._lines[vehicle].counters

    def receive(self, vehicle: VehicleId, data: bytes) -> tuple[int, list[Heard]]:
        """Number of the vehicle's own frames in these bytes, and the messages among them that anyone wants."""
        line = self._lines[vehicle]
        own, heard = 0, []
        for frame in line.parse(data):
            if frame.sysid != line.sysid:
                line.counters.foreign[frame.sysid] = line.counters.foreign.get(frame.sysid, 0) + 1
                continue
            if not frame.is_known:
                continue  # no checksum to trust: no sign of life either
            own += 1
            message = self._decoder.decode(frame)
            if message is not None:
                heard.append(Heard(component=frame.compid, message=message))
        return own, heard

    def send(self, vehicle: VehicleId, outgoing: Outgoing, now: Instant) -> str | None:
        """Send one message, or give the guard's reason for holding it back."""
        line = self._lines[vehicle]
        fault = self._guard.transmit(vehicle, line.encoder.encode(outgoing.name, **outgoing.fields), now)
        if fault is None:
            line.counters.sent += 1
        else:
            line.counters.held_back += 1
        return fault

    def heartbeat(self, vehicle: VehicleId, now: Instant) -> None:
        """Tell the vehicle that its ground station lives: failsafes count on it."""
        self.send(vehicle, _HEARTBEAT, now)


def _line(entry: RosterEntry) -> _Line:
    counters = LinkCounters()
    parse = FrameSplitter(counters.wire).feed if entry.is_stream else DatagramParser(counters.wire).parse
    encoder = Encoder(GROUND_STATION, Component.GROUND_STATION)
    return _Line(sysid=entry.sysid, parse=parse, encoder=encoder, counters=counters)


_HEARTBEAT = Outgoing(
    name="HEARTBEAT",
    fields={
        "type": int(MavType.GCS),
        "autopilot": int(Autopilot.INVALID),
        "base_mode": 0,
        "custom_mode": 0,
        "system_status": int(SystemState.ACTIVE),
    },
)
