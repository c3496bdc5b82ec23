"""How expectations are judged: one row per check, with what was measured said in both languages."""

from collections.abc import Callable
from dataclasses import dataclass
from math import dist, inf
from typing import Final

from command.report.goals import LARGEST_ERROR_M, LEAST_COVERED, LEAST_SEPARATION_M
from command.report.outcome import Outcome
from command.runs.evidence import Evidence
from fleet.commands import Ack, AckResult
from fleet.model import Alarm
from missions.model import Phase
from sim.scenario import Scenario
from sim.scenarios.expect import Check, ExpectSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An expectation and what became of it. `is_met` None: nothing was left to judge it by."""

    name: str
    is_met: bool | None
    text: str
    text_zh: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one row says: whether it holds, and the fact in both languages, without full stop."""

    is_met: bool
    fact: str
    fact_zh: str


Rule = Callable[[Evidence, ExpectSpec], Judgement]


def _limit(value: float | None, spec: ExpectSpec, *, unknown: bool) -> bool:
    """`unknown`: what it means that there was nothing to measure."""
    if value is None:
        return unknown
    return (spec.at_least is None or value >= spec.at_least) and (spec.at_most is None or value <= spec.at_most)


def _figure(measure: Callable[[Outcome], float | None], fact: str, fact_zh: str, *, unknown: bool = True) -> Rule:
    """A row for a figure of the outcome; `{}` in the sentences is the figure."""

    def rule(evidence: Evidence, spec: ExpectSpec) -> Judgement:
        value = measure(evidence.by(spec.by_s))
        said, said_zh = ("nothing to measure", "无可测数据") if value is None else (f"{value:g}", f"{value:g}")
        return Judgement(_limit(value, spec, unknown=unknown), fact.format(said), fact_zh.format(said_zh))

    return rule


def _done(evidence: Evidence, spec: ExpectSpec) -> Judgement:
    phase = evidence.by(spec.by_s).phase
    return Judgement(phase == Phase.DONE, f"the mission was {phase}", f"任务状态为 {phase}")


def _lost(evidence: Evidence, spec: ExpectSpec) -> Judgement:
    seconds = evidence.seconds_by(spec.by_s)
    lost = list(evidence.truth.lost) if spec.by_s is None or not seconds else [
        vehicle for row, vehicle in enumerate(seconds[-1].vehicles) if not seconds[-1].value(row, "is_alive")
    ]
    names = ", ".join(lost) or "none"
    zh = "、".join(lost) or "无"
    return Judgement(_limit(len(lost), spec, unknown=True), f"vehicles lost: {names}", f"损失的载具：{zh}")


def _home(evidence: Evidence, spec: ExpectSpec) -> Judgement:
    """Everybody but those whom the scenario itself breaks, or the one asked for."""
    broken = {event.vehicle for event in evidence.scenario.events}
    wanted = [spec.vehicle] if spec.vehicle else [v.id for v in evidence.scenario.vehicles if v.id not in broken]
    away = [vehicle for vehicle in wanted if vehicle not in evidence.truth.landed]
    fact = f"not landed and disarmed at home: {', '.join(away)}" if away else "all landed and disarmed at home"
    fact_zh = f"未在起降点降落并上锁：{'、'.join(away)}" if away else "均已在起降点降落并上锁"
    return Judgement(not away, fact, fact_zh)


def _near(evidence: Evidence, spec: ExpectSpec) -> Judgement:
    """The way between two seconds counts as straight: a plane passes a point between them."""
    assert spec.vehicle is not None
    assert spec.at_m is not None
    way = [
        (place.east_m, place.north_m)
        for second in evidence.seconds_by(spec.by_s)
        if spec.vehicle in second.vehicles
        for place in [second.position(second.vehicles.index(spec.vehicle))]
    ]
    least = min((_from_leg(spec.at_m, a, b) for a, b in zip(way, way[1:] or way, strict=False)), default=inf)
    east, north = spec.at_m
    fact = f"{spec.vehicle} came within {least:.1f} m of [{east:g}, {north:g}]"
    return Judgement(
        least <= (spec.within_m or 0.0), fact, f"{spec.vehicle} 距点 [{east:g}, {north:g}] 最近 {least:.1f} 米"
    )


def _from_leg(point: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    length2 = dist(a, b) ** 2
    along = 0.0 if length2 == 0 else sum((p - s) * (e - s) for p, s, e in zip(point, a, b, strict=True)) / length2
    share = min(1.0, max(0.0, along))
    return dist(point, tuple(s + share * (e - s) for s, e in zip(a, b, strict=True)))


def _alarms(evidence: Evidence, spec: ExpectSpec) -> list[Alarm]:
    """Raised ones whose key is `key`, or has it as a part between slashes."""
    alarms = [event.value() for event in evidence.events_by("alarm", spec.by_s)]
    return [
        alarm for alarm in alarms
        if alarm.is_active and spec.vehicle in (None, alarm.vehicle) and _is_called(alarm.key, spec.key or "")
    ]


def _is_called(key: str, wanted: str) -> bool:
    return f"/{wanted}/" in f"/{key}/"


def _alarm(evidence: Evidence, spec: ExpectSpec) -> Judgement:
    raised = _alarms(evidence, spec)
    if raised:
        return Judgement(True, f"alarm {raised[0].key}: {raised[0].text}", f"告警 {raised[0].key}：{raised[0].text_zh}")
    return Judgement(False, f"no alarm {spec.key} was raised", f"未出现告警 {spec.key}")


def _no_alarm(evidence: Evidence, spec: ExpectSpec) -> Judgement:
    there = _alarm(evidence, spec)
    return Judgement(not there.is_met, there.fact, there.fact_zh)


def _refused(evidence: Evidence, spec: ExpectSpec) -> Judgement:
    acks: list[Ack] = [event.value() for event in evidence.events_by("fleet/ack", spec.by_s)]
    refusals = [
        ack for ack in acks
        if ack.result in (AckResult.REFUSED_BY_GUARD, AckResult.REFUSED_BY_VEHICLE)
        and spec.vehicle in (None, ack.vehicle)
    ]
    first = f", first {refusals[0].verb} of {refusals[0].vehicle}: {refusals[0].reason}" if refusals else ""
    first_zh = f"，首条为 {refusals[0].vehicle} 的 {refusals[0].verb}：{refusals[0].reason}" if refusals else ""
    return Judgement(
        _limit(len(refusals), spec, unknown=True), f"commands refused: {len(refusals)}{first}",
        f"被拒绝的指令：{len(refusals)} 条{first_zh}",
    )


def _processes(evidence: Evidence, spec: ExpectSpec) -> Judgement:
    """A run that ended early leaves no evidence: then `unjudged` says so."""
    return Judgement(True, "no process died", "没有进程中断")


RULES: Final[dict[Check, Rule]] = {
    Check.FOUND: _figure(lambda o: o.found, "people found: {}", "找到人数：{}"),
    Check.FALSE_FINDS: _figure(lambda o: o.false_finds, "finds where nobody is: {}", "误报的发现：{}"),
    Check.POSITION_ERROR: _figure(
        lambda o: o.position_error_max_m, "worst position error, m: {}", "最大定位误差（米）：{}"
    ),
    Check.SEARCHED: _figure(
        lambda o: o.cells_done / o.cells if o.cells else 0.0, "share of the area searched: {}", "已搜索面积比例：{}"
    ),
    Check.MAKESPAN: _figure(
        lambda o: o.makespan_s, "launch to the last landing, s: {}", "从起飞到最后降落（秒）：{}", unknown=False
    ),
    Check.DONE: _done,
    Check.SEPARATION: _figure(
        lambda o: o.min_separation_m, "closest approach in the air, m: {}", "空中最近距离（米）：{}"
    ),
    Check.LOST: _lost,
    Check.HOME: _home,
    Check.NEAR: _near,
    Check.ALARM: _alarm,
    Check.NO_ALARM: _no_alarm,
    Check.REFUSED: _refused,
    Check.REPLANS: _figure(lambda o: o.replans, "re-plans: {}", "重新规划次数：{}"),
    Check.PROCESSES: _processes,
}


def expected_of(scenario: Scenario, *, has_mission: bool) -> tuple[ExpectSpec, ...]:
    """What the scenario says; where it says nothing, the goals of every search, or that nobody comes to harm."""
    if scenario.expect:
        return scenario.expect
    always = (ExpectSpec(check=Check.SEPARATION, at_least=LEAST_SEPARATION_M), ExpectSpec(check=Check.PROCESSES))
    if not has_mission:
        return (ExpectSpec(check=Check.LOST, at_most=float(len(scenario.events))), *always)
    return (
        ExpectSpec(check=Check.FOUND, at_least=float(len(scenario.people.poses))),
        ExpectSpec(check=Check.FALSE_FINDS, at_most=0.0),
        ExpectSpec(check=Check.POSITION_ERROR, at_most=LARGEST_ERROR_M),
        ExpectSpec(check=Check.SEARCHED, at_least=LEAST_COVERED),
        ExpectSpec(check=Check.DONE),
        *always,
    )


def name_of(spec: ExpectSpec) -> str:
    """Short, and different for different expectations: `found at least 2 by 300 s`."""
    words = [str(spec.check)]
    if spec.key is not None:
        words.append(spec.key)
    if spec.vehicle is not None:
        words.append(f"of {spec.vehicle}")
    if spec.at_least is not None:
        words.append(f"at least {spec.at_least:g}")
    if spec.at_most is not None:
        words.append(f"at most {spec.at_most:g}")
    if spec.at_m is not None:
        words.append(f"within {spec.within_m or 0.0:g} m of {spec.at_m[0]:g} {spec.at_m[1]:g}")
    if spec.by_s is not None:
        words.append(f"by {spec.by_s:g} s")
    return " ".join(words)


def _name_zh(spec: ExpectSpec) -> str:
    limits = [f"至少 {spec.at_least:g}"] if spec.at_least is not None else []
    limits += [f"至多 {spec.at_most:g}"] if spec.at_most is not None else []
    limits += [f"{spec.within_m:g} 米以内"] if spec.within_m is not None else []
    limits += [f"{spec.by_s:g} 秒之前"] if spec.by_s is not None else []
    return "，".join(limits) or str(spec.check)


def judge(evidence: Evidence, expected: tuple[ExpectSpec, ...]) -> tuple[Finding, ...]:
    findings = []
    for spec in expected:
        judged = RULES[spec.check](evidence, spec)
        word, word_zh = ("expected", "要求") if judged.is_met else ("but expected", "但要求")
        findings.append(
            Finding(
                name=name_of(spec), is_met=judged.is_met, text=f"{judged.fact}; {word}: {name_of(spec)}.",
                text_zh=f"{judged.fact_zh}；{word_zh}：{_name_zh(spec)}。",
            )
        )
    return tuple(findings)


def unjudged(expected: tuple[ExpectSpec, ...], why: str) -> tuple[Finding, ...]:
    """Of a run that ended early: no process may have died, the rest cannot be known."""
    return tuple(_unjudged(spec, why) for spec in expected)


def _unjudged(spec: ExpectSpec, why: str) -> Finding:
    if spec.check is Check.PROCESSES:
        return Finding(name=name_of(spec), is_met=False, text=f"{why}.", text_zh=f"运行提前中断：{why}。")
    text_zh = f"未评判，运行提前中断：{why}。"
    return Finding(name=name_of(spec), is_met=None, text=f"not judged: {why}.", text_zh=text_zh)
