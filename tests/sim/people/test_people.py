"""Lost people are found as far off as the table says; knocks follow the code; doses are those of the standard."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.hazards.hazard import NS, Conditions, Floats
from sim.hazards.waters import Waters
from sim.hazards.winds import Winds
from sim.people.crowd import Crowd
from sim.people.harm import harm_per_s
from sim.people.lost import OURS, SHARES, NoBehaviour, behaviour, distances, pace_m_s
from sim.people.signs import HOW_MANY, SEEK, STOP
from sim.scenarios.hazards import PersonKind, SubjectSpec, WatersSpec
from sim.scenarios.model import Pose, ReservoirSpec
from sim.worlds.model import Water as Lake
from tests.sim.hazards.place import plain
from world.position import Enu

ORIGIN = Enu(east_m=0.0, north_m=0.0, up_m=0.0)


def crowd(
    *specs: SubjectSpec, felt: Callable[[Conditions], None] = lambda _: None, size_m: float = 400.0, seed: int = 1,
    wind: float = 0.0, waters: Waters | None = None, start: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Crowd:
    def conditions(points: Floats) -> Conditions:
        air = Conditions.fresh(len(points))
        felt(air)
        if waters is not None:
            waters.feel(points, air)
        return air

    starts = np.array([(*spec.at_m, 0.0) if spec.at_m else start for spec in specs])
    terrain = plain(size_m, cell_m=size_m / 40)
    return Crowd(specs, starts, terrain, Winds.of(wind, 270.0), seed=seed, conditions=conditions, waters=waters)


def miner(**changes: Any) -> SubjectSpec:
    return SubjectSpec(**({"id": "M1", "kind": PersonKind.TRAPPED, "inside": "C"} | changes))


@pytest.mark.parametrize("category", list(behaviour()))
def test_quantiles_of_the_law_are_those_of_the_table(category: str) -> None:
    for country, row in behaviour()[category].items():
        law = distances(category, country)
        assert law.at(np.array(SHARES)) == pytest.approx(np.array(row) * 1000.0)
        rising = law.at(np.linspace(0.01, 0.99, 99))
        assert (np.diff(rising) > 0.0).all()


def test_hikers_end_as_far_as_the_table_says() -> None:
    """400 hikers on a map so wide that nobody leaves it, against the table's quartiles."""
    many = [SubjectSpec(id=f"H{n}", kind=PersonKind.HIKER, at_m=(0.0, 0.0)) for n in range(400)]
    lost = crowd(*many, size_m=400_000.0)
    away = np.sort(np.hypot(*lost._goal.T))
    for share, km in zip(SHARES, (1.1, 3.1, 5.8, 18.2), strict=True):
        below = (away < km * 1000.0).mean()
        assert below == pytest.approx(share, abs=4.0 * np.sqrt(share * (1.0 - share) / 400))


def test_a_hiker_walks_there_and_sits_down() -> None:
    child = SubjectSpec(id="C", kind=PersonKind.HIKER, at_m=(0.0, 0.0), category="child_1_3", country="urban")
    lost = crowd(child, size_m=1200.0, seed=4)
    assert lost.everybody()[0].pose is Pose.STANDING
    lost.step(1800 * NS)
    assert np.hypot(*(lost._goal[0] - lost._at[0, :2])) < 3.0
    assert lost.everybody()[0].pose is Pose.SITTING
    assert np.abs(lost._goal).max() <= 600.0


def test_slopes_slow() -> None:
    """Tobler: fastest a little downhill, 5 km/h on the level of a path."""
    assert pace_m_s(0.0) / 0.6 * 3.6 == pytest.approx(5.04, rel=0.01)
    assert pace_m_s(-0.05) > pace_m_s(0.0) > pace_m_s(0.3)


def test_miners_knock_five_every_half_minute_and_answer_by_the_code() -> None:
    group = crowd(miner(), miner(id="M2"), start=(0.0, 0.0, -30.0))
    knocks = group.tremors(0, 120 * NS, 0)
    each = [knock.utc_us / 1e6 for knock in knocks]
    assert len(knocks) in range(2 * 15, 2 * 21)
    gaps = np.diff(sorted(each[::1]))
    assert gaps.max() < 27.0
    group.step(120 * NS)
    group.hear_knocks(HOW_MANY, Enu(east_m=20.0, north_m=0.0, up_m=-30.0))
    answer = group.tremors(120 * NS, 180 * NS, 0)
    assert len(answer) == 2 * 2  # two people, both knock once for each of them
    group.hear_knocks(SEEK, Enu(east_m=20.0, north_m=0.0, up_m=-30.0))
    assert len(group.tremors(120 * NS, 180 * NS, 0)) == 2 * 5
    group.hear_knocks(STOP, Enu(east_m=20.0, north_m=0.0, up_m=-30.0))
    group.step(200 * NS)
    assert group.tremors(200 * NS, 600 * NS, 0) == ()
    deaf = crowd(miner(), start=(0.0, 0.0, -30.0))
    deaf.hear_knocks(HOW_MANY, Enu(east_m=900.0, north_m=0.0, up_m=0.0))
    assert len(deaf.tremors(0, 600 * NS, 0)) > 90


def test_stretches_of_knocks_join_without_gap_or_echo() -> None:
    group = crowd(miner())
    whole = group.tremors(0, 200 * NS, 0)
    cut = [0, 13 * NS, 14 * NS, 77 * NS + 5, 200 * NS]
    parts = [knock for since, until in pairwise(cut) for knock in group.tremors(since, until, 0)]
    assert tuple(parts) == whole


def test_tags_and_phones_are_silent_under_water() -> None:
    def flood(air: Conditions) -> None:
        air.water_up_m[:] = 5.0

    dry = crowd(miner(tag=7, has_phone=True))
    dry.step(2 * NS)
    assert [tag.id for tag in dry.tags()] == [7]
    assert [name for name, _ in dry.phones()] == ["M1"]
    drowned = crowd(miner(tag=7, has_phone=True), felt=flood)
    drowned.step(2 * NS)
    assert drowned.tags() == ()
    assert drowned.phones() == ()
    assert drowned.calls(0, 600 * NS) == ()


def test_doses_are_the_standards() -> None:
    """ISO 13571: 35000 ppm min of CO; 4.2 q^-1.9 min of radiation; 5e7 T^-3.4 min of hot air."""
    air = Conditions.fresh(5)
    air.co_ppm[0] = 1000.0
    air.heat_kw_m2[1] = 10.0
    air.air_c[2] = 120.0
    air.o2_pct[3] = 8.0
    seconds = 1.0 / harm_per_s(air, np.full(5, 1.0), 29.0)[:4]
    assert seconds == pytest.approx([2100.0, 4.2 * 10.0**-1.9 * 60.0, 5e7 * 120.0**-3.4 * 60.0, 120.0])
    assert harm_per_s(Conditions.fresh(1), np.zeros(1), 29.0)[0] == 0.0


def test_who_breathes_too_much_falls_silent() -> None:
    def smoke(air: Conditions) -> None:
        air.co_ppm[:] = 12000.0

    choking = crowd(miner(), felt=smoke)
    choking.step(150 * NS)
    assert choking.everybody()[0].is_awake
    choking.step(200 * NS)
    person = choking.everybody()[0]
    assert not person.is_awake
    assert person.is_alive
    assert person.pose is Pose.LYING
    assert choking.tremors(200 * NS, 400 * NS, 0) == ()
    choking.step(600 * NS)
    assert not choking.everybody()[0].is_alive


def test_a_swimmer_drifts_sinks_and_stays_on_the_bed() -> None:
    lake = Lake(spec=ReservoirSpec(at_m=(0.0, 0.0), half_axes_m=(150.0, 150.0), depth_m=10.0), surface_m=0.0)
    water = Waters(WatersSpec(wind_share=0.0), plain(400.0), Winds.of(5.0, 270.0), lake=lake)
    swimmer = SubjectSpec(id="S", kind=PersonKind.SWIMMER, at_m=(0.0, 0.0), sinks_s=100.0)
    drifting = crowd(swimmer, waters=water, wind=5.0)
    drifting.step(100 * NS)
    assert drifting._at[0, 0] == pytest.approx(0.011 * 5.0 * 100.0, rel=0.02)
    assert drifting.everybody()[0].at.up_m == 0.0
    drifting.step(110 * NS)
    assert drifting.everybody()[0].at.up_m == pytest.approx(-5.0, abs=0.6)
    drifting.step(200 * NS)
    rest = drifting.everybody()[0]
    assert rest.at.up_m == pytest.approx(-10.0, abs=0.1)
    assert rest.is_under_water
    assert not rest.is_awake
    drifting.step(300 * NS)
    assert drifting.everybody()[0].at == rest.at


def test_a_snapshot_goes_on_alike() -> None:
    people = [miner(), SubjectSpec(id="H", kind=PersonKind.HIKER, at_m=(0.0, 0.0), category="child_1_3")]
    whole, first, again = (crowd(*people, size_m=5000.0) for _ in range(3))
    whole.step(90 * NS)
    first.step(40 * NS)
    again.resume(first.snapshot())
    again.step(90 * NS)
    assert again.digest() == whole.digest()
    assert crowd(*people, size_m=5000.0, seed=2).digest() != crowd(*people, size_m=5000.0).digest()


@pytest.mark.parametrize(
    ("text", "says"),
    [("x = 3", "mend the row"), ("[a]\nflat = [1, 2, 2, 3]", "mend the row"), ("[", "cannot be read")],
)
def test_a_bad_file_of_distances_is_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(NoBehaviour, match=says):
        behaviour(file)


def test_a_category_that_is_not_there_names_what_is() -> None:
    with pytest.raises(NoBehaviour, match="use one of child_1_3"):
        distances("climber", "flat", OURS)
    with pytest.raises(NoBehaviour, match="hiker has no 'urban'"):
        distances("hiker", "urban", OURS)
    assert replace(miner(), tag=3).tag == 3
