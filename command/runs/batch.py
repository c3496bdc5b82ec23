"""Many runs of one incident, a process each, so many at a time; a run whose process dies is a verdict, too."""

import os
import selectors
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

import msgspec

from command.app.children import Children
from command.errors import BadInput, EnvironmentLacks, ExitCode, UserError
from command.runs import verdict as verdicts
from command.runs.asking import settled
from command.runs.checks import expected_of, unjudged
from command.runs.verdict import Asked, Verdict
from command.runs.worker import Errand, Word

OnWord = Callable[[Asked, Word], None]
_PIECE = 1 << 16


@dataclass(slots=True, eq=False)
class _Going:
    errand: Errand
    process: subprocess.Popen[bytes]
    rest: bytes = b""
    last: Word = field(default_factory=Word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What a batch leaves: of several runs, a folder and a tape for each seed."""

    report: Path | None = None
    mcap: Path | None = None

    def folder(self, seed: int, *, is_alone: bool) -> Path | None:
        return self.report if is_alone or self.report is None else self.report / f"seed-{seed}"

    def tape(self, seed: int, *, is_alone: bool) -> Path | None:
        if is_alone or self.mcap is None:
            return self.mcap
        return self.mcap.with_name(f"{self.mcap.stem}-seed-{seed}{self.mcap.suffix}")


class Batch:
    """A context manager: whatever ends it, no process is left, and no folder that nobody asked to keep."""

    def __init__(
        self, runs: Sequence[Asked], outputs: Outputs, *, jobs: int, speed: float | None = None,
        on_word: OnWord = lambda asked, word: None,
    ) -> None:
        self._jobs, self._on_word = jobs, on_word
        self._temporary = TemporaryDirectory(prefix="taihang-runs-")
        self._is_alone = len(runs) == 1
        self._waiting = [self._errand(asked, outputs, speed) for asked in reversed(runs)]
        self._children = Children(Path(self._temporary.name), {"TMPDIR": self._temporary.name})
        self._selector = selectors.DefaultSelector()
        self._going: dict[int, _Going] = {}

    def _errand(self, asked: Asked, outputs: Outputs, speed: float | None) -> Errand:
        folder = outputs.folder(asked.seed, is_alone=self._is_alone)
        tape = outputs.tape(asked.seed, is_alone=self._is_alone)
        return Errand(
            asked=asked, folder=str(folder or Path(self._temporary.name) / f"run-{asked.seed}"),
            keeps=folder is not None, mcap=None if tape is None else str(tape), speed=speed,
        )

    def run(self) -> Iterator[Verdict]:
        """Verdicts as they come. Raises what one alone cannot do, and what no other run could do better."""
        while self._waiting or self._going:
            while self._waiting and len(self._going) < self._jobs:
                self._start(self._waiting.pop())
            for key, _ in self._selector.select():
                piece = os.read(key.fd, _PIECE)
                if piece:
                    self._hear(self._going[key.fd], piece)
                else:
                    yield self._ended(key.fd)

    def _start(self, errand: Errand) -> None:
        name = f"seed-{errand.asked.seed}"
        path = Path(self._temporary.name) / f"{name}.json"
        path.write_bytes(msgspec.json.encode(errand))
        process = self._children.start(name, "command.runs.worker", str(path), is_heard=True)
        assert process.stdout is not None
        self._going[process.stdout.fileno()] = _Going(errand, process)
        self._selector.register(process.stdout, selectors.EVENT_READ)

    def _hear(self, going: _Going, piece: bytes) -> None:
        *lines, going.rest = (going.rest + piece).split(b"\n")
        for line in lines:
            with suppress(msgspec.DecodeError):  # a library printed something
                going.last = msgspec.json.decode(line, type=Word)
                self._on_word(going.errand.asked, going.last)

    def _ended(self, number: int) -> Verdict:
        going = self._going.pop(number)
        self._selector.unregister(number)
        status = going.process.wait()
        if status == ExitCode.OK:
            return verdicts.read(Path(going.errand.folder))
        if status == ExitCode.INTERRUPTED:
            raise KeyboardInterrupt
        why = going.last.mend or self._children.reason(f"seed-{going.errand.asked.seed}")
        if status == ExitCode.ENVIRONMENT:
            raise EnvironmentLacks(why)
        if self._is_alone and going.last.mend is not None:
            raise BadInput(why) if status == ExitCode.BAD_INPUT else UserError(why)
        return _died(going.errand, why)

    def __enter__(self) -> "Batch":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._children.stop()
        self._selector.close()
        self._temporary.cleanup()


def _died(errand: Errand, why: str) -> Verdict:
    asked, scenario, _ = settled(errand.asked)
    return Verdict(
        scenario=scenario.name, seed=asked.seed, eyes=asked.eyes, reproduce=errand.asked.line(), fault=why,
        findings=unjudged(expected_of(scenario, has_mission=asked.has_mission), why),
        report=errand.folder if errand.keeps else "",
    )
