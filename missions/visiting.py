"""Flies one visit to a contact: out, turn to it, a few images, back."""

from collections.abc import Awaitable, Callable

from fleet.commands import Verb
from missions.commander import Wish
from missions.crew import Crew
from missions.planners.visit import Visit
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


class Visitor:
    """Gives up quietly when a command fails: the contact then waits for another visit."""

    def __init__(
        self,
        vehicle: VehicleId,
        crew: Crew,
        clock: Clock,
        frame: LocalFrame,
        obey: Obey,
        is_called_off: Callable[[], bool],
    ) -> None:
        self._vehicle = vehicle
        self._crew = crew
        self._clock = clock
        self._frame = frame
        self._obey = obey
        self._is_called_off = is_called_off

    async def make(self, visit: Visit) -> bool:
        if not await self._along(visit.out, visit.heading_deg):
            return False
        await self._obey(Wish(verb=Verb.LOOK_AT, heading_deg=visit.heading_deg))
        await self._clock.sleep(SETTLE_S)
        for _ in range(IMAGES):
            await self._obey(Wish(verb=Verb.CAPTURE))
            await self._clock.sleep(IMAGE_EVERY_S)
        return await self._along(visit.back, None)

    async def _along(self, points: tuple[Enu, ...], last_heading_deg: float | None) -> bool:
        for k, at in enumerate(points):
            heading_deg = last_heading_deg if k + 1 == len(points) else None
            wish = Wish(verb=Verb.GO_TO, position=self._frame.to_geodetic(at), heading_deg=heading_deg)
            if not await self._obey(wish) or not await self._arrival(at):
                return False
        return True

    async def _arrival(self, at: Enu) -> bool:
        began = self._clock.now()
        while began.age_s(self._clock.now()) < ARRIVE_WITHIN_S and not self._is_called_off():
            place = self._crew.place(self._vehicle)
            if (
                place is not None
                and self._crew.is_at(self._vehicle, at, ARRIVED_M)
                and abs(place.up_m - at.up_m) < ARRIVED_M
            ):
                return True
            await self._clock.sleep(POLL_S)
        return False
