"""What a service knows of the outside: topics to publish to and subscribe to. Transports are composed elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")


class Quality(StrEnum):
    """Delivery promised: STATE keeps the newest only, EVENT keeps all in order."""

    STATE = "state"
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic(Generic[T]):
    """One row of the topic table."""

    name: str
    type: type[T]
    quality: Quality
    is_logged: bool
    """Written to events.db before anyone else sees it."""
    stale_after_s: float | None = None


class Bus(Protocol):
    """Publish and subscribe by topic name; the composition checks value types against the topic table."""

    def publish(self, topic: str, value: Any) -> None: ...

    def subscribe(self, topic: str, handler: Callable[[Any], None]) -> None: ...
