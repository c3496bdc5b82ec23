"""When plans do not come true, vehicles give way, wait, and go on: nobody comes close, and the mission still ends."""

import random

from fleet.model import Alarm
from missions.marshal import ALERT_SHARE
from missions.model import Phase
from tests.support.mission_stage import Stage, is_over
from tests.support.search_area import demo_intent, frame, mountain
from world.ids import VehicleId
from world.position import Enu

TERRAIN, FRAME = mountain(), frame()


def late_stage(seed: int) -> Stage:
    """Eight copters of which some do 40 % of their speed, people everywhere for second looks, one vehicle lost."""
    chance = random.Random(seed)
    people: list[Enu] = []
    for _ in range(4):
        east_m, north_m = chance.uniform(-400.0, 400.0), chance.uniform(-350.0, 300.0)
        for _ in range(3):
            e_m, n_m = east_m + chance.uniform(-15.0, 15.0), north_m + chance.uniform(-15.0, 15.0)
            people.append(Enu(east_m=e_m, north_m=n_m, up_m=TERRAIN.height_m(e_m, n_m)))
    intent = demo_intent(TERRAIN, FRAME, copters=8, with_robots=False, scale=0.8)
    stage = Stage(terrain=TERRAIN, frame=FRAME, intent=intent, people=tuple(people))
    for craft in stage.fleet.craft.values():
        craft.speed_share = chance.uniform(0.4, 1.1)
    lost = VehicleId(f"U0{chance.randint(1, 8)}")
    stage.acts.append((chance.uniform(150.0, 500.0), lambda s: s.fleet.kill(lost)))
    return stage


def ways_given(stage: Stage) -> list[Alarm]:
    found = [value for _, _, value in stage.bus.record if isinstance(value, Alarm)]
    return [alarm for alarm in found if alarm.key.startswith("gives-way/")]


def test_late_vehicles_give_way_and_the_search_is_done() -> None:
    """Without the marshal two of these come to 7.6 m."""
    stage = late_stage(3).play(is_over)
    told = ways_given(stage)
    assert stage.fleet.least_apart_m >= ALERT_SHARE * stage.intent.min_separation_m
    assert any(alarm.is_active for alarm in told)
    assert {alarm.key for alarm in told if alarm.is_active} == {alarm.key for alarm in told if not alarm.is_active}
    assert stage.last.phase is Phase.DONE
    assert stage.last.cells_done == len(stage.last.looks_per_cell)
