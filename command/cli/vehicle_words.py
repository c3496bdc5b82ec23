"""Vehicles in tables, for people at a terminal."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from command.errors import BadInput
from fleet.model import FleetState, VehicleState
from world.ids import VehicleId
from world.position import Geodetic
from world.time import Instant

COLUMNS = ("vehicle", "kind", "link", "mode", "armed", "ready", "battery", "height", "position", "held by")


def overview(fleet: FleetState) -> Table:
    grid = Table(*COLUMNS)
    for state in fleet.vehicles:
        grid.add_row(
            state.vehicle, state.kind, state.link, state.mode, _yes(state.is_armed), _yes(state.is_ready),
            _unit(state.battery_pct, "%", 0), _unit(state.height_above_home_m, "m", 1), _place(state.position),
            state.lease_holder or "-",
        )
    return grid


def details(state: VehicleState, now: Instant) -> Table:
    grid = Table(show_header=False)
    speed = None if state.velocity is None else (state.velocity.north**2 + state.velocity.east**2) ** 0.5
    rows = {
        "vehicle": f"{state.vehicle}, {state.kind}",
        "link": f"{state.link}, heard {max(0.0, state.heard.age_s(now)):.1f} s ago",
        "mode": f"{state.mode} ({state.raw_mode if state.raw_mode is not None else '-'})",
        "armed": _yes(state.is_armed),
        "ready to arm": "yes" if state.is_ready else "; ".join(state.prearm_reasons) or "no",
        "on the ground": _yes(state.is_landed),
        "battery": f"{_unit(state.battery_pct, '%', 0)}, {_unit(state.battery_v, 'V', 1)}",
        "position": _place(state.position),
        "height above home": _unit(state.height_above_home_m, "m", 1),
        "speed": _unit(speed, "m/s", 1),
        "heading": _unit(state.heading_deg, "deg", 0),
        "home": _place(state.home),
        "mission item": "-" if state.mission_item is None else f"{state.mission_item} of {state.mission_count}",
        "held by": state.lease_holder or "nobody",
    }
    for name, value in rows.items():
        grid.add_row(name, value)
    return grid


def _yes(claim: bool | None) -> str:
    return {True: "yes", False: "no", None: "-"}[claim]


def _unit(value: float | None, unit: str, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f} {unit}"


def _place(at: Geodetic | None) -> str:
    return "-" if at is None else f"{at.lat_deg:.6f}, {at.lon_deg:.6f}, {at.height_m:.1f} m"


def home_amsl_m(state: VehicleState) -> float | None:
    """As told, or from the two heights that it reports."""
    if state.home is not None:
        return state.home.height_m
    if state.position is None or state.height_above_home_m is None:
        return None
    return state.position.height_m - state.height_above_home_m


def one_of(fleet: FleetState, vehicle: VehicleId) -> VehicleState:
    """Raises BadInput for a name that nobody has."""
    for state in fleet.vehicles:
        if state.vehicle == vehicle:
            return state
    names = ", ".join(state.vehicle for state in fleet.vehicles) or "none yet"
    raise BadInput(f"no vehicle is called {vehicle}: this site has {names}")


def plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {plain(one)}" for name, one in value.items() if one not in (None, [], ()))
    if isinstance(value, list | tuple):
        return "; ".join(plain(one) for one in value)
    return "-" if value is None else str(value)
