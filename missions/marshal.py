"""Keeps flying copters apart by what they do now: the last layer, when plans have not come true."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from fleet.model import Severity
from missions.ahead import Foresight
from missions.alarms import Alarms
from missions.book import Book
from missions.model import TaskPhase
from missions.pilot import Pilot
from missions.planners.traffic import GiveWay, Mover, conflicts, giving_way, is_clear, parts_from
from world.ids import VehicleId
from world.time import Clock, Instant

EVERY_S = 0.4
ALERT_SHARE = 0.8
"""Of the separation that plans keep: who is foreseen closer gives way."""
ASIDE_LEAST_S = 2.0
ASKED_AGAIN_S = 4.0
"""A vehicle that gives way already is asked for another place no sooner."""
STUCK_S = 20.0
"""After so long a vehicle also goes on if that takes it away from who is near: two may have stopped each other."""
LONG_S = 45.0


@dataclass(slots=True)
class Marshal:
    """Asks pilots to give way, lets them go on, and holds take-offs while somebody is in their way."""

    book: Book
    clock: Clock
    foresight: Foresight
    alarms: Alarms
    separation_m: float
    _since: dict[VehicleId, Instant] = field(default_factory=dict)
    _next_s: float = 0.0

    def tick(self, pilots: Mapping[VehicleId, Pilot]) -> None:
        now_s = self.clock.now().mono_ns / 1e9
        if now_s < self._next_s:
            return
        self._next_s = now_s + EVERY_S
        self._release_called_off(pilots)
        movers = self.foresight.movers(pilots, tuple(self.book.held))
        self._let_go_on(pilots, movers)
        self._let_start(pilots, movers)
        for conflict in conflicts(list(movers.values()), ALERT_SHARE * self.separation_m):
            if any(self._was_just_asked(vehicle) for vehicle in conflict.pair):
                continue
            order = giving_way(conflict, movers, self.separation_m, self.foresight.fits)
            if order is not None:
                self._ask(pilots[order.vehicle], order)
                mover = movers[order.vehicle]
                movers[order.vehicle] = replace(mover, tracks=order.track[None])

    def _ask(self, pilot: Pilot, order: GiveWay) -> None:
        pilot.detours.give_way = order
        self._since[pilot.vehicle] = self.clock.now()
        self.alarms.say(
            key=f"gives-way/{pilot.vehicle}",
            severity=Severity.ADVISORY,
            vehicle=pilot.vehicle,
            text=f"{pilot.vehicle} gives way to {order.to}: {order.foreseen_m:.0f} m foreseen in {order.in_s:.0f} s.",
            text_zh=f"{pilot.vehicle} 避让 {order.to}：预计 {order.in_s:.0f} 秒后相距 {order.foreseen_m:.0f} 米。",
        )

    def _was_just_asked(self, vehicle: VehicleId) -> bool:
        since = self._since.get(vehicle)
        return since is not None and since.age_s(self.clock.now()) < ASKED_AGAIN_S

    def _release_called_off(self, pilots: Mapping[VehicleId, Pilot]) -> None:
        """People or a contingency command it now."""
        gone = {*self.book.held, *self.book.out}
        for vehicle, pilot in sorted(pilots.items()):
            if pilot.detours.give_way is not None and (vehicle in gone or pilot.is_over):
                self._release(pilot)

    def _release(self, pilot: Pilot) -> None:
        order, pilot.detours.give_way = pilot.detours.give_way, None
        self._since.pop(pilot.vehicle, None)
        if order is not None:
            self.alarms.say(
                key=f"gives-way/{pilot.vehicle}",
                severity=Severity.ADVISORY,
                vehicle=pilot.vehicle,
                text=f"{pilot.vehicle} goes on: its way is clear.",
                text_zh=f"{pilot.vehicle} 航路畅通，继续任务。",
                is_active=False,
            )

    def _let_go_on(self, pilots: Mapping[VehicleId, Pilot], movers: dict[VehicleId, Mover]) -> None:
        for vehicle, mover in sorted(movers.items()):
            pilot, since = pilots[vehicle], self._since.get(vehicle)
            if pilot.detours.give_way is None or pilot.task is None or since is None:
                continue
            aside_s = since.age_s(self.clock.now())
            tracks = self.foresight.going_on(pilot, pilot.task, mover.at)
            others = list(movers.values())
            may_go = parts_from if aside_s >= STUCK_S else is_clear
            if aside_s >= ASIDE_LEAST_S and all(may_go(track, vehicle, others, self.separation_m) for track in tracks):
                self._release(pilot)
                movers[vehicle] = replace(mover, tracks=np.concatenate([mover.tracks, tracks]))
            elif aside_s >= LONG_S:
                self._tell_long(pilot)

    def _tell_long(self, pilot: Pilot) -> None:
        order = pilot.detours.give_way
        if order is not None:
            self.alarms.say(
                key=f"gives-way/{pilot.vehicle}",
                severity=Severity.CAUTION,
                vehicle=pilot.vehicle,
                text=f"{pilot.vehicle} has waited {LONG_S:.0f} s for {order.to} and more: move one of them by hand.",
                text_zh=f"{pilot.vehicle} 为避让 {order.to} 已等待 {LONG_S:.0f} 秒以上，请手动调整其中一架。",
            )

    def _let_start(self, pilots: Mapping[VehicleId, Pilot], movers: Mapping[VehicleId, Mover]) -> None:
        others = list(movers.values())
        for vehicle, pilot in sorted(pilots.items()):
            task = pilot.task
            if pilot.phase is TaskPhase.READY and task is not None and task.route.take_off_height_m is not None:
                track = self.foresight.taking_off(pilot, task)[0]
                pilot.may_start = is_clear(track, vehicle, others, ALERT_SHARE * self.separation_m)
