"""How trapped people make themselves heard: the miners' knocks by number, calls, tags.

The "5432" code (rescue contact signals, trial): 5 knocks seek contact, 4 ask how many, 3 say received, 2 stop; a second
between knocks, half a minute between groups, again until answered.
"""

from typing import Final

SEEK, HOW_MANY, RECEIVED, STOP = 5, 4, 3, 2
KNOCK_S: Final = 1.0
GROUP_S: Final = 30.0
KNOCK_M_S: Final = 2e-4
"""Peak velocity of rock a metre from a hammer on a bolt; estimate, see sim/payloads/geophone.py for what is heard."""
CALL_S: Final = 60.0
CALL_HEARD_M: Final = 30.0
"""Through an open gallery; rubble takes most of it. Estimate."""


def reply(heard: int, people: int, has_answered: bool) -> int:
    """Knocks that answer a group of knocks, 0 for silence."""
    if heard == SEEK:
        return SEEK
    if heard == HOW_MANY:
        return people
    if heard == STOP:
        return RECEIVED
    return 0 if has_answered else RECEIVED


def knocks_ns(group: int, phase_ns: int, first: int, count: int) -> list[int]:
    """When the knocks of a group fall: `count` of them from `first` on, a second apart."""
    start = phase_ns + group * round(GROUP_S * 1e9)
    return [start + round(KNOCK_S * 1e9) * k for k in range(first, first + count)]
