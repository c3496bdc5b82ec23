"""What the logged events say: intent, plan, approvals, orders, what was sent and answered, looks, contacts.

The same fold runs live and over a record, so that a restarted service knows what the one before it knew.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from fleet.commands import Ack, AckResult, Command, Route, Verb
from fleet.model import Alarm
from missions.approval import approval_of, carried_over
from missions.board import LookBoard
from missions.contingencies import Cause, cause_in
from missions.direct import commands_of
from missions.model import Approval, Find, Order, OrderVerb, Plan, SearchIntent, Task
from perception.model import Contact, ContactState, Look
from world.ids import CommandId, ContactId, Digest, MissionId, VehicleId
from world.position import LocalFrame
from world.time import Instant

APPROVAL_REFUSED = "approval-refused"
"""Begins the key of the alarm that voids what was approved of a digest until then."""
LEAVES_ROUTE = frozenset({Verb.GO_TO, Verb.HOLD, Verb.STOP, Verb.RETURN, Verb.LAND})


@dataclass(slots=True)
class Told:
    """What one vehicle was told and accepted in this mission."""

    route: Route | None = None
    route_digest: Digest | None = None
    return_height_m: float | None = None
    started: Instant | None = None
    is_on_route: bool = False
    is_released: bool = False
    """Disarmed at the end."""
    commands: int = 0


@dataclass(slots=True)
class Book:
    """State of the current mission, by events alone."""

    frame: LocalFrame
    intent: SearchIntent | None = None
    plan: Plan | None = None
    approved: tuple[Plan, Approval] | None = None
    launch: Order | None = None
    board: LookBoard | None = None
    told: dict[VehicleId, Told] = field(default_factory=dict)
    pending: dict[CommandId, Command] = field(default_factory=dict)
    out: dict[VehicleId, Cause] = field(default_factory=dict)
    held: dict[VehicleId, Order] = field(default_factory=dict)
    contacts: dict[ContactId, Contact] = field(default_factory=dict)
    finds: dict[ContactId, Find] = field(default_factory=dict)
    rejected: dict[ContactId, Order] = field(default_factory=dict)
    visited: dict[ContactId, int] = field(default_factory=dict)
    ended: dict[MissionId, str] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    _approvals: list[Approval] = field(default_factory=list)
    _void: list[Approval] = field(default_factory=list)
    _refusals: set[tuple[str, Instant]] = field(default_factory=set)
    _tasks: tuple[Digest | None, dict[VehicleId, Task]] = field(default_factory=lambda: (None, {}))
    _commands: set[CommandId] = field(default_factory=set)

    def apply(self, topic: str, at: Instant, value: object) -> None:
        """Fold one event in; events already known change nothing."""
        handler = self._handlers().get(topic)
        if handler is not None:
            handler(at, value)

    def _handlers(self) -> Mapping[str, Callable[[Instant, Any], None]]:
        return {
            "mission/intent": self._on_intent,
            "mission/plan": self._on_plan,
            "mission/approval": self._on_approval,
            "mission/order": self._on_order,
            "mission/find": self._on_find,
            "fleet/command": self._on_command,
            "fleet/ack": self._on_ack,
            "perception/look": self._on_look,
            "perception/contact": self._on_contact,
            "alarm": self._on_alarm,
        }

    @property
    def is_under_way(self) -> bool:
        return self.launch is not None and self.intent is not None and self.intent.mission not in self.ended

    @property
    def flown(self) -> Plan | None:
        """The newest approved plan: a revision that waits for people is flown by nobody."""
        return self.approved[0] if self.approved is not None else None

    def task_of(self, vehicle: VehicleId) -> Task | None:
        """Of the flown plan."""
        plan = self.flown
        if plan is None:
            return None
        if self._tasks[0] != plan.digest:
            self._tasks = plan.digest, {task.vehicle: task for task in plan.tasks}
        return self._tasks[1].get(vehicle)

    def told_to(self, vehicle: VehicleId) -> Told:
        return self.told.setdefault(vehicle, Told())

    def is_approved(self) -> bool:
        return self.plan is not None and self.approved is not None and self.approved[0].digest == self.plan.digest

    def has_done(self, order: Order) -> bool:
        """What follows from an order is in the record; nothing but this fold follows from some."""
        if order.verb is OrderVerb.ACCEPT_CONTACT:
            return order.contact in self.finds
        return all(command.id in self._commands for command in commands_of(order, order.at))

    def _on_intent(self, at: Instant, intent: SearchIntent) -> None:
        if self.is_under_way or (self.intent is not None and self.intent.id == intent.id):
            return
        self.intent, self.plan, self.approved, self.launch, self.board = intent, None, None, None, None
        for store in (
            self.told,
            self.pending,
            self.out,
            self.held,
            self.contacts,
            self.finds,
            self.rejected,
            self.visited,
        ):
            store.clear()
        self._approvals.clear()

    def _on_plan(self, at: Instant, plan: Plan) -> None:
        if self.intent is None or plan.intent != self.intent.id:
            return
        if self.plan is not None and plan.revision <= self.plan.revision:
            return
        self.plan = plan
        if self.board is None:
            self.board = LookBoard(plan.cells, plan.cell_m, self.frame)
        self._match_approvals()

    def _on_approval(self, at: Instant, approval: Approval) -> None:
        if approval not in self._approvals and approval not in self._void:
            self._approvals.append(approval)
            self._match_approvals()

    def _match_approvals(self) -> None:
        found = approval_of(self.plan, self._approvals) if self.plan is not None else None
        if self.plan is not None and found is not None:
            self.approved = (self.plan, found)
        elif self.approved is not None and self.launch is None:
            self.approved = None

    def carry_approval(self, at: Instant) -> Approval | None:
        """An approval of the current plan that follows from the one given, None when there is none or it is there
        already."""
        if self.plan is None or self.approved is None or self.is_approved():
            return None
        return carried_over(*self.approved, self.plan, at)

    def _on_order(self, at: Instant, order: Order) -> None:
        if order.id in self.orders:
            return
        self.orders[order.id] = order
        if order.verb is OrderVerb.LAUNCH and self.is_approved() and self.launch is None:
            self.launch = order
        elif order.verb is OrderVerb.HOLD:
            self.held.update(dict.fromkeys(order.vehicles, order))
        elif order.verb is OrderVerb.RESUME:
            for vehicle in order.vehicles:
                self.held.pop(vehicle, None)
        elif order.verb is OrderVerb.REJECT_CONTACT and order.contact is not None:
            self.rejected[order.contact] = order

    def _on_find(self, at: Instant, find: Find) -> None:
        self.finds.setdefault(find.contact, find)

    def _on_command(self, at: Instant, command: Command) -> None:
        if command.id not in self._commands:
            self._commands.add(command.id)
            self.pending[command.id] = command
            self.told_to(command.vehicle).commands += 1

    def _on_ack(self, at: Instant, ack: Ack) -> None:
        command = self.pending.pop(ack.command, None)
        if command is None or ack.result is not AckResult.ACCEPTED:
            return
        told = self.told_to(ack.vehicle)
        if command.verb is Verb.UPLOAD_ROUTE:
            told.route, told.route_digest = command.route, command.plan_digest
        elif command.verb is Verb.SET_RETURN_HEIGHT:
            told.return_height_m = command.height_m
        elif command.verb is Verb.START_ROUTE:
            told.started, told.is_on_route = told.started or at, True
        elif command.verb is Verb.DISARM:
            told.is_released = True
        elif command.verb in LEAVES_ROUTE:
            told.is_on_route = False

    def _on_look(self, at: Instant, look: Look) -> None:
        if self.board is not None:
            self.board.add(look)

    def _on_contact(self, at: Instant, contact: Contact) -> None:
        if self.is_under_way:
            self.contacts[contact.id] = contact

    def _on_alarm(self, at: Instant, alarm: Alarm) -> None:
        cause = cause_in(alarm)
        if cause is not None and alarm.vehicle is not None and alarm.is_active and self.intent is not None:
            self.out.setdefault(alarm.vehicle, cause)
        head, _, mission = alarm.key.partition("/")
        if head == "mission-ended" and self.intent is not None and mission == self.intent.mission:
            self.ended[self.intent.mission] = alarm.text
        if head == APPROVAL_REFUSED and alarm.is_active and (alarm.key, alarm.at) not in self._refusals:
            self._refusals.add((alarm.key, alarm.at))
            self._void += [approval for approval in self._approvals if approval.digest == mission]
            self._approvals = [approval for approval in self._approvals if approval.digest != mission]
            self._match_approvals()

    def undone_of(self, vehicle: VehicleId) -> npt.NDArray[np.float64]:
        """(n, 2) centres of the vehicle's cells that lack looks."""
        if self.plan is None or self.board is None or self.intent is None:
            return np.zeros((0, 2))
        done = self.board.done(self.intent.min_looks)
        left = [cell.centre for cell in self.plan.cells if cell.owner == vehicle and not done[cell.index]]
        return np.array([[centre.east_m, centre.north_m] for centre in left]).reshape(-1, 2)

    def open_candidates(self) -> list[Contact]:
        """Contacts that still need a second look, by id."""
        return [
            contact
            for _, contact in sorted(self.contacts.items())
            if contact.state is ContactState.CANDIDATE and contact.id not in self.rejected
        ]
