"""Lose any vehicle, kill the service at any time: no cell is orphaned, and the mission still ends."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from missions.model import Phase
from tests.support.mission_stage import Stage, is_over
from tests.support.search_area import demo_intent, frame, mountain
from world.ids import VehicleId

TERRAIN, FRAME = mountain(5, relief_m=60.0), frame()


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    lost=st.sampled_from(["U01", "U02", "U03", "U04"]),
    lost_at_s=st.floats(1.0, 380.0),
    killed_at_s=st.lists(st.floats(3.0, 400.0), max_size=3),
)
def test_no_orphans_whatever_is_lost(lost: str, lost_at_s: float, killed_at_s: list[float]) -> None:
    intent = demo_intent(TERRAIN, FRAME, copters=4, scale=0.4)
    stage = Stage(terrain=TERRAIN, frame=FRAME, intent=intent)
    stage.acts.append((lost_at_s, lambda s: s.fleet.kill(VehicleId(lost))))
    stage.acts += [(at_s, Stage.restart) for at_s in killed_at_s]
    stage.play(is_over)
    assert stage.last.phase is Phase.DONE
    assert stage.last.orphans == 0
    assert stage.last.cells_done == len(stage.last.looks_per_cell)
    assert stage.fleet.least_apart_m >= intent.min_separation_m
