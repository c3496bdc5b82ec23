"""One frame on its way out, and what several rules ask of it."""

from collections.abc import Callable
from dataclasses import dataclass

from fleet.commands import Command, Verb
from fleet.guard.limits import VehicleLimits
from fleet.model import VehicleState
from fleet.wire.enums import MavFrame
from fleet.wire.message import Message
from world.position import Geodetic

DEGREE_TOLERANCE = 2e-6
HEIGHT_TOLERANCE_M = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """One frame. `permit`: the command it is sent for, None without any; `is_bytewise`: PX4's way with parameters."""

    message: Message
    permit: Command | None
    limits: VehicleLimits
    state: VehicleState | None
    is_bytewise: bool = False


Rule = Callable[[Outbound], str | None]


def for_verbs(*verbs: Verb) -> Rule:
    """Allowed for these verbs only."""

    def rule(out: Outbound) -> str | None:
        if out.permit is not None and out.permit.verb in verbs:
            return None
        return f"{out.message.SPEC.name} needs {' or '.join(verbs)} to be under way"

    return rule


def is_same_place(at: Geodetic, frame: int, asked: Geodetic, state: VehicleState | None) -> bool:
    """Whether a place on the wire is the one that was asked for, heights above home or sea level."""
    height_m = at.height_m
    if frame in (MavFrame.GLOBAL_RELATIVE_ALT, MavFrame.GLOBAL_RELATIVE_ALT_INT):
        home = home_of(state)
        if home is None:
            return False
        height_m += home.height_m
    elif frame not in (MavFrame.GLOBAL, MavFrame.GLOBAL_INT):
        return False
    return is_same_spot(at, asked) and abs(height_m - asked.height_m) <= HEIGHT_TOLERANCE_M


def home_of(state: VehicleState | None) -> Geodetic | None:
    """Where it stands, until its home is known."""
    return None if state is None else state.home or state.position


def is_same_spot(at: Geodetic, asked: Geodetic) -> bool:
    """Heights aside."""
    return max(abs(at.lat_deg - asked.lat_deg), abs(at.lon_deg - asked.lon_deg)) <= DEGREE_TOLERANCE
