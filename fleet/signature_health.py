"""Alarms of signatures: frames that a link did not let in for them, by reason, count and sender; times not kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.links.seal import Refused
from fleet.model import Alarm, Severity
from fleet.wire.signing import Refusal
from world.time import Instant

LASTS_S = 10.0
"""An alarm is over when nothing was refused for so long."""
TOLD_EVERY_S = 30.0
"""How often a lasting one is told again with its newest count and sender."""
CATCHES_UP_WITHIN_S = 5.0
"""Who holds the key and lags follows our time as soon as it hears a heartbeat of ours: not worth an alarm before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    severity: Severity
    text: str
    text_zh: str


_WHO = "{count} so far, the last from {peer} as system {sysid}"
_WHO_ZH = "共 {count} 帧，最近一帧来自 {peer}，自称系统 {sysid}"
_TEXTS: Mapping[Refusal, _Text] = {
    Refusal.UNSIGNED: _Text(
        severity=Severity.WARNING, text="{link}: frames without a signature are refused, " + _WHO,
        text_zh="{link}：已拒绝未签名的报文，" + _WHO_ZH,
    ),
    Refusal.WRONG: _Text(
        severity=Severity.WARNING, text="{link}: frames with a wrong signature are refused, " + _WHO,
        text_zh="{link}：已拒绝签名错误的报文，" + _WHO_ZH,
    ),
    Refusal.REPLAYED: _Text(
        severity=Severity.CAUTION,
        text="{link}: signed frames come a second time or overtaken and are refused, " + _WHO,
        text_zh="{link}：已拒绝重放或乱序的签名报文，" + _WHO_ZH,
    ),
    Refusal.STALE: _Text(
        severity=Severity.CAUTION, text="{link}: signatures of long ago are refused, " + _WHO,
        text_zh="{link}：已拒绝过期的签名，" + _WHO_ZH,
    ),
    Refusal.UNEXPECTED: _Text(
        severity=Severity.CAUTION, text="{link}: signed frames are refused, as the site says, " + _WHO,
        text_zh="{link}：按站点设置拒绝签名报文，" + _WHO_ZH,
    ),
}
_FAULT, _FAULT_ZH = "Times of signatures cannot be kept on disk: {fault}", "签名时间戳无法保存：{fault}"


@dataclass(slots=True)
class _Seen:
    """One reason on one link, while it lasts."""

    since: Instant
    last: Instant
    told: Instant | None = None


class SignatureHealth:
    """Watches all links: says what begins, what goes on, what is over, never more often than people can read."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, Refusal], int] = {}
        self._seen: dict[tuple[str, Refusal], _Seen] = {}
        self._fault: str | None = None

    def look(
        self, refused: Mapping[str, Mapping[Refusal, Refused]], fault: str | None, now: Instant
    ) -> list[Alarm]:
        """What there is to tell. `refused`: by link and reason since the start; `fault`: why times are not kept."""
        alarms = self._of_fault(fault, now)
        for link, reasons in refused.items():
            for reason, turned in reasons.items():
                alarms += self._of(link, reason, turned, now)
        return alarms

    def _of(self, link: str, reason: Refusal, turned: Refused, now: Instant) -> list[Alarm]:
        key = link, reason
        is_more, self._counts[key] = turned.count > self._counts.get(key, 0), turned.count
        seen = self._seen.get(key)
        if is_more:
            seen = self._seen.setdefault(key, _Seen(since=now, last=now))
            seen.last = now
        if seen is None:
            return []
        if seen.last.age_s(now) >= LASTS_S:
            del self._seen[key]
            return [] if seen.told is None else [_alarm(link, reason, turned, now, is_active=False)]
        waits_s = CATCHES_UP_WITHIN_S if reason is Refusal.STALE else 0.0
        is_due = seen.told is None or (is_more and seen.told.age_s(now) >= TOLD_EVERY_S)
        if not is_due or seen.since.age_s(seen.last) < waits_s:
            return []
        seen.told = now
        return [_alarm(link, reason, turned, now, is_active=True)]

    def _of_fault(self, fault: str | None, now: Instant) -> list[Alarm]:
        before, self._fault = self._fault, fault
        if (before is None) is (fault is None):
            return []
        told = fault or before
        return [Alarm(
            key="signing_times", severity=Severity.CAUTION, vehicle=None, text=_FAULT.format(fault=told),
            text_zh=_FAULT_ZH.format(fault=told), at=now, is_active=fault is not None,
        )]


def _alarm(link: str, reason: Refusal, turned: Refused, now: Instant, *, is_active: bool) -> Alarm:
    row = _TEXTS[reason]
    words = {"link": link, "count": turned.count, "peer": turned.peer or link, "sysid": turned.sysid}
    return Alarm(
        key=f"{link}/signature_{reason}", severity=row.severity, vehicle=None, text=row.text.format(**words),
        text_zh=row.text_zh.format(**words), at=now, is_active=is_active,
    )
