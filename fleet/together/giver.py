"""Gives commands and gathers their ends: each has exactly one, and what comes after its deadline is told as late."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from fleet.commands import Ack, AckResult, Command, Verb
from fleet.together.latch import Latch
from world.bus import Bus
from world.ids import CommandId, OperatorId, VehicleId
from world.time import NS_PER_S, Clock, Instant

BUNCH = 64
"""Commands between two turns of the loop: others live there too."""
GRACE_S = 0.6
"""Desks look at deadlines ten times a second; their word is better than ours."""
REMEMBERED_LATE = 4096

OnAck = Callable[[Ack], None]


class ToldTwice(ValueError):
    """Two commands to one vehicle in one call: one dict of acks cannot hold both."""


class Giver:
    """`hand_over` brings a command to the fleet service in this process before any record is written of it."""

    def __init__(
        self, *, bus: Bus, clock: Clock, latch: Latch, name: str, hand_over: Callable[[Command], None] | None
    ) -> None:
        self._bus, self._clock, self._latch = bus, clock, latch
        self._hand_over = hand_over
        self._prefix = f"{name}-{clock.now().utc_ns}"
        self._count = 0
        self._waiting: dict[CommandId, OnAck] = {}
        self._overdue: dict[CommandId, OnAck] = {}
        bus.subscribe("fleet/ack", self._on_ack)

    def command(
        self, vehicle: VehicleId, verb: Verb, by: OperatorId, deadline: Instant, **arguments: Any
    ) -> Command:
        """A new one with an id of its own."""
        self._count += 1
        name = CommandId(f"{self._prefix}/{self._count}/{vehicle}")
        return Command(id=name, vehicle=vehicle, verb=verb, issued_by=by, deadline=deadline, **arguments)

    def give(self, command: Command, on_ack: OnAck) -> bool:
        """One command; `on_ack` hears its end, unless the service never tells one. False when it was withheld."""
        fault = self._latch.fault(command.vehicle, command.verb)
        if fault is not None:
            on_ack(self.ack(command, AckResult.REFUSED_BY_GUARD, fault))
            return False
        self._waiting[command.id] = on_ack
        if self._hand_over is not None:
            self._hand_over(command)
        else:
            self._bus.publish("fleet/command", command)
        return True

    def record(self, command: Command) -> None:
        """For the log: the service knows the id and runs it once."""
        if self._hand_over is not None:
            self._bus.publish("fleet/command", command)

    async def give_all(self, commands: Iterable[Command], on_late: OnAck = lambda ack: None) -> dict[VehicleId, Ack]:
        """Ends when each has its ack or its deadline has passed; raises ToldTwice before anything is sent."""
        given = list(commands)
        by_vehicle = {command.vehicle: command for command in given}
        if len(by_vehicle) < len(given):
            raise ToldTwice("a vehicle has two commands in one call: give them one after the other")
        acks: dict[VehicleId, Ack] = {}
        is_complete = asyncio.Event()

        def keep(ack: Ack) -> None:
            acks[ack.vehicle] = ack
            if len(acks) == len(given):
                is_complete.set()

        sent: list[Command] = []
        for k, command in enumerate(given, 1):
            if self.give(command, keep):
                sent.append(command)
            if k % BUNCH == 0:
                await self._clock.sleep(0.0)
        for k, command in enumerate(sent, 1):
            self.record(command)
            if k % BUNCH == 0:
                await self._clock.sleep(0.0)
        last_ns = max((command.deadline.mono_ns for command in given), default=0)
        if given:
            await until(is_complete, self._clock, last_ns + round(GRACE_S * NS_PER_S))
        for vehicle, command in by_vehicle.items():
            if vehicle not in acks:
                acks[vehicle] = self._give_up(command, on_late)
        return {command.vehicle: acks[command.vehicle] for command in given}

    def forget(self, command: Command, on_late: OnAck) -> None:
        """Its end is not waited for any more; told as late if it comes."""
        if self._waiting.pop(command.id, None) is not None:
            self._overdue[command.id] = on_late
            while len(self._overdue) > REMEMBERED_LATE:
                del self._overdue[next(iter(self._overdue))]

    def ack(self, command: Command, result: AckResult, reason: str) -> Ack:
        """An end that is told from here."""
        return Ack(
            command=command.id, vehicle=command.vehicle, verb=command.verb, result=result, reason=reason,
            at=self._clock.now(),
        )

    def _give_up(self, command: Command, on_late: OnAck) -> Ack:
        self.forget(command, on_late)
        return self.ack(command, AckResult.TIMED_OUT, "no end of it was told before its deadline")

    def _on_ack(self, ack: Ack) -> None:
        tell = self._waiting.pop(ack.command, None) or self._overdue.pop(ack.command, None)
        if tell is not None:
            tell(ack)


async def until(event: asyncio.Event, clock: Clock, mono_ns: int) -> bool:
    """Whether it came to be before that moment of the clock."""
    if event.is_set():
        return True
    waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(clock.sleep_until(mono_ns))]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return event.is_set()
