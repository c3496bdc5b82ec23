"""One shared vehicle: its words go to every program there as they came, theirs pass the guard or are refused.

Towards the vehicle there is one ground station: guests' messages leave under its ids, answers go back to who asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from fleet.guard.guest_frames import Guest
from fleet.guard.guest_gate import GuestGate
from fleet.model import VehicleState
from fleet.share.dialogue import ANSWERS, Asker, Dialogues, answered, is_guided_item, is_ours, readdressed, to_one
from fleet.share.missions import Missions
from fleet.share.modes import ordered_mode
from fleet.share.peer import Peer
from fleet.shares import ShareOutcome
from fleet.switchboard import Switchboard
from fleet.wire.decode import Decoder
from fleet.wire.dialect import number_of
from fleet.wire.encode import Encoder
from fleet.wire.enums import Autopilot, MavResult, Severity
from fleet.wire.enums import Command as MavCommand
from fleet.wire.frame import Frame
from fleet.wire.message import Message
from fleet.wire.statustext import chunked
from world.time import Instant

TAKING = frozenset({"MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK"})
"""What a vehicle says while it takes a mission."""
MOST_PEERS: Final = 8
GONE_S: Final = 60.0
"""Who has said nothing for so long is sent nothing more."""
_HEARTBEAT = number_of("HEARTBEAT")
_URGENT = frozenset({
    MavCommand.DO_SET_MODE, MavCommand.NAV_RETURN_TO_LAUNCH, MavCommand.NAV_LAND, MavCommand.NAV_LOITER_UNLIM
})
_MISSIONS = frozenset({"MISSION_COUNT", "MISSION_ITEM", "MISSION_ITEM_INT"})
_WITHOUT_ANSWER = frozenset({"SYSTEM_TIME", "STATUSTEXT", "TIMESYNC", "MISSION_ACK"})
"""Refused without a word: programs say them by habit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a share stands on. `send`: link, peer, bytes; `ordered`: a guest's order of this mode has left."""

    guest: Guest
    sysid: int
    gate: GuestGate
    board: Switchboard
    state: Callable[[Instant], VehicleState]
    clock: Callable[[], Instant]
    send: Callable[[str, str, bytes], None]
    tell: Callable[[ShareOutcome, str], None]
    ordered: Callable[[int], None]


class Share:
    """Driven by `overhear`, `meet`, `hear` and `tick`."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self.sysid, self.component, self.asks_whole = terms.sysid, 1, False
        self._peers: dict[tuple[str, str], Peer] = {}
        self._dialogues = Dialogues()
        self._missions = Missions(self)
        self._decoder = Decoder()
        self._voice = Encoder(terms.sysid, self.component)
        self._text_ids = count(1)
        self.held_back = 0

    # from the vehicle

    def overhear(self, frame: Frame, octets: bytes) -> None:
        """One frame of the vehicle, of any component."""
        message = self._decoder.decode(frame) if frame.is_known else None
        if message is not None and frame.msgid == _HEARTBEAT and message.autopilot != Autopilot.INVALID:
            self._note_autopilot(frame, message)
        if frame.compid == self.component:
            self._voice.seq = (frame.seq + 1) & 0xFF  # words of our own come in between
        if message is None or message.SPEC.name not in ANSWERS or not self._is_answer(message):
            self._to_all(octets)
            return
        key, now = answered(message), self._terms.clock()
        if self._missions.is_carrying and message.SPEC.name in TAKING:
            self._missions.hear(message, now)
            return
        asker = None if key is None else self._dialogues.asker(key, now)
        if asker is not None:
            has_target = message.SPEC.target_system_offset is not None
            known = readdressed(frame, octets, asker.sysid, asker.compid) if has_target else octets
            self._terms.send(asker.peer.link, asker.peer.name, known)

    def _note_autopilot(self, frame: Frame, heartbeat: Message) -> None:
        self.asks_whole = heartbeat.autopilot == Autopilot.PX4
        if frame.compid != self.component:
            self.component = frame.compid
            self._voice = Encoder(self.sysid, frame.compid, frame.seq)

    def _is_answer(self, message: Message) -> bool:
        """Of the fleet's station, and so either ours or a guest's; whatever is said to all is no answer."""
        if message.SPEC.target_system_offset is None:
            return answered(message) is not None
        return is_ours(message)

    def _to_all(self, octets: bytes) -> None:
        for peer in self._peers.values():
            self._terms.send(peer.link, peer.name, octets)

    # from guests

    def meet(self, link: str, name: str, now: Instant, *, is_stream: bool) -> Peer | None:
        """A program has come; None when there are enough."""
        known = self._peers.get((link, name))
        if known is not None or len(self._peers) >= MOST_PEERS:
            return known
        peer = Peer(link=link, name=name, is_stream=is_stream, since=now)
        self._peers[link, name] = peer
        return peer

    def leave(self, link: str, name: str) -> None:
        """A program has gone."""
        self._peers.pop((link, name), None)

    def hear(self, link: str, data: bytes, name: str, now: Instant, *, is_stream: bool) -> None:
        """Bytes of a program; garbage makes nobody a guest."""
        peer = self._peers.get((link, name)) or Peer(link=link, name=name, is_stream=is_stream, since=now)
        for frame in peer.frames(data):
            if not frame.is_known:
                continue  # no checksum to trust
            if self.meet(link, name, now, is_stream=is_stream) is None:
                return
            self._peers[link, name] = peer
            self._take(peer, frame, now)

    def _take(self, peer: Peer, frame: Frame, now: Instant) -> None:
        frame = to_one(frame, self.sysid)
        message = self._decoder.decode(frame)
        if message is None:
            return
        asker = Asker(peer=peer, sysid=frame.sysid, compid=frame.compid, at=now)
        if peer.heard is None:
            self._welcome(asker)
        peer.heard = now
        if frame.msgid == _HEARTBEAT:
            return  # the vehicle hears one ground station, and that is the fleet's
        bucket = peer.urgent if _is_urgent(message) else peer.common
        if not bucket.takes(now):
            peer.dropped += 1
            self._say_text(asker, ("flood",), "too many messages; some are dropped", now)
        elif message.SPEC.name in _MISSIONS and not is_guided_item(message):
            self._take_mission(message, asker, now)
        else:
            self._pass_on(frame, message, asker, now)

    def _welcome(self, asker: Asker) -> None:
        guest = self._terms.guest.name
        self._terms.tell(ShareOutcome.JOINED, f"A program of {guest} has come by {asker.peer.link}.")

    def _take_mission(self, message: Message, asker: Asker, now: Instant) -> None:
        if message.target_system != self.sysid:
            reason = f"{message.SPEC.name} is addressed to system {message.target_system}, not to {self.sysid}"
            self.refuse(asker, message.SPEC.name, reason, now)
        elif message.SPEC.name != "MISSION_COUNT":
            self._missions.item(message, asker, now)
        elif message.count:
            self._missions.count(message, asker, now)
        else:  # an empty list is no list
            cleared = self._decoder.decode(Frame(number_of("MISSION_CLEAR_ALL"), 0, 0, 0, bytes((
                message.target_system, message.target_component, message.mission_type
            ))))
            if cleared is not None:
                self._pass_on(Frame(cleared.SPEC.msgid, 0, 0, 0, bytes(cleared)), cleared, asker, now)

    def _pass_on(self, frame: Frame, message: Message, asker: Asker, now: Instant) -> None:
        self._dialogues.note(message, asker)
        reason = self.carry(frame.msgid, frame.payload, now)
        if reason is None:
            mode = ordered_mode(message, self._terms.state(now).kind, is_px4=self.asks_whole)
            if mode is not None:
                self._terms.ordered(mode)
            return
        self._answer(message, asker)
        self.refuse(asker, _kind(message), reason, now)

    def _answer(self, message: Message, asker: Asker) -> None:
        """What the vehicle itself would say to an order that it refuses."""
        name, to = message.SPEC.name, {"target_system": asker.sysid, "target_component": asker.compid}
        if name in ("COMMAND_LONG", "COMMAND_INT", "SET_MODE"):
            number = 11 if name == "SET_MODE" else message.command
            self.say(asker, "COMMAND_ACK", command=number, result=int(MavResult.DENIED), **to)
        elif name == "MISSION_CLEAR_ALL":
            self.say(asker, "MISSION_ACK", type=14, mission_type=message.mission_type, **to)

    # for missions: what they are carried by

    def admit(self, payloads: Sequence[bytes], now: Instant) -> str | None:
        return self._terms.gate.admit_list(self._terms.guest, payloads, self._terms.state(now), now)

    def close(self, *, is_done: bool) -> None:
        self._terms.gate.close_list(self._terms.state(self._terms.clock()).vehicle, is_done=is_done)

    def carry(self, msgid: int, payload: bytes, now: Instant) -> str | None:
        """Through the guard to the vehicle, or why not."""
        terms, state = self._terms, self._terms.state(now)
        return terms.board.pass_on(
            state.vehicle, msgid, payload, lambda data: terms.gate.transmit(terms.guest, data, state, now), now
        )

    def say(self, asker: Asker, name: str, **fields: Any) -> None:
        """In the vehicle's name to one program."""
        self._terms.send(asker.peer.link, asker.peer.name, self._voice.encode(name, **fields))

    def refuse(self, asker: Asker, kind: str, reason: str, now: Instant) -> None:
        """In words, once in a while for each kind of message."""
        self.held_back += 1
        name = kind.partition(" ")[0]
        if name not in _WITHOUT_ANSWER and self._say_text(asker, kind, reason, now):
            self._terms.tell(ShareOutcome.HELD_BACK, f"{kind} was held back: {reason.rstrip('.')}.")

    def _say_text(self, asker: Asker, kind: object, reason: str, now: Instant) -> bool:
        if not asker.peer.may_tell(kind, now):
            return False
        text = f"Taihang: {reason}"
        for fields in chunked(int(Severity.WARNING), text, next(self._text_ids) & 0xFFFF or 1):
            self.say(asker, "STATUSTEXT", **fields)
        return True

    def tick(self, now: Instant) -> None:
        """Time passes: missions are asked for again, and who is silent is forgotten."""
        self._missions.tick(now)
        for key, peer in list(self._peers.items()):
            if (peer.heard or peer.since).age_s(now) > GONE_S:
                del self._peers[key]


def _is_urgent(message: Message) -> bool:
    name = message.SPEC.name
    return name == "SET_MODE" or (name in ("COMMAND_LONG", "COMMAND_INT") and message.command in _URGENT)


def _kind(message: Message) -> str:
    name = message.SPEC.name
    if name in ("COMMAND_LONG", "COMMAND_INT"):
        return f"{name} {message.command}"
    return f"{name} {message.param_id}" if name == "PARAM_SET" else name


