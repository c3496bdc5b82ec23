"""One vehicle in service: what is known of it, its paths, its streams, its cameras, its command desk, its health."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from fleet.authority import Authority
from fleet.chores import Chores
from fleet.commands import ALWAYS_THROUGH, Ack, AckResult, Command, Verb
from fleet.desk import Desk
from fleet.drivers.mavlink.fold import autopilot_kind, readiness
from fleet.drivers.mavlink.inquiries import INQUIRIES
from fleet.drivers.mavlink.items import Mission
from fleet.drivers.mavlink.keys import Keys
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.parameter_cache import ParameterCache
from fleet.drivers.mavlink.reading import remembering
from fleet.drivers.mavlink.step import Outgoing, Talk
from fleet.drivers.mavlink.streams import Streams
from fleet.drivers.payloads.camera.image import ImageGaps
from fleet.drivers.registry import Driver, driver
from fleet.freshness import TIMED, UNTIMED, Freshness
from fleet.guard import Concern, Guard, limits_of
from fleet.health import SAFETY_PILOT, Evidence, HealthWatch
from fleet.imagery import Imagery
from fleet.inquiries import Inquiry, Question
from fleet.inquiry_desk import InquiryDesk
from fleet.model import Alarm, AutopilotKind, CameraLens, LinkReport, LinkState, VehicleState
from fleet.notices import NoticeWatch, of_concerns, of_failsafes
from fleet.outlet import Outlet
from fleet.path import Path
from fleet.payload_watch import MSGIDS, PayloadWatch
from fleet.pilot_eye import PilotEye
from fleet.profile import Profiler
from fleet.roster import RosterEntry
from fleet.switchboard import HEARTBEAT, Heard, Switchboard
from fleet.wire.dialect import number_of
from fleet.wire.enums import Autopilot
from world.ids import VehicleId
from world.records import replace
from world.time import NS_PER_S, Instant

_HEARTBEAT = number_of("HEARTBEAT")
_TELEMETRY = frozenset(map(number_of, (*TIMED, *UNTIMED))) - {_HEARTBEAT}
"""Most of what comes, and nobody's but the fold's and the desks'."""
_AUTOPILOTS_OWN = frozenset(map(number_of, (
    "PARAM_VALUE", "PARAM_ERROR", "FILE_TRANSFER_PROTOCOL", "LOG_ENTRY", "LOG_DATA", "AUTOPILOT_VERSION",
)))
"""Answers that steps take for the autopilot's, since they do not see who speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What every session of a fleet shares."""

    board: Switchboard
    guard: Guard
    authority: Authority
    outlet: Outlet
    parameters: ParameterCache
    """Lists read before, of all vehicles."""
    keys_of: Callable[[VehicleId], Keys]
    rates_hz: Mapping[str, float]
    """Messages asked for at other rates than a driver's."""


class Session:
    """Everything about one vehicle; driven by messages, `submit` and `tick`, silent otherwise."""

    def __init__(self, entry: RosterEntry, around: Around, now: Instant) -> None:
        self.entry = entry
        self._driver = driver(entry.kind)
        self._autopilot: AutopilotKind | None = None
        self._link_class = entry.link or self._driver.kind.link
        self._lost_ns = round(self._link_class.lost_s * NS_PER_S)
        self._handlers = {number_of(name): handler for name, handler in self._driver.fold.items()}
        self._specials: Mapping[int, Callable[[Heard], None]] = {
            number_of("HEARTBEAT"): self._take_heartbeat,
            number_of("CAMERA_IMAGE_CAPTURED"): self._take_image,
            number_of("TUNNEL"): self._take_tunnel,
            number_of("RC_CHANNELS"): self._take_sticks,
            number_of("MANUAL_CONTROL"): self._take_sticks,
        }
        self._board, self._guard = around.board, around.guard
        self._authority, self._outlet = around.authority, around.outlet
        state = VehicleState(vehicle=entry.vehicle, kind=entry.kind, heard=now, link=LinkState.LOST)
        self._known = Known(state=state)
        self._component = self._known.vitals.component
        self._heard = now
        self._is_ever_heard = False
        self._freshness = Freshness()
        self._mission: Mission | None = None
        known, keys = (lambda: self._known), around.keys_of(entry.vehicle)
        self._talk = talk = Talk(sysid=entry.sysid, known=known, on_mission=self._keep_mission, keys=keys)
        self._paths = self._board.add(entry, self)
        self._other_rates_hz = around.rates_hz
        self._profiler = Profiler(entry.vehicle, entry.kind, talk)
        self._gaps = ImageGaps(talk)
        self._chores = Chores(talk, self._paths, self._profiler, self._gaps, self._new_streams)
        self._pilot = PilotEye(entry.kind)
        self.pilot_watch = self._pilot.watch
        self._imagery = Imagery(entry.vehicle)
        self._payloads = PayloadWatch(entry.vehicle)
        self._health = HealthWatch()
        self._looked = now
        self.held_back = self._held_back_before = 0
        self._concerns: list[Concern] = []
        self._notices = NoticeWatch(entry.vehicle)
        self._desk = Desk(
            talk=talk, programmes=self._driver.programmes, guard=self._guard, state=self.state, send=self._send,
            on_ack=self._acknowledge,
        )
        asks = dict(INQUIRIES) | {Question.PARAMETERS: remembering(entry.vehicle, around.parameters)}
        self._questions = InquiryDesk(
            talk=talk, asks=asks, send=lambda outgoing, at: self.send_by(self._paths.primary, outgoing, at),
            on_answer=self._outlet.answer,
        )

    def state(self, now: Instant) -> VehicleState:
        """The vehicle as others see it at this moment."""
        is_ready, reasons = readiness(self._known, now)
        link = self._link_class.state(self._heard.age_s(now)) if self._is_ever_heard else LinkState.LOST
        return replace(
            self._known.state, heard=self._heard, link=link,
            is_ready=is_ready and link is LinkState.FRESH, prearm_reasons=reasons,
            mission_item=self._point_index(),
            mission_count=None if self._mission is None else self._mission.points,
            lease_holder=self._authority.holder(self.entry.vehicle, now),
            has_safety_pilot=self.pilot_watch.is_held,
        )

    @property
    def driver(self) -> Driver:
        """Of its kind and firmware."""
        return self._driver

    def submit(self, command: Command, now: Instant) -> None:
        self._desk.submit(command, now)

    def ask(self, inquiry: Inquiry, now: Instant) -> None:
        """A question; who the vehicle is is known without asking it."""
        if inquiry.question is Question.PROFILE:
            value: dict[str, Any] = msgspec.to_builtins(self._profiler.profile(now))
            self._questions.end(inquiry, AckResult.ACCEPTED, "", now, value)
        else:
            self._questions.submit(inquiry, now)

    def take_back(self, now: Instant) -> bool:
        """A commander takes the vehicle from its safety pilot; False while the pilot's sticks are still in force."""
        self.pilot_watch.take_back()
        self._concerns = self._guard.watch(self.state(now), now)  # or frames would wait for the next heartbeat
        return not self.pilot_watch.is_held

    def keep_hold(self, now: Instant) -> None:
        """Its safety pilot had it when an earlier run ended, and people were told so."""
        self.pilot_watch.keep_hold()
        self._health.keep(SAFETY_PILOT, now)

    def alive(self, now: Instant) -> None:
        """A frame of the vehicle arrived."""
        if now.mono_ns - self._heard.mono_ns > self._lost_ns:
            self._freshness.forget()  # after a loss whatever the vehicle says is news
            self._chores.begin_anew()
        self._heard, self._is_ever_heard = now, True

    def take(self, heard: Heard, now: Instant) -> None:
        """One message of the vehicle; what was overtaken or came by a slower path is dropped."""
        self.alive(now)
        msgid = heard.msgid
        is_autopilot = heard.component == self._component
        if not (is_autopilot and msgid in _TELEMETRY):
            special = self._specials.get(msgid)
            if special is not None:
                special(heard)
                is_autopilot = heard.component == self._component
            if msgid in MSGIDS:
                self._payloads.hear(heard.message, now)
                self._gaps.hear(heard.message, now)
        if is_autopilot:
            self._fold(heard, now)
        elif msgid in _AUTOPILOTS_OWN:
            return  # a camera's parameters and files are not the autopilot's
        if self._desk.is_busy:
            self._desk.hear(heard.message, now)
        if self._questions.is_busy:
            self._questions.hear(heard.message, now)

    def _take_heartbeat(self, heard: Heard) -> None:
        """The autopilot's component id is whatever its heartbeat says."""
        self._profiler.hear_of(heard.component, heard.message)
        autopilot = autopilot_kind(heard.message.autopilot)
        if heard.message.autopilot != Autopilot.INVALID and autopilot is not self._autopilot:
            self._take_on(autopilot)
        if heard.message.autopilot != Autopilot.INVALID and heard.component != self._component:
            self._component = heard.component
            self._known = replace(self._known, vitals=replace(self._known.vitals, component=heard.component))

    def _take_on(self, autopilot: AutopilotKind) -> None:
        """The vehicle has said whose firmware flies it: mode numbers, streams and programmes are that one's."""
        self._autopilot = autopilot
        self._driver = driver(self.entry.kind, autopilot)
        limits = limits_of(self.entry.kind, autopilot)
        self._handlers = {number_of(name): handler for name, handler in self._driver.fold.items()}
        self._chores.renew()
        self._pilot.rebound(autopilot)
        self._desk.equip(self._driver.programmes)
        self._guard.rebound(self.entry.vehicle, limits)
        self._guard.note_autopilot(self.entry.vehicle, autopilot)

    def _new_streams(self) -> Streams:
        rates = self._driver.rates_hz
        return Streams(self._talk, {name: self._other_rates_hz.get(name, rate) for name, rate in rates.items()})

    def _take_image(self, heard: Heard) -> None:
        image = self._imagery.captured(heard.message, self._point_index())
        if image is not None:
            self._outlet.image(image)

    def _take_tunnel(self, heard: Heard) -> None:
        news = self._imagery.tunnelled(heard.message)
        if isinstance(news, CameraLens):
            self._outlet.lens(news)
        elif news is not None:
            self._outlet.detections(news)

    def tick(self, now: Instant) -> None:
        """Time passes: repeat, request, give up."""
        if self._desk.has_work:
            self._desk.tick(now)
        if self._questions.is_busy:
            self._questions.tick(now)
        # of a lost vehicle heartbeats go on; questions would only fill a bad link
        if self._chores.is_due(now) and now.mono_ns - self._heard.mono_ns <= self._lost_ns:
            for path, outgoing in self._chores.requests(now):
                self.send_by(path, outgoing, now)

    def heartbeat(self, now: Instant) -> None:
        """On every path: each of them is to stay open, and any of them keeps the failsafe quiet."""
        for path in self._paths:
            path.quality.round_trip_s = self._chores.rtt_s(path)
            path.look(now)
            self.send_by(path, HEARTBEAT, now)
        self._paths.choose(now)

    def links(self, now: Instant) -> LinkReport:
        """How every path does."""
        return LinkReport(vehicle=self.entry.vehicle, at=now, paths=tuple(
            path.report(
                self._link_class, now, is_primary=path is self._paths.primary,
                signing=self._board.seals.signing(path.spec.link, path.sysid),
            )
            for path in self._paths
        ))

    def tell_profile(self, now: Instant) -> None:
        """To everybody, and to the guard, when the vehicle or a payload of it says something new of itself."""
        profile = self._profiler.news(now)
        if profile is not None:
            self._guard.declare(self.entry.vehicle, profile.failsafes, now)
            self._outlet.profile(profile)
        for report in self._payloads.news(now):
            self._outlet.payload(report)

    def alarms(self, now: Instant) -> list[Alarm]:
        """Alarms that began or ended since the last look."""
        elapsed_s, self._looked = max(1e-3, self._looked.age_s(now)), now
        held_back, self._held_back_before = self.held_back - self._held_back_before, self.held_back
        notices = [*of_concerns(self._concerns)]
        if self._guard.needs_failsafes(self.entry.vehicle):
            notices += of_failsafes(self._profiler.missing())
        return self._notices.look(iter(notices), now) + self._health.look(Evidence(
            state=self.state(now),
            is_ever_heard=self._is_ever_heard,
            silent_s=self._heard.age_s(now),
            gps_fix=self._known.vitals.gps_fix,
            is_crashed=self._known.vitals.is_crashed,
            held_back_s=held_back / elapsed_s,
            claimed_by=next((path.claimed_by for path in self._paths if path.claimed_by is not None), None),
            silent_paths=self._paths.silent(now),
        ), now)

    def _fold(self, heard: Heard, now: Instant) -> None:
        for outgoing in self._chores.hear(heard, now):
            self.send_by(heard.path, outgoing, now)
        handler = self._handlers.get(heard.msgid)
        if handler is None:
            return
        may_speak = self._paths.may_speak(heard.path, now)
        if self._freshness.passes(heard.msgid, heard.message, (heard.path.number, heard.number), may_speak=may_speak):
            self._known = handler(self._known, heard.message, now)
            if heard.msgid == _HEARTBEAT:
                self._watch_pilot(now)

    def _watch_pilot(self, now: Instant) -> None:
        """With every heartbeat: who flies; and what the guard thinks of the state."""
        is_news = self.pilot_watch.is_held or self._known.state.is_armed or self._concerns
        if self._pilot.look(self._known, self._mission, now) or is_news:
            self._concerns = self._guard.watch(self.state(now), now)

    def _take_sticks(self, heard: Heard) -> None:
        """Of the autopilot: a camera or a companion has none. Seen at once, not with the next heartbeat."""
        if heard.component == self._component and self._pilot.hear_sticks(heard.message, self._heard):
            self._watch_pilot(self._heard)

    def _send(self, outgoing: Sequence[Outgoing], now: Instant, command: Command) -> str | None:
        """By the healthiest path; what ends motion by all of them."""
        if command.verb not in ALWAYS_THROUGH:
            return self._send_all(self._paths.primary, outgoing, now)
        faults = [self._send_all(path, outgoing, now) for path in self._paths if path.peer is not None]
        return faults[0] if faults and None not in faults else None

    def _send_all(self, path: Path, outgoing: Sequence[Outgoing], now: Instant) -> str | None:
        if len(outgoing) == 1:
            return self.send_by(path, outgoing[0], now)
        if path.peer is None:
            return None
        fault = self._board.send_together(self.entry.vehicle, outgoing, self._guard, now, path)
        self._note_sent(outgoing, fault, now)
        return fault

    def send_by(self, path: Path, outgoing: Outgoing, now: Instant) -> str | None:
        """Through the guard by one path; returns why it was held back."""
        if path.peer is None and (path.late_peer is None or outgoing is not HEARTBEAT):
            return None  # nobody is there yet: whoever needs it repeats it
        fault = self._board.send(self.entry.vehicle, outgoing, self._guard, now, path)
        self._note_sent((outgoing,), fault, now)
        return fault

    def _note_sent(self, outgoing: Sequence[Outgoing], fault: str | None, now: Instant) -> None:
        self.held_back += fault is not None
        for each in outgoing if fault is None else ():
            self._pilot.sent(each, self._driver.kind.auto, now)

    def _acknowledge(self, ack: Ack) -> None:
        """A fence that was changed may have changed what the vehicle does at its border."""
        if ack.verb is Verb.UPLOAD_FENCE and ack.result is AckResult.ACCEPTED:
            self._profiler.failsafes_changed()
        self._outlet.ack(ack)

    def _keep_mission(self, mission: Mission) -> None:
        self._mission = mission

    def _point_index(self) -> int | None:
        return None if self._mission is None else self._mission.point_index(self._known.vitals.mission_seq)
