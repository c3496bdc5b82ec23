"""What takes a vehicle off its route for a while: a visit to a contact, another vehicle in its way."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fleet.commands import Ack, AckResult, Verb
from missions.commander import Wish
from missions.desk import Desk
from missions.model import TaskPhase
from missions.planners.traffic import GiveWay
from missions.planners.visit import STAY_S, Visit
from missions.visiting import Visitor
from world.ids import VehicleId
from world.position import Enu

STEP_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """How a pilot lets others command its vehicle."""

    obey: Callable[[Wish], Awaitable[bool]]
    """With the pilot's count of refusals."""
    tell: Callable[[Wish], Awaitable[Ack]]
    is_called_off: Callable[[], bool]
    say: Callable[[TaskPhase, str], None]


class Detours:
    """One vehicle's. `visit` is set by the confirmer, `give_way` set and cleared by the marshal."""

    def __init__(self, vehicle: VehicleId, desk: Desk, orders: Orders) -> None:
        self.visit: Visit | None = None
        self.give_way: GiveWay | None = None
        self._vehicle, self._desk, self._orders = vehicle, desk, orders
        self._visitor: Visitor | None = None

    @property
    def is_wanted(self) -> bool:
        return self.visit is not None or self.give_way is not None

    async def make(self) -> None:
        """Giving way goes first; afterwards the vehicle is off its route."""
        if self.give_way is not None:
            await self._stand_aside()
        elif self.visit is not None:
            await self._make_visit(self.visit)

    def ahead(self) -> tuple[tuple[Enu, ...], float, tuple[Enu, ...]]:
        """Of the visit under way: points to come, seconds of standing after them, points after that."""
        if self._visitor is not None:
            return self._visitor.ahead()
        return (self.visit.out, STAY_S, self.visit.back) if self.visit is not None else ((), 0.0, ())

    async def _make_visit(self, visit: Visit) -> None:
        """Look at a contact from the visit's stand-off point, come back to where the route was left."""
        desk, orders = self._desk, self._orders
        orders.say(TaskPhase.CONFIRMING, "")
        self._visitor = Visitor(
            self._vehicle,
            desk.crew,
            desk.clock,
            desk.frame,
            orders.obey,
            orders.is_called_off,
            lambda: self.give_way is not None,
            self._stand_aside,
        )
        await self._visitor.make(visit)
        self.visit = self._visitor = None

    async def _stand_aside(self) -> None:
        """Out of another vehicle's way, and there until the marshal lets it go on."""
        told: Enu | None = None
        while (order := self.give_way) is not None and not self._orders.is_called_off():
            if order.aside != told:
                self._orders.say(TaskPhase.GIVING_WAY, f"gives way to {order.to}")
                there = Wish(verb=Verb.GO_TO, position=self._desk.frame.to_geodetic(order.aside))
                if (await self._orders.tell(there)).result is not AckResult.ACCEPTED:
                    await self._orders.tell(Wish(verb=Verb.HOLD))
                told = order.aside
            await self._desk.clock.sleep(STEP_S)
        if self.visit is not None:
            self._orders.say(TaskPhase.CONFIRMING, "")
