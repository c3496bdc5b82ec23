"""What failsafe parameters of each kind make it do, value by value: the tables of ArduPilot 4.5.

Sources: @Values of FS_GCS_ENABLE (each vehicle's Parameters.cpp), BATT_FS_LOW_ACT (AP_BattMonitor_Params.cpp) and
FENCE_ACTION (AC_Fence.cpp); ArduSub/fence.cpp, where all that a breach once did is commented out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from fleet.wire.enums import CopterMode, PlaneMode, RoverMode, SubMode
from sim.vehicles.spec import Kind

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship


class Reaction(StrEnum):
    NOTHING = "nothing"
    CONTINUE = "continue"
    """In AUTO go on with the mission, otherwise as the kind's own action says."""
    RETURN = "return"
    LAND = "land"
    HOLD = "hold"
    SURFACE = "surface"
    DISARM = "disarm"


_R = Reaction
Values = Mapping[int, Reaction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactions:
    """One kind. A value that is not in a table does nothing."""

    station: Values
    battery: Values
    fence: Values
    modes: Mapping[Reaction, int]


_ROVER_ACTIONS: Final[Values] = {0: _R.NOTHING, 1: _R.RETURN, 2: _R.HOLD, 3: _R.RETURN, 4: _R.RETURN, 5: _R.DISARM}
"""FS_ACTION and BATT_FS_*_ACT of rovers: SmartRTL drives home as RTL does here."""

_PLANE_ACTIONS: Final[Values] = {0: _R.CONTINUE, 1: _R.RETURN, 2: _R.NOTHING, 4: _R.CONTINUE}
"""FS_LONG_ACTN (ArduPlane Parameters.cpp); gliding down and parachutes are not flown here."""

REACTIONS: Final[Mapping[str, Reactions]] = {
    Kind.COPTER: Reactions(
        station={1: _R.RETURN, 2: _R.RETURN, 3: _R.RETURN, 4: _R.RETURN, 5: _R.LAND, 6: _R.RETURN, 7: _R.HOLD},
        battery={1: _R.LAND, 2: _R.RETURN, 3: _R.RETURN, 4: _R.RETURN, 5: _R.DISARM, 6: _R.RETURN},
        fence={1: _R.RETURN, 2: _R.LAND, 3: _R.RETURN, 4: _R.HOLD, 5: _R.RETURN},
        modes={_R.RETURN: CopterMode.RTL, _R.LAND: CopterMode.LAND, _R.HOLD: CopterMode.BRAKE},
    ),
    Kind.ROVER: Reactions(
        station=_ROVER_ACTIONS,
        battery=_ROVER_ACTIONS,
        fence={1: _R.RETURN, 2: _R.HOLD, 3: _R.RETURN, 4: _R.RETURN},
        modes={_R.RETURN: RoverMode.RTL, _R.HOLD: RoverMode.HOLD},
    ),
    Kind.SUB: Reactions(
        station={2: _R.DISARM, 3: _R.HOLD, 4: _R.SURFACE},
        battery={2: _R.DISARM, 3: _R.SURFACE},
        fence={},
        modes={_R.HOLD: SubMode.ALT_HOLD, _R.SURFACE: SubMode.SURFACE},
    ),
    Kind.PLANE: Reactions(
        station=_PLANE_ACTIONS,
        battery={1: _R.RETURN, 2: _R.LAND, 4: _R.LAND, 6: _R.LAND},
        fence={1: _R.RETURN},
        modes={_R.RETURN: PlaneMode.RTL},
    ),
    Kind.BOAT: Reactions(
        station=_ROVER_ACTIONS,
        battery=_ROVER_ACTIONS,
        fence={1: _R.RETURN, 2: _R.HOLD, 3: _R.RETURN, 4: _R.RETURN},
        modes={_R.RETURN: RoverMode.RTL, _R.HOLD: RoverMode.HOLD},
    ),
}

_CONTINUES_IN_AUTO, _CONTINUES_LANDING, _CONTINUES_UNDER_PILOT = 2, 8, 16
"""Bits of FS_OPTIONS that concern the ground station (ArduCopter Parameters.cpp)."""


def on_silence(ship: "Ship") -> Reaction:
    """When the ground station is silent. Rovers look up FS_ACTION, and go on in AUTO when FS_GCS_ENABLE is 2."""
    p, table = ship.parameters, REACTIONS[ship.spec.kind].station
    enabled = int(p[ship.rules.station_parameters[0]])
    if enabled == 0:
        return Reaction.NOTHING
    if table is _ROVER_ACTIONS:
        is_on_mission = enabled == 2 and ship.mode == ship.rules.auto
        return Reaction.CONTINUE if is_on_mission else table.get(int(p["FS_ACTION"]), Reaction.NOTHING)
    if table is _PLANE_ACTIONS:
        return table.get(int(p["FS_LONG_ACTN"]), Reaction.NOTHING)
    if _may_continue(ship, int(p.get("FS_OPTIONS", 0))):
        return Reaction.CONTINUE
    return table.get(enabled, Reaction.NOTHING)


def _may_continue(ship: "Ship", options: int) -> bool:
    is_flown_by_hand = not ship.rules.modes[ship.mode].is_autonomous
    return bool(
        (options & _CONTINUES_IN_AUTO and ship.mode == ship.rules.auto)
        or (options & _CONTINUES_LANDING and ship.mode == ship.rules.come_down)
        or (options & _CONTINUES_UNDER_PILOT and ship.rules.flies and is_flown_by_hand)
    )


def react(ship: "Ship", reaction: Reaction) -> None:
    """Do it. What flies and stands on the ground stops its motors instead."""
    if reaction in (Reaction.NOTHING, Reaction.CONTINUE):
        return
    mode = REACTIONS[ship.spec.kind].modes.get(reaction)
    if reaction is Reaction.DISARM or (ship.rules.flies and ship.is_landed):
        ship.disarm()
    elif mode is not None and (reaction is not Reaction.RETURN or ship.home is not None):
        if ship.mode != mode:
            ship.enter(mode)
    elif ship.rules.come_down is not None:
        ship.enter(ship.rules.come_down)
    elif reaction is Reaction.LAND:  # ArduPlane without a landing in its mission
        react(ship, Reaction.RETURN)
