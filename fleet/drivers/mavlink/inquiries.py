"""Questions as programmes of steps that return their answer: one table, one row per question."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

from fleet.drivers.mavlink.fences import read_fence, read_mission, read_rally
from fleet.drivers.mavlink.step import Step, Talk
from fleet.inquiries import Inquiry, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of a long answer: bytes from `offset` on, or only how far it is."""

    data: bytes = b""
    offset: int = 0
    progress: float | None = None


Tell = Callable[[Part], None]
AskProgramme = Generator[Step[Any], Any, dict[str, Any]]
"""Runs steps as a command's programme does; what it returns is `Answer.value`. StepFailed ends it."""
MakeAsk = Callable[[Talk, Inquiry, Tell], AskProgramme]

INQUIRIES: Mapping[Question, MakeAsk] = {
    Question.MISSION: lambda talk, inquiry, tell: read_mission(talk),
    Question.FENCE: lambda talk, inquiry, tell: read_fence(talk),
    Question.RALLY: lambda talk, inquiry, tell: read_rally(talk),
}
