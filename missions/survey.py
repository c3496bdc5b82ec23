"""What the planners need of a flight in progress: who can take more, from where, with what still to do, and which
cells lack looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from missions.book import Book
from missions.crew import Crew
from missions.model import Plan, SearchIntent, Task
from missions.pilot import Pilot
from missions.planners.fleet_offer import ENDURANCE_SHARE, Searcher, searchers_of
from missions.planners.replan import Survivor, looks_to_come
from missions.planners.routes import Airspace, Spot
from missions.planners.search_plan import airspace_of
from missions.route_points import resume_index, search_end, triggers_in_force
from world.ids import VehicleId
from world.position import LocalFrame
from world.terrain import Terrain
from world.time import Instant

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What does not change during a mission."""

    searchers: Mapping[VehicleId, Searcher]
    space: Airspace
    points: Floats

    @staticmethod
    def of(intent: SearchIntent, plan: Plan, terrain: Terrain, frame: LocalFrame) -> "Ground":
        points = np.array([[c.centre.east_m, c.centre.north_m, c.centre.up_m] for c in plan.cells]).reshape(-1, 3)
        return Ground(
            searchers={searcher.vehicle: searcher for searcher in searchers_of(intent, frame)},
            space=airspace_of(intent, terrain),
            points=points,
        )


class Survey:
    """Reads pilots, crew and book; changes nothing."""

    def __init__(self, book: Book, crew: Crew, frame: LocalFrame, ground: Ground) -> None:
        self._book = book
        self._crew = crew
        self._frame = frame
        self.ground = ground

    def survivors(self, pilots: Mapping[VehicleId, Pilot], now: Instant) -> list[Survivor]:
        """Searchers that can take more strips, in order of call sign."""
        found = [self._survivor(pilots[vehicle], now) for vehicle in sorted(pilots) if vehicle in self.ground.searchers]
        return [survivor for survivor in found if survivor is not None]

    def _survivor(self, pilot: Pilot, now: Instant) -> Survivor | None:
        vehicle, task, place = pilot.vehicle, pilot.task, self._crew.place(pilot.vehicle)
        if task is None or place is None or pilot.is_over or vehicle in self._book.out or vehicle in self._book.held:
            return None
        is_on_pad = not pilot.is_started
        if not self._crew.is_reachable(vehicle) or not (is_on_pad or self._crew.is_flying(vehicle)):
            return None
        searcher = self.ground.searchers[vehicle]
        start = max(pilot.route_point, task.route.start_index)
        if pilot.is_started and not pilot.told.is_on_route:
            start = resume_index(task.route, start)
        search, home = self._spots(task, start)
        flown_s = 0.0 if pilot.told.started is None else pilot.told.started.age_s(now)
        return Survivor(
            searcher=searcher,
            rank=task.layer or 0,
            at=place,
            trigger_m=triggers_in_force(task.route)[start - 1] if start else None,
            search=search,
            way_home=home,
            is_on_pad=is_on_pad,
            energy_s=ENDURANCE_SHARE * searcher.offer.endurance_s - flown_s,
        )

    def _spots(self, task: Task, start: int) -> tuple[tuple[Spot, ...], tuple[Spot, ...]]:
        spots = [
            Spot(at=self._frame.to_enu(point.position), trigger_m=point.trigger_distance_m)
            for point in task.route.points
        ]
        end = max(search_end(task.route) + 1, start)
        return tuple(spots[start:end]), tuple(spots[end:])

    def orphans(self) -> list[int]:
        """Cells that lack looks and whose owner takes no further part."""
        plan, board, intent = self._book.plan, self._book.board, self._book.intent
        if plan is None or board is None or intent is None or not self._book.out:
            return []
        done = board.done(intent.min_looks)
        return [cell.index for cell in plan.cells if not done[cell.index] and cell.owner in self._book.out]

    def unpromised(self, survivors: Sequence[Survivor]) -> list[int]:
        """Cells that will lack looks even after everybody's remaining strips."""
        board, intent = self._book.board, self._book.intent
        if board is None or intent is None:
            return []
        expected = board.counts + looks_to_come(survivors, self.ground.points)
        return [int(k) for k in np.flatnonzero(expected < intent.min_looks)]
