"""Tiny incidents, flown once in a test session, and worlds that are broken afterwards or from the start."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from command.report.track import COLUMNS, Second
from command.runs.evidence import Evidence
from sim.scenarios.expect import Check
from tests.support.command_line import TINY
from world.position import Enu

MOTOR_AT_S = 20.0
MOTOR = f"""
[[events]]
at_s = {MOTOR_AT_S:g}
vehicle = "U01"
kind = "motor"
"""
"""The only copter falls: nothing that the search was for can come of it."""


def scenario_with(folder: Path, *texts: str) -> Path:
    """The tiny search with more at its end."""
    path = folder / "tiny_search.toml"
    path.write_text(TINY.read_text(encoding="utf-8") + "".join(texts), encoding="utf-8")
    return path


def expect(check: str, **arguments: object) -> str:
    """One [[expect]] table, as people write it."""
    lines = ["", "[[expect]]", f'check = "{check}"']
    for name, value in arguments.items():
        written = f'"{value}"' if isinstance(value, str) else str(value).lower() if value is True else value
        lines.append(f"{name} = {written}")
    return "\n".join(lines) + "\n"


def _columns(**values: int) -> Callable[[Second], Second]:
    """These columns of everybody."""

    def broken(second: Second) -> Second:
        rows = tuple(
            tuple(values.get(name, value) for name, value in zip(COLUMNS, row, strict=True)) for row in second.rows
        )
        return replace(second, rows=rows)

    return broken


def _seconds(break_one: Callable[[Second], Second]) -> Callable[[Evidence], Evidence]:
    """The first second stays: heights are over it."""

    def broken(evidence: Evidence) -> Evidence:
        first, *rest = evidence.seconds
        return replace(evidence, seconds=[first, *(break_one(second) for second in rest)])

    return broken


def _without(topic: str) -> Callable[[Evidence], Evidence]:
    return lambda evidence: replace(evidence, events=[one for one in evidence.events if one.topic != topic])


def _people_at(east_m: float) -> Callable[[Evidence], Evidence]:
    """Everybody lost was somewhere else, so far east."""

    def broken(evidence: Evidence) -> Evidence:
        moved = (Enu(east_m=p.east_m + east_m, north_m=p.north_m, up_m=p.up_m) for p in evidence.truth.people)
        return replace(evidence, truth=replace(evidence.truth, people=tuple(moved)))

    return broken


def _too_near(evidence: Evidence) -> Evidence:
    near = _seconds(lambda second: replace(second, separation_m=1.0))(evidence)
    return replace(near, truth=replace(near.truth, min_separation_m=1.0))


def _much_more_of_the_place(second: Second) -> Second:
    return replace(second, place={name: 10 * value + 1000 for name, value in second.place.items()})


def _nobody_home(evidence: Evidence) -> Evidence:
    return replace(evidence, truth=replace(evidence.truth, landed=()))


def _no_progress(evidence: Evidence) -> Evidence:
    return replace(evidence, progress=[])


_FAR_AWAY = _seconds(_columns(east_mm=-4_000_000, north_mm=-4_000_000, up_mm=4_000_000))
BREAKS: dict[Check, Callable[[Evidence], Evidence]] = {
    Check.FOUND: _without("mission/find"),
    Check.FALSE_FINDS: _people_at(500.0),
    Check.POSITION_ERROR: _people_at(9.9),
    Check.SEARCHED: _no_progress,
    Check.MAKESPAN: _no_progress,
    Check.DONE: _no_progress,
    Check.REPLANS: _without("mission/plan"),
    Check.ALARM: _without("alarm"),
    Check.HOME: _nobody_home,
    Check.NEAR: _FAR_AWAY,
    Check.LOST: _seconds(_columns(is_alive=0)),
    Check.SEPARATION: _too_near,
    Check.FIRE_AREA: _seconds(_much_more_of_the_place),
    Check.WATER_LEVEL: _seconds(_much_more_of_the_place),
    Check.BATTERY: _seconds(_columns(charge_e2pct=500)),
    Check.HEIGHT: _FAR_AWAY,
    Check.SPEED: _seconds(_columns(east_mm_s=90_000)),
    Check.ARMED: _seconds(_columns(is_armed=0)),
    Check.DISARMED: _seconds(_columns(is_armed=1)),
    Check.ALIVE: _seconds(_columns(is_alive=0)),
    Check.WRECKED: _seconds(_columns(is_alive=1)),
}
"""What to do to a world, after the fact, that a check must see; those of orders and alarms are broken in flight."""
