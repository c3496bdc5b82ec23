"""Gas, heat, slopes, the bottom of a lake and a ceiling: who may not be sent where."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fleet.authority import Authority
from fleet.commands import Command, Route, RoutePoint, Verb
from fleet.guard import LIMITS, Circle, EquipmentClass, Fence, GasZone, Guard, GuardedVehicle, HeatZone, Site
from fleet.guard.space import ENTERS
from fleet.model import VehicleKind, VehicleState
from tests.fleet.guard.test_commands import KINDS, NOW, command, flying, state, up
from tests.support.fleet_bench import APPROVED, COMMANDER, FRAME, at, square
from world.ids import VehicleId
from world.position import Enu
from world.terrain import Terrain

NONE, MB, MA = EquipmentClass.NONE, EquipmentClass.MB, EquipmentClass.MA


def terrain(slope: float = 0.0, level_m: float = 0.0) -> Terrain:
    """Rises by `slope` metres a metre to the east, from the middle on."""
    east_m = np.arange(-1000.0, 1001.0, 10.0)
    heights = np.tile(level_m + slope * np.maximum(east_m, 0.0), (201, 1)).astype(np.float32)
    return Terrain(west_m=-1000.0, south_m=-1000.0, cell_m=10.0, heights_m=heights)


def verdict(
    asked: Command, seen: VehicleState, *hazards: GasZone | HeatZone, equipment: EquipmentClass = NONE,
    max_ambient_c: float = 70.0, slope: float = 0.0, ceiling_m: float | None = None, bed: Terrain | None = None,
    fence: Fence | None = None,
) -> str | None:
    limits = replace(LIMITS[KINDS[asked.vehicle]], max_ambient_c=max_ambient_c)
    site = Site(
        frame=FRAME, terrain=terrain(slope), fence=fence or Fence(inclusion=square(800.0)), hazards=hazards,
        ceiling_m=ceiling_m, bed=bed,
    )
    guard = Guard(
        send=lambda vehicle, data: None, authority=Authority(commanders=[COMMANDER]), site=site,
        vehicles={asked.vehicle: GuardedVehicle(sysid=1, limits=limits, equipment=equipment)},
    )
    guard.approve(APPROVED)
    return guard.admit(asked, seen, NOW)


def go(east_m: float, north_m: float, up_m: float = 0.0, vehicle: str = "G01") -> Command:
    return command(Verb.GO_TO, vehicle, by=COMMANDER, position=at(east_m, north_m, up_m))


def driving(**changes: Any) -> VehicleState:
    return replace(state("G01", is_armed=True, is_landed=None), **changes)


GAS = GasZone(outline=square(20.0, (0.0, 100.0)))
FIRE = HeatZone(outline=Circle(centre=at(0, 100, 0), radius_m=30.0), ambient_c=90.0)


@pytest.mark.parametrize("demands", list(EquipmentClass))
@pytest.mark.parametrize("equipment", list(EquipmentClass))
def test_only_equipment_of_the_class_enters_gas(demands: EquipmentClass, equipment: EquipmentClass) -> None:
    order = [NONE, MB, MA]
    found = verdict(go(0, 100), driving(), replace(GAS, demands=demands), equipment=equipment)
    assert (found is None) == (order.index(equipment) >= order.index(demands))
    if found is not None:
        said = f"the way enters a gas zone that demands class {demands}; the vehicle has {equipment}"
        assert found == f"go_to of G01 is refused: {said}."
    assert set(ENTERS) == set(EquipmentClass)


def test_a_zone_demands_ma_unless_it_says_otherwise_and_is_not_crossed_either() -> None:
    assert "demands class ma" in str(verdict(go(0, 200), driving(), GAS, equipment=MB))
    assert verdict(go(100, 100), driving(), GAS) is None
    assert verdict(go(0, 200), driving(), GAS, equipment=MA) is None
    route = Route(points=(RoutePoint(position=at(100, 100, 0)), RoutePoint(position=at(-100, 100, 0))))
    asked = command(Verb.UPLOAD_ROUTE, "G01", by=COMMANDER, route=replace(route, returns_at_end=False))
    assert "the leg to point 1 enters a gas zone" in str(verdict(asked, driving(), GAS))
    home = replace(route, points=(*route.points[:1], RoutePoint(position=at(60, 190, 0))))
    back = command(Verb.UPLOAD_ROUTE, "G01", by=COMMANDER, route=home)
    assert verdict(back, driving(position=at(60, 0, 0), home=at(60, 0, 0)), GAS) is None
    across = driving(position=at(60, 0, 0), home=at(-60, 0, 0))
    assert "the way home enters a gas zone" in str(verdict(back, across, GAS))


def test_heat_is_entered_up_to_what_the_vehicle_stands() -> None:
    said = "go_to of G01 is refused: the way enters a heat zone of 90 °C; 70 °C is the most allowed."
    assert verdict(go(0, 71), driving(), FIRE) == said
    assert verdict(go(0, 69), driving(), FIRE) is None
    assert verdict(go(0, 100), driving(), replace(FIRE, ambient_c=70.0)) is None
    assert verdict(go(0, 100), driving(), FIRE, max_ambient_c=90.0) is None
    assert verdict(go(0, 100), driving(), replace(FIRE, ambient_c=math.nan)) is not None
    assert "heat zone" in str(verdict(go(0, 100), driving(), GAS, FIRE, equipment=MA)), "each zone counts"
    assert "heat zone" in str(verdict(go(0, 90), driving(), replace(GAS, outline=square(5.0, (700.0, 0.0))), FIRE))
    assert verdict(go(0, 40, 40, "U01"), replace(flying(), vehicle=VehicleId("U01")), FIRE) is None
    assert "heat zone" in str(verdict(go(0, 90, 40, "U01"), flying(), FIRE))


def test_no_robot_is_sent_up_or_down_too_steep_a_slope() -> None:
    steepest = math.tan(math.radians(35.0))
    assert verdict(go(20, 0), driving(), slope=steepest - 0.001) is None
    said = "go_to of G01 is refused: the way has a slope of 36 deg; 35 deg is allowed."
    assert verdict(go(20, 0), driving(), slope=math.tan(math.radians(36.0))) == said
    up_there = driving(position=at(100, 0, 73))
    assert verdict(go(20, 0), up_there, slope=math.tan(math.radians(36.0))) == said
    assert verdict(go(-20, 0), driving(), slope=2.0) is None, "flat on this side"
    assert verdict(go(100, 100), driving(position=at(100, 0, 73)), slope=2.0) is None, "along the slope"
    aslant = verdict(go(100, 100, 0), driving(), slope=1.1)
    assert "slope of 38 deg" in str(aslant)
    assert verdict(go(0, 100, 40, "U01"), flying(position=at(100, 0, 140)), slope=1.0) is None, "in the air is none"
    here = driving(position=at(100, 0, 0), home=at(100, 0, 0))
    assert verdict(go(100, 0), here, slope=2.0) is None, "standing is no climb"
    wide = Fence(inclusion=square(3000.0))
    leaving = verdict(go(-1100, 0), driving(position=at(-950, 0, 0)), fence=wide)
    assert str(leaving).endswith(": the way leaves the known terrain.")


def test_who_dives_keeps_off_the_bottom_where_it_is_known() -> None:
    sub = state("W01", position=at(0, 0, 0), is_armed=True, is_landed=None)
    dive = go(20, 20, -9.0, "W01")
    assert verdict(dive, sub) is None
    assert verdict(dive, sub, bed=terrain(level_m=-10.0)) is None
    said = "go_to of W01 is refused: the way comes within 0.9 m of the bottom; 1 m is allowed."
    assert verdict(dive, sub, bed=terrain(level_m=-9.9)) == said
    small = Terrain(west_m=-10.0, south_m=-10.0, cell_m=10.0, heights_m=np.full((3, 3), -50.0, np.float32))
    assert str(verdict(dive, sub, bed=small)).endswith(": the way leaves the known ground under water.")
    assert verdict(go(0, 90, 40, "U01"), flying(), bed=terrain(level_m=100.0)) is None, "who flies has no bottom"


def test_a_return_that_surfaces_is_not_held_to_the_bottom() -> None:
    heights = np.full((201, 201), -50.0, np.float32)
    heights[:, :101] = -0.5
    shelf = Terrain(west_m=-1000.0, south_m=-1000.0, cell_m=10.0, heights_m=heights)
    sub = state("W01", position=at(60, 0, -5), is_armed=True, is_landed=None)
    out = Route(points=(RoutePoint(position=at(100, 0, -9)),))
    asked = command(Verb.UPLOAD_ROUTE, "W01", by=COMMANDER, route=out)
    assert verdict(asked, sub, bed=shelf) is None
    there = command(Verb.GO_TO, "W01", by=COMMANDER, position=at(0, 0, 0))
    assert "comes within 0.5 m of the bottom" in str(verdict(there, sub, bed=shelf))


def test_nothing_is_sent_above_the_ceiling_of_a_site() -> None:
    assert verdict(go(0, 90, 60, "U01"), flying(), ceiling_m=810.0) is None
    said = "go_to of U01 is refused: the way ends 5 m above the site's ceiling."
    assert verdict(go(0, 90, 65, "U01"), flying(), ceiling_m=810.0) == said
    assert verdict(go(0, 90, 50, "U01"), flying(80.0), ceiling_m=810.0) is None, "down again it may come"
    off = command(Verb.TAKE_OFF, by=COMMANDER, height_m=70.0)
    said = "take_off of U01 is refused: the take-off ends 10 m above the site's ceiling."
    assert verdict(off, state(), ceiling_m=810.0) == said
    route = command(Verb.UPLOAD_ROUTE, by=COMMANDER, route=up((0, 90, 65)))
    assert "the leg to point 0 ends 5 m above" in str(verdict(route, state(), ceiling_m=810.0))


def test_slopes_and_depths_of_a_place_that_is_not_known_are_not_known() -> None:
    site = Site(frame=FRAME, terrain=terrain(0.5), fence=Fence(inclusion=square(800.0)))
    here, away = Enu(east_m=10.0, north_m=0.0, up_m=0.0), Enu(east_m=2000.0, north_m=0.0, up_m=0.0)
    assert site.steepest_deg(here, here) == 0.0
    assert site.steepest_deg(here, away) is None
    assert site.steepest_deg(here, replace(here, east_m=30.0, up_m=70.0)) == pytest.approx(26.565, abs=0.01)
    assert site.least_over_bed_m(here, here) is None
    assert not site.knows_bed
    assert VehicleKind.ROVER in LIMITS
