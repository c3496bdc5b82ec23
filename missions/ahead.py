"""Where every flying copter will be within the next seconds: its plan from where it is now, and what else it may do."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from fleet.model import FlightMode, VehicleState
from missions.crew import Crew
from missions.model import Task, TaskPhase
from missions.pilot import Pilot
from missions.planners.following import ground_along
from missions.planners.routes import CLEARANCE_M, HIGHEST_M, LINGERS_S
from missions.planners.timing import Knot, Pace, fly
from missions.planners.traffic import HORIZON_S, Floats, Mover, sampled, standing
from missions.survey import Ground
from world.ids import VehicleId
from world.position import Enu, LocalFrame
from world.terrain import OutsideTerrain
from world.time import Clock

RESTARTS_S = 4.0
"""Loading a route in the air takes about so long: until then the vehicle stands."""
LOW_M = 12.0
"""Below this over its pad a vehicle is not asked to give way."""
OVER_PAD_M = 8.0
SINKS_M_S = 0.5
POINTS = 40
"""Of a route, more than any vehicle passes within GHOST_S and the horizon."""
GHOST_S = 60.0
"""So long a vehicle that is no longer heard is taken to fly on as it was going to."""
COMES_HOME = frozenset({FlightMode.RETURN, FlightMode.LAND})
STEERED = frozenset({FlightMode.AUTO, FlightMode.GUIDED, FlightMode.HOLD})
PATIENCE: Mapping[TaskPhase, int] = {TaskPhase.CONFIRMING: 2, TaskPhase.RETURNING: 1}
"""Who searches is asked before who comes home, and that one before who looks at a contact."""


class Foresight:
    """Reads pilots and crew; changes nothing."""

    def __init__(self, crew: Crew, clock: Clock, frame: LocalFrame, ground: Ground) -> None:
        self._crew, self._clock, self._frame, self._ground = crew, clock, frame, ground

    def movers(self, pilots: Mapping[VehicleId, Pilot], held: Sequence[VehicleId]) -> dict[VehicleId, Mover]:
        """Every copter in the air, by call sign."""
        found: dict[VehicleId, Mover] = {}
        for vehicle, pilot in sorted(pilots.items()):
            state, at = self._crew.state(vehicle), self._crew.place(vehicle)
            if state is None or at is None or vehicle not in self._ground.searchers:
                continue
            if self._crew.is_flying(vehicle) and pilot.task is not None and self._age_s(state) < GHOST_S:
                found[vehicle] = self._mover(pilot, pilot.task, state, at, is_held=vehicle in held)
        return found

    def going_on(self, pilot: Pilot, task: Task, at: Enu) -> Floats:
        """Tracks of a vehicle that takes its task up again: at once, or once its route is loaded."""
        knots = self._onward(pilot, task, at)
        later = (Knot(t_s=0.0, at=at), *(replace(knot, t_s=knot.t_s + RESTARTS_S) for knot in knots))
        return np.stack([sampled(knots), sampled(later)])

    def taking_off(self, pilot: Pilot, task: Task) -> Floats:
        home = self._ground.searchers[pilot.vehicle].home
        climb_m = task.route.take_off_height_m
        return sampled(self._along(pilot, pilot.points[:POINTS], home, climb_m, is_whole=False))[None]

    def fits(self, at: Enu, to: Enu) -> bool:
        """Well over the ground all the way, and below the highest layer at its end."""
        try:
            _, _, distance, ground = ground_along(self._ground.space.ground, _plane(at), _plane(to))
        except OutsideTerrain:
            return False
        share = distance / distance[-1] if distance[-1] > 0 else np.linspace(0.0, 1.0, len(distance))
        clear = at.up_m + share * (to.up_m - at.up_m) - ground
        return float(clear.min()) >= min(CLEARANCE_M, float(clear[0])) and float(clear[-1]) <= HIGHEST_M

    def _mover(self, pilot: Pilot, task: Task, state: VehicleState, at: Enu, *, is_held: bool) -> Mover:
        searcher = self._ground.searchers[pilot.vehicle]
        velocity = state.velocity
        is_low = math.dist(_plane(at), _plane(searcher.home)) < OVER_PAD_M and at.up_m < searcher.home.up_m + LOW_M
        is_ours = pilot.is_started and not pilot.is_over and not is_held and state.mode in STEERED
        return Mover(
            vehicle=pilot.vehicle,
            at=at,
            velocity_m_s=(0.0, 0.0, 0.0) if velocity is None else (velocity.east, velocity.north, -velocity.down),
            pace=searcher.pace,
            tracks=self._tracks(pilot, task, state, at, is_held=is_held),
            may_yield=is_ours and not is_low and self._crew.is_reachable(pilot.vehicle),
            patience=PATIENCE.get(pilot.phase, 0),
        )

    def _tracks(self, pilot: Pilot, task: Task, state: VehicleState, at: Enu, *, is_held: bool) -> Floats:
        if not self._crew.is_reachable(pilot.vehicle):
            return self._ghost(pilot, task, state, at)
        if state.mode in COMES_HOME:
            return sampled(self._home(pilot, at))[None]
        if is_held:
            return standing(at)[None]
        if pilot.detours.give_way is not None:
            return sampled(fly([at, pilot.detours.give_way.aside], self._pace(pilot)))[None]
        if pilot.detours.visit is not None or pilot.told.is_on_route:
            return sampled(self._onward(pilot, task, at))[None]
        return self.going_on(pilot, task, at)

    def _ghost(self, pilot: Pilot, task: Task, state: VehicleState, at: Enu) -> Floats:
        """From where it was heard last, flown on since, or standing there."""
        age_s = self._age_s(state)
        since = tuple(replace(knot, t_s=knot.t_s - age_s) for knot in self._onward(pilot, task, at))
        return np.stack([sampled(since), standing(at)])

    def _age_s(self, state: VehicleState) -> float:
        return state.heard.age_s(self._clock.now())

    def _onward(self, pilot: Pilot, task: Task, at: Enu) -> tuple[Knot, ...]:
        """What is left of a visit, then the route."""
        first, stays_s, then = pilot.detours.ahead()
        knots = fly([at, *first], self._pace(pilot))
        if stays_s > 0:
            knots = (*knots, Knot(t_s=knots[-1].t_s + stays_s, at=knots[-1].at))
        following = pilot.resumes_at
        points = [*then, *pilot.points[following : following + POINTS]]
        climb_m = task.route.take_off_height_m if following == 0 and not first else None
        rest = self._along(pilot, points, knots[-1].at, climb_m, is_whole=following + POINTS >= len(pilot.points))
        return (*knots[:-1], *(replace(knot, t_s=knot.t_s + knots[-1].t_s) for knot in rest))

    def _along(
        self, pilot: Pilot, points: Sequence[Enu], at: Enu, climb_m: float | None, *, is_whole: bool
    ) -> tuple[Knot, ...]:
        """Straight up to the take-off height if there is one, along the points, down on the pad after the last."""
        home = self._ground.searchers[pilot.vehicle].home
        up = [] if climb_m is None else [replace(at, up_m=max(at.up_m, home.up_m + climb_m))]
        knots = fly([at, *up, *points], self._pace(pilot), until_s=HORIZON_S + GHOST_S)
        return self._landed(pilot, knots) if is_whole else knots

    def _home(self, pilot: Pilot, at: Enu) -> tuple[Knot, ...]:
        """Up to the return height, straight home, down; a vehicle over its pad only comes down."""
        home, height_m = self._ground.searchers[pilot.vehicle].home, pilot.told.return_height_m
        up_m = max(at.up_m, home.up_m + (height_m or 0.0))
        is_over_pad = math.dist(_plane(at), _plane(home)) <= OVER_PAD_M
        over = [] if is_over_pad else [replace(at, up_m=up_m), replace(home, up_m=up_m)]
        return self._landed(pilot, fly([at, *over], self._pace(pilot)))

    def _landed(self, pilot: Pilot, knots: tuple[Knot, ...]) -> tuple[Knot, ...]:
        """Stands over its pad for a while, unless it sinks there already, then comes down."""
        last, home = knots[-1], self._ground.searchers[pilot.vehicle].home
        begins_s = last.t_s + (0.0 if self._sinks_on_pad(pilot.vehicle, home) else LINGERS_S)
        down_s = begins_s + self._pace(pilot).leg_s(0.0, last.at.up_m - home.up_m)
        return (*knots, Knot(t_s=begins_s, at=last.at), Knot(t_s=down_s, at=home))

    def _sinks_on_pad(self, vehicle: VehicleId, home: Enu) -> bool:
        state, at = self._crew.state(vehicle), self._crew.place(vehicle)
        if state is None or state.velocity is None or at is None:
            return False
        return state.velocity.down > SINKS_M_S and math.dist(_plane(at), _plane(home)) <= OVER_PAD_M

    def _pace(self, pilot: Pilot) -> Pace:
        return self._ground.searchers[pilot.vehicle].pace


def _plane(at: Enu) -> tuple[float, float]:
    return at.east_m, at.north_m
