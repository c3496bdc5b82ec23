"""A simulated vehicle at the far end of a rough link; programmes run against it without a guard, in virtual time."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from fleet.commands import AckResult
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.step import Outgoing, Run, Step, Talk
from fleet.drivers.registry import DRIVERS
from fleet.model import LinkState, VehicleKind, VehicleState
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.frame import parse_datagram
from fleet.wire.message import Message
from sim.machine import Machine
from sim.vehicles.spec import Kind
from tests.sim.support import Place, spec
from tests.support.fleet_bench import run_virtual
from tests.support.rough_channel import Roughness, rough
from tests.support.virtual_time import VirtualClock
from world.ids import VehicleId

STEP_S = 0.02
TICK_S = 0.1
MakeReading = Callable[[Talk], Generator[Step[Any], Any, Any]]


@dataclass(slots=True)
class Ended:
    """How a programme ended, what it returned, and what it took."""

    result: AckResult | None = None
    reason: str = ""
    value: Any = None
    seconds: float = 0.0
    sent: list[Outgoing] = field(default_factory=list)
    heard: list[Message] = field(default_factory=list)


class Far:
    """One vehicle, ready since a minute, and its ground side."""

    def __init__(self, how: Roughness, kind: Kind, prepare: Callable[[Place], None] | None) -> None:
        self.place = Place([spec(kind)])
        if prepare is not None:
            prepare(self.place)
        self.clock = VirtualClock(asyncio.get_running_loop())
        driver = DRIVERS[VehicleKind(kind.value)]
        self._fold = driver.fold
        vehicle = VehicleId(next(iter(self.place.stations)))
        state = VehicleState(vehicle=vehicle, kind=driver.kind.kind, heard=self.clock.now(), link=LinkState.FRESH)
        self.known = Known(state=state)
        self.talk = Talk(sysid=1, known=lambda: self.known, on_mission=lambda mission: None)
        self._decoder, self._encoder = Decoder(), Encoder(255, 190)
        self._run: Run | None = None
        self._ended = Ended()
        channel = rough(how)
        up = channel(self._receive)
        self._down = channel(lambda data: self.machine.hear(data, self._port))
        self._port = self.machine.open_port(lambda data: self._soon(up, data))
        self._live = asyncio.get_running_loop().create_task(self._advance())

    @property
    def machine(self) -> Machine:
        return self.place.service.machines[0]

    async def read(self, make: MakeReading, *, within_s: float = 600.0) -> Ended:
        """Run a programme to its end; fails when it has none."""
        self._ended = ended = Ended()
        begun = self.clock.now()

        def programme() -> Generator[Step[Any], Any, None]:
            ended.value = yield from make(self.talk)

        self._run = run = Run(programme())
        self._send(run.begin(self.known, begun))
        while run.result is None:
            assert begun.age_s(self.clock.now()) < within_s, "it does not end"
            await self.clock.sleep(TICK_S)
            self._send(run.tick(self.known, self.clock.now()))
        ended.result, ended.reason, ended.seconds = run.result, run.reason, begun.age_s(self.clock.now())
        self._run = None
        return ended

    def _soon(self, carry: Callable[[bytes], None], data: bytes) -> None:
        asyncio.get_running_loop().call_soon(carry, data)

    async def close(self) -> None:
        self._live.cancel()
        with suppress(asyncio.CancelledError):
            await self._live

    async def _advance(self) -> None:
        while True:
            await self.clock.sleep(STEP_S)
            self.place.service.step()

    def _receive(self, data: bytes) -> None:
        now = self.clock.now()
        for frame in parse_datagram(data):
            message = self._decoder.decode(frame)
            if message is None or frame.compid != 1:
                continue
            handler = self._fold.get(message.SPEC.name)
            self.known = handler(self.known, message, now) if handler is not None else self.known
            if self._run is not None:
                self._ended.heard.append(message)
                self._send(self._run.hear(message, self.known, now))

    def _send(self, outgoing: list[Outgoing]) -> None:
        self._ended.sent += outgoing
        for each in outgoing:
            self._down(self._encoder.encode(each.name, **each.fields))


def read_from_afar(
    make: MakeReading, how: Roughness, *, kind: Kind = Kind.COPTER, prepare: Callable[[Place], None] | None = None,
    within_s: float = 600.0,
) -> Ended:
    """One programme over a link of its own."""

    async def main() -> Ended:
        far = Far(how, kind, prepare)
        try:
            return await far.read(make, within_s=within_s)
        finally:
            await far.close()

    return run_virtual(main())
