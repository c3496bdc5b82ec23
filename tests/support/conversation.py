"""Programmes and chores against a simulated vehicle over a rough link, in simulated time, without guard or service."""

import heapq
import random
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from fleet.drivers.mavlink.chores import Chore
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.step import Outgoing, Run, Step, Talk
from fleet.drivers.registry import DRIVERS
from fleet.model import LinkState, VehicleKind, VehicleState
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.enums import Autopilot
from fleet.wire.frame import parse_datagram
from fleet.wire.message import Message
from sim.autopilot.ship import Ship
from sim.service import SimService
from sim.vehicles.spec import Kind, VehicleSpec
from tests.sim.support import FRAME, StillClock, flat_terrain, spec
from tests.support.rough_channel import Roughness
from world.time import Instant

STEP_S = 0.02
BEAT = {"type": 6, "autopilot": 8, "base_mode": 0, "custom_mode": 0, "system_status": 4}
PERFECT = Roughness(seed=0)
KINDS = tuple(kind for kind in Kind if VehicleKind(kind.value) in DRIVERS)
"""What can be simulated and driven."""


@dataclass(slots=True)
class _Way:
    """One direction: what is under way, by when it arrives."""

    how: Roughness
    dice: random.Random
    queue: list[tuple[float, int, bytes]] = field(default_factory=list)
    number: Any = field(default_factory=count)

    def put(self, data: bytes, now_s: float) -> None:
        if self.dice.random() < self.how.lost:
            return
        for _ in range(2 if self.dice.random() < self.how.repeated else 1):
            heapq.heappush(self.queue, (now_s + self.dice.random() * self.how.delay_s, next(self.number), data))

    def take(self, now_s: float) -> list[bytes]:
        due = []
        while self.queue and self.queue[0][0] <= now_s:
            due.append(heapq.heappop(self.queue)[2])
        return due


class Conversation:
    """One vehicle, one ground side. `known` is folded from what arrives; programmes and chores send what they like."""

    def __init__(self, made: VehicleSpec | None = None, how: Roughness = PERFECT, *, is_beating: bool = True) -> None:
        self.spec = made or spec()
        self.service = SimService(
            clock=StillClock(), specs=[self.spec], terrain=flat_terrain(), frame=FRAME, seed=7,
            send=lambda vehicle, data: self._up.put(data, self.elapsed_s), on_event=lambda event: None,
        )
        dice = random.Random(how.seed)
        self._up, self._down = _Way(how, dice), _Way(how, dice)
        self._decoder, self._encoder = Decoder(), Encoder(255, 190)
        self._steps = 0
        kind = VehicleKind(self.spec.kind.value)
        self._fold = DRIVERS[kind].fold
        unheard = VehicleState(vehicle=self.spec.id, kind=kind, heard=self.now, link=LinkState.FRESH)
        self.known = Known(state=unheard)
        self.talk = Talk(sysid=self.spec.sysid, known=lambda: self.known, on_mission=lambda mission: None)
        self.chores: list[Chore] = []
        self.run: Run | None = None
        self.is_beating = is_beating
        self.heard: list[tuple[int, Message]] = []
        self.sent: list[Outgoing] = []

    @property
    def elapsed_s(self) -> float:
        return self._steps * STEP_S

    @property
    def now(self) -> Instant:
        ns = round(self.elapsed_s * 1e9)
        return Instant(mono_ns=ns, utc_ns=1_800_000_000_000_000_000 + ns)

    @property
    def ship(self) -> Ship:
        """The vehicle as it truly is."""
        return self.service.machines[0]._ship

    def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            self._step()

    def perform(self, programme: Generator[Step[Any], Any, Any], within_s: float = 120.0) -> Run:
        """Run a programme to its end."""
        self.run = run = Run(programme)
        self._say(run.begin(self.known, self.now))
        for _ in range(round(within_s / STEP_S)):
            if run.result is not None:
                break
            self._step()
        self.run = None
        return run

    def until(self, is_so: Callable[[], bool], within_s: float) -> float:
        """Seconds until it is so; fails past the deadline."""
        begun_s = self.elapsed_s
        while not is_so():
            assert self.elapsed_s - begun_s < within_s, f"not so within {within_s} s"
            self._step()
        return self.elapsed_s - begun_s

    def say(self, name: str, **fields: Any) -> None:
        self._down.put(self._encoder.encode(name, **fields), self.elapsed_s)

    def all(self, name: str) -> list[Message]:
        return [message for _, message in self.heard if message.SPEC.name == name]

    def _say(self, outgoing: list[Outgoing]) -> None:
        for each in outgoing:
            self.sent.append(each)
            self.say(each.name, **each.fields)

    def _step(self) -> None:
        self._steps += 1
        for data in self._down.take(self.elapsed_s):
            self.service.receive(self.spec.id, data)
        self.service.step()
        for data in self._up.take(self.elapsed_s):
            self._take(data)
        if self._steps % 5 == 0:
            self._tick()

    def _tick(self) -> None:
        if self.is_beating and self._steps % 50 == 0:
            self.say("HEARTBEAT", **BEAT)
        for chore in self.chores:
            self._say(chore.requests(self.now))
        if self.run is not None:
            self._say(self.run.tick(self.known, self.now))

    def _take(self, data: bytes) -> None:
        for frame in parse_datagram(data):
            message = self._decoder.decode(frame)
            if message is not None:
                self.heard.append((frame.compid, message))
                self._hear(frame.compid, message)

    def _hear(self, component: int, message: Message) -> None:
        name = message.SPEC.name
        if name == "HEARTBEAT" and message.autopilot != Autopilot.INVALID:
            self.known = replace(self.known, vitals=replace(self.known.vitals, component=component))
        if component == self.known.vitals.component:
            handler = self._fold.get(name)
            self.known = handler(self.known, message, self.now) if handler is not None else self.known
            for chore in self.chores:
                chore.hear(message, self.now)
        if self.run is not None:
            self._say(self.run.hear(message, self.known, self.now))


def of_kind(kind: Kind, **changes: Any) -> Conversation:
    return Conversation(spec(kind, **changes))
