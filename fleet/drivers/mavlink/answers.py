"""What a question's programme tells on its way and at its end; the table of questions is in `inquiries`."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from fleet.drivers.mavlink.step import Step, Talk
from fleet.inquiries import Inquiry


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
