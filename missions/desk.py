"""What the pilots of one mission share."""

from dataclasses import dataclass

from missions.alarms import Alarms
from missions.book import Book
from missions.commander import Commander
from missions.crew import Crew
from world.position import LocalFrame
from world.time import Clock, Instant


@dataclass(slots=True)
class Gate:
    """When take-offs count from: the moment everybody was prepared."""

    opened: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What pilots share."""

    book: Book
    crew: Crew
    clock: Clock
    commander: Commander
    alarms: Alarms
    gate: Gate
    frame: LocalFrame
