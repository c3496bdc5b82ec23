"""Alarms of links, not of vehicles: one that is down, carries noise, or carries machines nobody named."""

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.model import Alarm, Severity
from world.ids import VehicleId
from world.time import Instant

GARBAGE_BYTES_S = 500.0
LASTS_S = 10.0
"""A condition is over when it was away for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    severity: Severity
    text: str
    text_zh: str


_TEXTS: Mapping[str, _Text] = {
    "garbage": _Text(
        severity=Severity.ADVISORY,
        text="{link}: the link carries bytes that are no messages", text_zh="{link}：链路出现大量无效数据",
    ),
    "foreign_sender": _Text(
        severity=Severity.CAUTION,
        text="{link}: a foreign system sends on this link and is ignored", text_zh="{link}：链路上有外来系统，已隔离",
    ),
    "link_down": _Text(
        severity=Severity.WARNING, text="Link {link} is down: {reason}", text_zh="链路 {link} 中断：{reason}",
    ),
}


class LinkHealth:
    """Watches all links; a line that is one vehicle's own has its name."""

    def __init__(self, now: Instant) -> None:
        self._last: Mapping[str, tuple[int, int]] = {}
        self._looked = now
        self._down: dict[str, str] = {}
        self._met: dict[tuple[str, str], Instant] = {}

    def changed(self, link: str, reason: str | None) -> None:
        """A link works (None) or says why it does not."""
        if reason is None:
            self._down.pop(link, None)
        else:
            self._down[link] = reason

    def look(self, noise: Mapping[str, tuple[int, int]], now: Instant) -> list[Alarm]:
        """What began and what ended. `noise`: by link, bytes of garbage and frames of strangers since the start."""
        elapsed_s, self._looked = max(1e-3, self._looked.age_s(now)), now
        met: dict[tuple[str, str], str] = {}
        for link, (garbage, strangers) in noise.items():
            before = self._last.get(link, (0, 0))
            if (garbage - before[0]) / elapsed_s >= GARBAGE_BYTES_S:
                met[link, "garbage"] = ""
            if strangers > before[1]:
                met[link, "foreign_sender"] = ""
        met |= {(link, "link_down"): reason for link, reason in self._down.items()}
        self._last = noise
        return [*self._begun(met, now), *self._ended(met, now)]

    def _begun(self, met: Mapping[tuple[str, str], str], now: Instant) -> list[Alarm]:
        new = [(link, key) for link, key in met if (link, key) not in self._met]
        self._met |= dict.fromkeys(met, now)
        return [_alarm(link, key, met[link, key], now, is_active=True) for link, key in new]

    def _ended(self, met: Mapping[tuple[str, str], str], now: Instant) -> list[Alarm]:
        over = [
            (link, key) for (link, key), last in self._met.items()
            if (link, key) not in met and (key == "link_down" or last.age_s(now) >= LASTS_S)
        ]
        for ended in over:
            del self._met[ended]
        return [_alarm(link, key, "", now, is_active=False) for link, key in over]


def _alarm(link: str, key: str, reason: str, now: Instant, *, is_active: bool) -> Alarm:
    row = _TEXTS[key]
    return Alarm(
        key=f"{link}/{key}", severity=row.severity, vehicle=VehicleId(link) if key != "link_down" else None,
        text=row.text.format(link=link, reason=reason), text_zh=row.text_zh.format(link=link, reason=reason),
        at=now, is_active=is_active,
    )
