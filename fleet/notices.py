"""What is wrong with one vehicle in words made at the moment: told when it begins, and when it is over."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fleet.guard import Concern
from fleet.model import Alarm, Severity, Undeclared
from world.ids import VehicleId
from world.time import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing, in both languages. `key` names it: whatever its figures say meanwhile, it is one alarm."""

    key: str
    severity: Severity
    text: str
    text_zh: str


def of_concerns(concerns: Sequence[Concern]) -> Iterator[Notice]:
    """The guard's."""
    for concern in concerns:
        yield Notice(
            key=f"guard_{concern.cause}", severity=Severity.WARNING if concern.is_urgent else Severity.CAUTION,
            text=f"{concern.vehicle}: {concern.text}", text_zh=f"{concern.vehicle}：{concern.text_zh}",
        )


def of_failsafes(missing: Sequence[Undeclared]) -> Iterator[Notice]:
    """What a vehicle does not do by itself, with the remedy."""
    for each in missing:
        text = each.text[:1].upper() + each.text[1:]
        yield Notice(key=f"failsafe_{each.cause}", severity=Severity.CAUTION, text=text, text_zh=each.text_zh)


class NoticeWatch:
    """Of one vehicle."""

    def __init__(self, vehicle: VehicleId) -> None:
        self._vehicle = vehicle
        self._active: dict[str, Notice] = {}

    def look(self, notices: Iterator[Notice], now: Instant) -> list[Alarm]:
        """What is new, and what is no more."""
        seen: Mapping[str, Notice] = {notice.key: notice for notice in notices}
        begun = [notice for key, notice in seen.items() if key not in self._active]
        over = [notice for key, notice in self._active.items() if key not in seen]
        self._active = {key: self._active.get(key, notice) for key, notice in seen.items()}
        return [self._alarm(notice, now, is_active=notice in begun) for notice in (*begun, *over)]

    def _alarm(self, notice: Notice, now: Instant, *, is_active: bool) -> Alarm:
        return Alarm(
            key=f"{self._vehicle}/{notice.key}", severity=notice.severity, vehicle=self._vehicle, text=notice.text,
            text_zh=notice.text_zh, at=now, is_active=is_active,
        )
