"""What a scenario may expect of its run: `[[expect]]` tables, checked here; how each is judged is command/runs."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Annotated, Any, Final

from sim.scenarios.reader import Range
from sim.scenarios.source import Source
from world.ids import VehicleId


class Check(StrEnum):
    """Names of the checks; ARGUMENTS says what each is asked with."""

    FOUND = "found"
    """People found, by where they really are."""
    FALSE_FINDS = "false_finds"
    POSITION_ERROR = "position_error"
    """Metres, of the worst find."""
    SEARCHED = "searched"
    """Share of the cells that were looked at as often as asked."""
    MAKESPAN = "makespan"
    """Seconds from the launch order to the last landing."""
    DONE = "done"
    """The mission has ended well."""
    SEPARATION = "separation"
    """True metres between any two airborne vehicles, ever."""
    LOST = "lost"
    """Vehicles that do not work any more."""
    HOME = "home"
    """Landed at home and disarmed at the end: one vehicle, or everyone not expected to be lost."""
    NEAR = "near"
    """A vehicle truly came this near to a point on the map."""
    ALARM = "alarm"
    """An alarm whose key begins so was raised."""
    NO_ALARM = "no_alarm"
    REFUSED = "refused"
    """Commands that guard or vehicle refused."""
    REPLANS = "replans"
    PROCESSES = "processes"
    """No process of the run died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectSpec:
    """One expectation. `by_s`: simulated seconds since the run began; without it, at the end."""

    check: Check
    at_least: Annotated[float, Range(0.0, 1e6)] | None = None
    at_most: Annotated[float, Range(0.0, 1e6)] | None = None
    vehicle: VehicleId | None = None
    at_m: tuple[float, float] | None = None
    within_m: Annotated[float, Range(0.1, 10_000.0)] | None = None
    key: str | None = None
    by_s: Annotated[float, Range(0.0, 36_000.0)] | None = None


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a check needs, and what it also takes."""

    needed: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()


def _arguments(needed: str = "", taken: str = "") -> Arguments:
    return Arguments(frozenset(needed.split()), frozenset(taken.split()))


ARGUMENTS: Final[dict[Check, Arguments]] = {
    Check.FOUND: _arguments("at_least", "by_s"),
    Check.FALSE_FINDS: _arguments("at_most", "by_s"),
    Check.POSITION_ERROR: _arguments("at_most"),
    Check.SEARCHED: _arguments("at_least", "by_s"),
    Check.MAKESPAN: _arguments("at_most"),
    Check.DONE: _arguments("", "by_s"),
    Check.SEPARATION: _arguments("at_least"),
    Check.LOST: _arguments("at_most", "by_s"),
    Check.HOME: _arguments("", "vehicle"),
    Check.NEAR: _arguments("vehicle at_m within_m", "by_s"),
    Check.ALARM: _arguments("key", "vehicle by_s"),
    Check.NO_ALARM: _arguments("key", "vehicle"),
    Check.REFUSED: _arguments("at_most", "vehicle by_s"),
    Check.REPLANS: _arguments("at_most", "by_s"),
    Check.PROCESSES: _arguments(),
}


def check_expectations(source: Source, scenario: Any) -> None:
    """Raises ScenarioError for an argument that a check lacks or does not know, or a vehicle that is not there."""
    known = {vehicle.id for vehicle in scenario.vehicles}
    for n, expect in enumerate(scenario.expect):
        here, arguments = f"expect[{n}]", ARGUMENTS[expect.check]
        given = {f.name for f in fields(expect) if f.name != "check" and getattr(expect, f.name) is not None}
        for name in sorted(arguments.needed - given):
            raise source.error(here, f"{expect.check} lacks {name}; add it")
        for name in sorted(given - arguments.needed - arguments.taken):
            takes = ", ".join(sorted(arguments.needed | arguments.taken)) or "nothing"
            remedy = f"{name} means nothing to {expect.check}, which takes {takes}; remove it"
            raise source.error(f"{here}.{name}", remedy)
        if expect.vehicle is not None and expect.vehicle not in known:
            remedy = f"{expect.vehicle!r} is no vehicle; use one of {', '.join(sorted(known))}"
            raise source.error(f"{here}.vehicle", remedy)
