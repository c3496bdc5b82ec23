"""Commands and their answers: ids that follow from the record, deadlines, and repeats when the link failed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from fleet.commands import Ack, AckResult, Command, Route, Verb
from missions.book import Book
from world.ids import CommandId, Digest, OperatorId, VehicleId
from world.position import Geodetic
from world.time import NS_PER_S, Clock

REPEATED = frozenset({AckResult.TIMED_OUT, AckResult.LINK_LOST})
TRIES = 3
GRACE_S = 2.0
"""The fleet answers by the deadline; its answer has to travel."""
WITHIN_S = {Verb.UPLOAD_ROUTE: 60.0, Verb.START_ROUTE: 45.0, Verb.GO_TO: 30.0}
WITHIN_OTHERWISE_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A command without its envelope."""

    verb: Verb
    plan_digest: Digest | None = None
    position: Geodetic | None = None
    height_m: float | None = None
    heading_deg: float | None = None
    route: Route | None = None


class Commander:
    """Sends through `publish`, which also folds the command into the book."""

    def __init__(self, book: Book, clock: Clock, publish: Callable[[str, object], None]) -> None:
        self._book = book
        self._clock = clock
        self._publish = publish
        self._waiting: dict[CommandId, asyncio.Future[Ack]] = {}

    def on_ack(self, ack: Ack) -> None:
        waiting = self._waiting.pop(ack.command, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(ack)

    def send(self, vehicle: VehicleId, by: OperatorId, wish: Wish) -> Command:
        """Publish at once, wait for nothing."""
        intent = self._book.intent
        mission = intent.mission if intent is not None else "direct"
        number = self._book.told_to(vehicle).commands + 1
        now = self._clock.now()
        command = Command(
            id=CommandId(f"{mission}/{vehicle}/{number}"),
            vehicle=vehicle,
            verb=wish.verb,
            issued_by=by,
            deadline=now.plus_s(WITHIN_S.get(wish.verb, WITHIN_OTHERWISE_S)),
            plan_digest=wish.plan_digest,
            position=wish.position,
            height_m=wish.height_m,
            heading_deg=wish.heading_deg,
            route=wish.route,
        )
        self._publish("fleet/command", command)
        return command

    async def carry_out(self, vehicle: VehicleId, by: OperatorId, wish: Wish) -> Ack:
        """Send and wait for the end of it; sent again, as a new command, when the link failed."""
        for _ in range(TRIES - 1):
            ack = await self._answered(self.send(vehicle, by, wish))
            if ack.result not in REPEATED:
                return ack
        return await self._answered(self.send(vehicle, by, wish))

    async def settle(self, vehicle: VehicleId) -> None:
        """Wait for the answers to commands that an earlier run of this service sent."""
        for command in [command for command in self._book.pending.values() if command.vehicle == vehicle]:
            await self._answered(command)

    async def _answered(self, command: Command) -> Ack:
        waiting: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._waiting[command.id] = waiting
        left_s = (command.deadline.mono_ns - self._clock.now().mono_ns) / NS_PER_S + GRACE_S
        try:
            async with asyncio.timeout(max(0.0, left_s)):
                return await waiting
        except TimeoutError:
            self._waiting.pop(command.id, None)
            self._book.pending.pop(command.id, None)
            return Ack(
                command=command.id,
                vehicle=command.vehicle,
                verb=command.verb,
                result=AckResult.TIMED_OUT,
                reason="the fleet did not answer",
                at=self._clock.now(),
            )
