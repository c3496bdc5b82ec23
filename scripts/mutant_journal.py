"""Verdicts on mutants, one line each, written as they come: a run that is cut off goes on where it was."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mutant import Mutant, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`by`: digest of all sources and tests that a verdict came from."""

    mutant: str
    verdict: Verdict
    by: str


@dataclass(slots=True)
class Journal:
    """A mutant stands for the text of its function, or of its whole file: a change there makes another mutant of it.

    A verdict of the same sources and tests holds. A kill by earlier tests, or beside other code of the guard, is
    taken for one still (`is_strict`: is not), as tests are added rather than taken away; a survivor is judged again.
    """

    path: Path
    by: str
    is_strict: bool = False
    _entries: dict[str, Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A last line that was cut off is left out."""
        for line in self.path.read_text().splitlines() if self.path.exists() else ():
            try:
                said = json.loads(line)
                entry = Entry(mutant=said["mutant"], verdict=Verdict(said["verdict"]), by=said["by"])
            except (ValueError, KeyError, TypeError):
                continue
            if entry.by == self.by or self._entries.get(entry.mutant, entry).by != self.by:
                self._entries[entry.mutant] = entry

    def verdict(self, mutant: Mutant) -> Verdict | None:
        """What holds of a mutant, None when it is to be judged."""
        entry = self._entries.get(mutant.key)
        if entry is None or (entry.by != self.by and (self.is_strict or entry.verdict is Verdict.SURVIVED)):
            return None
        return entry.verdict

    def is_earlier(self, mutant: Mutant) -> bool:
        """Whether what holds of it was said by other tests or beside other sources than those of now."""
        return self._entries[mutant.key].by != self.by

    def note(self, verdicts: Iterable[tuple[Mutant, Verdict]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_cut = self.path.exists() and self.path.read_bytes()[-1:] not in (b"", b"\n")
        with self.path.open("a") as out:
            out.write("\n" if is_cut else "")
            for mutant, verdict in verdicts:
                entry = Entry(mutant=mutant.key, verdict=verdict, by=self.by)
                self._entries[mutant.key] = entry
                out.write(json.dumps({"mutant": entry.mutant, "verdict": entry.verdict, "by": entry.by}) + "\n")
