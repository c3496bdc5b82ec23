"""How expectations are judged: one row per check, with what was measured said in both languages."""

from dataclasses import dataclass
from typing import Final

from command.report.goals import LARGEST_ERROR_M, LEAST_COVERED, LEAST_SEPARATION_M
from command.runs.evidence import Evidence
from command.runs.judgement import Judgement, Rule, figure, within
from command.runs.series import PHYSICAL
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


def _done(evidence: Evidence, spec: ExpectSpec) -> Judgement:
    phase = evidence.by(spec.by_s).phase
    return Judgement(phase == Phase.DONE, f"the mission was {phase}", f"任务状态为 {phase}")


def _home(evidence: Evidence, spec: ExpectSpec) -> Judgement:
    """Everybody but those whom the scenario itself breaks, or the one asked for."""
    broken = {event.vehicle for event in evidence.scenario.events}
    wanted = [spec.vehicle] if spec.vehicle else [v.id for v in evidence.scenario.vehicles if v.id not in broken]
    away = [vehicle for vehicle in wanted if vehicle not in evidence.truth.landed]
    fact = f"not landed and disarmed at home: {', '.join(away)}" if away else "all landed and disarmed at home"
    fact_zh = f"未在起降点降落并上锁：{'、'.join(away)}" if away else "均已在起降点降落并上锁"
    return Judgement(not away, fact, fact_zh)


def _alarms(evidence: Evidence, spec: ExpectSpec) -> list[Alarm]:
    """Raised ones whose key is `key`, or has it as a part between slashes."""
    alarms = [event.value() for event in evidence.events_by("alarm", spec.by_s)]
    return [
        alarm for alarm in alarms
        if alarm.is_active and spec.vehicle in (None, alarm.vehicle) and f"/{spec.key}/" in f"/{alarm.key}/"
    ]


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
        within(len(refusals), spec), f"commands refused: {len(refusals)}{first}",
        f"被拒绝的指令：{len(refusals)} 条{first_zh}",
    )


RULES: Final[dict[Check, Rule]] = {
    Check.FOUND: figure(lambda o: o.found, "people found: {}", "找到人数：{}"),
    Check.FALSE_FINDS: figure(lambda o: o.false_finds, "finds where nobody is: {}", "误报的发现：{}"),
    Check.POSITION_ERROR: figure(
        lambda o: o.position_error_max_m, "worst position error, m: {}", "最大定位误差（米）：{}"
    ),
    Check.SEARCHED: figure(
        lambda o: round(o.cells_done / o.cells, 4) if o.cells else 0.0,
        "share of the area searched: {}", "已搜索面积比例：{}",
    ),
    Check.MAKESPAN: figure(
        lambda o: o.makespan_s, "launch to the last landing, s: {}", "从起飞到最后降落（秒）：{}"
    ),
    Check.DONE: _done,
    Check.REPLANS: figure(lambda o: o.replans, "re-plans: {}", "重新规划次数：{}"),
    Check.REFUSED: _refused,
    Check.ALARM: _alarm,
    Check.NO_ALARM: _no_alarm,
    Check.HOME: _home,
    **PHYSICAL,
}
_NAMES_ZH: Final[dict[Check, str]] = {
    Check.FOUND: "找到人数", Check.FALSE_FINDS: "误报", Check.POSITION_ERROR: "定位误差（米）",
    Check.SEARCHED: "已搜索比例", Check.MAKESPAN: "总时长（秒）", Check.DONE: "任务完成", Check.REPLANS: "重新规划",
    Check.REFUSED: "被拒指令", Check.ALARM: "出现告警", Check.NO_ALARM: "无告警", Check.HOME: "返回起降点",
    Check.NEAR: "到达", Check.LOST: "损失载具", Check.SEPARATION: "间距（米）", Check.FIRE_AREA: "过火面积（平方米）",
    Check.WATER_LEVEL: "水位（米）", Check.BATTERY: "电量（%）", Check.HEIGHT: "高度（米）",
    Check.SPEED: "速度（米/秒）", Check.ARMED: "已解锁", Check.DISARMED: "已上锁", Check.ALIVE: "工作正常",
    Check.WRECKED: "已损毁",
}


def expected_of(scenario: Scenario, *, has_mission: bool) -> tuple[ExpectSpec, ...]:
    """What the scenario says; where it says nothing, the goals of every search, or that nobody comes to harm."""
    if scenario.expect:
        return scenario.expect
    separation = ExpectSpec(check=Check.SEPARATION, at_least=LEAST_SEPARATION_M)
    if not has_mission:
        return (ExpectSpec(check=Check.LOST, at_most=float(len(scenario.events))), separation)
    return (
        ExpectSpec(check=Check.FOUND, at_least=float(len(scenario.people.poses))),
        ExpectSpec(check=Check.FALSE_FINDS, at_most=0.0),
        ExpectSpec(check=Check.POSITION_ERROR, at_most=LARGEST_ERROR_M),
        ExpectSpec(check=Check.SEARCHED, at_least=LEAST_COVERED),
        ExpectSpec(check=Check.DONE),
        separation,
    )


def name_of(spec: ExpectSpec) -> str:
    """Short, and different for different expectations: `found at least 2 by 300 s`."""
    words = [
        spec.check,
        spec.key,
        spec.vehicle and f"of {spec.vehicle}",
        None if spec.at_least is None else f"at least {spec.at_least:g}",
        None if spec.at_most is None else f"at most {spec.at_most:g}",
        spec.at_m and f"within {spec.within_m or 0.0:g} m of {spec.at_m[0]:g} {spec.at_m[1]:g}",
        None if spec.at_s is None else f"at {spec.at_s:g} s",
        None if spec.by_s is None else f"by {spec.by_s:g} s",
        "always" if spec.always else None,
    ]
    return " ".join(word for word in words if word)


def _name_zh(spec: ExpectSpec) -> str:
    words = [
        spec.vehicle,
        _NAMES_ZH[spec.check],
        spec.key,
        None if spec.at_least is None else f"至少 {spec.at_least:g}",
        None if spec.at_most is None else f"至多 {spec.at_most:g}",
        spec.at_m and f"距点 [{spec.at_m[0]:g}, {spec.at_m[1]:g}] {spec.within_m or 0.0:g} 米以内",
        None if spec.at_s is None else f"在 {spec.at_s:g} 秒时",
        None if spec.by_s is None else f"在 {spec.by_s:g} 秒之前",
        "始终" if spec.always else None,
    ]
    return " ".join(word for word in words if word)


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
    """Of a run that ended early: nothing of it can be known."""
    text, text_zh = f"not judged: {why}.", f"未评判，运行提前中断：{why}。"
    return tuple(Finding(name=name_of(spec), is_met=None, text=text, text_zh=text_zh) for spec in expected)
