"""One question to one vehicle from the command line: parts gathered, progress shown, files whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from command.cli.reach import Reach, console
from command.errors import BadInput, ExitCode, UserError
from command.up.client import new_id
from fleet.commands import AckResult
from fleet.inquiries import Answer, Inquiry, Question

HEARD_WITHIN_S = 10.0
"""Beyond an inquiry's own deadline."""
LONGEST_S = 6 * 3600.0


class NotAnswered(UserError):
    """The vehicle did not give what was asked."""

    exit_code = ExitCode.GOAL_MISSED


@dataclass(slots=True)
class Gathered:
    """What came so far; `data` of files by offset."""

    value: dict[str, Any] = field(default_factory=dict)
    data: dict[int, bytes] = field(default_factory=dict)

    def take(self, answer: Answer) -> None:
        for name, part in answer.value.items():
            known = self.value.get(name)
            self.value[name] = [*known, *part] if isinstance(known, list) and isinstance(part, list) else part
        if answer.data:
            self.data[answer.offset] = answer.data

    def whole(self) -> bytes:
        """Raises NotAnswered when a piece is missing."""
        content = bytearray()
        for offset, piece in sorted(self.data.items()):
            if offset > len(content):
                raise NotAnswered(f"bytes {len(content)} to {offset} did not come: try again")
            content[offset:offset + len(piece)] = piece
        return bytes(content)


def ask(reach: Reach, question: Question, *, within_s: float, **about: Any) -> Gathered:
    """The whole answer. Raises NotAnswered."""
    with _progress(reach, question) as bar, reach.line("fleet/answer") as line:
        inquiry = Inquiry(
            id=new_id(), vehicle=reach.vehicle, question=question, asked_by=line.welcome.name,
            deadline=line.deadline(within_s), **about,
        )
        gathered, task = Gathered(), bar.add_task(f"{reach.vehicle} {question}", total=None)
        line.say("fleet/inquiry", inquiry)
        for _, answer in line.heard(within_s + HEARD_WITHIN_S):
            if not isinstance(answer, Answer) or answer.inquiry != inquiry.id:
                continue
            gathered.take(answer)
            got = sum(len(piece) for piece in gathered.data.values())
            total = got / answer.progress if answer.progress and got else None
            bar.update(task, completed=got, total=total)
            if answer.is_final:
                return _ended(reach, question, answer, gathered)
    raise NotAnswered(f"{reach.vehicle} did not tell its {question} within {within_s:.0f} s: look at taihang link list")


def _ended(reach: Reach, question: Question, answer: Answer, gathered: Gathered) -> Gathered:
    if answer.result is AckResult.ACCEPTED:
        return gathered
    result = "no answer" if answer.result is None else answer.result.replace("_", " ")
    raise NotAnswered(f"{reach.vehicle} {question}: {result}" + (f": {answer.reason}" if answer.reason else ""))


def download(reach: Reach, question: Question, out: Path, **about: Any) -> None:
    """Writes the file only when it came whole."""
    if not out.parent.is_dir():
        raise BadInput(f"there is no folder {out.parent}: make it, or name another file with --out")
    content = ask(reach, question, within_s=LONGEST_S, **about).whole()
    part = out.with_name(out.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(out)
    except OSError as error:
        raise BadInput(f"{out} cannot be written ({error.strerror}): name another with --out") from error
    reach.tell({"file": str(out), "bytes": len(content)}, f"{out}: {len(content)} bytes")


@contextmanager
def _progress(reach: Reach, question: Question) -> Iterator[Progress]:
    """On stderr, and only at a terminal."""
    terminal = console(stderr=True)
    is_shown = terminal.is_terminal and not reach.as_json
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=terminal, transient=True, disable=not is_shown) as bar:
        yield bar
