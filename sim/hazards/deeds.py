"""What payloads do, as actions on the disasters: jets land where walls let them, tools work, pumps lift water."""

import math
from typing import Final

from sim.hazards.hazard import Action, Blow, Pumped, Water
from sim.hazards.world import HazardWorld
from sim.payloads.breaching_tool import Breach
from sim.payloads.pump import Drain
from sim.payloads.twin import Effect
from sim.payloads.water_monitor import WaterJet
from world.position import Enu
from world.terrain import Terrain

NOZZLE_M: Final = 0.8
_STEP_M: Final = 0.5
_LANDS_M: Final = 0.8
"""Above the ground: a jet is aimed at flames, not at soil."""


def action_of(
    effect: Effect, before: Effect | None, at: Enu, yaw_rad: float, seconds: float, world: HazardWorld, terrain: Terrain
) -> Action | None:
    """What an effect that went on for `seconds` amounts to; `before` is the same payload's effect then.

    yaw_rad is the vehicle's nose, clockwise from north. None for effects that change no disaster.
    """
    if isinstance(effect, WaterJet):
        return _landing(effect, at, yaw_rad, seconds, world, terrain)
    if isinstance(effect, Drain):
        return Pumped(at=at, cubic_m=effect.flow_m3_h / 3600.0 * seconds)
    if isinstance(effect, Breach):
        begun = before.depth_m if isinstance(before, Breach) else 0.0
        work = effect.force_n * max(effect.depth_m - begun, 0.0)
        return Blow(at=at, joules=work) if work > 0.0 else None
    return None


def _landing(
    jet: WaterJet, at: Enu, yaw_rad: float, seconds: float, world: HazardWorld, terrain: Terrain
) -> Water | None:
    """Along a straight line from the nozzle to where it would come down, or to the first wall."""
    turn = yaw_rad + math.radians(jet.azimuth_deg)
    away, nozzle = jet.reach_m, Enu(east_m=at.east_m, north_m=at.north_m, up_m=at.up_m + NOZZLE_M)
    goal = _toward(nozzle, turn, away, terrain)
    if goal is None:
        return None
    while away > _STEP_M and world.blocks(nozzle, goal):
        away -= _STEP_M
        nearer = _toward(nozzle, turn, away, terrain)
        goal = nearer or goal
    width = max(1.0, away * math.tan(math.radians(min(jet.spread_deg, 120.0) / 2.0)))
    return Water(at=goal, litres=jet.flow_l_s * seconds, radius_m=width)


def _toward(nozzle: Enu, turn: float, away_m: float, terrain: Terrain) -> Enu | None:
    east, north = nozzle.east_m + away_m * math.sin(turn), nozzle.north_m + away_m * math.cos(turn)
    if not (terrain.west_m <= east <= terrain.east_m and terrain.south_m <= north <= terrain.north_m):
        return None
    return Enu(east_m=east, north_m=north, up_m=terrain.height_m(east, north) + _LANDS_M)
