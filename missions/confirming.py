"""Contacts: second looks by other vehicles, suggestions to people, finds."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fleet.model import Severity
from missions.alarms import Alarms
from missions.book import Book
from missions.crew import Crew
from missions.model import Find, OrderVerb, TaskPhase
from missions.pilot import Pilot
from missions.planners.replan import Survivor
from missions.planners.visit import planned_visit
from missions.survey import Survey
from perception.model import Contact, ContactState
from world.ids import ContactId, OperatorId, VehicleId
from world.position import Enu, LocalFrame
from world.time import Clock

SETTLE_S = 4.0
"""A contact is fused over the images of one pass before anybody is sent."""
TOGETHER_M = 10.0
"""Contacts this close to the one aimed at are in the same image."""
VISITS = 3
"""Second looks that one contact gets at most."""
CREDIBLE = 0.6
"""Least probability of a contact that anybody is sent to, once the pass that found it is over."""
HELPERS = 3
RETRY_S = 3.0


@dataclass(slots=True)
class Confirmer:
    """Sends second vehicles and speaks of what they confirm."""

    book: Book
    crew: Crew
    clock: Clock
    frame: LocalFrame
    survey: Survey
    alarms: Alarms
    publish: Callable[[str, object], None]
    auto_accept: bool
    _not_before_s: float = 0.0
    _seen_from_deg: dict[ContactId, float] = field(default_factory=dict)
    _asked: set[ContactId] = field(default_factory=set)
    _withdrawn: set[ContactId] = field(default_factory=set)

    def tick(self, pilots: Mapping[VehicleId, Pilot]) -> None:
        self._speak()
        now = self.clock.now()
        if now.mono_ns / 1e9 < self._not_before_s:
            return
        for contact in self.book.open_candidates():
            self._note_heading(contact)
            if contact.first_seen.age_s(now) < SETTLE_S or contact.probability < CREDIBLE:
                continue
            if self.book.visited.get(contact.id, 0) >= VISITS:
                continue
            if not self._is_being_visited(contact, pilots):
                self._send(contact, pilots)
                return

    def accept(self, contact: ContactId, by: OperatorId) -> None:
        """A person (or the demo's policy in their name) takes a contact as a subject."""
        known = self.book.contacts.get(contact)
        if known is not None and contact not in self.book.finds:
            find = Find(contact=contact, position=known.position, by=by, at=self.clock.now())
            self.publish("mission/find", find)
            self._withdraw(known)

    def on_order(self, verb: OrderVerb, contact: ContactId | None, by: OperatorId) -> None:
        known = None if contact is None else self.book.contacts.get(contact)
        if known is None:
            return
        if verb is OrderVerb.ACCEPT_CONTACT:
            self.accept(known.id, by)
        elif verb is OrderVerb.REJECT_CONTACT:
            self._withdraw(known)

    def _ask(self, contact: Contact, *, is_active: bool = True) -> None:
        self.alarms.say(
            key=f"find?/{contact.id}",
            severity=Severity.ADVISORY,
            text=f"{contact.id} is confirmed by {', '.join(contact.seen_by)}: accept it as a find?",
            text_zh=f"目标 {contact.id} 已由 {'、'.join(contact.seen_by)} 确认，是否认定为发现？",
            is_active=is_active,
        )

    def _speak(self) -> None:
        for _, contact in sorted(self.book.contacts.items()):
            is_answered = contact.id in self.book.finds or contact.id in self.book.rejected
            if is_answered or contact.state is not ContactState.CONFIRMED:
                if is_answered or contact.id in self._asked:
                    self._withdraw(contact)
                continue
            self._asked.add(contact.id)
            self._withdrawn.discard(contact.id)
            self._ask(contact)
            if self.auto_accept and self.book.approved is not None:
                self.accept(contact.id, self.book.approved[1].by)

    def _withdraw(self, contact: Contact) -> None:
        """The question is answered, or has no subject any more: said once, also if an earlier run asked it."""
        if contact.id not in self._withdrawn:
            self._withdrawn.add(contact.id)
            self._ask(contact, is_active=False)

    def _note_heading(self, contact: Contact) -> None:
        """From which side it was first seen, so that the second look comes from another one."""
        if contact.id not in self._seen_from_deg and contact.seen_by:
            state = self.crew.state(contact.seen_by[0])
            if state is not None and state.heading_deg is not None:
                self._seen_from_deg[contact.id] = state.heading_deg

    def _is_being_visited(self, contact: Contact, pilots: Mapping[VehicleId, Pilot]) -> bool:
        at = self._place(contact)
        return any(
            pilot.detours.visit is not None and math.dist(_plane(pilot.detours.visit.target), _plane(at)) <= TOGETHER_M
            for _, pilot in sorted(pilots.items())
        )

    def _send(self, contact: Contact, pilots: Mapping[VehicleId, Pilot]) -> None:
        now = self.clock.now()
        survivors = self.survey.survivors(pilots, now)
        target = self._place(contact)
        helpers = [one for one in survivors if self._may_help(one, contact, pilots)]
        helpers.sort(key=lambda one: (math.dist(_plane(one.at), _plane(target)), one.vehicle))
        flying = [one for one in survivors if not one.is_on_pad]
        visit = planned_visit(
            target,
            helpers[:HELPERS],
            flying,
            self.survey.ground.space,
            seen_from_deg=self._seen_from_deg.get(contact.id),
            under_way=self._ways_under_way(pilots),
        )
        if visit is None:
            self._not_before_s = now.mono_ns / 1e9 + RETRY_S
            return
        pilots[visit.vehicle].detours.visit = visit
        for other in self.book.open_candidates():
            if math.dist(_plane(self._place(other)), _plane(target)) <= TOGETHER_M:
                self.book.visited[other.id] = self.book.visited.get(other.id, 0) + 1

    def _ways_under_way(self, pilots: Mapping[VehicleId, Pilot]) -> list[tuple[Enu, ...]]:
        found = [(vehicle, pilot.detours.visit) for vehicle, pilot in sorted(pilots.items())]
        visits = [(vehicle, visit) for vehicle, visit in found if visit is not None]
        places = {vehicle: self.crew.place(vehicle) for vehicle, _ in visits}
        return [
            tuple(at for at in (places[vehicle], *visit.out, *visit.back) if at is not None)
            for vehicle, visit in visits
        ]

    def _may_help(self, one: Survivor, contact: Contact, pilots: Mapping[VehicleId, Pilot]) -> bool:
        pilot = pilots[one.vehicle]
        is_free = (
            not pilot.detours.is_wanted
            and pilot.phase in (TaskPhase.RUNNING, TaskPhase.RETURNING)
            and pilot.told.is_on_route
        )
        return is_free and not one.is_on_pad and one.vehicle not in contact.seen_by

    def _place(self, contact: Contact) -> Enu:
        return self.frame.to_enu(contact.position)


def _plane(at: Enu) -> tuple[float, float]:
    return at.east_m, at.north_m
