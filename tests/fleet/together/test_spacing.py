"""Ways that are called apart are apart, wherever on them two vehicles are."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.commands import Verb
from fleet.together.lanes import Lanes, lift_plans
from fleet.together.latch import MOVES, Latch
from fleet.together.spacing import Spacing, Way, clashes
from tests.support.fleet_bench import COMMANDER, PILOT
from world.ids import VehicleId
from world.layers import stacked
from world.position import Enu
from world.time import Instant

SPACING = Spacing()
metres = st.floats(-60.0, 60.0)
place = st.builds(lambda e, n, u: Enu(east_m=e, north_m=n, up_m=u), metres, metres, st.floats(0.0, 60.0))
way = st.builds(Way, place, place)
NOW = Instant(mono_ns=0, utc_ns=0)


@given(way, way)
def test_no_two_points_of_ways_that_do_not_clash_are_too_near(a: Way, b: Way) -> None:
    if clashes(a, np.array([b.row()]), SPACING)[0]:
        return
    shares = np.linspace(0.0, 1.0, 25)
    first, second = (
        np.array(w.row()[:3]) + shares[:, None] * (np.array(w.row()[3:]) - np.array(w.row()[:3])) for w in (a, b)
    )
    off = np.abs(first[:, None, :] - second[None, :, :])
    is_apart = (np.hypot(off[..., 0], off[..., 1]) >= SPACING.apart_m - 1e-6) | (off[..., 2] >= SPACING.step_m - 1e-6)
    assert is_apart.all()


@given(way, way)
def test_a_clash_is_mutual(a: Way, b: Way) -> None:
    assert clashes(a, np.array([b.row()]), SPACING)[0] == clashes(b, np.array([a.row()]), SPACING)[0]


def test_a_spacing_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="keeps nobody apart"):
        Spacing(horizontal_m=0.0)


pads = st.lists(st.builds(lambda e, n, u: Enu(east_m=e, north_m=n, up_m=u), metres, metres, st.floats(-5, 5)),
                min_size=1, max_size=20)


@given(pads)
def test_near_pads_get_layers_apart_over_the_highest_and_below_the_ceiling(places: list[Enu]) -> None:
    named = {VehicleId(f"U{k:02d}"): at for k, at in enumerate(places)}
    lanes = Lanes()
    plans, refused = lift_plans(named, lanes)
    assert len(plans) + len(refused) == len(named)
    tops = {plan.vehicle: plan.legs[0].end for plan in plans}
    for k, (v, a) in enumerate(tops.items()):
        assert lanes.lowest_m - 1e-9 <= a.up_m - named[v].up_m <= lanes.highest_m
        for b in list(tops.values())[k + 1:]:
            if math.hypot(a.east_m - b.east_m, a.north_m - b.north_m) < SPACING.berth_m:
                assert a.up_m - b.up_m >= SPACING.lane_m - 1e-9, "the highest goes first"


def test_layers_may_be_held_over_others() -> None:
    up_m = stacked([0, 1, 2], [10.0, 10.0, 10.0], lambda k, j: True, 5.0)
    assert up_m == {0: 10.0, 1: 15.0, 2: 20.0}
    over = stacked([0, 1], [30.0, 10.0], lambda k, j: True, 5.0, must_be_over=lambda k, j: k > j)
    assert over == {0: 30.0, 1: 35.0}


def test_a_latch_keeps_who_was_first_and_withholds_only_what_moves() -> None:
    latch, u01 = Latch(), VehicleId("U01")
    latch.close([u01], COMMANDER, NOW)
    latch.close([u01], PILOT, NOW)
    for verb in Verb:
        fault = latch.fault(u01, verb)
        assert (fault is not None) == (verb in MOVES)
        assert fault is None or "commander has stopped U01" in fault
    latch.open(None)
    assert not latch.holds(u01)
