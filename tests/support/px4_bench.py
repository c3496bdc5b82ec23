"""A driver's programmes against a scripted PX4, over bytes and through the guard, in ticks of 0.1 s."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from fleet.authority import Authority
from fleet.commands import Command, Lease, Verb
from fleet.drivers.mavlink.fold import readiness
from fleet.drivers.mavlink.items import Mission
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.step import Outgoing, Run, Talk
from fleet.drivers.mavlink.streams import Streams
from fleet.drivers.registry import Driver, driver
from fleet.guard import PX4_LIMITS, Guard, GuardedVehicle
from fleet.model import AutopilotKind, LinkState, VehicleKind, VehicleState
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.frame import parse_datagram
from fleet.wire.message import Message
from tests.support.fleet_bench import APPROVED, PILOT, TYPE_OF, flat_site
from tests.support.scripted_px4 import ScriptedPx4
from world.ids import CommandId, VehicleId
from world.time import Instant

X01 = VehicleId("X01")
TICK_S = 0.1


@dataclass(slots=True)
class Px4Bench:
    """One vehicle; `loss` of every hundred frames do not arrive, either way."""

    kind: VehicleKind = VehicleKind.COPTER
    loss_pct: float = 0.0
    now: Instant = field(default_factory=lambda: Instant(mono_ns=1_000_000_000, utc_ns=0))
    known: Known = field(init=False)
    vehicle: ScriptedPx4 = field(init=False)
    missions: list[Mission] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    held_back: list[str] = field(default_factory=list)
    _inbox: list[bytes] = field(default_factory=list)
    _chance: random.Random = field(default_factory=lambda: random.Random(7))
    _encoder: Encoder = field(default_factory=lambda: Encoder(255, 190))
    _decoder: Decoder = field(default_factory=Decoder)
    _run: Run | None = None
    _guard: Guard = field(init=False)
    _streams: Streams = field(init=False)
    talk: Talk = field(init=False)

    def __post_init__(self) -> None:
        self.known = Known(state=VehicleState(vehicle=X01, kind=self.kind, heard=self.now, link=LinkState.FRESH))
        self.vehicle = ScriptedPx4(1, self._up, kind=TYPE_OF[self.kind])
        authority = Authority()
        authority.grant(Lease(vehicle=X01, holder=PILOT, expires=self.now.plus_s(36000.0)), self.now)
        vehicles = {X01: GuardedVehicle(sysid=1, limits=PX4_LIMITS[self.kind])}
        self._guard = Guard(send=self._down, authority=authority, vehicles=vehicles, site=flat_site())
        self._guard.approve(APPROVED)
        self.talk = Talk(sysid=1, known=lambda: self.known, on_mission=self.missions.append)
        self._streams = Streams(self.talk, self.driver.rates_hz)
        self.pass_time(3.0)

    @property
    def driver(self) -> Driver:
        return driver(self.kind, AutopilotKind.PX4)

    @property
    def state(self) -> VehicleState:
        is_ready, reasons = readiness(self.known, self.now)
        return replace(self.known.state, is_ready=is_ready, prearm_reasons=reasons)

    def give(self, verb: Verb, *, within_s: float = 60.0, **rest: Any) -> Run:
        """Run a command to its end."""
        command = Command(
            id=CommandId("c"), vehicle=X01, verb=verb, issued_by=PILOT, deadline=self.now.plus_s(within_s),
            plan_digest=APPROVED, **rest,
        )
        fault = self._guard.admit(command, self.state, self.now)
        assert fault is None, fault
        self._run = run = Run(self.driver.programmes[verb](self.talk, command))
        self._send(run.begin(self.known, self.now))
        self.wait(lambda: run.result is not None, within_s)
        self._guard.close(X01, is_done=run.result == "accepted")
        self._run = None
        return run

    def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self._tick()

    def wait(self, shows: Callable[[], bool], within_s: float) -> None:
        for _ in range(round(within_s / TICK_S)):
            if shows():
                return
            self._tick()
        raise AssertionError(f"not so within {within_s} s")

    def _tick(self) -> None:
        self.now = self.now.plus_s(TICK_S)
        self.vehicle.tick(TICK_S)
        self._take_in()
        if self._run is not None:
            self._send(self._run.tick(self.known, self.now))
        self._send(self._streams.requests(self.now))
        self._take_in()

    def _take_in(self) -> None:
        while self._inbox:
            for frame in parse_datagram(self._inbox.pop(0)):
                message = self._decoder.decode(frame)
                assert message is not None
                self._hear(message)

    def _hear(self, message: Message) -> None:
        self.known = replace(self.known, state=replace(self.known.state, heard=self.now))
        handler = self.driver.fold.get(message.SPEC.name)
        if handler is not None:
            self.known = handler(self.known, message, self.now)
        self._streams.hear(message, self.now)
        if self._run is not None:
            self._send(self._run.hear(message, self.known, self.now))

    def _send(self, outgoing: list[Outgoing]) -> None:
        for each in outgoing:
            fault = self._guard.transmit(X01, self._encoder.encode(each.name, **each.fields), self.now)
            if fault is not None:
                self.held_back.append(fault)

    def _down(self, vehicle: VehicleId, data: bytes) -> None:
        self.sent.append(data)
        if not self._is_lost():
            self.vehicle.hear(data)

    def _up(self, data: bytes) -> None:
        if not self._is_lost():
            self._inbox.append(data)

    def _is_lost(self) -> bool:
        return self._chance.random() * 100.0 < self.loss_pct
