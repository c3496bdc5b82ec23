"""The goals a mission is judged by; each is a sentence that holds or does not."""

from dataclasses import dataclass

from command.report.outcome import Outcome
from missions.model import Phase

LEAST_SEPARATION_M = 5.0
"""Real distance between airborne vehicles; plans keep twice that."""
LARGEST_ERROR_M = 8.0
LEAST_COVERED = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    name: str
    is_met: bool
    found: str


def judge(outcome: Outcome) -> list[Goal]:
    o = outcome
    covered = o.cells_done / o.cells if o.cells else 0.0
    separation, error = o.min_separation_m, o.position_error_max_m
    return [
        Goal(name="everyone found", is_met=o.found == o.subjects, found=f"{o.found} of {o.subjects}"),
        Goal(name="no false finds", is_met=o.false_finds == 0, found=f"{o.false_finds}"),
        Goal(
            name=f"positions within {LARGEST_ERROR_M:.0f} m",
            is_met=error is None or error <= LARGEST_ERROR_M,
            found="none found" if error is None else f"worst {error:.1f} m",
        ),
        Goal(name="area searched", is_met=covered >= LEAST_COVERED, found=f"{covered:.0%} of {o.cells} cells"),
        Goal(
            name=f"vehicles {LEAST_SEPARATION_M:.0f} m apart in the air",
            is_met=separation is None or separation >= LEAST_SEPARATION_M,
            found="one flew" if separation is None else f"closest {separation:.1f} m",
        ),
        Goal(name="no task orphaned", is_met=o.orphans == 0, found=f"{o.orphans}"),
        Goal(name="mission ended", is_met=o.phase == Phase.DONE, found=o.phase),
    ]
