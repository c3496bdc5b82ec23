"""Intent, plan, approval and the life of a mission, as values."""

from dataclasses import dataclass
from enum import StrEnum

from fleet.commands import Route
from fleet.model import VehicleKind
from world.ids import ContactId, Digest, IntentId, MissionId, OperatorId, PlanId, TaskId, VehicleId
from world.position import Enu, Geodetic
from world.time import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleOffer:
    """A vehicle the operator puts at the planner's disposal, with the figures that planning needs."""

    vehicle: VehicleId
    kind: VehicleKind
    home: Geodetic
    cruise_m_s: float
    climb_m_s: float
    endurance_s: float
    camera_hfov_deg: float | None = None
    camera_width_px: int | None = None
    camera_height_px: int | None = None
    camera_pitch_deg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolRequest:
    """A route an operator draws for a ground or underwater robot: drive it and come back."""

    vehicle: VehicleId
    points: tuple[Geodetic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchIntent:
    """What the operator asked: search this area for these people with these machines."""

    id: IntentId
    mission: MissionId
    asked_by: OperatorId
    area: tuple[Geodetic, ...]
    """Corners, in order, not closed."""
    last_known_point: Geodetic
    subjects: int
    offers: tuple[VehicleOffer, ...]
    patrols: tuple[PatrolRequest, ...] = ()
    height_agl_m: float = 40.0
    min_looks: int = 3
    min_separation_m: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One square of the search grid, by its index and centre; `owner` is the vehicle planned to look at it."""

    index: int
    centre: Enu
    owner: VehicleId


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What one vehicle does, when, along which route."""

    id: TaskId
    vehicle: VehicleId
    what: str
    route: Route
    start_delay_s: float
    duration_s: float
    return_height_m: float | None
    """Above home: this vehicle's own layer for unplanned returns."""
    cells: tuple[int, ...] = ()
    layer: int | None = None
    """Rank of this vehicle's transit layer above the terrain ceiling; None for vehicles that do not fly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Frozen, approved by its digest. `makespan_bound_s` is proven: no plan for the same tasks can be shorter."""

    id: PlanId
    mission: MissionId
    intent: IntentId
    revision: int
    digest: Digest
    """SHA-256 over everything else in this plan."""
    tasks: tuple[Task, ...]
    cells: tuple[Cell, ...]
    cell_m: float
    makespan_s: float
    makespan_bound_s: float
    min_separation_m: float
    """Least predicted distance between two vehicles over the whole plan, by the independent checker."""
    reason: str = ""
    """Why this revision exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Somebody answers for exactly this plan. `covers_replans`: re-plans in the same area and fleet need no new one."""

    plan: PlanId
    digest: Digest
    by: OperatorId
    at: Instant
    covers_replans: bool


class Phase(StrEnum):
    """The life of a mission; the transition table is in missions/lifecycle.py."""

    EMPTY = "empty"
    PLANNED = "planned"
    APPROVED = "approved"
    PREPARING = "preparing"
    LAUNCHING = "launching"
    SEARCHING = "searching"
    RECOVERING = "recovering"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class TaskPhase(StrEnum):
    WAITING = "waiting"
    UPLOADING = "uploading"
    READY = "ready"
    RUNNING = "running"
    CONFIRMING = "confirming"
    GIVING_WAY = "giving_way"
    """Aside, until a vehicle that came too close has passed."""
    RETURNING = "returning"
    DONE = "done"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskProgress:
    task: TaskId
    vehicle: VehicleId
    phase: TaskPhase
    route_point: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionProgress:
    """What the mission service is doing, published at 2 Hz and on every change."""

    at: Instant
    mission: MissionId
    phase: Phase
    plan: PlanId | None
    plan_digest: Digest | None
    tasks: tuple[TaskProgress, ...]
    looks_per_cell: tuple[int, ...]
    """By cell index of the current plan."""
    cells_done: int
    area_searched_km2: float
    orphans: int
    """Cells no living vehicle is assigned to; must be 0."""
    started: Instant | None = None
    note: str = ""


class OrderVerb(StrEnum):
    """What people may tell a mission or vehicles beside intents and approvals."""

    LAUNCH = "launch"
    STOP = "stop"
    HOLD = "hold"
    RETURN = "return"
    RESUME = "resume"
    REJECT_CONTACT = "reject_contact"
    ACCEPT_CONTACT = "accept_contact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An operator's order; `vehicles` names every target, there is no broadcast."""

    id: str
    verb: OrderVerb
    by: OperatorId
    at: Instant
    vehicles: tuple[VehicleId, ...] = ()
    contact: ContactId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """A confirmed contact accepted as a subject."""

    contact: ContactId
    position: Geodetic
    by: OperatorId
    at: Instant
