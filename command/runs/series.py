"""Physical quantities second by second, and whether they kept what was expected: at a moment, by one, ever, always."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import dist, hypot, inf

from command.report.track import Second
from command.runs.evidence import Evidence
from command.runs.judgement import Judgement, Rule, figure, within
from sim.scenarios.expect import Check, ExpectSpec

Measure = Callable[[Evidence, Second, ExpectSpec], float | None]
Moment = tuple[float, float | None]
"""Simulated seconds since the run began, and the quantity then; None: there was nothing to measure."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a quantity is called; `{}` is the vehicle."""

    en: str
    zh: str


def quantity(measure: Measure, words: Words) -> Rule:
    """A row for a number that the truth of every second holds."""

    def rule(evidence: Evidence, spec: ExpectSpec) -> Judgement:
        moments = [(one.t_s, measure(evidence, one, spec)) for one in evidence.seconds]
        is_met, at = _holds(moments, spec, lambda value: within(value, spec))
        if is_met and spec.always:
            at = min(((t_s, value) for t_s, value in moments if value is not None), key=lambda one: _room(one[1], spec))
        vehicle = spec.vehicle or ""
        name, name_zh = words.en.format(vehicle), words.zh.format(vehicle)
        said, said_zh = _moment(at)
        return Judgement(is_met, f"{name}: {said}", f"{name_zh}：{said_zh}")

    return rule


def state(measure: Measure, words: Words, *, wanted: bool) -> Rule:
    """A row for something that is so or not; `measure` gives 1 or 0."""

    def rule(evidence: Evidence, spec: ExpectSpec) -> Judgement:
        moments = [(one.t_s, measure(evidence, one, spec)) for one in evidence.seconds]
        is_met, at = _holds(moments, spec, lambda value: bool(value) is wanted)
        vehicle = spec.vehicle or ""
        if at is None:
            return Judgement(False, f"nothing was recorded of {vehicle} then", f"当时没有 {vehicle} 的记录")
        word, word_zh = ("was", "") if at[1] else ("was not", "未")
        return Judgement(
            is_met, f"{vehicle} {word} {words.en} at {at[0]:g} s", f"{at[0]:g} 秒时 {vehicle} {word_zh}{words.zh}"
        )

    return rule


def _holds(
    moments: Sequence[Moment], spec: ExpectSpec, fits: Callable[[float], bool]
) -> tuple[bool, Moment | None]:
    """Whether it holds, and the moment that shows it: the first that fits or fails, or the one that was asked for."""
    known = [(t_s, value) for t_s, value in moments if value is not None]
    if spec.at_s is not None:
        there = [one for one in moments if one[0] >= spec.at_s - 1e-9][:1]
        known = [(t_s, value) for t_s, value in there if value is not None]
    elif spec.by_s is not None:
        known = [one for one in known if one[0] <= spec.by_s + 1e-9]
    if not known:
        return False, None
    fitting = [one for one in known if fits(one[1])]
    failing = [one for one in known if not fits(one[1])]
    if spec.always:
        return not failing, (failing or known[-1:])[0]
    if spec.by_s is not None:
        return bool(fitting), (fitting or known[-1:])[0]
    return fits(known[-1][1]), known[-1]


def _room(value: float, spec: ExpectSpec) -> float:
    """How far from the nearer bound."""
    low = inf if spec.at_least is None else value - spec.at_least
    return min(low, inf if spec.at_most is None else spec.at_most - value)


def _moment(at: Moment | None) -> tuple[str, str]:
    if at is None:
        return "nothing to measure then", "当时无可测数据"
    return f"{at[1]:g} at {at[0]:g} s", f"{at[0]:g} 秒时为 {at[1]:g}"


def _column(name: str, per_unit: float) -> Measure:
    def measure(evidence: Evidence, second: Second, spec: ExpectSpec) -> float | None:
        if spec.vehicle not in second.vehicles:
            return None
        return second.value(second.row_of(spec.vehicle), name) / per_unit

    return measure


def _of_place(name: str) -> Measure:
    return lambda evidence, second, spec: second.place.get(name)


def _height(evidence: Evidence, second: Second, spec: ExpectSpec) -> float | None:
    """Over where it stood when the run began."""
    first = evidence.seconds[0]
    if spec.vehicle not in second.vehicles:
        return None
    now, home = (one.position(one.row_of(spec.vehicle)).up_m for one in (second, first))
    return round(now - home, 3)


def _speed(evidence: Evidence, second: Second, spec: ExpectSpec) -> float | None:
    if spec.vehicle not in second.vehicles:
        return None
    row = second.row_of(spec.vehicle)
    return round(hypot(*(second.value(row, name) / 1000 for name in ("east_mm_s", "north_mm_s", "up_mm_s"))), 3)


def _lost(evidence: Evidence, second: Second, spec: ExpectSpec) -> float:
    return float(sum(not second.value(row, "is_alive") for row in range(len(second.vehicles))))


def _separation(evidence: Evidence, spec: ExpectSpec) -> Judgement:
    """Over the whole run unless a time is named; who flies alone is far from everybody."""
    if spec.at_s is None and spec.by_s is None:
        said, said_zh = _CLOSEST.en + ": {}", _CLOSEST.zh + "：{}"
        return figure(lambda o: o.min_separation_m, said, said_zh, unknown=True)(evidence, spec)
    return quantity(lambda evidence, second, spec: second.separation_m, _CLOSEST)(evidence, spec)


def _near(evidence: Evidence, spec: ExpectSpec) -> Judgement:
    """The way between two seconds counts as straight: a plane passes a point between them."""
    assert spec.vehicle is not None
    assert spec.at_m is not None
    assert spec.within_m is not None
    way = [
        (place.east_m, place.north_m)
        for second in evidence.seconds_by(spec.by_s)
        if spec.vehicle in second.vehicles
        for place in [second.position(second.row_of(spec.vehicle))]
    ]
    east, north = spec.at_m
    if not way:
        return Judgement(False, f"nothing was recorded of {spec.vehicle}", f"没有 {spec.vehicle} 的记录")
    least = min(_from_leg(spec.at_m, a, b) for a, b in zip(way, way[1:] or way, strict=False))
    fact = f"{spec.vehicle} came within {least:.1f} m of [{east:g}, {north:g}]"
    fact_zh = f"{spec.vehicle} 距点 [{east:g}, {north:g}] 最近 {least:.1f} 米"
    return Judgement(least <= spec.within_m, fact, fact_zh)


def _from_leg(point: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    length2 = dist(a, b) ** 2
    along = 0.0 if length2 == 0 else sum((p - s) * (e - s) for p, s, e in zip(point, a, b, strict=True)) / length2
    share = min(1.0, max(0.0, along))
    return dist(point, tuple(s + share * (e - s) for s, e in zip(a, b, strict=True)))


_CLOSEST = Words("closest approach in the air, m", "空中最近距离（米）")
_IS_ARMED, _IS_ALIVE = _column("is_armed", 1), _column("is_alive", 1)
_ARMED, _ALIVE = Words("armed", "解锁"), Words("working", "处于工作状态")
PHYSICAL: dict[Check, Rule] = {
    Check.LOST: quantity(_lost, Words("vehicles lost", "损失的载具数")),
    Check.SEPARATION: _separation,
    Check.NEAR: _near,
    Check.FIRE_AREA: quantity(_of_place("fire_area_m2"), Words("fire area, m²", "过火面积（平方米）")),
    Check.WATER_LEVEL: quantity(_of_place("water_level_m"), Words("water level, m", "水位（米）")),
    Check.BATTERY: quantity(_column("charge_e2pct", 100), Words("battery of {}, %", "{} 电量（%）")),
    Check.HEIGHT: quantity(_height, Words("height of {}, m", "{} 高度（米）")),
    Check.SPEED: quantity(_speed, Words("speed of {}, m/s", "{} 速度（米/秒）")),
    Check.ARMED: state(_IS_ARMED, _ARMED, wanted=True),
    Check.DISARMED: state(_IS_ARMED, _ARMED, wanted=False),
    Check.ALIVE: state(_IS_ALIVE, _ALIVE, wanted=True),
    Check.WRECKED: state(_IS_ALIVE, _ALIVE, wanted=False),
}
