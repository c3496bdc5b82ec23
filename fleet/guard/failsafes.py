"""What a vehicle must know how to answer by itself before anything counts on it: asked before motors may start."""

from collections.abc import Set

from fleet.commands import Verb
from fleet.model import FailsafeAction, FailsafeCause, FailsafeSetting

NEEDS_FAILSAFES = frozenset({Verb.ARM, Verb.TAKE_OFF, Verb.START_ROUTE})
_IDLE = {
    FailsafeCause.LINK_LOSS: frozenset({FailsafeAction.NONE, FailsafeAction.WARN}),
    FailsafeCause.LOW_BATTERY: frozenset({FailsafeAction.NONE, FailsafeAction.WARN, FailsafeAction.CONTINUE}),
    FailsafeCause.FENCE_BREACH: frozenset({FailsafeAction.NONE, FailsafeAction.WARN, FailsafeAction.CONTINUE}),
}
"""Answers that leave the vehicle as it is. To fly on without a link is an answer: a search needs none."""
_WORDS = {
    FailsafeCause.LINK_LOSS: "a lost link",
    FailsafeCause.LOW_BATTERY: "a low battery",
    FailsafeCause.FENCE_BREACH: "a breach of its fence",
}


def failsafe_fault(settings: tuple[FailsafeSetting, ...] | None, accepts_none: Set[FailsafeCause]) -> str | None:
    """The first cause that it has no answer to as read back, or None. `accepts_none`: those a site does without."""
    if settings is None:
        return "its failsafes have not been read back; wait until they are, or mend the link"
    actions = {setting.cause: setting.action for setting in settings}
    for cause in FailsafeCause:
        action = actions.get(cause)
        if action is FailsafeAction.UNKNOWN:
            return f"what it does on {_WORDS[cause]} was not understood; set a failsafe for it and read it back"
        if (action is None or action in _IDLE[cause]) and cause not in accepts_none:
            return f"it does nothing on {_WORDS[cause]}; set a failsafe for it, or have the site accept that in writing"
    return None
