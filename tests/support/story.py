"""An invented search told by topics: eight copters, a ground robot and an underwater robot over a drawn mountain."""

import math
from itertools import pairwise
from pathlib import Path

import numpy as np

from fleet.commands import Route, RoutePoint
from fleet.model import Alarm, FleetState, FlightMode, LinkState, Severity, VehicleKind, VehicleState
from missions.model import (
    Cell,
    Find,
    MissionProgress,
    Phase,
    Plan,
    SearchIntent,
    Task,
    TaskPhase,
    TaskProgress,
    VehicleOffer,
)
from perception.model import Contact, ContactState, Covariance
from world.ids import ContactId, Digest, IntentId, MissionId, OperatorId, PlanId, TaskId, VehicleId
from world.position import Enu, Geodetic, LocalFrame, Ned
from world.time import Instant

ORIGIN = Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=750.0)
FRAME = LocalFrame(ORIGIN)
MISSION = MissionId("search-1")
PLAN_ID = PlanId("search-1/1")
DIGEST = Digest("9f3c" * 16)
COPTERS = tuple(VehicleId(f"U0{n}") for n in range(1, 9))
ALL = (*COPTERS, VehicleId("G01"), VehicleId("W01"))
LOST = VehicleId("U05")
CELL_M = 30.0
STRIP_M = 90.0
SPEED_M_S = 9.0
_EPOCH_NS = 1_789_194_600_000_000_000
_WEST_M, _SOUTH_M, _LENGTH_M = -360.0, -300.0, 660.0


def at(seconds: float) -> Instant:
    """The story's own time."""
    return Instant(mono_ns=round(seconds * 1e9), utc_ns=_EPOCH_NS + round(seconds * 1e9))


def place(east_m: float, north_m: float, up_m: float = 40.0) -> Geodetic:
    return FRAME.to_geodetic(Enu(east_m=east_m, north_m=north_m, up_m=up_m))


def kind_of(vehicle: VehicleId) -> VehicleKind:
    return {"U": VehicleKind.COPTER, "G": VehicleKind.ROVER, "W": VehicleKind.SUB}[vehicle[0]]


def write_terrain(path: Path) -> None:
    """Hills and a valley, as `terrain.npz`."""
    side = np.arange(-1200.0, 1201.0, 10.0)
    east, north = np.meshgrid(side, side)
    ridge = 70 * np.cos(east / 260 + 0.4 * np.sin(north / 300)) * np.cos(north / 340)
    heights = ridge + 40 * np.sin((east + 2 * north) / 170) + 9 * np.sin(east / 37) * np.cos(north / 41)
    np.savez(
        path,
        west_m=-1200.0,
        south_m=-1200.0,
        cell_m=10.0,
        heights_m=heights.astype(np.float32),
        origin_lat_deg=ORIGIN.lat_deg,
        origin_lon_deg=ORIGIN.lon_deg,
        origin_height_m=ORIGIN.height_m,
    )


def home(vehicle: VehicleId) -> tuple[float, float]:
    return -140.0 + 35.0 * ALL.index(vehicle), -680.0


def lane(vehicle: VehicleId) -> list[tuple[float, float]]:
    """A copter mows its strip northward; the robots have a loop of their own."""
    if vehicle not in COPTERS:
        x, y = (420.0, -620.0) if vehicle == "G01" else (820.0, -740.0)
        return [(x, y), (x + 120, y + 60), (x + 60, y + 160), (x - 80, y + 90), (x, y)]
    west_m = _WEST_M + STRIP_M * COPTERS.index(vehicle)
    points = []
    for row in range(int(_LENGTH_M / CELL_M)):
        ends = (west_m + 12, west_m + STRIP_M - 12)
        north_m = _SOUTH_M + CELL_M * (row + 0.5)
        points += [(x, north_m) for x in (ends if row % 2 == 0 else ends[::-1])]
    return points


def intent() -> SearchIntent:
    east_m = _WEST_M + STRIP_M * len(COPTERS)
    corners = ((_WEST_M, _SOUTH_M), (east_m, _SOUTH_M), (east_m, _SOUTH_M + _LENGTH_M), (_WEST_M, _SOUTH_M + _LENGTH_M))
    offers = tuple(
        VehicleOffer(
            vehicle=vehicle,
            kind=kind_of(vehicle),
            home=place(*home(vehicle), 0.0),
            cruise_m_s=SPEED_M_S,
            climb_m_s=2.5,
            endurance_s=1200.0,
        )
        for vehicle in ALL
    )
    return SearchIntent(
        id=IntentId("i1"),
        mission=MISSION,
        asked_by=OperatorId("ann"),
        area=tuple(place(e, n, 0.0) for e, n in corners),
        last_known_point=place(60.0, 20.0, 0.0),
        subjects=5,
        offers=offers,
    )


def cells() -> tuple[Cell, ...]:
    made: list[Cell] = []
    for row in range(int(_LENGTH_M / CELL_M)):
        for column in range(int(STRIP_M * len(COPTERS) / CELL_M)):
            centre = Enu(east_m=_WEST_M + CELL_M * (column + 0.5), north_m=_SOUTH_M + CELL_M * (row + 0.5), up_m=0.0)
            made.append(Cell(index=len(made), centre=centre, owner=COPTERS[int(column * CELL_M // STRIP_M)]))
    return tuple(made)


def plan(revision: int = 1, reason: str = "") -> Plan:
    tasks = tuple(
        Task(
            id=TaskId(f"t-{vehicle}"),
            vehicle=vehicle,
            what="search" if vehicle in COPTERS else "patrol",
            route=Route(points=tuple(RoutePoint(position=place(e, n)) for e, n in [home(vehicle), *lane(vehicle)])),
            start_delay_s=0.0,
            duration_s=600.0,
            return_height_m=60.0,
        )
        for vehicle in ALL
    )
    return Plan(
        id=PLAN_ID,
        mission=MISSION,
        intent=IntentId("i1"),
        revision=revision,
        digest=DIGEST,
        tasks=tasks,
        cells=cells(),
        cell_m=CELL_M,
        makespan_s=612.0,
        makespan_bound_s=571.0,
        min_separation_m=14.2,
        reason=reason,
    )


def fleet(seconds: float, lost_at_s: float = math.inf) -> FleetState:
    """Everyone along the lane since 0 s; the lost vehicle is last heard at `lost_at_s`."""
    states = []
    for vehicle in ALL:
        heard_s = min(seconds, lost_at_s) if vehicle == LOST else seconds
        states.append(_state(vehicle, max(0.0, heard_s)))
    return FleetState(at=at(seconds), vehicles=tuple(states))


def _state(vehicle: VehicleId, seconds: float) -> VehicleState:
    east_m, north_m, heading_deg = _along([home(vehicle), *lane(vehicle)], seconds * SPEED_M_S)
    kind = kind_of(vehicle)
    up_m = {VehicleKind.COPTER: 60.0, VehicleKind.ROVER: 0.0, VehicleKind.SUB: -6.0}[kind]
    heading_rad = math.radians(heading_deg)
    return VehicleState(
        vehicle=vehicle,
        kind=kind,
        heard=at(seconds),
        link=LinkState.FRESH,
        position=place(east_m, north_m, up_m),
        height_above_home_m=up_m,
        velocity=Ned(north=SPEED_M_S * math.cos(heading_rad), east=SPEED_M_S * math.sin(heading_rad), down=0.0),
        heading_deg=heading_deg,
        is_armed=True,
        is_ready=True,
        is_landed=False,
        mode=FlightMode.AUTO,
        battery_pct=max(5.0, 96.0 - seconds / 6 - 4 * ALL.index(vehicle)),
        lease_holder=OperatorId("commander"),
    )


def _along(points: list[tuple[float, float]], distance_m: float) -> tuple[float, float, float]:
    """Position and heading after so many metres; stays at the end."""
    heading_deg = 0.0
    for (e0, n0), (e1, n1) in pairwise(points):
        length_m = math.hypot(e1 - e0, n1 - n0)
        heading_deg = math.degrees(math.atan2(e1 - e0, n1 - n0)) % 360.0
        if distance_m <= length_m:
            part = distance_m / length_m
            return e0 + part * (e1 - e0), n0 + part * (n1 - n0), heading_deg
        distance_m -= length_m
    return *points[-1], heading_deg


def progress(seconds: float, phase: Phase = Phase.SEARCHING) -> MissionProgress:
    """Looks fall behind each copter as it mows."""
    rows_done = max(0.0, (seconds * SPEED_M_S - 450.0) / (STRIP_M - 24 + CELL_M))
    looks = tuple(
        int(min(4.0, max(0.0, 2.5 * (rows_done - (cell.centre.north_m - _SOUTH_M) / CELL_M)))) for cell in cells()
    )
    done = sum(count >= 3 for count in looks)
    return MissionProgress(
        at=at(seconds),
        mission=MISSION,
        phase=phase,
        plan=PLAN_ID,
        plan_digest=DIGEST,
        tasks=tuple(
            TaskProgress(task=TaskId(f"t-{vehicle}"), vehicle=vehicle, phase=TaskPhase.RUNNING, route_point=1)
            for vehicle in ALL
        ),
        looks_per_cell=looks,
        cells_done=done,
        area_searched_km2=done * CELL_M**2 / 1e6,
        orphans=0,
        started=at(0.0),
    )


def contact(number: int, state: ContactState, seconds: float) -> Contact:
    return Contact(
        id=ContactId(f"C-{number:02d}"),
        state=state,
        position=place(60.0 + 55 * number, -80.0 + 70 * number, 5.0),
        covariance=Covariance(ee_m2=60.0, en_m2=30.0, nn_m2=25.0),
        probability=0.64 + 0.07 * number,
        looks=2 + number,
        seen_by=(VehicleId("U04"), VehicleId("U05")),
        first_seen=at(seconds - 4),
        last_seen=at(seconds),
    )


def find(number: int, seconds: float) -> Find:
    found = contact(number, ContactState.CONFIRMED, seconds)
    return Find(contact=found.id, position=found.position, by=OperatorId("ann"), at=at(seconds))


def link_lost(seconds: float, *, is_active: bool = True) -> Alarm:
    return Alarm(
        key=f"link/{LOST}",
        severity=Severity.WARNING,
        vehicle=LOST,
        text="U05 link lost; its cells go to the others",
        text_zh="U05 链路中断，其网格已转给其他载具",
        at=at(seconds),
        is_active=is_active,
    )


def low_battery(seconds: float) -> Alarm:
    return Alarm(
        key="battery/U08",
        severity=Severity.CAUTION,
        vehicle=VehicleId("U08"),
        text="U08 battery 22 %, needs 17 % to return",
        text_zh="U08 电量 22 %，返航需 17 %",
        at=at(seconds),
        is_active=True,
    )
