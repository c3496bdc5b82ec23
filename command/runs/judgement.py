"""What one rule says of one expectation, and rules for figures that the outcome of a run holds."""

from collections.abc import Callable
from dataclasses import dataclass

from command.report.outcome import Outcome
from command.runs.evidence import Evidence
from sim.scenarios.expect import ExpectSpec


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether it holds, and the fact in both languages, without full stop."""

    is_met: bool
    fact: str
    fact_zh: str


Rule = Callable[[Evidence, ExpectSpec], Judgement]


def within(value: float, spec: ExpectSpec) -> bool:
    return (spec.at_least is None or value >= spec.at_least) and (spec.at_most is None or value <= spec.at_most)


def figure(measure: Callable[[Outcome], float | None], fact: str, fact_zh: str, *, unknown: bool = False) -> Rule:
    """A row for a figure of the outcome; `{}` in the sentences is the figure, `unknown` what it means to have none."""

    def rule(evidence: Evidence, spec: ExpectSpec) -> Judgement:
        value = measure(evidence.by(spec.by_s))
        if value is None:
            return Judgement(unknown, fact.format("nothing to measure"), fact_zh.format("无可测数据"))
        return Judgement(within(value, spec), fact.format(f"{value:g}"), fact_zh.format(f"{value:g}"))

    return rule
