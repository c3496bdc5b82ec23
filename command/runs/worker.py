"""One run in a process of its own: `command.runs.worker ERRAND.json`. Says how it goes on as JSON lines."""

import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from command.app.signals import interrupt_when_asked
from command.errors import ExitCode, UserError
from command.runs import verdict as verdicts
from command.runs.seen import Seen
from command.runs.verdict import Asked

TELL_EVERY_S = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What one process is sent to do. `speed` None: as fast as it goes."""

    asked: Asked
    folder: str
    keeps: bool
    """The folder is the report that was asked for: with a page, and named in the verdict."""
    mcap: str | None = None
    speed: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """How far a run is; or, as its last word, what people must mend."""

    t_s: float = 0.0
    phase: str = ""
    cells_done: int = 0
    cells: int = 0
    found: int = 0
    mend: str | None = None
    exit_code: int = 0


class Teller:
    """Tells the starter now and then."""

    def __init__(self) -> None:
        self._told_s = 0.0

    def __call__(self, seen: Seen) -> None:
        now_s = time.monotonic()
        if now_s - self._told_s < TELL_EVERY_S:
            return
        self._told_s = now_s
        cells = len(seen.progress.looks_per_cell) if seen.progress else 0
        say(Word(t_s=seen.t_s, phase=seen.phase, cells_done=seen.cells_done, cells=cells, found=seen.found))


def say(word: Word) -> None:
    sys.stdout.write(msgspec.json.encode(word).decode() + "\n")
    sys.stdout.flush()


def run(errand: Errand) -> None:
    from command.runs.fly import fly  # who only starts workers does without all the roles

    folder = Path(errand.folder)
    verdict = fly(errand.asked, folder, speed=errand.speed, look=Teller())
    if not errand.keeps:
        verdict = replace(verdict, report="")
    if errand.mcap is not None and verdict.fault is None:
        from command.runs.tape import write_tape

        write_tape(folder, Path(errand.mcap), verdict)
    if errand.keeps:
        from command.runs.page import write_page

        write_page(folder, errand.asked, verdict)
    verdicts.write(folder, verdict)


def main(path: Path) -> int:
    interrupt_when_asked()
    try:
        run(msgspec.json.decode(path.read_bytes(), type=Errand))
    except UserError as error:
        say(Word(mend=str(error), exit_code=error.exit_code))
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
