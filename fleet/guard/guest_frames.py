"""One message of a guest with what it is read by, and what it may amount to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fleet.commands import Command, Route, Verb
from fleet.guard.limits import VehicleLimits
from fleet.guard.outbound import home_of
from fleet.model import AutopilotKind, VehicleState
from fleet.wire.enums import MavFrame
from fleet.wire.message import Message
from world.ids import CommandId, OperatorId
from world.position import Geodetic
from world.time import Instant

RELATIVE = frozenset({MavFrame.GLOBAL_RELATIVE_ALT, MavFrame.GLOBAL_RELATIVE_ALT_INT})
ABSOLUTE = frozenset({MavFrame.GLOBAL, MavFrame.GLOBAL_INT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Who flies through a share. `allows_arming`: whoever opened it has answered for motors that start."""

    name: OperatorId
    allows_arming: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestFrame:
    """`route`: the list of this guest that passed and is on board. `is_bytewise`: PX4's way with parameters."""

    message: Message
    guest: Guest
    state: VehicleState
    limits: VehicleLimits
    now: Instant
    route: Route | None = None

    @property
    def is_px4(self) -> bool:
        return self.limits.autopilot is AutopilotKind.PX4

    def order(self, verb: Verb, **rest: Any) -> Command:
        return order_of(self.guest, self.state, self.now, verb, **rest)


def order_of(guest: Guest, state: VehicleState, now: Instant, verb: Verb, **rest: Any) -> Command:
    """A command in the guest's name."""
    return Command(
        id=CommandId("guest"), vehicle=state.vehicle, verb=verb, issued_by=guest.name, deadline=now, **rest
    )


Meaning = tuple[Command, ...] | str
"""Commands that must all pass, none for what changes nothing; or why it is refused."""
Reading = Callable[[GuestFrame], Meaning]


def place(state: VehicleState, lat_e7: float, lon_e7: float, height_m: float, frame: int) -> Geodetic | str:
    """A place on the wire, its height made AMSL; or why that cannot be known."""
    if frame in RELATIVE:
        home = home_of(state)
        if home is None:
            return "the home of the vehicle is unknown"
        height_m += home.height_m
    elif frame not in ABSOLUTE:
        return f"heights in frame {frame} are not understood here; give them above home or above sea level"
    return Geodetic(lat_deg=lat_e7 / 1e7, lon_deg=lon_e7 / 1e7, height_m=height_m)
