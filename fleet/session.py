"""One vehicle in service: what is known of it, its streams, its cameras, its command desk, its health."""

from dataclasses import dataclass, replace

from fleet.authority import Authority
from fleet.commands import Command
from fleet.desk import Desk
from fleet.drivers.mavlink.fold import readiness
from fleet.drivers.mavlink.items import Mission
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.step import Talk
from fleet.drivers.mavlink.streams import Streams
from fleet.drivers.registry import DRIVERS
from fleet.guard import Guard
from fleet.health import Evidence, HealthWatch
from fleet.imagery import Imagery
from fleet.link import FleetLink, Heard
from fleet.model import Alarm, CameraLens, LinkState, VehicleState
from fleet.outlet import Outlet
from fleet.roster import RosterEntry
from fleet.wire.enums import Autopilot
from world.time import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """Counters at the last look, for rates."""

    at: Instant
    garbage_bytes: int = 0
    foreign_frames: int = 0
    held_back: int = 0


class Session:
    """Everything about one vehicle; driven by `receive`, `submit` and `tick`, silent otherwise."""

    def __init__(
        self, entry: RosterEntry, *, link: FleetLink, guard: Guard, authority: Authority, outlet: Outlet, now: Instant
    ) -> None:
        self.entry = entry
        self._driver = DRIVERS[entry.kind]
        self._link_class = entry.link or self._driver.kind.link
        self._link, self._authority, self._outlet = link, authority, outlet
        unheard = VehicleState(vehicle=entry.vehicle, kind=entry.kind, heard=now, link=LinkState.LOST)
        self._known = Known(state=unheard)
        self._is_ever_heard = False
        self._mission: Mission | None = None
        talk = Talk(sysid=entry.sysid, known=lambda: self._known, on_mission=self._keep_mission)
        self._streams = Streams(talk)
        self._imagery = Imagery(entry.vehicle)
        self._health = HealthWatch()
        self._look = _Look(at=now)
        self._desk = Desk(
            talk=talk,
            programmes=self._driver.programmes,
            guard=guard,
            state=self.state,
            send=lambda outgoing, at: link.send(entry.vehicle, outgoing, at),
            on_ack=outlet.ack,
        )

    def state(self, now: Instant) -> VehicleState:
        """The vehicle as others see it at this moment."""
        state = readiness(self._known, now)
        link = self._link_class.state(state.heard.age_s(now)) if self._is_ever_heard else LinkState.LOST
        return replace(
            state,
            link=link,
            is_ready=state.is_ready and link is LinkState.FRESH,
            mission_item=self._point_index(),
            mission_count=None if self._mission is None else self._mission.points,
            lease_holder=self._authority.holder(self.entry.vehicle, now),
        )

    def submit(self, command: Command, now: Instant) -> None:
        self._desk.submit(command, now)

    def receive(self, data: bytes, now: Instant) -> None:
        """Bytes from the vehicle."""
        own, heard = self._link.receive(self.entry.vehicle, data)
        if own:
            self._is_ever_heard = True
            self._known = replace(self._known, state=replace(self._known.state, heard=now))
        for each in heard:
            self._take(each, now)

    def tick(self, now: Instant) -> None:
        """Time passes: repeat, request, give up."""
        self._desk.tick(now)
        for outgoing in self._streams.requests(now):
            self._link.send(self.entry.vehicle, outgoing, now)

    def heartbeat(self, now: Instant) -> None:
        self._link.heartbeat(self.entry.vehicle, now)

    def alarms(self, now: Instant) -> list[Alarm]:
        """Alarms that began or ended since the last look."""
        counters, last = self._link.counters(self.entry.vehicle), self._look
        self._look = _Look(
            at=now,
            garbage_bytes=counters.wire.garbage_bytes,
            foreign_frames=counters.foreign_frames,
            held_back=counters.held_back,
        )
        elapsed_s = max(1e-3, last.at.age_s(now))
        return self._health.look(Evidence(
            state=self.state(now),
            is_ever_heard=self._is_ever_heard,
            silent_s=self._known.state.heard.age_s(now),
            gps_fix=self._known.vitals.gps_fix,
            is_crashed=self._known.vitals.is_crashed,
            garbage_bytes_s=(self._look.garbage_bytes - last.garbage_bytes) / elapsed_s,
            foreign_frames_s=(self._look.foreign_frames - last.foreign_frames) / elapsed_s,
            held_back_s=(self._look.held_back - last.held_back) / elapsed_s,
        ), now)

    def _take(self, heard: Heard, now: Instant) -> None:
        message, name = heard.message, heard.message.SPEC.name
        if name == "CAMERA_IMAGE_CAPTURED":
            image = self._imagery.captured(message, self._point_index())
            if image is not None:
                self._outlet.image(image)
        elif name == "TUNNEL":
            news = self._imagery.tunnelled(message)
            if isinstance(news, CameraLens):
                self._outlet.lens(news)
            elif news is not None:
                self._outlet.detections(news)
        elif name == "HEARTBEAT" and message.autopilot != Autopilot.INVALID:
            self._known = replace(self._known, vitals=replace(self._known.vitals, component=heard.component))
        if heard.component == self._known.vitals.component:
            self._fold(heard, now)
        self._desk.hear(message, now)

    def _fold(self, heard: Heard, now: Instant) -> None:
        handler = self._driver.fold.get(heard.message.SPEC.name)
        if handler is not None:
            self._known = handler(self._known, heard.message, now)
        self._streams.hear(heard.message, now)

    def _keep_mission(self, mission: Mission) -> None:
        self._mission = mission

    def _point_index(self) -> int | None:
        return None if self._mission is None else self._mission.point_index(self._known.vitals.mission_seq)
