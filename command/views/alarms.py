"""Active alarms, worst first, counted by level."""

from command.views.columns import Snapshot, to_columns, utc_ms
from fleet.model import Alarm, Severity
from world.time import Instant

_ORDER = (Severity.WARNING, Severity.CAUTION, Severity.ADVISORY, Severity.LOG)
_NAMES = ("key", "severity", "vehicle", "text", "text_zh", "age_s", "utc_ms")


class Alarms:
    """Active alarms by key: a repeat updates its alarm, an inactive one removes it."""

    def __init__(self) -> None:
        self._active: dict[str, Alarm] = {}
        self._raised: dict[str, Instant] = {}

    def apply(self, alarm: Alarm) -> None:
        if alarm.is_active and alarm.severity is not Severity.LOG:
            self._active[alarm.key] = alarm
            self._raised.setdefault(alarm.key, alarm.at)
        else:
            self._active.pop(alarm.key, None)
            self._raised.pop(alarm.key, None)

    def is_known(self, key: str) -> bool:
        return key in self._active

    def snapshot(self, now: Instant) -> Snapshot:
        ordered = sorted(self._active.values(), key=lambda a: (_ORDER.index(a.severity), -self._raised[a.key].mono_ns))
        return {
            "counts": {level.value: sum(a.severity is level for a in ordered) for level in _ORDER[:3]},
            "rows": to_columns((self._row(alarm, now) for alarm in ordered), _NAMES),
        }

    def _row(self, alarm: Alarm, now: Instant) -> dict[str, object]:
        raised = self._raised[alarm.key]
        return {
            "key": alarm.key,
            "severity": alarm.severity,
            "vehicle": alarm.vehicle,
            "text": alarm.text,
            "text_zh": alarm.text_zh,
            "age_s": max(0.0, raised.age_s(now)),
            "utc_ms": utc_ms(raised.utc_ns),
        }
