"""Flies one visit to a contact: out, turn to it, a few images, back."""

from collections.abc import Awaitable, Callable
from enum import Enum, auto

from fleet.commands import Verb
from missions.commander import Wish
from missions.crew import Crew
from missions.planners.visit import STAY_S, Visit
from world.ids import VehicleId
from world.position import Enu, LocalFrame
from world.time import Clock

IMAGES = 4
IMAGE_EVERY_S = 1.0
ARRIVED_M = 3.0
SETTLE_S = 2.0
POLL_S = 0.2
ARRIVE_WITHIN_S = 120.0

Obey = Callable[[Wish], Awaitable[bool]]


class _Arrival(Enum):
    THERE = auto()
    INTERRUPTED = auto()
    GIVEN_UP = auto()


class Visitor:
    """Gives up quietly when a command fails: the contact then waits for another visit.

    On the way it stops for `stand_aside` whenever `must_yield` says so.
    """

    def __init__(
        self,
        vehicle: VehicleId,
        crew: Crew,
        clock: Clock,
        frame: LocalFrame,
        obey: Obey,
        is_called_off: Callable[[], bool],
        must_yield: Callable[[], bool],
        stand_aside: Callable[[], Awaitable[None]],
    ) -> None:
        self._vehicle = vehicle
        self._crew = crew
        self._clock = clock
        self._frame = frame
        self._obey = obey
        self._is_called_off = is_called_off
        self._must_yield = must_yield
        self._stand_aside = stand_aside
        self._ahead: tuple[Enu, ...] = ()
        self._stays_s = 0.0
        self._visit: Visit | None = None

    def ahead(self) -> tuple[tuple[Enu, ...], float, tuple[Enu, ...]]:
        """Points still to come, the seconds of standing after them, and the points after that."""
        if self._visit is None:
            return (), 0.0, ()
        return self._ahead, self._stays_s, self._visit.back if self._stays_s > 0 else ()

    async def make(self, visit: Visit) -> bool:
        self._visit, self._stays_s = visit, STAY_S
        if not await self._along(visit.out, visit.heading_deg):
            return False
        await self._obey(Wish(verb=Verb.LOOK_AT, heading_deg=visit.heading_deg))
        await self._clock.sleep(SETTLE_S)
        for _ in range(IMAGES):
            await self._obey(Wish(verb=Verb.CAPTURE))
            await self._clock.sleep(IMAGE_EVERY_S)
        self._stays_s = 0.0
        return await self._along(visit.back, None)

    async def _along(self, points: tuple[Enu, ...], last_heading_deg: float | None) -> bool:
        for k, at in enumerate(points):
            self._ahead = points[k:]
            heading_deg = last_heading_deg if k + 1 == len(points) else None
            if not await self._to(at, heading_deg):
                return False
        self._ahead = ()
        return True

    async def _to(self, at: Enu, heading_deg: float | None) -> bool:
        """Gone there, with as many stops as others need."""
        wish = Wish(verb=Verb.GO_TO, position=self._frame.to_geodetic(at), heading_deg=heading_deg)
        while await self._obey(wish):
            arrival = await self._arrival(at)
            if arrival is not _Arrival.INTERRUPTED:
                return arrival is _Arrival.THERE
            await self._stand_aside()
        return False

    async def _arrival(self, at: Enu) -> _Arrival:
        began = self._clock.now()
        while began.age_s(self._clock.now()) < ARRIVE_WITHIN_S and not self._is_called_off():
            if self._must_yield():
                return _Arrival.INTERRUPTED
            place = self._crew.place(self._vehicle)
            if (
                place is not None
                and self._crew.is_at(self._vehicle, at, ARRIVED_M)
                and abs(place.up_m - at.up_m) < ARRIVED_M
            ):
                return _Arrival.THERE
            await self._clock.sleep(POLL_S)
        return _Arrival.GIVEN_UP
