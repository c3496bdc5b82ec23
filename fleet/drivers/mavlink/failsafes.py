"""Failsafes as declared on board: read back at connect, again at every change and every few minutes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fleet.drivers.mavlink.failsafe_tables import GROUND_STATION, Rule, rules_for
from fleet.drivers.mavlink.parameter import parameter_of
from fleet.drivers.mavlink.step import Outgoing, Talk
from fleet.model import AutopilotKind, FailsafeAction, FailsafeCause, FailsafeSetting, Undeclared, VehicleKind
from fleet.wire.message import Message
from world.ids import VehicleId
from world.time import Instant

ASK_EVERY_S = 0.2
REPEAT_S = 2.0
TRIES = 6
REFRESH_S = 180.0
DECLARED = frozenset(FailsafeAction) - {FailsafeAction.NONE, FailsafeAction.WARN, FailsafeAction.UNKNOWN}


class NoSuchFailsafe(ValueError):
    """An action that this kind and firmware cannot be set to."""


@dataclass(slots=True, kw_only=True)
class _Asked:
    """One parameter under question. `tries` counts since the last refresh."""

    value: float | None = None
    is_fresh: bool = False
    tries: int = 0
    at: Instant | None = None


class FailsafeReadback:
    """A chore. A value heard by chance, as after PARAM_SET by anyone, counts at once; `refresh` asks for all anew."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._kind = talk.known().state.kind
        self._asked: dict[str, _Asked] = {}
        self._firmware: AutopilotKind | None = None
        self._refreshed: Instant | None = None
        self._sent: Instant | None = None

    @property
    def is_complete(self) -> bool:
        """Every parameter has answered, or has been asked for as often as it will be."""
        is_known = self._firmware is not None
        return is_known and all(each.is_fresh or each.tries >= TRIES for each in self._asked.values())

    def hear(self, message: Message, now: Instant) -> None:
        if message.SPEC.name != "PARAM_VALUE":
            return
        asked = self._asked.get(message.param_id)
        heard = parameter_of(message, is_bytewise=self._firmware is AutopilotKind.PX4)
        if asked is not None and math.isfinite(heard.value):
            asked.value, asked.is_fresh = heard.value, True

    def requests(self, now: Instant) -> list[Outgoing]:
        self._begin(now)
        if self._sent is not None and self._sent.age_s(now) < ASK_EVERY_S:
            return []
        for name, asked in self._asked.items():
            is_due = asked.at is None or asked.at.age_s(now) >= REPEAT_S
            if not asked.is_fresh and asked.tries < TRIES and is_due:
                asked.tries, asked.at, self._sent = asked.tries + 1, now, now
                fields = self._talk.target | {"param_id": name, "param_index": -1}
                return [Outgoing(name="PARAM_REQUEST_READ", fields=fields)]
        return []

    def refresh(self) -> None:
        """Ask anew, as after a fence was loaded; what is known stays until it is answered otherwise."""
        for asked in self._asked.values():
            asked.is_fresh, asked.tries, asked.at = False, 0, None

    def settings(self) -> tuple[FailsafeSetting, ...]:
        """One per cause that this kind can answer; none before its firmware is known."""
        known = {name: asked.value for name, asked in self._asked.items()}
        rules = rules_for(self._kind, self._firmware)
        return tuple(_setting(cause, rule, known) for cause, rule in rules.items())

    def _begin(self, now: Instant) -> None:
        firmware = self._talk.known().vitals.autopilot
        if firmware is not self._firmware:
            self._firmware, self._refreshed = firmware, now
            names = [name for rule in rules_for(self._kind, firmware).values() for name in rule.parameters]
            self._asked = {name: _Asked() for name in names}
        elif self._refreshed is not None and self._refreshed.age_s(now) >= REFRESH_S:
            self._refreshed = now
            self.refresh()


def _setting(cause: FailsafeCause, rule: Rule, known: Mapping[str, float | None]) -> FailsafeSetting:
    values = {name: value for name in rule.parameters if (value := known.get(name)) is not None}
    is_whole = all(name in values for name in rule.parameters if name not in rule.optional)
    action = rule.read(values) if is_whole else FailsafeAction.UNKNOWN
    shown = tuple((name, known.get(name)) for name in rule.parameters)
    return FailsafeSetting(cause=cause, action=action, parameters=shown)


def wanted_parameters(
    kind: VehicleKind, autopilot: AutopilotKind | None, actions: Mapping[FailsafeCause, FailsafeAction]
) -> dict[str, float]:
    """Parameters that declare these actions; thresholds of batteries are their owner's to set.

    Raises NoSuchFailsafe.
    """
    rules, wanted = rules_for(kind, autopilot), dict[str, float]()
    for cause, action in actions.items():
        rule = rules.get(cause)
        values = rule.write.get(action) if rule is not None else None
        if values is None:
            choice = ", ".join(rule.write) if rule is not None else "none"
            raise NoSuchFailsafe(f"a {kind} on {autopilot} cannot {action} on {cause}; what it can: {choice}")
        wanted.update(values)
    return wanted


_WHEN = {
    FailsafeCause.LINK_LOSS: ("when its link is lost", "失联时"),
    FailsafeCause.LOW_BATTERY: ("when its battery is low", "电量低时"),
    FailsafeCause.FENCE_BREACH: ("when it breaks its fence", "越过电子围栏时"),
}
_DOES = {
    FailsafeAction.NONE: ("does nothing", "不采取任何动作"),
    FailsafeAction.WARN: ("only warns", "只发出警告"),
}
_ACTIONS_ZH = {
    FailsafeAction.RETURN: "返航", FailsafeAction.LAND: "降落", FailsafeAction.HOLD: "停住",
    FailsafeAction.SURFACE: "上浮", FailsafeAction.CONTINUE: "继续任务", FailsafeAction.DISARM: "上锁",
    FailsafeAction.TERMINATE: "终止飞行",
}


def undeclared(
    vehicle: VehicleId, kind: VehicleKind, autopilot: AutopilotKind | None, settings: tuple[FailsafeSetting, ...]
) -> tuple[Undeclared, ...]:
    """One sentence for each failsafe that is missing; none when a plan may count on all of them."""
    rules = rules_for(kind, autopilot)
    if not rules:
        text = f"what {vehicle} does by itself is not known: its firmware is {autopilot or 'not heard yet'}"
        zh = f"不知道 {vehicle} 会自行采取什么动作：固件{'类型未知' if autopilot else '尚未上报'}"
        return (Undeclared(cause=FailsafeCause.LINK_LOSS, text=text, text_zh=zh),)
    heard = {setting.cause: setting for setting in settings}
    missing = (_missing(vehicle, cause, rule, heard.get(cause)) for cause, rule in rules.items())
    return tuple(each for each in missing if each is not None)


def _missing(
    vehicle: VehicleId, cause: FailsafeCause, rule: Rule, setting: FailsafeSetting | None
) -> Undeclared | None:
    action = FailsafeAction.UNKNOWN if setting is None else setting.action
    if action in DECLARED:
        return None
    when, when_zh = _WHEN[cause]
    known = {} if setting is None else {name: value for name, value in setting.parameters if value is not None}
    if action is FailsafeAction.UNKNOWN:
        unread = [name for name in rule.parameters if name not in known and name not in rule.optional]
        shown = ", ".join(unread or [f"{name} = {value:g}" for name, value in known.items()])
        end, end_zh = ("was not read back", "未能读回") if unread else ("is not understood", "无法解释")
        text = f"what {vehicle} does {when} is not known: {shown} {end}"
        return Undeclared(cause=cause, text=text, text_zh=f"不知道 {vehicle} {when_zh}会做什么：{shown} {end_zh}")
    does, does_zh = _DOES[action]
    remedy, remedy_zh = _remedy(cause, rule, known)
    return Undeclared(
        cause=cause, text=f"{vehicle} {does} {when}: {remedy}", text_zh=f"{vehicle} {when_zh}{does_zh}：{remedy_zh}"
    )


def _remedy(cause: FailsafeCause, rule: Rule, known: Mapping[str, float]) -> tuple[str, str]:
    """The smallest change that declares the best action."""
    best, values = next(iter(rule.write.items()))
    changes = {name: value for name, value in values.items() if known.get(name, _DEFAULTS.get(name)) != value}
    if cause is FailsafeCause.LOW_BATTERY and not changes:
        return "set BATT_LOW_VOLT or BATT_LOW_MAH, below which it acts", "请设置动作阈值 BATT_LOW_VOLT 或 BATT_LOW_MAH"
    sets = " and ".join(f"{name} to {value:g}" for name, value in changes.items())
    sets_zh = "，".join(f"{name} 设为 {value:g}" for name, value in changes.items())
    return f"set {sets} ({best})", f"请将 {sets_zh}（{_ACTIONS_ZH[best]}）"


_DEFAULTS = {"SYSID_MYGCS": float(GROUND_STATION)}
