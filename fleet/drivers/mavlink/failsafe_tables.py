"""What an autopilot does by itself, by its parameters: one table per firmware and kind, each value in plain meaning.

Sources: ArduPilot 4.5, @Values of FS_GCS_ENABLE (Copter-, Sub-, Rover-Parameters.cpp), FS_GCS_ENABL and FS_LONG_ACTN
(ArduPlane), FS_LOW_ACT (AP_BattMonitor_Params.cpp), ACTION (AC_Fence.cpp); PX4 1.14, commander_params.c
(NAV_DLL_ACT, COM_LOW_BAT_ACT) and geofence_params.c (GF_ACTION).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fleet.model import AutopilotKind, FailsafeAction, FailsafeCause

GROUND_STATION = 255
_A = FailsafeAction
Values = Mapping[str, float]
Meanings = Mapping[int, FailsafeAction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One cause on one kind. `read` gives the action by the `parameters`; `write`, best first, what declares one."""

    parameters: tuple[str, ...]
    read: Callable[[Values], FailsafeAction]
    write: Mapping[FailsafeAction, Values]
    optional: frozenset[str] = field(default_factory=frozenset)
    """Firmware may lack these; without the others the action is unknown."""


Rules = Mapping[FailsafeCause, Rule]


def _by(name: str, meanings: Meanings) -> Callable[[Values], FailsafeAction]:
    return lambda values: meanings.get(int(values[name]), _A.UNKNOWN)


_COPTER_LINK: Meanings = {
    0: _A.NONE, 1: _A.RETURN, 2: _A.RETURN, 3: _A.RETURN, 4: _A.RETURN, 5: _A.LAND, 6: _A.RETURN, 7: _A.HOLD
}
_COPTER_BATTERY: Meanings = {
    0: _A.WARN, 1: _A.LAND, 2: _A.RETURN, 3: _A.RETURN, 4: _A.RETURN, 5: _A.TERMINATE, 6: _A.RETURN, 7: _A.HOLD
}
_COPTER_FENCE: Meanings = {0: _A.WARN, 1: _A.RETURN, 2: _A.LAND, 3: _A.RETURN, 4: _A.HOLD, 5: _A.RETURN}
_ROVER: Meanings = {
    0: _A.NONE, 1: _A.RETURN, 2: _A.HOLD, 3: _A.RETURN, 4: _A.RETURN, 5: _A.TERMINATE, 6: _A.HOLD
}
_ROVER_BATTERY: Meanings = {**_ROVER, 0: _A.WARN}
_ROVER_FENCE: Meanings = {
    0: _A.WARN, 1: _A.RETURN, 2: _A.HOLD, 3: _A.RETURN, 4: _A.RETURN, 5: _A.TERMINATE, 6: _A.HOLD
}
_SUB_LINK: Meanings = {0: _A.NONE, 1: _A.WARN, 2: _A.DISARM, 3: _A.HOLD, 4: _A.SURFACE}
_SUB_BATTERY: Meanings = {0: _A.WARN, 2: _A.DISARM, 3: _A.SURFACE}
# 2 glides down without thrust, 3 and 5 of the battery's open the parachute
_PLANE_LONG: Meanings = {0: _A.CONTINUE, 1: _A.RETURN, 2: _A.LAND, 3: _A.TERMINATE, 4: _A.CONTINUE, 5: _A.LAND}
_PLANE_BATTERY: Meanings = {
    0: _A.WARN, 1: _A.RETURN, 2: _A.LAND, 3: _A.TERMINATE, 4: _A.LAND, 5: _A.TERMINATE, 6: _A.LAND
}
_PLANE_FENCE: Meanings = {0: _A.WARN, 1: _A.RETURN, 6: _A.HOLD, 7: _A.HOLD, 8: _A.RETURN}
_PX4_LINK: Meanings = {0: _A.NONE, 1: _A.HOLD, 2: _A.RETURN, 3: _A.LAND, 5: _A.TERMINATE, 6: _A.DISARM}
_PX4_BATTERY: Meanings = {0: _A.WARN, 1: _A.RETURN, 2: _A.LAND, 3: _A.RETURN}
_PX4_FENCE: Meanings = {0: _A.NONE, 1: _A.WARN, 2: _A.HOLD, 3: _A.RETURN, 4: _A.TERMINATE, 5: _A.LAND}
# FS_OPTIONS of ArduCopter
_CONTINUES_IN_AUTO = 2


def _hears_us(values: Values) -> bool:
    """ArduPilot counts heartbeats of the station in SYSID_MYGCS only: of any other it never notices the loss."""
    return values.get("SYSID_MYGCS", GROUND_STATION) == GROUND_STATION


def _copter_link(values: Values) -> FailsafeAction:
    if not _hears_us(values):
        return _A.NONE
    action = _COPTER_LINK.get(int(values["FS_GCS_ENABLE"]), _A.UNKNOWN)
    continues = int(values.get("FS_OPTIONS", 0)) & _CONTINUES_IN_AUTO and action not in (_A.NONE, _A.UNKNOWN)
    return _A.CONTINUE if continues else action


def _rover_link(values: Values) -> FailsafeAction:
    enabled = int(values["FS_GCS_ENABLE"])
    if enabled == 0 or not _hears_us(values):
        return _A.NONE
    return _A.CONTINUE if enabled == 2 else _ROVER.get(int(values["FS_ACTION"]), _A.UNKNOWN)


def _sub_link(values: Values) -> FailsafeAction:
    return _SUB_LINK.get(int(values["FS_GCS_ENABLE"]), _A.UNKNOWN) if _hears_us(values) else _A.NONE


def _plane_link(values: Values) -> FailsafeAction:
    if int(values["FS_GCS_ENABL"]) == 0 or not _hears_us(values):
        return _A.NONE
    return _PLANE_LONG.get(int(values["FS_LONG_ACTN"]), _A.UNKNOWN)


def _ours(values: Values) -> Values:
    return {**values, "SYSID_MYGCS": float(GROUND_STATION)}


_STATION = ("FS_GCS_TIMEOUT", "SYSID_MYGCS")


def _battery(meanings: Meanings, write: Mapping[FailsafeAction, float]) -> Rule:
    """The low level's action if it acts, else the critical one's; neither acts without a threshold and a monitor."""

    def read(values: Values) -> FailsafeAction:
        if values.get("BATT_MONITOR", 1.0) == 0:
            return _A.NONE
        for level, action in (("LOW", "BATT_FS_LOW_ACT"), ("CRT", "BATT_FS_CRT_ACT")):
            has_threshold = values[f"BATT_{level}_VOLT"] > 0 or values[f"BATT_{level}_MAH"] > 0
            meaning = meanings.get(int(values[action]), _A.UNKNOWN)
            if has_threshold and meaning is not _A.WARN:
                return meaning
        has_any = any(values[f"BATT_{level}_{unit}"] > 0 for level in ("LOW", "CRT") for unit in ("VOLT", "MAH"))
        return _A.WARN if has_any else _A.NONE

    names = ("BATT_FS_LOW_ACT", "BATT_LOW_VOLT", "BATT_LOW_MAH", "BATT_FS_CRT_ACT", "BATT_CRT_VOLT", "BATT_CRT_MAH")
    return Rule(
        parameters=(*names, "BATT_MONITOR"),
        read=read,
        write={action: {"BATT_FS_LOW_ACT": value} for action, value in write.items()},
        optional=frozenset({"BATT_MONITOR"}),
    )


def _fence(meanings: Meanings, write: Mapping[FailsafeAction, float]) -> Rule:
    def read(values: Values) -> FailsafeAction:
        return meanings.get(int(values["FENCE_ACTION"]), _A.UNKNOWN) if values["FENCE_ENABLE"] > 0 else _A.NONE

    return Rule(
        parameters=("FENCE_ENABLE", "FENCE_ACTION"),
        read=read,
        write={action: {"FENCE_ENABLE": 1.0, "FENCE_ACTION": value} for action, value in write.items()},
    )


_COPTER: Rules = {
    FailsafeCause.LINK_LOSS: Rule(
        parameters=("FS_GCS_ENABLE", "FS_OPTIONS", *_STATION),
        read=_copter_link,
        write={
            _A.RETURN: _ours({"FS_GCS_ENABLE": 1.0}), _A.LAND: _ours({"FS_GCS_ENABLE": 5.0}),
            _A.HOLD: _ours({"FS_GCS_ENABLE": 7.0}),
        },
        optional=frozenset({"FS_OPTIONS", *_STATION}),
    ),
    FailsafeCause.LOW_BATTERY: _battery(_COPTER_BATTERY, {_A.RETURN: 2.0, _A.LAND: 1.0}),
    FailsafeCause.FENCE_BREACH: _fence(_COPTER_FENCE, {_A.RETURN: 1.0, _A.LAND: 2.0, _A.HOLD: 4.0}),
}
_GROUND: Rules = {
    FailsafeCause.LINK_LOSS: Rule(
        parameters=("FS_GCS_ENABLE", "FS_ACTION", *_STATION),
        read=_rover_link,
        write={
            _A.RETURN: _ours({"FS_GCS_ENABLE": 1.0, "FS_ACTION": 1.0}),
            _A.HOLD: _ours({"FS_GCS_ENABLE": 1.0, "FS_ACTION": 2.0}),
            _A.CONTINUE: _ours({"FS_GCS_ENABLE": 2.0, "FS_ACTION": 2.0}),
        },
        optional=frozenset(_STATION),
    ),
    FailsafeCause.LOW_BATTERY: _battery(_ROVER_BATTERY, {_A.RETURN: 1.0, _A.HOLD: 2.0}),
    FailsafeCause.FENCE_BREACH: _fence(_ROVER_FENCE, {_A.HOLD: 2.0, _A.RETURN: 1.0}),
}
# A sub answers a breach with nothing whatever its parameters say (ArduSub/fence.cpp), so there is nothing to declare
_SUB: Rules = {
    FailsafeCause.LINK_LOSS: Rule(
        parameters=("FS_GCS_ENABLE", *_STATION),
        read=_sub_link,
        write={
            _A.SURFACE: _ours({"FS_GCS_ENABLE": 4.0}), _A.HOLD: _ours({"FS_GCS_ENABLE": 3.0}),
            _A.DISARM: _ours({"FS_GCS_ENABLE": 2.0}),
        },
        optional=frozenset(_STATION),
    ),
    FailsafeCause.LOW_BATTERY: _battery(_SUB_BATTERY, {_A.SURFACE: 3.0, _A.DISARM: 2.0}),
}
_PLANE: Rules = {
    FailsafeCause.LINK_LOSS: Rule(
        parameters=("FS_GCS_ENABL", "FS_LONG_ACTN", "FS_LONG_TIMEOUT", "SYSID_MYGCS"),
        read=_plane_link,
        write={
            _A.RETURN: _ours({"FS_GCS_ENABL": 1.0, "FS_LONG_ACTN": 1.0}),
            _A.CONTINUE: _ours({"FS_GCS_ENABL": 1.0, "FS_LONG_ACTN": 0.0}),
        },
        optional=frozenset({"FS_LONG_TIMEOUT", "SYSID_MYGCS"}),
    ),
    FailsafeCause.LOW_BATTERY: _battery(_PLANE_BATTERY, {_A.RETURN: 1.0, _A.LAND: 2.0}),
    FailsafeCause.FENCE_BREACH: _fence(_PLANE_FENCE, {_A.RETURN: 1.0}),
}


def _px4(cause_name: str, meanings: Meanings, *also: str) -> Rule:
    write = {meaning: {cause_name: float(value)} for value, meaning in meanings.items() if value > 1}
    best_first = dict(sorted(write.items(), key=lambda row: row[0] is not _A.RETURN))
    return Rule(
        parameters=(cause_name, *also), read=_by(cause_name, meanings), write=best_first, optional=frozenset(also)
    )


_PX4: Rules = {
    FailsafeCause.LINK_LOSS: _px4("NAV_DLL_ACT", _PX4_LINK, "COM_DL_LOSS_T"),
    FailsafeCause.LOW_BATTERY: _px4("COM_LOW_BAT_ACT", _PX4_BATTERY, "BAT_LOW_THR", "BAT_CRIT_THR"),
    FailsafeCause.FENCE_BREACH: _px4("GF_ACTION", _PX4_FENCE),
}

_ARDUPILOT: Mapping[str, Rules] = {
    "copter": _COPTER, "rover": _GROUND, "boat": _GROUND, "sub": _SUB, "plane": _PLANE, "vtol": _PLANE,
}
"""By value of VehicleKind."""


def rules_for(kind: str, autopilot: AutopilotKind | None) -> Rules:
    """Empty for firmware or kinds that nothing is known of."""
    if autopilot is AutopilotKind.PX4:
        return _PX4
    return _ARDUPILOT.get(kind, {}) if autopilot is AutopilotKind.ARDUPILOT else {}
