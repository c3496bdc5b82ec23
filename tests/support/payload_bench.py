"""One simulated vehicle with payloads and one operator's programmes, with nothing but bytes and a guard between them;
the link may lose, repeat and delay. Time is the simulator's."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fleet.authority import Authority
from fleet.commands import AckResult, Command, Lease, PayloadOrder, Verb
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.step import Outgoing, Run, Talk
from fleet.drivers.payloads.operate import operate
from fleet.drivers.payloads.registry import PAYLOADS, PayloadStates, fold
from fleet.drivers.registry import DRIVERS
from fleet.guard import LIMITS, Guard, GuardedVehicle
from fleet.model import LinkState, VehicleKind, VehicleState
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.enums import Command as MavCommand
from fleet.wire.frame import parse_datagram
from fleet.wire.message import Message
from sim.payloads.rack import Rack
from sim.payloads.surroundings import Surroundings
from sim.vehicles.spec import Kind
from tests.sim.support import Place, spec
from tests.support.fleet_bench import APPROVED, PILOT, flat_site
from tests.support.rough_channel import Roughness
from world.ids import CommandId, Digest, VehicleId
from world.time import Instant

GOOD_LINK = Roughness(seed=0)
PLENTY = Surroundings(supply_mpa=0.8, yields_at_n=20_000.0, intake_depth_m=2.0, load_kg=2.0)
"""Everything there that payloads need to work."""


@dataclass(slots=True)
class Channel:
    """One direction of the link, in simulated time."""

    how: Roughness
    deliver: Callable[[bytes], None]
    dice: random.Random
    under_way: list[tuple[int, int, bytes]] = field(default_factory=list)
    sent: int = 0

    def send(self, data: bytes, now_ns: int) -> None:
        if self.dice.random() < self.how.lost:
            return
        for _ in range(2 if self.dice.random() < self.how.repeated else 1):
            self.sent += 1
            self.under_way.append((now_ns + round(self.dice.random() * self.how.delay_s * 1e9), self.sent, data))

    def pass_on(self, now_ns: int) -> None:
        due = sorted(each for each in self.under_way if each[0] <= now_ns)
        self.under_way = [each for each in self.under_way if each[0] > now_ns]
        for _, _, data in due:
            self.deliver(data)


@dataclass(frozen=True, slots=True)
class End:
    """How an order ended."""

    result: AckResult
    reason: str


class PayloadBench:
    """`states` are the payloads as the fleet knows them, `rack` as they truly are."""

    def __init__(
        self, *payloads: str, kind: Kind = Kind.ROVER, around: Surroundings = PLENTY, link: Roughness = GOOD_LINK,
        drivers: Mapping[str, Any] = PAYLOADS, seed: int = 7,
    ) -> None:
        self.spec = spec(kind, 1, payloads=payloads)
        self.place = Place([self.spec], seed=seed)
        stations: dict[VehicleId, Any] = self.place.stations
        stations[self.spec.id] = self
        self.rack: Rack = self.place.service.machine(self.spec.id).payloads or Rack((), seed=0, vehicle=0)
        self.rack.around = around
        dice = random.Random(link.seed)
        self._down = Channel(link, lambda data: self.place.service.receive(self.spec.id, data), dice)
        self._up = Channel(link, self._hear, dice)
        self._drivers = drivers
        self._driver = DRIVERS[VehicleKind(kind.value)]
        unheard = VehicleState(
            vehicle=self.spec.id, kind=VehicleKind(kind.value), heard=self.now, link=LinkState.FRESH
        )
        self.known = Known(state=unheard)
        self.states: PayloadStates = {}
        self.frames: list[bytes] = []
        self.heard: list[Message] = []
        self.orders = 0
        self._run: Run | None = None
        self._decoder, self._encoder = Decoder(), Encoder(255, 190)
        authority = Authority()
        authority.grant(Lease(vehicle=self.spec.id, holder=PILOT, expires=self.now.plus_s(1e6)), self.now)
        limits = LIMITS[VehicleKind(kind.value)]
        self.guard = Guard(
            send=self._send, authority=authority, site=flat_site(),
            vehicles={self.spec.id: GuardedVehicle(sysid=self.spec.sysid, limits=limits)},
        )
        self.guard.approve(APPROVED)
        self._ask_for_streams()
        self.pass_time(3.0)

    @property
    def now(self) -> Instant:
        return self.place.service.now()

    def twin(self, name: str) -> Any:
        return self.rack.twin(name)

    def command(
        self, payload: str, action: str, *, in_s: float = 60.0, digest: Digest | None = APPROVED, instance: int = 0,
        **setpoints: float,
    ) -> Command:
        self.orders += 1
        order = PayloadOrder(payload=payload, action=action, instance=instance, setpoints=setpoints)
        return Command(
            id=CommandId(f"order-{self.orders}"), vehicle=self.spec.id, verb=Verb.OPERATE, issued_by=PILOT,
            deadline=self.now.plus_s(in_s), plan_digest=digest, order=order,
        )

    def order(self, payload: str, action: str, **rest: Any) -> End:
        """Give an order and see how it ends."""
        return self.give(self.command(payload, action, **rest))

    def give(self, command: Command) -> End:
        fault = self.guard.admit(command, self.known.state, self.now)
        if fault is not None:
            return End(AckResult.REFUSED_BY_GUARD, fault)
        talk = Talk(sysid=self.spec.sysid, known=lambda: self.known, on_mission=lambda mission: None)
        self._run = run = Run(operate(talk, command, self._drivers))
        self._put(run.begin(self.known, self.now))
        while run.result is None:
            self.pass_time(0.1)
            if self.now.mono_ns > command.deadline.mono_ns:
                run.close(AckResult.TIMED_OUT, "not shown before the deadline")
            self._put(run.tick(self.known, self.now))
        self._run = None
        self.guard.close(command.vehicle, is_done=run.result is AckResult.ACCEPTED)
        return End(run.result or AckResult.TIMED_OUT, run.reason)

    def done(self, payload: str, action: str, **rest: Any) -> None:
        end = self.order(payload, action, **rest)
        assert end.result is AckResult.ACCEPTED, end

    def refused(self, words: str, payload: str, action: str, **rest: Any) -> None:
        """Not accepted, and the sentence says why."""
        end = self.order(payload, action, **rest)
        assert end.result in (AckResult.REFUSED_BY_VEHICLE, AckResult.REFUSED_BY_GUARD), end
        assert words in end.reason, end

    def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds * 50)):
            self.place.service.step()
            self._down.pass_on(self.now.mono_ns)
            self._up.pass_on(self.now.mono_ns)

    def take(self, data: bytes) -> None:
        """Bytes from the vehicle, as a station of Place."""
        self._up.send(data, self.now.mono_ns)

    def say(self, name: str, **fields: Any) -> None:
        """Past the guard."""
        self.place.service.receive(self.spec.id, self._encoder.encode(name, **fields))

    def _hear(self, data: bytes) -> None:
        for frame in parse_datagram(data):
            message = self._decoder.decode(frame)
            assert message is not None
            self.heard.append(message)
            self.known = replace(self.known, state=replace(self.known.state, heard=self.now))
            if frame.compid == 1 and message.SPEC.name in self._driver.fold:
                self.known = self._driver.fold[message.SPEC.name](self.known, message, self.now)
            self.states = fold(self.states, message, self.now)
            if self._run is not None:
                self._put(self._run.hear(message, self.known, self.now))

    def _put(self, outgoing: list[Outgoing]) -> None:
        for each in outgoing:
            data = self._encoder.encode(each.name, **each.fields)
            fault = self.guard.transmit(self.spec.id, data, self.now)
            if fault is not None and self._run is not None:
                self._run.close(AckResult.REFUSED_BY_GUARD, fault)

    def _send(self, vehicle: VehicleId, data: bytes) -> None:
        self.frames.append(data)
        self._down.send(data, self.now.mono_ns)

    def _ask_for_streams(self) -> None:
        for number in (33, 245):
            params = dict.fromkeys((f"param{n}" for n in range(3, 8)), 0.0)
            self.say(
                "COMMAND_LONG", target_system=1, target_component=1, command=MavCommand.SET_MESSAGE_INTERVAL,
                confirmation=0, param1=float(number), param2=200_000.0, **params,
            )
