"""What a role says in its log: sentences, and at its end how much it was sent that nobody can use."""

import sys
from contextlib import suppress


def note(sentence: str) -> None:
    """A full disk silences the log, not the role."""
    with suppress(OSError):
        print(sentence, file=sys.stderr, flush=True)


def note_noise(role: str, counts: dict[str, int]) -> None:
    """Counts by what they count, such as `datagrams from strangers`; nothing is said of zeros."""
    heard = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    if heard:
        note(f"{role}: dropped {heard}")
