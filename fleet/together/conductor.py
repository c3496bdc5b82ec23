"""Runs manoeuvres over the fleet: every state of it lets legs be given, every ack goes back to its manoeuvre."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from fleet.commands import Ack, AckResult, Command, Verb
from fleet.model import FleetState
from fleet.together.convoy import End, Holds, Wish, held
from fleet.together.giver import Giver, until
from fleet.together.sight import Sight, Sights, sights_of
from fleet.together.spacing import Way
from world.bus import Bus
from world.ids import Digest, OperatorId, VehicleId
from world.position import LocalFrame
from world.time import Clock, Instant

WITHIN_S: Mapping[Verb, float] = {
    Verb.ARM: 30.0, Verb.TAKE_OFF: 45.0, Verb.GO_TO: 50.0, Verb.RETURN: 15.0, Verb.LAND: 15.0
}
LEAST_CHANGE_M = 0.5
"""A take-off lower than this over the pad is none."""


class AlreadyBusy(Exception):
    """A vehicle is in another manoeuvre."""


class Manoeuvre(Protocol):
    """What several vehicles do with each other: told of states and acks, says which leg to give next."""

    @property
    def vehicles(self) -> frozenset[VehicleId]: ...

    @property
    def is_over(self) -> bool: ...

    def look(
        self, sights: Sights, now: Instant, others: Mapping[VehicleId, Sequence[Way]] | None = None
    ) -> list[Wish]: ...

    def holds(self, sights: Sights, now: Instant) -> Holds: ...

    def hear(self, ack: Ack, now: Instant) -> None: ...

    def ends(self) -> dict[VehicleId, End]: ...


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """One manoeuvre on its way, in whose name, and until when."""

    manoeuvre: Manoeuvre
    by: OperatorId
    digest: Digest | None
    deadline: Instant
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    why: str = ""


class Conductor:
    """Knows the fleet by `fleet/state` alone."""

    def __init__(self, *, bus: Bus, clock: Clock, giver: Giver, frame: LocalFrame) -> None:
        self._clock, self._giver, self._frame = clock, giver, frame
        self._jobs: list[Job] = []
        self._fleet: FleetState | None = None
        bus.subscribe("fleet/state", self._on_state)

    @property
    def vehicles(self) -> tuple[VehicleId, ...]:
        """Everybody in the newest state."""
        return () if self._fleet is None else tuple(state.vehicle for state in self._fleet.vehicles)

    def sights(self) -> dict[VehicleId, Sight]:
        return {} if self._fleet is None else sights_of(self._fleet, self._frame)

    def busy(self, vehicles: Iterable[VehicleId]) -> list[VehicleId]:
        members = set[VehicleId]().union(*(job.manoeuvre.vehicles for job in self._jobs))
        return sorted(members.intersection(vehicles))

    def held_beside(self, vehicles: Iterable[VehicleId], kinds: frozenset[str]) -> list[Way]:
        """What all the others of these kinds may be in: by their manoeuvres, or by where they are and go."""
        now, sights, without = self._clock.now(), self.sights(), set(vehicles)
        found = {
            vehicle: held(sight, sight.at, None, now)
            for vehicle, sight in sights.items() if sight.state.kind in kinds
        }
        for job in self._jobs:
            ways = job.manoeuvre.holds(sights, now)
            found |= {v: list(ways.get(v, [])) for v in job.manoeuvre.vehicles if v in found}
        return [way for vehicle, ways in found.items() if vehicle not in without for way in ways]

    async def conduct(
        self, manoeuvre: Manoeuvre, by: OperatorId, deadline: Instant, digest: Digest | None = None
    ) -> dict[VehicleId, End]:
        """To its end, or the deadline, or a stop. Raises AlreadyBusy."""
        taken = self.busy(manoeuvre.vehicles)
        if taken:
            raise AlreadyBusy(f"{', '.join(taken)} are in another manoeuvre; stop it or wait for its end")
        if not manoeuvre.vehicles:
            return {}
        job = Job(manoeuvre=manoeuvre, by=by, digest=digest, deadline=deadline)
        self._jobs.append(job)
        try:
            in_time = await until(job.ended, self._clock, deadline.mono_ns)
        finally:
            self._jobs.remove(job)
        why = job.why or ("" if in_time else "the deadline passed")
        result = AckResult.SUPERSEDED if job.why else AckResult.TIMED_OUT
        return {vehicle: _told(end, why, result) for vehicle, end in job.manoeuvre.ends().items()}

    def break_off(self, vehicles: Iterable[VehicleId], why: str) -> None:
        """No more legs for manoeuvres that any of these are in."""
        chosen = set(vehicles)
        for job in self._jobs:
            if chosen & job.manoeuvre.vehicles:
                job.why = why
                job.ended.set()

    def _on_state(self, fleet: FleetState) -> None:
        self._fleet = fleet
        if not self._jobs:
            return
        now, sights = self._clock.now(), self.sights()
        for job in self._jobs:
            if job.ended.is_set():
                continue
            others = self._held_by_others(job, sights, now)
            for wish in job.manoeuvre.look(sights, now, others):
                self._give(job, wish, sights[wish.vehicle], now)
            if job.manoeuvre.is_over:
                job.ended.set()

    def _held_by_others(self, job: Job, sights: Sights, now: Instant) -> Holds:
        return {
            vehicle: ways
            for other in self._jobs
            if other is not job
            for vehicle, ways in other.manoeuvre.holds(sights, now).items()
            if vehicle in other.manoeuvre.vehicles
        }

    def _give(self, job: Job, wish: Wish, sight: Sight, now: Instant) -> None:
        leg = wish.leg
        arguments: dict[str, Any] = {}
        if leg.verb is Verb.TAKE_OFF and sight.at is not None:
            arguments = {"height_m": max(LEAST_CHANGE_M, leg.end.up_m - sight.at.up_m), "plan_digest": job.digest}
        elif leg.verb is Verb.ARM:
            arguments = {"plan_digest": job.digest}
        elif leg.verb is Verb.GO_TO:
            arguments = {"position": self._frame.to_geodetic(leg.end), "speed_m_s": leg.speed_m_s}
        deadline = now.plus_s(WITHIN_S[leg.verb])
        command: Command = self._giver.command(wish.vehicle, leg.verb, job.by, deadline, **arguments)
        hear = partial(self._hear, job)
        if self._giver.give(command, hear):
            self._giver.record(command)

    def _hear(self, job: Job, ack: Ack) -> None:
        job.manoeuvre.hear(ack, self._clock.now())


def _told(end: End, why: str, result: AckResult) -> End:
    if end.is_done or not why:
        return end
    return End(is_done=False, reason=f"{why}: {end.reason}" if end.reason else why, result=result)
