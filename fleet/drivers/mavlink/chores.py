"""What a session does for its vehicle by itself, unasked: a chore hears every message and says what to send."""

from typing import Protocol

from fleet.drivers.mavlink.step import Outgoing
from fleet.wire.message import Message
from world.time import Instant


class Chore(Protocol):
    """Driven by its session; sends nothing but harmless questions, so it needs no permit of the guard."""

    def hear(self, message: Message, now: Instant) -> None:
        """One message of the vehicle's autopilot component."""

    def requests(self, now: Instant) -> list[Outgoing]:
        """What to send now; called at every tick (10 Hz)."""
