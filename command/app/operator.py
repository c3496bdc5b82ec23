"""A commander who acts by policy in simulated time: asks, approves the plan that came back, launches, accepts finds."""

from missions.model import Approval, MissionProgress, Order, OrderVerb, Phase, Plan, SearchIntent
from perception.model import Contact, ContactState
from world.bus import Bus
from world.ids import ContactId, OperatorId
from world.time import Clock

APPROVAL_DELAY_S = 2.0
"""Time to look at the plan; also lets everything settle before machines move."""


SETTLE_S = 20.0
"""From when a contact was last seen to its acceptance."""
LEAST_PROBABILITY = 0.98
"""A person would look at the picture; the policy asks for odds of fifty to one."""


class PolicyOperator:
    """Stands in for the commander in rehearsals and tests; what it does is recorded like a person's act."""

    def __init__(self, bus: Bus, clock: Clock, intent: SearchIntent, *, name: OperatorId, approves: bool) -> None:
        self._bus, self._clock, self._intent = bus, clock, intent
        self._name, self._approves = name, approves
        self._first_plan: Plan | None = None
        self._accepted: list[str] = []
        self._confirmed: dict[ContactId, Contact] = {}
        self.phase = Phase.EMPTY
        bus.subscribe("mission/plan", self._see_plan)
        bus.subscribe("mission/progress", self._see_progress)
        bus.subscribe("perception/contact", self._see_contact)

    async def run(self) -> None:
        """Ask, approve, launch; then accept finds until cancelled."""
        await self._clock.sleep(APPROVAL_DELAY_S)
        self._bus.publish("mission/intent", self._intent)
        while self._first_plan is None:
            await self._clock.sleep(0.5)
        if self._approves:
            await self._clock.sleep(APPROVAL_DELAY_S)
            self._approve(self._first_plan)
        while True:
            await self._clock.sleep(1.0)
            self._accept_settled()

    def _approve(self, plan: Plan) -> None:
        now = self._clock.now()
        approval = Approval(plan=plan.id, digest=plan.digest, by=self._name, at=now, covers_replans=True)
        self._bus.publish("mission/approval", approval)
        vehicles = tuple(task.vehicle for task in plan.tasks)
        launch = Order(id=f"launch-{plan.digest[:12]}", verb=OrderVerb.LAUNCH, by=self._name, at=now, vehicles=vehicles)
        self._bus.publish("mission/order", launch)

    def _see_plan(self, plan: Plan) -> None:
        self._first_plan = self._first_plan or plan

    def _see_progress(self, progress: MissionProgress) -> None:
        self.phase = progress.phase

    def _see_contact(self, contact: Contact) -> None:
        if contact.state is ContactState.CONFIRMED:
            self._confirmed[contact.id] = contact
        else:
            self._confirmed.pop(contact.id, None)

    def _accept_settled(self) -> None:
        """Two contacts may still turn out to be one person: look twice before counting."""
        now = self._clock.now()
        for contact in self._confirmed.values():
            is_settled = contact.last_seen.age_s(now) >= SETTLE_S and contact.probability >= LEAST_PROBABILITY
            if self._approves and is_settled and contact.id not in self._accepted:
                self._accept(contact)

    def _accept(self, contact: Contact) -> None:
        self._accepted.append(contact.id)
        accept = Order(
            id=f"accept-{contact.id}",
            verb=OrderVerb.ACCEPT_CONTACT,
            by=self._name,
            at=self._clock.now(),
            contact=contact.id,
        )
        self._bus.publish("mission/order", accept)
