"""Perception at bus level for mission tests: footprints over the terrain, people seen when inside, contacts confirmed
by two."""

import math
from dataclasses import replace

import numpy as np

from fleet.model import VehicleKind
from missions.planners.camera import camera_of
from perception.model import Contact, ContactState, Covariance, Look
from tests.support.scripted_fleet import Image, ScriptedFleet
from world.bus import Bus
from world.ids import ContactId
from world.position import Enu, Geodetic, LocalFrame
from world.terrain import Terrain
from world.time import Clock

LATENCY_S = 1.5
POLL_S = 0.5
RAY_STEPS_M = np.arange(0.0, 220.0, 4.0)


class ScriptedEyes:
    """Examines every image of the fleet `LATENCY_S` after it was taken; `blind_share` of them are never examined."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        frame: LocalFrame,
        terrain: Terrain,
        fleet: ScriptedFleet,
        people: tuple[Enu, ...],
        *,
        misses_every: int = 0,
    ) -> None:
        self._bus, self._clock, self._frame, self._terrain, self._fleet = bus, clock, frame, terrain, fleet
        self._people = np.array([[p.east_m, p.north_m, p.up_m] for p in people]).reshape(-1, 3)
        self._misses_every = misses_every
        self._done = 0
        self.contacts: dict[int, Contact] = {}
        copter = next(craft.offer for craft in fleet.craft.values() if craft.offer.kind is VehicleKind.COPTER)
        camera = camera_of(copter)
        assert camera is not None
        self._camera = camera

    async def run(self) -> None:
        while True:
            await self._clock.sleep(POLL_S)
            ready = self._fleet.taken[self._done :]
            self._done += len(ready)
            await self._clock.sleep(LATENCY_S - POLL_S)
            for image in ready:
                if not self._misses_every or image.index % self._misses_every:
                    self._examine(image)

    def _examine(self, image: Image) -> None:
        at = np.array([[image.at.east_m, image.at.north_m, image.at.up_m]])
        seen = np.flatnonzero(self._camera.sees(at, np.array([image.heading_rad]), self._people)[0])
        self._bus.publish(
            "perception/look",
            Look(
                vehicle=image.vehicle,
                image=image.index,
                captured_utc_ns=self._clock.now().utc_ns,
                footprint=self._footprint(image),
                gsd_m_px=0.056,
                people=len(seen),
            ),
        )
        for person in seen:
            self._report(int(person), image)

    def _footprint(self, image: Image) -> tuple[Geodetic, ...]:
        """Corners on the terrain: the corner rays in steps, all at once, with a straight line between the steps
        around the ground."""
        camera = self._camera
        right, drop = np.array([-1.0, 1.0, 1.0, -1.0]), np.array([1.0, 1.0, -1.0, -1.0])
        ahead = math.cos(camera.down_rad) - drop * camera.half_height * math.sin(camera.down_rad)
        down = math.sin(camera.down_rad) + drop * camera.half_height * math.cos(camera.down_rad)
        side = right * camera.half_width
        sin_h, cos_h = math.sin(image.heading_rad), math.cos(image.heading_rad)
        rays = np.column_stack([ahead * sin_h + side * cos_h, ahead * cos_h - side * sin_h, -down])
        origin = np.array([image.at.east_m, image.at.north_m, image.at.up_m])
        points = origin + RAY_STEPS_M[None, :, None] * rays[:, None, :]
        clear = points[..., 2] - self._terrain.heights_at(points[..., 0].ravel(), points[..., 1].ravel()).reshape(4, -1)
        corners = []
        for k in range(4):
            first = int(np.argmax(clear[k] <= 0))
            if first:
                share = clear[k, first - 1] / (clear[k, first - 1] - clear[k, first])
                hit = points[k, first - 1] + share * (points[k, first] - points[k, first - 1])
                corners.append(self._frame.to_geodetic(Enu(east_m=hit[0], north_m=hit[1], up_m=hit[2])))
        return tuple(corners)

    def _report(self, person: int, image: Image) -> None:
        now = self._clock.now()
        known = self.contacts.get(person)
        east_m, north_m, up_m = (float(x) for x in self._people[person])
        if known is None:
            known = Contact(
                id=ContactId(f"C{person + 1}"),
                state=ContactState.CANDIDATE,
                position=self._frame.to_geodetic(Enu(east_m=east_m, north_m=north_m, up_m=up_m)),
                covariance=Covariance(ee_m2=1.0, en_m2=0.0, nn_m2=1.0),
                probability=0.7,
                looks=0,
                seen_by=(),
                first_seen=now,
                last_seen=now,
            )
        seen_by = known.seen_by if image.vehicle in known.seen_by else (*known.seen_by, image.vehicle)
        state = ContactState.CONFIRMED if len(seen_by) >= 2 else known.state
        self.contacts[person] = replace(known, looks=known.looks + 1, seen_by=seen_by, state=state, last_seen=now)
        self._bus.publish("perception/contact", self.contacts[person])
