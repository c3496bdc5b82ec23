"""The guard's concerns as alarms: told when they begin, and when they are over."""

from collections.abc import Sequence

from fleet.guard import Concern
from fleet.model import Alarm, Severity
from world.time import Instant


class ConcernWatch:
    """Of one vehicle."""

    def __init__(self) -> None:
        self._active: dict[str, Alarm] = {}

    def look(self, concerns: Sequence[Concern], now: Instant) -> list[Alarm]:
        """What is new, and what is no more. One alarm per cause, whatever its figures say meanwhile."""
        seen = {f"{concern.vehicle}/guard_{concern.cause}": concern for concern in concerns}
        begun = [_alarm(key, concern, now) for key, concern in seen.items() if key not in self._active]
        over = [
            Alarm(
                key=key, severity=alarm.severity, vehicle=alarm.vehicle, text=alarm.text, text_zh=alarm.text_zh,
                at=now, is_active=False,
            )
            for key, alarm in self._active.items() if key not in seen
        ]
        for alarm in over:
            del self._active[alarm.key]
        self._active |= {alarm.key: alarm for alarm in begun}
        return [*begun, *over]


def _alarm(key: str, concern: Concern, now: Instant) -> Alarm:
    return Alarm(
        key=key, severity=Severity.WARNING if concern.is_urgent else Severity.CAUTION, vehicle=concern.vehicle,
        text=f"{concern.vehicle}: {concern.text}", text_zh=f"{concern.vehicle}：{concern.text_zh}", at=now,
        is_active=True,
    )
