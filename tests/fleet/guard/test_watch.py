"""What people are told of a vehicle that is in trouble, with every state of it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fleet.authority import Authority
from fleet.guard import LIMITS, Concern, ConcernCause, Fence, GasZone, Guard, GuardedVehicle, HeatZone, Site, Wind
from fleet.model import VehicleState
from tests.fleet.guard.test_commands import KINDS, NOW, flying, state
from tests.fleet.guard.test_hazards import terrain
from tests.support.fleet_bench import FRAME, at, square
from world.ids import VehicleId
from world.terrain import Terrain

U01 = VehicleId("U01")
SHALLOW = Terrain(west_m=-1000.0, south_m=-1000.0, cell_m=1000.0, heights_m=np.full((3, 3), -20.0, np.float32))


def watcher(**site: Any) -> Guard:
    fields: dict[str, Any] = {
        "frame": FRAME, "terrain": terrain(),
        "fence": Fence(inclusion=square(800.0), exclusions=(square(20.0, (0.0, 300.0)),)),
    } | site
    return Guard(
        send=lambda vehicle, data: None, authority=Authority(), site=Site(**fields),
        vehicles={VehicleId(k): GuardedVehicle(sysid=n, limits=LIMITS[v]) for n, (k, v) in enumerate(KINDS.items(), 1)},
    )


def seen(at_state: VehicleState, **site: Any) -> list[tuple[str, str, str, bool]]:
    found = watcher(**site).watch(at_state, NOW)
    return [(concern.cause, concern.text, concern.text_zh, concern.is_urgent) for concern in found]


def test_a_vehicle_that_is_well_is_not_spoken_of() -> None:
    for fine in (flying(), state(), state(position=None, battery_pct=None), state("G01"), state("W01")):
        assert seen(fine) == []
    assert watcher().watch(state("X01"), NOW) == []
    gone = state(position=at(5000, 0, 0), battery_pct=1.0, heard=NOW.plus_s(-900.0))
    assert seen(gone) == [], "at rest and disarmed"


def test_a_concern_names_vehicle_and_time() -> None:
    (concern,) = watcher().watch(flying(battery_pct=None), NOW)
    assert concern == Concern(
        vehicle=U01, cause=ConcernCause.ENERGY, text="the battery is unknown", text_zh="电量未知", at=NOW
    )


def test_silence_counts_from_the_moment_motors_run() -> None:
    late = state(is_armed=True, heard=NOW.plus_s(-5.5))
    assert seen(late) == [("link", "nothing heard for 6 s", "已 6 秒无数据", False)]
    assert seen(replace(late, heard=NOW.plus_s(-5.0))) == []
    assert seen(replace(late, is_armed=False)) == []


def test_energy_to_the_nearest_safe_landing() -> None:
    far = flying(position=at(0, 700, 0), battery_pct=21.0)
    text, text_zh = (
        "90 s left above the reserve; the nearest safe landing is 100 s away",
        "备用电量以上仅剩 90 秒，最近安全着陆点需 100 秒",
    )
    assert seen(far) == [("energy", text, text_zh, True)]
    assert seen(replace(far, battery_pct=22.0)) == []
    assert seen(far, landings=(at(0, 650, 0),)) == []
    empty = seen(replace(far, battery_pct=5.0))
    assert empty[0][1].startswith("0 s left above the reserve")
    blown = watcher()
    blown.note_wind(U01, Wind(east_m_s=0.0, north_m_s=6.0), NOW)
    assert [concern.cause for concern in blown.watch(replace(far, battery_pct=25.0), NOW)] == [ConcernCause.ENERGY]
    assert seen(flying(battery_pct=None, position=None)) == [
        ("energy", "the battery is unknown", "电量未知", False),
        ("position", "its position is unknown", "位置未知", False),
    ]
    assert [cause for cause, *_ in seen(flying(position=None))] == ["position"]


def test_the_fence_and_hazards() -> None:
    outside = flying(position=at(0, 810, 40))
    assert seen(outside) == [("fence", "it leaves the fence", "越出围栏或进入禁区", True)]
    assert seen(flying(position=at(0, 300, 40)))[0][1] == "it enters an exclusion zone"
    assert seen(flying(position=at(0, 799, 40))) == []
    gas = GasZone(outline=square(20.0))
    said = "it enters a gas zone that demands class ma; the vehicle has none"
    assert seen(flying(), hazards=(gas,)) == [("hazard", said, "进入与其防护等级不符的危险区", True)]
    assert seen(state("G01", is_armed=True, is_landed=None), hazards=(gas,))[0][0] == "hazard"
    for ambient_c, causes in ((70.0, []), (71.0, ["hazard"])):
        hot = HeatZone(outline=square(20.0), ambient_c=ambient_c)
        assert [cause for cause, *_ in seen(flying(), hazards=(hot,))] == causes


def test_too_high_and_too_deep() -> None:
    high = [("height", "130 m above the terrain; 120 m is the most allowed", "离地 130 米，超过 120 米", False)]
    assert seen(flying(130.0)) == high
    assert seen(flying(120.0)) == []
    small = Terrain(west_m=-10.0, south_m=-10.0, cell_m=10.0, heights_m=np.zeros((3, 3), np.float32))
    assert seen(flying(position=at(100, 0, 500)), terrain=small) == [], "unknown ground is no height"
    assert seen(flying(60.0), ceiling_m=805.0) == [("height", "5 m above the site's ceiling", "超出升限 5 米", False)]
    assert seen(flying(60.0), ceiling_m=810.0) == []
    diving = state("W01", position=at(0, 0, -62), is_armed=True, is_landed=None)
    assert seen(diving) == [("height", "62 m deep; 60 m is the most allowed", "深度 62 米，超过 60 米", False)]
    assert seen(replace(diving, position=at(0, 0, -60))) == []
    low = replace(diving, position=at(0, 0, -19.5))
    assert seen(low, bed=SHALLOW) == [("height", "0.5 m above the bottom", "距水底仅 0.5 米", False)]
    assert seen(replace(low, position=at(0, 0, -19.0)), bed=SHALLOW) == []
    assert seen(flying(), bed=terrain(level_m=100.0)) == []


@pytest.mark.parametrize(("inside_c", "text", "text_zh", "is_urgent"), [
    (70.0, "70 °C inside; retreat at 85 °C", "内部温度 70 °C，85 °C 时撤回", False),
    (84.9, "85 °C inside; retreat at 85 °C", "内部温度 85 °C，85 °C 时撤回", False),
    (85.0, "85 °C inside; retreat now", "内部温度 85 °C，立即撤回", True),
])
def test_heat_inside(inside_c: float, text: str, text_zh: str, is_urgent: bool) -> None:
    made = watcher()
    made.note_temperature(U01, inside_c)
    (concern,) = made.watch(state(), NOW)
    assert (concern.cause, concern.text, concern.text_zh, concern.is_urgent) == ("heat", text, text_zh, is_urgent)
    made.note_temperature(U01, 69.9)
    assert made.watch(state(), NOW) == []
