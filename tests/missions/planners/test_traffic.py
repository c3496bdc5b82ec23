"""Vehicles that meet by surprise stay apart: one gives way in time, to where there is room, no sooner than needed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from missions.planners.timing import CORNER_ACCEL_M_S2, Knot, Pace, fly
from missions.planners.traffic import (
    ACT_S,
    HORIZON_S,
    TIMES_S,
    Floats,
    GiveWay,
    Mover,
    conflicts,
    gaps,
    giving_way,
    is_clear,
    parts_from,
    sampled,
    standing,
)
from world.ids import VehicleId
from world.position import Enu

PACE = Pace(cruise_m_s=8.0, climb_m_s=2.5)
LIMIT_M, WANTED_M, REAL_M = 8.0, 10.0, 5.0
TICK_S, REPLY_S = 0.4, 1.2


def enu(east_m: float, north_m: float, up_m: float = 50.0) -> Enu:
    return Enu(east_m=east_m, north_m=north_m, up_m=up_m)


def mover(name: str, *way: Enu, may_yield: bool = True, patience: int = 0) -> Mover:
    """Cruises along the way, or stands when it has one point."""
    step = np.array([way[1].east_m - way[0].east_m, way[1].north_m - way[0].north_m, 0.0]) if len(way) > 1 else None
    velocity = (0.0, 0.0, 0.0) if step is None else tuple((8.0 * step / np.linalg.norm(step)).tolist())
    tracks = standing(way[0]) if len(way) == 1 else sampled(fly(way, PACE))
    return Mover(
        vehicle=VehicleId(name),
        at=way[0],
        velocity_m_s=velocity,
        pace=PACE,
        tracks=tracks[None],
        may_yield=may_yield,
        patience=patience,
    )


def anywhere(at: Enu, to: Enu) -> bool:
    return True


def resolved(*movers: Mover) -> GiveWay | None:
    found = conflicts(movers, LIMIT_M)
    return giving_way(found[0], {one.vehicle: one for one in movers}, WANTED_M, anywhere) if found else None


def test_head_on_is_seen_and_one_leaves_the_line() -> None:
    a, b = mover("A", enu(0, 0), enu(400, 0)), mover("B", enu(120, 0), enu(-280, 0))
    order = resolved(a, b)
    assert order is not None
    assert 0.0 < order.in_s <= ACT_S
    assert float(gaps(order.track, (b if order.vehicle == "A" else a).tracks[0]).min()) >= WANTED_M


def test_who_is_too_close_already_goes_away_instead_of_standing_still() -> None:
    """Both over their pads, one to land below the other: found in a flight in which they stopped each other."""
    lower, upper = mover("A", enu(30, -670, 60)), mover("B", enu(34, -670, 66))
    order = resolved(lower, upper)
    assert order is not None
    other = upper if order.vehicle == "A" else lower
    assert float(np.linalg.norm(order.track[-1] - other.tracks[0, -1])) >= WANTED_M
    assert float(gaps(order.track, other.tracks[0])[-1]) >= WANTED_M


def test_two_that_stopped_each_other_are_parted_by_the_one_that_leaves() -> None:
    lower, upper = mover("A", enu(30, -670, 60)), mover("B", enu(35, -670, 67))
    landing = sampled(fly([lower.at, enu(30, -670, 40)], PACE))
    passing = sampled(fly([upper.at, enu(0, -670, 67)], PACE))
    assert not is_clear(landing, lower.vehicle, [lower, upper], WANTED_M)
    assert parts_from(landing, lower.vehicle, [lower, upper], WANTED_M)
    assert not parts_from(passing, upper.vehicle, [lower, upper], WANTED_M)


def test_nobody_gives_way_to_what_is_still_far_off() -> None:
    a, b = mover("A", enu(0, 0), enu(400, 0)), mover("B", enu(300, 0), enu(-280, 0))
    assert conflicts([a, b], LIMIT_M) == []
    assert not is_clear(a.tracks[0], a.vehicle, [a, b], WANTED_M)


def test_layers_pass_over_each_other() -> None:
    a, b = mover("A", enu(0, 0, 50), enu(400, 0, 50)), mover("B", enu(120, 0, 62), enu(-280, 0, 62))
    assert resolved(a, b) is None


def test_a_crossing_missed_only_by_good_timing_counts() -> None:
    """B crosses 10 m behind A; a second of delay would bring them together."""
    a, b = mover("A", enu(0, 0), enu(400, 0)), mover("B", enu(40, -52), enu(40, 300))
    assert resolved(a, b) is not None


def test_who_may_not_yield_is_given_way_to() -> None:
    a = mover("A", enu(0, 0), enu(400, 0))
    held = mover("B", enu(60, 0), may_yield=False)
    order = resolved(a, held)
    assert order is not None
    assert (order.vehicle, order.to) == ("A", "B")
    stuck = mover("A", enu(0, 0), enu(400, 0), may_yield=False)
    assert resolved(stuck, held) is None


def test_the_patient_one_goes_on() -> None:
    a, b = mover("A", enu(0, 0), enu(400, 0), patience=2), mover("B", enu(60, -60), enu(60, 300))
    order = resolved(a, b)
    assert order is not None
    assert order.vehicle == "B"


def test_the_place_aside_is_not_in_a_third_ones_way() -> None:
    a, b = mover("A", enu(0, 0), enu(400, 0)), mover("B", enu(120, 0), enu(-280, 0), may_yield=False)
    above = mover("C", enu(30, -40, 64), enu(30, 300, 64), may_yield=False)
    order = resolved(a, b, above)
    assert order is not None
    assert is_clear(order.track, order.vehicle, [a, b], WANTED_M)
    assert float(gaps(order.track, above.tracks[0]).min()) >= WANTED_M


def test_places_that_do_not_fit_are_not_taken() -> None:
    a, b = mover("A", enu(0, 0), enu(400, 0)), mover("B", enu(120, 0), enu(-280, 0), may_yield=False)
    order = giving_way(
        conflicts([a, b], LIMIT_M)[0],
        {a.vehicle: a, b.vehicle: b},
        WANTED_M,
        lambda at, to: to.up_m <= at.up_m,
    )
    assert order is not None
    assert order.aside.up_m <= 50.0


class Craft:
    """A vehicle with inertia that hears of an order REPLY_S later."""

    def __init__(self, name: str, *way: Enu) -> None:
        self.name, self.at, self.way = VehicleId(name), np.array(xyz(way[0])), list(way[1:])
        self.speed = np.zeros(3)
        leg = np.array(xyz(way[1])) - self.at
        self.speed = 8.0 * leg / np.linalg.norm(leg)
        self.order: tuple[float, Enu] | None = None

    def as_mover(self) -> Mover:
        at = Enu(east_m=self.at[0], north_m=self.at[1], up_m=self.at[2])
        knots = fly([at, self.order[1]], PACE) if self.order else fly([at, *self.way], PACE)
        return Mover(
            vehicle=self.name,
            at=at,
            velocity_m_s=(self.speed[0], self.speed[1], self.speed[2]),
            pace=PACE,
            tracks=sampled(knots if len(knots) > 1 else [*knots, Knot(t_s=1.0, at=at)])[None],
            may_yield=True,
        )

    def move(self, now_s: float, step_s: float) -> None:
        goal = self.order[1] if self.order and now_s >= self.order[0] else self.way[0]
        to = np.array(xyz(goal)) - self.at
        away = float(np.linalg.norm(to))
        wanted = to / max(away, 1e-9) * min(8.0, np.sqrt(2 * CORNER_ACCEL_M_S2 * away) * 0.9)
        wanted[2] = np.clip(wanted[2], -2.5, 2.5)
        change = wanted - self.speed
        size = float(np.linalg.norm(change))
        self.speed = self.speed + change * min(1.0, CORNER_ACCEL_M_S2 * step_s / max(size, 1e-9))
        self.at = self.at + self.speed * step_s


def xyz(at: Enu) -> tuple[float, float, float]:
    return at.east_m, at.north_m, at.up_m


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    angle=st.floats(0.3, np.pi),
    offset_m=st.floats(-6.0, 6.0),
    rise_m=st.floats(-6.0, 6.0),
    meet_s=st.floats(11.0, 16.0),
)
def test_two_that_would_meet_stay_apart(angle: float, offset_m: float, rise_m: float, meet_s: float) -> None:
    """With inertia, a late reply and whatever angle; the orders are the marshal's."""
    away_m = 8.0 * meet_s
    a = Craft("A", enu(-away_m, 0.0), enu(500.0, 0.0))
    from_m = np.array([-np.cos(angle), -np.sin(angle)]) * away_m
    b = Craft(
        "B",
        enu(float(from_m[0]), float(from_m[1]) + offset_m, 50.0 + rise_m),
        enu(500.0 * np.cos(angle), 500.0 * np.sin(angle) + offset_m, 50.0 + rise_m),
    )
    least_m, step_s = np.inf, 0.05
    for k in range(round((meet_s + 15.0) / step_s)):
        now_s = k * step_s
        if k % round(TICK_S / step_s) == 0 and a.order is None and b.order is None:
            order = resolved(a.as_mover(), b.as_mover())
            if order is not None:
                (a if order.vehicle == "A" else b).order = (now_s + REPLY_S, order.aside)
        a.move(now_s, step_s)
        b.move(now_s, step_s)
        least_m = min(least_m, float(np.linalg.norm(a.at - b.at)))
    assert least_m >= REAL_M


@settings(max_examples=100, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1))
def test_gaps_are_never_more_than_any_sampled_distance(seed: int) -> None:
    chance = np.random.Generator(np.random.Philox(seed))
    a, b = (_walk(chance) for _ in range(2))
    least = gaps(a, b)
    fine_s = np.linspace(0.0, HORIZON_S, 400)
    apart = np.linalg.norm(_at(a, fine_s) - _at(b, fine_s), axis=1)
    step = np.minimum((fine_s / (TIMES_S[1])).astype(int), len(least) - 1)
    assert (least[step] <= apart + 1e-9).all()


def _walk(chance: np.random.Generator) -> Floats:
    return np.cumsum(chance.normal(scale=3.0, size=(len(TIMES_S), 3)), axis=0)


def _at(track: Floats, times_s: Floats) -> Floats:
    return np.column_stack([np.interp(times_s, TIMES_S, track[:, axis]) for axis in range(3)])


def test_tracks_end_where_they_stand() -> None:
    track = sampled(fly([enu(0, 0), enu(40, 0)], PACE))
    assert track[-1] == pytest.approx([40.0, 0.0, 50.0])
