"""Alarms this service raises: one per key until it changes."""

from collections.abc import Callable

from fleet.model import Alarm, Severity
from missions.book import Book
from missions.contingencies import Cause, alarm_for
from world.ids import VehicleId
from world.time import Clock


class Alarms:
    """Publishes an alarm when its text or state is new."""

    def __init__(self, book: Book, clock: Clock, publish: Callable[[str, object], None]) -> None:
        self._book = book
        self._clock = clock
        self._publish = publish
        self._said: dict[str, tuple[str, bool]] = {}

    def has_said(self, key: str) -> bool:
        return key in self._said

    def contingency(self, cause: Cause, vehicle: VehicleId, why: str = "") -> None:
        """A vehicle drops out; only the first cause counts."""
        if vehicle not in self._book.out:
            self._publish("alarm", alarm_for(cause, vehicle, self._clock.now(), why))

    def say(
        self,
        *,
        key: str,
        severity: Severity,
        text: str,
        text_zh: str,
        vehicle: VehicleId | None = None,
        is_active: bool = True,
    ) -> None:
        if self._said.get(key) == (text, is_active):
            return
        self._said[key] = (text, is_active)
        self._publish(
            "alarm",
            Alarm(
                key=key,
                severity=severity,
                vehicle=vehicle,
                text=text,
                text_zh=text_zh,
                at=self._clock.now(),
                is_active=is_active,
            ),
        )
