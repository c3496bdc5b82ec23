"""Every row of the alarm table begins when its condition does, ends with it, and repeats nothing."""

from dataclasses import replace
from typing import Any

import pytest

from fleet.health import TABLE, Evidence, HealthWatch
from fleet.model import LinkState, VehicleKind, VehicleState
from world.ids import VehicleId
from world.time import Instant

NOW = Instant(mono_ns=0, utc_ns=0)
WELL = Evidence(
    state=VehicleState(
        vehicle=VehicleId("U01"), kind=VehicleKind.COPTER, heard=NOW, link=LinkState.FRESH, battery_pct=80.0,
        is_armed=True,
    ),
    is_ever_heard=True, silent_s=0.0, gps_fix=3, is_crashed=False, held_back_s=0.0,
)


def state(**changes: Any) -> Evidence:
    return replace(WELL, state=replace(WELL.state, **changes))


BAD = {
    "never_heard": [replace(WELL, is_ever_heard=False, silent_s=10.0, state=replace(WELL.state, link=LinkState.LOST))],
    "link_lost": [state(link=LinkState.LOST)],
    "link_stale": [state(link=LinkState.STALE)],
    "battery_critical": [state(battery_pct=14.0)],
    "battery_low": [state(battery_pct=29.0), state(battery_pct=14.0)],
    "gnss_bad": [replace(WELL, gps_fix=2)],
    "crashed": [replace(WELL, is_crashed=True)],
    "sysid_clash": [replace(WELL, claimed_by="10.0.0.9:14550")],
    "path_silent": [replace(WELL, silent_paths=("radio",))],
    "safety_pilot": [state(has_safety_pilot=True)],
    "guard_held_back": [replace(WELL, held_back_s=1.0)],
}


def test_every_alarm_has_a_test() -> None:
    assert {rule.key for rule in TABLE} == set(BAD)


@pytest.mark.parametrize("key", sorted(BAD))
def test_an_alarm_begins_once_and_ends(key: str) -> None:
    for bad in BAD[key]:
        watch = HealthWatch()
        assert watch.look(WELL, NOW) == []
        begun = {alarm.key: alarm for alarm in watch.look(bad, NOW)}
        alarm = begun[f"U01/{key}"]
        assert alarm.is_active
        assert alarm.text.startswith("U01")
        assert alarm.text_zh.startswith("U01")
        assert alarm.vehicle == "U01"
        assert watch.look(bad, NOW.plus_s(1.0)) == []
        ended = watch.look(WELL, NOW.plus_s(60.0))
        assert {alarm.key for alarm in ended} == set(begun)
        assert not any(alarm.is_active for alarm in ended)


def test_an_alarm_outlasts_a_flicker_of_its_condition() -> None:
    watch = HealthWatch()
    watch.look(state(battery_pct=29.0), NOW)
    assert watch.look(state(battery_pct=31.0), NOW.plus_s(5.0)) == []
    assert watch.look(state(battery_pct=29.0), NOW.plus_s(6.0)) == []
    assert watch.look(state(battery_pct=31.0), NOW.plus_s(15.0)) == []
    assert len(watch.look(state(battery_pct=31.0), NOW.plus_s(16.0))) == 1


def test_a_sub_needs_no_satellites_and_nobody_needs_them_disarmed() -> None:
    assert HealthWatch().look(replace(state(kind=VehicleKind.SUB), gps_fix=0), NOW) == []
    assert HealthWatch().look(replace(state(is_armed=False), gps_fix=0), NOW) == []
