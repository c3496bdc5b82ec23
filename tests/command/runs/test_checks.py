"""What scenarios expect is judged by the truth: it holds in a sound world, and is missed in a broken one."""

from typing import Any

import pytest

from command.runs.checks import RULES, judge
from sim.scenarios.expect import Check, ExpectSpec
from tests.command.runs.conftest import Flown
from tests.support.broken_worlds import BREAKS

HOLD: list[dict[str, Any]] = [
    {"check": "done"},
    {"check": "makespan_s", "at_least": 100, "at_most": 200},
    {"check": "replans", "at_most": 0},
    {"check": "refused", "at_most": 0},
    {"check": "alarm", "key": "mission-ended"},
    {"check": "no_alarm", "key": "vehicle-lost"},
    {"check": "home", "vehicle": "U01"},
    {"check": "lost", "at_most": 0, "always": True},
    {"check": "separation_m", "at_least": 5},
    {"check": "fire_area_m2", "at_least": 1200, "at_most": 1800, "at_s": 100},
    {"check": "water_level_m", "at_least": -50, "at_most": 50, "always": True},
    {"check": "height_m", "vehicle": "U01", "at_most": 60, "always": True},
    {"check": "speed_m_s", "vehicle": "U01", "at_most": 15, "always": True},
    {"check": "armed", "vehicle": "U01", "at_s": 60},
    {"check": "armed", "vehicle": "U01", "by_s": 30},
    {"check": "disarmed", "vehicle": "U01"},
    {"check": "alive", "vehicle": "U01"},
]
ALSO_HOLD: list[dict[str, Any]] = [
    {"check": "height_m", "vehicle": "U01", "at_least": 35, "by_s": 60},
    {"check": "disarmed", "vehicle": "U01", "at_s": 1},
]
FALSE: list[dict[str, Any]] = [
    {"check": "found", "at_least": 1, "by_s": 30},
    {"check": "done", "by_s": 100},
    {"check": "position_error_m", "at_most": 8},
    {"check": "makespan_s", "at_most": 100},
    {"check": "replans", "at_least": 1},
    {"check": "refused", "at_least": 1},
    {"check": "alarm", "key": "vehicle-lost"},
    {"check": "alarm", "key": "mission"},
    {"check": "no_alarm", "key": "mission-ended"},
    {"check": "home", "vehicle": "U99"},
    {"check": "lost", "at_least": 1, "by_s": 100},
    {"check": "separation_m", "at_least": 5, "at_s": 100},
    {"check": "fire_area_m2", "at_most": 1200, "at_s": 100},
    {"check": "fire_area_m2", "at_most": 9000, "at_s": 999},
    {"check": "height_m", "vehicle": "U01", "at_least": 35, "by_s": 10},
    {"check": "height_m", "vehicle": "U01", "at_least": 35, "always": True},
    {"check": "armed", "vehicle": "U01", "always": True},
    {"check": "armed", "vehicle": "U01"},
    {"check": "disarmed", "vehicle": "U01", "at_s": 60},
    {"check": "wrecked", "vehicle": "U01", "by_s": 160},
    {"check": "near", "vehicle": "U01", "at_m": (35.0, 15.0), "within_m": 12.0, "by_s": 20},
]


def spec(wanted: dict[str, Any]) -> ExpectSpec:
    return ExpectSpec(**{**wanted, "check": Check(wanted["check"])})


def _name(wanted: dict[str, Any]) -> str:
    return " ".join(str(value) for value in wanted.values())


def test_the_scenarios_own_expectations_hold_but_one(sound: Flown) -> None:
    """The operator accepts a contact twenty seconds after it was last seen: the tiny search is over before."""
    assert [one.is_met for one in sound.verdict.findings] == [True, True, True, True, False]
    assert sound.verdict.findings[-1].text == "people found: 0; but expected: found at least 1 by 140 s."
    assert sound.verdict.findings[-1].text_zh == "找到人数：0；但要求：找到人数 至少 1 在 140 秒之前。"
    assert not sound.verdict.is_met


@pytest.mark.parametrize("wanted", HOLD, ids=_name)
def test_it_holds_in_a_sound_world_and_not_in_a_broken_one(sound: Flown, wanted: dict[str, Any]) -> None:
    one = spec(wanted)
    assert judge(sound.evidence, (one,))[0].is_met, judge(sound.evidence, (one,))[0].text
    if one.check in BREAKS and one.check is not Check.REPLANS:
        assert not judge(BREAKS[one.check](sound.evidence), (one,))[0].is_met


@pytest.mark.parametrize("wanted", ALSO_HOLD, ids=_name)
def test_moments_are_told_apart(sound: Flown, wanted: dict[str, Any]) -> None:
    assert judge(sound.evidence, (spec(wanted),))[0].is_met


@pytest.mark.parametrize("wanted", FALSE, ids=_name)
def test_what_is_not_so_is_missed(sound: Flown, wanted: dict[str, Any]) -> None:
    finding = judge(sound.evidence, (spec(wanted),))[0]
    assert finding.is_met is False, finding.text
    assert "but expected" in finding.text
    assert "但要求" in finding.text_zh


def test_a_motor_that_fails_in_flight_is_seen(fallen: Flown) -> None:
    met = {one.name: one.is_met for one in fallen.verdict.findings}
    assert met == {
        "searched_share at least 0.95": False, "alive of U01 always": False,
        "near of U01 within 12 m of 35 15": False, "battery_pct of U01 at least 90 always": True,
        "found at least 1 by 140 s": False,
    }
    wrecked = judge(fallen.evidence, (spec({"check": "wrecked", "vehicle": "U01", "by_s": 50}),))[0]
    assert wrecked.is_met, wrecked.text
    home = judge(fallen.evidence, (spec({"check": "home", "vehicle": "U01"}),))[0]
    assert not home.is_met


def test_every_check_has_a_rule() -> None:
    assert set(RULES) == set(Check)
