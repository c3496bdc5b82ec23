"""Signals that ask a command to end: all become KeyboardInterrupt, and none may disturb the ending itself."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

ASK_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def interrupt_when_asked() -> None:
    """A closed terminal and a service manager end a run as Ctrl-C does."""
    for number in ASK_TO_END:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup, and background jobs of a script, keep theirs
            signal.signal(number, _interrupt)


def _interrupt(_: int, __: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def undisturbed() -> Iterator[None]:
    """Holds back impatient second signals while what takes a bounded time is finished."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ASK_TO_END)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
