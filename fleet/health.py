"""The one table of alarms: condition, severity, what people read in both languages; and the watch that applies it."""

from collections.abc import Callable
from dataclasses import dataclass

from fleet.model import Alarm, LinkState, Severity, VehicleKind, VehicleState
from world.time import Instant

GNSS_3D = 3
FIRST_WORD_WITHIN_S = 10.0
SAFETY_PILOT = "safety_pilot"
"""Ends the key of the alarm that says who has a vehicle: a restarted service reads it from the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What alarms are judged on, once a second. Rates are per second since the last look."""

    state: VehicleState
    is_ever_heard: bool
    silent_s: float
    """Since it was heard last, or since the service began."""
    gps_fix: int | None
    is_crashed: bool
    held_back_s: float
    claimed_by: str | None = None
    """An address from which somebody else speaks with the vehicle's system id."""
    silent_paths: tuple[str, ...] = ()
    """Links that brought the vehicle's words and do no more, while another still does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRule:
    """One row. Texts may name {vehicle}, {claimed_by}, {silent_paths}. Ends when not met for `lasts_s`."""

    key: str
    severity: Severity
    text: str
    text_zh: str
    is_met: Callable[[Evidence], bool]
    lasts_s: float = 0.0


def _battery_below(limit_pct: float) -> Callable[[Evidence], bool]:
    return lambda seen: seen.state.battery_pct is not None and seen.state.battery_pct < limit_pct


TABLE: tuple[AlarmRule, ...] = (
    AlarmRule(
        key="never_heard", severity=Severity.ADVISORY,
        text="{vehicle} has not been heard yet", text_zh="{vehicle} 尚未上线",
        is_met=lambda seen: not seen.is_ever_heard and seen.silent_s >= FIRST_WORD_WITHIN_S,
    ),
    AlarmRule(
        key="link_lost", severity=Severity.WARNING,
        text="{vehicle}: link lost", text_zh="{vehicle}：通信中断",
        is_met=lambda seen: seen.is_ever_heard and seen.state.link is LinkState.LOST,
    ),
    AlarmRule(
        key="link_stale", severity=Severity.CAUTION,
        text="{vehicle}: no data, state is stale", text_zh="{vehicle}：数据过期",
        is_met=lambda seen: seen.is_ever_heard and seen.state.link is LinkState.STALE,
    ),
    AlarmRule(
        key="battery_critical", severity=Severity.WARNING,
        text="{vehicle}: battery critical, below 15 %", text_zh="{vehicle}：电量危急，低于 15%",
        is_met=_battery_below(15.0), lasts_s=10.0,
    ),
    AlarmRule(
        key="battery_low", severity=Severity.CAUTION,
        text="{vehicle}: battery low, below 30 %", text_zh="{vehicle}：电量低，低于 30%",
        is_met=_battery_below(30.0), lasts_s=10.0,
    ),
    AlarmRule(
        key="gnss_bad", severity=Severity.CAUTION,
        text="{vehicle}: satellite position lost", text_zh="{vehicle}：卫星定位丢失",
        is_met=lambda seen: (
            seen.state.kind is not VehicleKind.SUB
            and seen.state.is_armed is True
            and seen.gps_fix is not None
            and seen.gps_fix < GNSS_3D
        ),
        lasts_s=5.0,
    ),
    AlarmRule(
        key="crashed", severity=Severity.WARNING,
        text="{vehicle} reports a crash", text_zh="{vehicle} 报告坠毁",
        is_met=lambda seen: seen.is_crashed,
    ),
    AlarmRule(
        key="sysid_clash", severity=Severity.WARNING,
        text="{vehicle}: another machine at {claimed_by} has its system id and is ignored; change one SYSID_THISMAV",
        text_zh="{vehicle}：{claimed_by} 处的另一台设备使用同一系统编号，已隔离；请修改其中一台的 SYSID_THISMAV",
        is_met=lambda seen: seen.claimed_by is not None,
    ),
    AlarmRule(
        key="path_silent", severity=Severity.ADVISORY,
        text="{vehicle}: nothing comes by {silent_paths}, another link carries on",
        text_zh="{vehicle}：{silent_paths} 无数据，已由其他链路接替",
        is_met=lambda seen: bool(seen.silent_paths), lasts_s=5.0,
    ),
    AlarmRule(
        key=SAFETY_PILOT, severity=Severity.CAUTION,
        text="{vehicle}: its safety pilot flies it by radio", text_zh="{vehicle}：安全员正用遥控器接管",
        is_met=lambda seen: seen.state.has_safety_pilot,
    ),
    AlarmRule(
        key="guard_held_back", severity=Severity.CAUTION,
        text="{vehicle}: the guard held back a frame", text_zh="{vehicle}：安全门拦截了一帧指令",
        is_met=lambda seen: seen.held_back_s > 0.0, lasts_s=10.0,
    ),
)


class HealthWatch:
    """Alarms of one vehicle: says only what begins and what ends."""

    def __init__(self, table: tuple[AlarmRule, ...] = TABLE) -> None:
        self._table = table
        self._last_met: dict[str, Instant] = {}

    def keep(self, key: str, now: Instant) -> None:
        """People were told of it by an earlier run: they are told when it ends."""
        self._last_met[key] = now

    def look(self, seen: Evidence, now: Instant) -> list[Alarm]:
        changes = []
        for rule in self._table:
            was_active = rule.key in self._last_met
            if rule.is_met(seen):
                self._last_met[rule.key] = now
                if not was_active:
                    changes.append(_alarm(rule, seen, now, is_active=True))
            elif was_active and self._last_met[rule.key].age_s(now) >= rule.lasts_s:
                del self._last_met[rule.key]
                changes.append(_alarm(rule, seen, now, is_active=False))
        return changes


def _alarm(rule: AlarmRule, seen: Evidence, now: Instant, *, is_active: bool) -> Alarm:
    vehicle = seen.state.vehicle
    words = {"vehicle": vehicle, "claimed_by": seen.claimed_by, "silent_paths": ", ".join(seen.silent_paths)}
    return Alarm(
        key=f"{vehicle}/{rule.key}",
        severity=rule.severity,
        vehicle=vehicle,
        text=rule.text.format(**words),
        text_zh=rule.text_zh.format(**words),
        at=now,
        is_active=is_active,
    )
