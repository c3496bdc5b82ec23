"""Participants in threads of one process, for tests of time that need no process of their own."""

import threading
from collections.abc import Callable

from command.timing import TimeOwner


class Crew:
    """Starts each part in a thread when the owner runs; what a part raises is kept under its name."""

    def __init__(self, owner: TimeOwner, **parts: Callable[[], None]) -> None:
        self.owner, self.errors = owner, dict[str, BaseException]()
        self._threads = {name: self._thread(name, part) for name, part in parts.items()}

    def _thread(self, name: str, part: Callable[[], None]) -> threading.Thread:
        def live() -> None:
            try:
                part()
            except Exception as error:  # noqa: BLE001 - the test asserts on what a part raised
                self.errors[name] = error

        return threading.Thread(target=live, name=name)

    def start(self) -> None:
        for thread in self._threads.values():
            thread.start()

    def run(self) -> None:
        """Runs to the end; raises what the owner raises, after everybody left, or else what a part raised."""
        self.start()
        try:
            self.owner.run()
        finally:
            self.join()
        for error in self.errors.values():
            raise error

    def join(self) -> None:
        for thread in self._threads.values():
            thread.join(10)

