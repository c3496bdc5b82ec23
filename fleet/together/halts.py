"""Stop, hold, return, land and kill: to everybody first, everything else after; repeated until heard or out of time."""

import asyncio
from collections.abc import Callable, Sequence

from fleet.authority import Authority
from fleet.commands import Ack, AckResult, Command, Verb
from fleet.together.giver import BUNCH, GRACE_S, Giver, OnAck, until
from fleet.together.latch import GuardLatch, Latch
from world.ids import OperatorId, VehicleId
from world.time import NS_PER_S, Clock, Instant

AGAIN_S = 1.0
"""A vehicle that refuses to stop is asked again after this, until the deadline."""
KILL_HELD_S = 3.0
AT_ONCE = 1024
"""Orders that leave before anything else is done: about 0.15 s for so many, heartbeats can wait that long."""


class KillRefused(Exception):
    """Motors are stopped of one vehicle at a time, by a button that was held down."""


class Halts:
    """Needs nothing of what else runs: desks let these go before everything."""

    def __init__(
        self,
        *,
        clock: Clock,
        giver: Giver,
        latch: Latch,
        authority: Authority,
        guard: GuardLatch | None,
        break_off: Callable[[Sequence[VehicleId], str], None],
    ) -> None:
        self._clock, self._giver, self._latch = clock, giver, latch
        self._authority, self._guard, self._break_off = authority, guard, break_off

    async def all(
        self, verb: Verb, vehicles: Sequence[VehicleId], by: OperatorId, deadline: Instant,
        on_late: OnAck = lambda ack: None,
    ) -> dict[VehicleId, Ack]:
        """One of STOP, HOLD, RETURN, LAND for each. STOP latches those that `by` may command."""
        now = self._clock.now()
        may = [vehicle for vehicle in vehicles if self._authority.may_command(by, vehicle, now)]
        if verb is Verb.STOP:
            self._latch.close(may, by, now)
            if self._guard is not None:
                self._guard.latch(may, by, now)
        self._break_off(may, f"{verb} by {by}")
        return await _Halt(self._clock, self._giver, verb, by, deadline).run(vehicles, on_late)

    def release(self, vehicles: Sequence[VehicleId] | None, by: OperatorId) -> str | None:
        """Let them (None: all) move again; or one sentence why not."""
        if not self._authority.is_commander(by):
            return f"{by} is no commander and cannot release the fleet's stop"
        fault = None if self._guard is None else self._guard.release(by, self._clock.now(), vehicles)
        if fault is None:
            self._latch.open(vehicles)
        return fault

    async def kill(
        self, vehicles: Sequence[VehicleId] | None, by: OperatorId, deadline: Instant, held_s: float | None
    ) -> dict[VehicleId, Ack]:
        """Motors off, also in the air. Raises KillRefused."""
        if vehicles is None or len(set(vehicles)) != 1:
            raise KillRefused("kill names exactly one vehicle: motors of several are never stopped by one order")
        if held_s is None or not held_s >= KILL_HELD_S:
            raise KillRefused(f"kill needs a button held for {KILL_HELD_S:.0f} s")
        self._break_off(vehicles, f"kill by {by}")
        command = self._giver.command(vehicles[0], Verb.KILL, by, deadline, held_s=held_s)
        return await self._giver.give_all([command])


class _Halt:
    """One order to many on its way."""

    def __init__(self, clock: Clock, giver: Giver, verb: Verb, by: OperatorId, deadline: Instant) -> None:
        self._clock, self._giver, self._verb, self._by, self._deadline = clock, giver, verb, by, deadline
        self._given: dict[VehicleId, Command] = {}
        self._acks: dict[VehicleId, Ack] = {}
        self._again: dict[VehicleId, Instant] = {}
        self._news = asyncio.Event()

    async def run(self, vehicles: Sequence[VehicleId], on_late: OnAck) -> dict[VehicleId, Ack]:
        wanted = list(dict.fromkeys(vehicles))
        await self._in_bunches(wanted, self._give, AT_ONCE)
        await self._in_bunches(wanted, lambda vehicle: self._giver.record(self._given[vehicle]), BUNCH)
        end_ns = self._deadline.mono_ns + round(GRACE_S * NS_PER_S)
        while len(self._acks) < len(wanted) and self._clock.now().mono_ns < end_ns:
            due_ns = min([end_ns, *(again.mono_ns for again in self._again.values())])
            await until(self._news, self._clock, due_ns)
            self._news.clear()
            self._repeat()
        for vehicle in wanted:
            if vehicle not in self._acks:
                command = self._given[vehicle]
                self._giver.forget(command, on_late)
                why = "no end of it was told before its deadline"
                self._acks[vehicle] = self._giver.ack(command, AckResult.TIMED_OUT, why)
        return {vehicle: self._acks[vehicle] for vehicle in wanted}

    async def _in_bunches(
        self, vehicles: Sequence[VehicleId], act: Callable[[VehicleId], None], bunch: int
    ) -> None:
        for k, vehicle in enumerate(vehicles, 1):
            act(vehicle)
            if k % bunch == 0:
                await self._clock.sleep(0.0)

    def _give(self, vehicle: VehicleId) -> None:
        command = self._giver.command(vehicle, self._verb, self._by, self._deadline)
        self._given[vehicle] = command
        self._giver.give(command, self._hear)

    def _hear(self, ack: Ack) -> None:
        now = self._clock.now()
        again = now.plus_s(AGAIN_S)
        if ack.result is AckResult.REFUSED_BY_VEHICLE and again.mono_ns < self._deadline.mono_ns:
            self._again[ack.vehicle] = again
        else:
            self._acks[ack.vehicle] = ack
        self._news.set()

    def _repeat(self) -> None:
        now = self._clock.now()
        for vehicle, again in list(self._again.items()):
            if again.mono_ns <= now.mono_ns:
                del self._again[vehicle]
                self._give(vehicle)
                self._giver.record(self._given[vehicle])
