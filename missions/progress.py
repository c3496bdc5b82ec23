"""What a mission service tells of its mission."""

from collections.abc import Mapping

import numpy as np

from missions.book import Book
from missions.model import MissionProgress, Phase
from missions.pilot import Pilot
from world.ids import MissionId, VehicleId
from world.time import Instant


def progress_of(
    book: Book, pilots: Mapping[VehicleId, Pilot], phase: Phase, now: Instant, started: Instant | None
) -> MissionProgress:
    plan, board, intent = book.plan, book.board, book.intent
    min_looks = intent.min_looks if intent is not None else 1
    done = board.done(min_looks) if board is not None else np.zeros(0, bool)
    orphaned = [cell for cell in plan.cells if cell.owner in book.out] if plan is not None and book.out else []
    found = (pilot.progress() for _, pilot in sorted(pilots.items()))
    return MissionProgress(
        at=now,
        mission=intent.mission if intent is not None else MissionId(""),
        phase=phase,
        plan=plan.id if plan is not None else None,
        plan_digest=plan.digest if plan is not None else None,
        tasks=tuple(one for one in found if one is not None),
        looks_per_cell=tuple(board.counts.tolist()) if board is not None else (),
        cells_done=int(done.sum()),
        area_searched_km2=board.searched_km2(min_looks) if board is not None else 0.0,
        orphans=sum(not done[cell.index] for cell in orphaned),
        started=started,
        note=plan.reason if plan is not None else "",
    )
