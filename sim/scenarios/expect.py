"""What a scenario may expect of its run: `[[expect]]` tables, checked here; how each is judged is command/runs."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Annotated, Any, Final

from sim.scenarios.reader import Range
from sim.scenarios.source import Source
from world.ids import VehicleId


class Check(StrEnum):
    """Names of the checks, with their units; TAKES says what each is asked with."""

    FOUND = "found"
    """People found, by where they really are."""
    FALSE_FINDS = "false_finds"
    POSITION_ERROR = "position_error_m"
    """Of the worst find."""
    SEARCHED = "searched_share"
    """Share of the cells that were looked at as often as asked."""
    MAKESPAN = "makespan_s"
    """From the launch order to the last landing."""
    DONE = "done"
    """The mission has ended well."""
    REPLANS = "replans"
    REFUSED = "refused"
    """Commands that guard or vehicle refused."""
    ALARM = "alarm"
    """An alarm with this key, or with this part of it between slashes, was raised."""
    NO_ALARM = "no_alarm"
    HOME = "home"
    """Landed at home and disarmed at the end: one vehicle, or everyone whom no event breaks."""
    NEAR = "near"
    """A vehicle truly came this near to a point on the map."""
    LOST = "lost"
    """Vehicles that do not work any more."""
    SEPARATION = "separation_m"
    """True distance of the two airborne vehicles that are nearest to each other."""
    FIRE_AREA = "fire_area_m2"
    WATER_LEVEL = "water_level_m"
    """Of the reservoir's surface, over the incident's origin."""
    BATTERY = "battery_pct"
    HEIGHT = "height_m"
    """Above the vehicle's home."""
    SPEED = "speed_m_s"
    """True speed over ground, climb included."""
    ARMED = "armed"
    DISARMED = "disarmed"
    ALIVE = "alive"
    WRECKED = "wrecked"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectSpec:
    """One expectation. Times are simulated seconds since the run began; without any it is judged at the end."""

    check: Check
    at_least: Annotated[float, Range(-1e9, 1e9)] | None = None
    at_most: Annotated[float, Range(-1e9, 1e9)] | None = None
    vehicle: VehicleId | None = None
    at_m: tuple[float, float] | None = None
    within_m: Annotated[float, Range(0.1, 10_000.0)] | None = None
    key: str | None = None
    at_s: Annotated[float, Range(1.0, 36_000.0)] | None = None
    """In this second."""
    by_s: Annotated[float, Range(1.0, 36_000.0)] | None = None
    """In some second until then; for figures of the mission: as it stood then."""
    always: bool | None = None
    """In every second in which there is something to measure."""


BOUNDS: Final = ("at_least", "at_most")
TIMES: Final = ("at_s", "by_s", "always")


@dataclass(frozen=True, slots=True)
class Takes:
    """What a check needs, and what it also takes. `is_number`: of at_least and at_most it needs one or both."""

    needed: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    is_number: bool = False
    of_mission: bool = False

    @property
    def known(self) -> frozenset[str]:
        return self.needed | self.also | frozenset(BOUNDS if self.is_number else ())


def _takes(needed: str = "", also: str = "", *, number: bool = False, mission: bool = False) -> Takes:
    return Takes(frozenset(needed.split()), frozenset(also.split()), number, mission)


_ANY_TIME: Final = " ".join(TIMES)
TAKES: Final[dict[Check, Takes]] = {
    Check.FOUND: _takes("", "by_s", number=True, mission=True),
    Check.FALSE_FINDS: _takes("", "by_s", number=True, mission=True),
    Check.POSITION_ERROR: _takes("", "by_s", number=True, mission=True),
    Check.SEARCHED: _takes("", "by_s", number=True, mission=True),
    Check.MAKESPAN: _takes(number=True, mission=True),
    Check.DONE: _takes("", "by_s", mission=True),
    Check.REPLANS: _takes("", "by_s", number=True, mission=True),
    Check.REFUSED: _takes("", "vehicle by_s", number=True),
    Check.ALARM: _takes("key", "vehicle by_s"),
    Check.NO_ALARM: _takes("key", "vehicle by_s"),
    Check.HOME: _takes("", "vehicle"),
    Check.NEAR: _takes("vehicle at_m within_m", "by_s"),
    Check.LOST: _takes("", _ANY_TIME, number=True),
    Check.SEPARATION: _takes("", _ANY_TIME, number=True),
    Check.FIRE_AREA: _takes("", _ANY_TIME, number=True),
    Check.WATER_LEVEL: _takes("", _ANY_TIME, number=True),
    Check.BATTERY: _takes("vehicle", _ANY_TIME, number=True),
    Check.HEIGHT: _takes("vehicle", _ANY_TIME, number=True),
    Check.SPEED: _takes("vehicle", _ANY_TIME, number=True),
    Check.ARMED: _takes("vehicle", _ANY_TIME),
    Check.DISARMED: _takes("vehicle", _ANY_TIME),
    Check.ALIVE: _takes("vehicle", _ANY_TIME),
    Check.WRECKED: _takes("vehicle", _ANY_TIME),
}
_STANDS_ON: Final = {Check.FIRE_AREA: "fire", Check.WATER_LEVEL: "reservoir"}
"""Tables of the scenario without which there is nothing to measure."""


def check_expectations(source: Source, scenario: Any) -> None:
    """Raises ScenarioError for what a check lacks, does not know or could not measure in this scenario."""
    known = {vehicle.id for vehicle in scenario.vehicles}
    for n, expect in enumerate(scenario.expect):
        here = f"expect[{n}]"
        _arguments(source, here, expect)
        _sense(source, here, expect)
        if expect.vehicle is not None and expect.vehicle not in known:
            remedy = f"{expect.vehicle!r} is no vehicle; use one of {', '.join(sorted(known))}"
            raise source.error(f"{here}.vehicle", remedy)
        table = _STANDS_ON.get(expect.check)
        if table and getattr(scenario, table) is None:
            raise source.error(f"{here}.check", f"there is no {table} to measure; add [{table}] or remove this")
        if TAKES[expect.check].of_mission and not scenario.mission:
            raise source.error(f"{here}.check", f"{expect.check} is a mission's; remove it, or mission = false")
        if scenario.until_s is not None and (expect.at_s or 0.0) > scenario.until_s:
            raise source.error(f"{here}.at_s", f"is after the run's end; give at most until_s, {scenario.until_s:g}")


def _arguments(source: Source, here: str, expect: ExpectSpec) -> None:
    takes = TAKES[expect.check]
    given = {f.name for f in fields(expect) if f.name != "check" and getattr(expect, f.name) is not None}
    for name in sorted(takes.needed - given):
        raise source.error(here, f"{expect.check} lacks {name}; add it")
    for name in sorted(given - takes.known):
        remedy = f"{name} means nothing to {expect.check}, which takes {', '.join(sorted(takes.known)) or 'nothing'}"
        raise source.error(f"{here}.{name}", f"{remedy}; remove it")
    if takes.is_number and not given & set(BOUNDS):
        raise source.error(here, f"{expect.check} has no bound; add at_least or at_most")


def _sense(source: Source, here: str, expect: ExpectSpec) -> None:
    least, most = expect.at_least, expect.at_most
    if least is not None and most is not None and least > most:
        raise source.error(f"{here}.at_least", f"is more than at_most, {most:g}; swap them")
    times = [name for name in TIMES if getattr(expect, name)]
    if len(times) > 1:
        raise source.error(f"{here}.{times[1]}", f"does not go with {times[0]}; keep one of them")
