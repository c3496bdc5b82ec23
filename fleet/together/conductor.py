"""Runs convoys over the fleet: every state of it lets legs be given, every ack goes back to its convoy."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fleet.commands import Command, Verb
from fleet.model import FleetState
from fleet.together.convoy import Convoy, End, Wish, holds_of
from fleet.together.giver import Giver, until
from fleet.together.sight import Sight, sights_of
from fleet.together.spacing import Spacing
from fleet.together.traveller import Plan
from world.bus import Bus
from world.ids import Digest, OperatorId, VehicleId
from world.position import LocalFrame
from world.time import Clock, Instant

WITHIN_S: Mapping[Verb, float] = {Verb.TAKE_OFF: 45.0, Verb.GO_TO: 40.0, Verb.RETURN: 15.0, Verb.LAND: 15.0}
LEAST_CHANGE_M = 0.5
"""A take-off lower than this over the pad is none."""


class AlreadyBusy(Exception):
    """A vehicle is in another manoeuvre."""


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """One convoy on its way, in whose name, and until when."""

    convoy: Convoy
    by: OperatorId
    digest: Digest | None
    deadline: Instant
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    why: str = ""


class Conductor:
    """Knows the fleet by `fleet/state` alone."""

    def __init__(self, *, bus: Bus, clock: Clock, giver: Giver, frame: LocalFrame, spacing: Spacing) -> None:
        self._clock, self._giver, self._frame, self._spacing = clock, giver, frame, spacing
        self._jobs: list[Job] = []
        self._fleet: FleetState | None = None
        self._looked = asyncio.Event()
        bus.subscribe("fleet/state", self._on_state)

    @property
    def vehicles(self) -> tuple[VehicleId, ...]:
        """Everybody in the newest state."""
        return () if self._fleet is None else tuple(state.vehicle for state in self._fleet.vehicles)

    def sights(self) -> dict[VehicleId, Sight]:
        return {} if self._fleet is None else sights_of(self._fleet, self._frame)

    async def next_state(self, by: Instant) -> bool:
        """Whether one came until then."""
        looked = self._looked
        return await until(looked, self._clock, by.mono_ns)

    def busy(self, vehicles: Iterable[VehicleId]) -> list[VehicleId]:
        members = set[VehicleId]().union(*(job.convoy.vehicles for job in self._jobs))
        return sorted(members.intersection(vehicles))

    async def conduct(
        self, plans: Sequence[Plan], by: OperatorId, deadline: Instant, digest: Digest | None = None
    ) -> dict[VehicleId, End]:
        """To the end of every plan, or the deadline, or a stop. Raises AlreadyBusy."""
        taken = self.busy(plan.vehicle for plan in plans)
        if taken:
            raise AlreadyBusy(f"{', '.join(taken)} are in another manoeuvre; stop it or wait for its end")
        job = Job(convoy=Convoy(plans, self._spacing), by=by, digest=digest, deadline=deadline)
        if not plans:
            return {}
        self._jobs.append(job)
        try:
            in_time = await until(job.ended, self._clock, deadline.mono_ns)
        finally:
            self._jobs.remove(job)
        why = job.why or ("" if in_time else "the deadline passed")
        return {vehicle: _told(end, why) for vehicle, end in job.convoy.ends().items()}

    def break_off(self, vehicles: Iterable[VehicleId], why: str) -> None:
        """No more legs for manoeuvres that any of these are in."""
        chosen = set(vehicles)
        for job in self._jobs:
            if chosen & job.convoy.vehicles:
                job.why = why
                job.ended.set()

    def _on_state(self, fleet: FleetState) -> None:
        self._fleet = fleet
        looked, self._looked = self._looked, asyncio.Event()
        looked.set()
        if not self._jobs:
            return
        now, sights = self._clock.now(), self.sights()
        for job in self._jobs:
            if job.ended.is_set():
                continue
            others = holds_of((other.convoy for other in self._jobs if other is not job), sights, now)
            for wish in job.convoy.look(sights, now, others):
                self._give(job, wish, sights[wish.vehicle], now)
            if job.convoy.is_over:
                job.ended.set()

    def _give(self, job: Job, wish: Wish, sight: Sight, now: Instant) -> None:
        leg = wish.leg
        arguments: dict[str, Any] = {}
        if leg.verb is Verb.TAKE_OFF and sight.at is not None:
            arguments = {"height_m": max(LEAST_CHANGE_M, leg.end.up_m - sight.at.up_m), "plan_digest": job.digest}
        elif leg.verb is Verb.GO_TO:
            arguments = {"position": self._frame.to_geodetic(leg.end), "speed_m_s": leg.speed_m_s}
        deadline = now.plus_s(WITHIN_S[leg.verb])
        command: Command = self._giver.command(wish.vehicle, leg.verb, job.by, deadline, **arguments)
        hear = partial(self._hear, job)
        if self._giver.give(command, hear):
            self._giver.record(command)

    def _hear(self, job: Job, ack: Any) -> None:
        job.convoy.hear(ack, self._clock.now())


def _told(end: End, why: str) -> End:
    return end if end.is_done or not why else End(is_done=False, reason=f"{why}: {end.reason}" if end.reason else why)
