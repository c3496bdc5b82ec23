"""One change of one file of the guard, and what its tests said of it."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    KILLED = "killed"
    """A test failed."""
    TIMED_OUT = "timed out"
    """The tests did not end: noticed, too."""
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """`was` and `becomes`: the first line or expression that differs; `becomes` is empty when it is taken out."""

    file: str
    line: int
    was: str
    becomes: str
    text: str
    """The whole file with the change."""
    part: str = ""
    """The changed function with its name, where it is one; else the whole file counts."""

    @property
    def key(self) -> str:
        """The same for the same change of the same part, whatever else changes in the file."""
        return hashlib.sha256(f"{self.file}\0{self.part or self.text}".encode()).hexdigest()[:24]
