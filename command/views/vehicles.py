"""Vehicles as a screen shows them: position, motion, battery, the age of what we know and the link state from it."""

import math
from collections.abc import Mapping

import numpy as np

from command.views.columns import Columns, to_columns
from fleet.model import DOMAIN_OF, Domain, FleetState, LinkState, VehicleKind, VehicleState
from fleet.prearm import explain
from missions.model import TaskPhase, TaskProgress
from world.ids import VehicleId
from world.position import LocalFrame
from world.terrain import Terrain
from world.time import Instant

# Ages at which a link is late, stale, lost. Radio reports every second; acoustic telemetry under water every ten.
_RADIO_S = (2.0, 10.0, 60.0)
_ACOUSTIC_S = (30.0, 90.0, 300.0)
_BY_SEVERITY = (LinkState.FRESH, LinkState.LATE, LinkState.STALE, LinkState.LOST)

_NAMES = (
    "id", "kind", "domain", "link", "age_s", "lat_deg", "lon_deg", "height_m", "agl_m", "heading_deg", "speed_m_s",
    "course_deg", "battery_pct", "mode", "is_armed", "is_ready", "is_landed", "task_phase", "note",
    "lease_holder", "prearm_reasons",
)  # fmt: skip


def link_of(state: VehicleState, age_s: float) -> LinkState:
    """The worse of what the fleet service said then and what the age says now."""
    limits_s = _ACOUSTIC_S if state.kind is VehicleKind.SUB else _RADIO_S
    by_age = _BY_SEVERITY[sum(age_s >= limit_s for limit_s in limits_s)]
    return max(state.link, by_age, key=_BY_SEVERITY.index)


class Vehicles:
    """Newest fleet state, with the task each vehicle is on and, over a surveyed terrain, its height above ground."""

    def __init__(self, frame: LocalFrame | None, terrain: Terrain | None) -> None:
        self._frame = frame
        self._terrain = terrain
        self._fleet: FleetState | None = None

    def apply(self, fleet: FleetState) -> None:
        self._fleet = fleet

    @property
    def ids(self) -> tuple[VehicleId, ...]:
        return () if self._fleet is None else tuple(state.vehicle for state in self._fleet.vehicles)

    def columns(self, now: Instant, tasks: Mapping[VehicleId, TaskProgress]) -> Columns:
        states = () if self._fleet is None else self._fleet.vehicles
        rows = ({**_row(state, now, tasks.get(state.vehicle)), "agl_m": self._agl_m(state)} for state in states)
        return to_columns(rows, _NAMES)

    def _agl_m(self, state: VehicleState) -> float | None:
        """Height above the survey; None off its edge, without it, and for what does not fly."""
        if self._frame is None or self._terrain is None or state.position is None:
            return None
        at = self._frame.to_enu(state.position)
        is_inside = self._terrain.contains(np.array([at.east_m]), np.array([at.north_m])).all()
        if not is_inside or DOMAIN_OF[state.kind] is not Domain.AIR:
            return None
        return at.up_m - self._terrain.height_m(at.east_m, at.north_m)


def current_tasks(tasks: tuple[TaskProgress, ...]) -> dict[VehicleId, TaskProgress]:
    """The task that tells most about each vehicle now: a running one before a waiting one before a finished one."""
    chosen: dict[VehicleId, TaskProgress] = {}
    for task in tasks:
        known = chosen.get(task.vehicle)
        if known is None or _rank(task.phase) >= _rank(known.phase):
            chosen[task.vehicle] = task
    return chosen


def _rank(phase: TaskPhase) -> int:
    if phase in (TaskPhase.DONE, TaskPhase.INTERRUPTED, TaskPhase.FAILED):
        return 0
    return 1 if phase is TaskPhase.WAITING else 2


def _row(state: VehicleState, now: Instant, task: TaskProgress | None) -> dict[str, object]:
    age_s = max(0.0, state.heard.age_s(now))
    speed_m_s, course_deg = _motion(state)
    return {
        "id": state.vehicle,
        "kind": state.kind,
        "domain": DOMAIN_OF[state.kind],
        "link": link_of(state, age_s),
        "age_s": round(age_s, 2),
        "lat_deg": None if state.position is None else state.position.lat_deg,
        "lon_deg": None if state.position is None else state.position.lon_deg,
        "height_m": state.height_above_home_m,
        "heading_deg": state.heading_deg,
        "speed_m_s": speed_m_s,
        "course_deg": course_deg,
        "battery_pct": state.battery_pct,
        "mode": state.mode,
        "is_armed": state.is_armed,
        "is_ready": state.is_ready,
        "is_landed": state.is_landed,
        "task_phase": None if task is None else task.phase,
        "note": "" if task is None else task.note,
        "lease_holder": state.lease_holder,
        "prearm_reasons": [_plain(reason) for reason in state.prearm_reasons],
    }


def _plain(reason: str) -> dict[str, str]:
    """Why it will not arm and what to do about it, in both languages."""
    found = explain(reason)
    return {"en": f"{found.plain} {found.remedy}".strip(), "zh": f"{found.plain_zh}{found.remedy_zh}"}


def _motion(state: VehicleState) -> tuple[float | None, float | None]:
    """Speed over ground and the course it goes; a machine at rest has no course."""
    if state.velocity is None:
        return None, None
    speed_m_s = math.hypot(state.velocity.north, state.velocity.east)
    if speed_m_s < 0.3:
        return speed_m_s, None
    return speed_m_s, math.degrees(math.atan2(state.velocity.east, state.velocity.north)) % 360.0
