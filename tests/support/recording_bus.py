"""A bus that delivers in order on the next turn of the loop, checks types by the topic table, and keeps what is
logged."""

import asyncio
from collections.abc import Callable
from typing import Any

from command.topics import TOPICS
from world.time import Clock, Instant

Handler = Callable[[Any], None]


class RecordingBus:
    """Publishers hear themselves too, as through the hub."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        self._loop = loop
        self._clock = clock
        self._handlers: dict[str, list[Handler]] = {}
        self.record: list[tuple[str, Instant, object]] = []
        self.newest: dict[str, Any] = {}

    def subscribe(self, topic: str, handler: Handler) -> None:
        self._handlers.setdefault(topic, []).append(handler)

    def unsubscribe_owner(self, owner: object) -> None:
        """A killed service hears nothing any more."""
        for handlers in self._handlers.values():
            handlers[:] = [handler for handler in handlers if _owner(handler) is not owner]

    def publish(self, topic: str, value: Any) -> None:
        row = TOPICS[topic]
        assert isinstance(value, row.type), f"{topic} carries {row.type.__name__}, not {type(value).__name__}"
        if row.is_logged:
            self.record.append((topic, self._clock.now(), value))
        self.newest[topic] = value
        self._loop.call_soon(self._deliver, topic, value)

    def _deliver(self, topic: str, value: Any) -> None:
        for handler in list(self._handlers.get(topic, ())):
            handler(value)


def _owner(handler: Handler) -> object:
    """The service a bound method or a closure over `self` belongs to."""
    bound = getattr(handler, "__self__", None)
    if bound is not None:
        return bound
    cells = getattr(handler, "__closure__", None) or ()
    names = handler.__code__.co_freevars if hasattr(handler, "__code__") else ()
    return next((cell.cell_contents for name, cell in zip(names, cells, strict=True) if name == "self"), None)
