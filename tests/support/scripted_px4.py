"""A scripted PX4 for tests of its drivers: answers as PX4's commander, navigator and mavlink module are written to.

Sources, PX4-Autopilot: src/modules/commander/Commander.cpp (handle_command), src/modules/mavlink/mavlink_mission.cpp.
It has no dynamics worth the name.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.enums import (
    FORCE_DISARM_MAGIC,
    Autopilot,
    Command,
    EkfFlag,
    LandedState,
    MavResult,
    MavType,
    MissionResult,
    ModeFlag,
    SysStatusSensor,
)
from fleet.wire.frame import parse_datagram
from fleet.wire.message import Message, as_dict
from fleet.wire.px4_modes import Px4Mode, px4_custom_mode

HOME = (35.49, 112.85, 750.0)
ASK_AGAIN_S = 0.25
"""MavlinkMissionManager: retry timeout."""
GIVES_UP_S = 5.0
"""MavlinkMissionManager: action timeout."""
SETTABLE = frozenset({
    Px4Mode.MANUAL, Px4Mode.ALTCTL, Px4Mode.POSCTL, Px4Mode.ACRO, Px4Mode.OFFBOARD, Px4Mode.STABILIZED,
    Px4Mode.AUTO_LOITER, Px4Mode.AUTO_MISSION, Px4Mode.AUTO_RTL, Px4Mode.AUTO_TAKEOFF, Px4Mode.AUTO_LAND,
    Px4Mode.AUTO_FOLLOW_TARGET, Px4Mode.AUTO_PRECLAND,
})


@dataclass(slots=True)
class ScriptedPx4:
    """The autopilot of one system id; `send` takes the bytes it says."""

    sysid: int
    send: Callable[[bytes], None]
    kind: MavType = MavType.QUADROTOR
    mode: int = int(Px4Mode.MANUAL)
    is_armed: bool = False
    is_ready: bool = True
    refusal: str = "Arming denied: Resolve system health failures first"
    progress_first: bool = False
    loses_its_turn: bool = False
    """Ends the next transfer to us with an error."""
    refused_modes: frozenset[int] = frozenset()
    height_m: float = 0.0
    target_m: float = 0.0
    north_deg: float = 0.0
    target_north_deg: float = 0.0
    current: int = 0
    items: list[dict[str, Any]] = field(default_factory=list)
    parameters: dict[str, float] = field(default_factory=lambda: {"RTL_RETURN_ALT": 60.0})
    heard: list[Message] = field(default_factory=list)
    rejected_requests: int = 0
    _incoming: list[dict[str, Any]] = field(default_factory=list)
    _count: int = 0
    _silent_s: float = 0.0
    _asked_s: float = 0.0
    _sending: int | None = None
    """Next item to hand out, None when nobody reads the mission."""
    _encoder: Encoder = field(init=False)
    _decoder: Decoder = field(default_factory=Decoder)

    def __post_init__(self) -> None:
        self._encoder = Encoder(self.sysid, 1)

    def say(self, name: str, **fields: Any) -> None:
        self.send(self._encoder.encode(name, **fields))

    def tick(self, seconds: float) -> None:
        """Move, then report; streams are on without being asked for."""
        if self.is_armed:
            self.height_m += max(-2.0, min(2.0, self.target_m - self.height_m)) * seconds
            self.north_deg += (self.target_north_deg - self.north_deg) * min(1.0, seconds)
        self._time_out(seconds)
        self._beat()
        self._report()

    def _beat(self) -> None:
        base = ModeFlag.CUSTOM_MODE_ENABLED | (ModeFlag.SAFETY_ARMED if self.is_armed else 0)
        self.say(
            "HEARTBEAT", type=int(self.kind), autopilot=int(Autopilot.PX4), base_mode=int(base), custom_mode=self.mode,
            system_status=4,
        )

    def _time_out(self, seconds: float) -> None:
        if not self._count:
            return
        self._silent_s += seconds
        self._asked_s += seconds
        if self._silent_s >= GIVES_UP_S:
            self._count = 0
        elif self._asked_s >= ASK_AGAIN_S:
            self._ask()

    def _report(self) -> None:
        lat, lon, alt = HOME
        self.say(
            "GLOBAL_POSITION_INT", time_boot_ms=0, lat=round((lat + self.north_deg) * 1e7), lon=round(lon * 1e7),
            alt=round((alt + self.height_m) * 1000), relative_alt=round(self.height_m * 1000), vx=0, vy=0, vz=0, hdg=0,
        )
        zeros = dict.fromkeys((
            "load", "current_battery", "drop_rate_comm", "errors_comm", "errors_count1", "errors_count2",
            "errors_count3", "errors_count4", "onboard_control_sensors_enabled",
        ), 0)
        self.say(
            "SYS_STATUS", onboard_control_sensors_present=int(SysStatusSensor.PREARM_CHECK),
            onboard_control_sensors_health=int(SysStatusSensor.PREARM_CHECK) if self.is_ready else 0,
            voltage_battery=22000, battery_remaining=80, **zeros,
        )
        ratios = dict.fromkeys((
            "vel_ratio", "pos_horiz_ratio", "pos_vert_ratio", "mag_ratio", "hagl_ratio", "tas_ratio",
            "pos_horiz_accuracy", "pos_vert_accuracy",
        ), 0.1)
        flags = EkfFlag.POS_HORIZ_ABS | EkfFlag.POS_VERT_ABS if self.is_ready else EkfFlag.CONST_POS_MODE
        self.say("ESTIMATOR_STATUS", time_usec=0, flags=int(flags), **ratios)
        landed = LandedState.IN_AIR if self.height_m > 0.5 else LandedState.ON_GROUND
        self.say("EXTENDED_SYS_STATE", vtol_state=0, landed_state=int(landed))
        self.say("MISSION_CURRENT", seq=self.current)
        place = {"latitude": round(lat * 1e7), "longitude": round(lon * 1e7), "altitude": round(alt * 1000)}
        rest = dict.fromkeys(("x", "y", "z", "approach_x", "approach_y", "approach_z"), 0.0)
        self.say("HOME_POSITION", q=(1.0, 0.0, 0.0, 0.0), **place, **rest)

    def hear(self, data: bytes) -> None:
        for frame in parse_datagram(data):
            message = self._decoder.decode(frame)
            assert message is not None
            self.heard.append(message)
            handler = getattr(self, "on_" + message.SPEC.name.lower(), None)
            if handler is not None:
                handler(message)

    def ack(self, command: int, result: MavResult) -> None:
        self.say("COMMAND_ACK", command=command, result=int(result), target_system=255, target_component=190)

    def text(self, text: str) -> None:
        """Long ones in numbered chunks of 50 bytes."""
        chunks = [text[k : k + 50] for k in range(0, len(text), 50)]
        for number, chunk in enumerate(chunks):
            self.say("STATUSTEXT", severity=2, text=chunk, id=7 if len(chunks) > 1 else 0, chunk_seq=number)

    def on_command_long(self, message: Message) -> None:
        if self.progress_first:
            self.ack(message.command, MavResult.IN_PROGRESS)
        self.ack(message.command, self._obey(message))

    def _obey(self, message: Message) -> MavResult:
        match message.command:
            case Command.SET_MESSAGE_INTERVAL | Command.DO_CHANGE_SPEED:
                return MavResult.ACCEPTED
            case Command.REQUEST_MESSAGE:
                self._beat()
                return MavResult.ACCEPTED
            case Command.DO_SET_MODE:
                wanted = px4_custom_mode(int(message.param2), int(message.param3))
                return self._enter(wanted) if int(message.param1) & 1 else MavResult.TEMPORARILY_REJECTED
            case Command.COMPONENT_ARM_DISARM:
                return self._arming(message)
            case Command.NAV_TAKEOFF:
                assert math.isnan(message.param5), "here"
                assert math.isnan(message.param6), "here"
                self.target_m = message.param7 - HOME[2]
                return self._enter(Px4Mode.AUTO_TAKEOFF)
            case Command.MISSION_START:
                return self._start_mission(message)
        return MavResult.UNSUPPORTED

    def _enter(self, wanted: int) -> MavResult:
        if wanted not in SETTABLE or wanted in self.refused_modes:
            return MavResult.TEMPORARILY_REJECTED
        self.mode = int(wanted)
        return MavResult.ACCEPTED

    def _arming(self, message: Message) -> MavResult:
        if message.param1 == 1:
            return self._arm()
        if self.height_m > 0.5 and message.param2 != FORCE_DISARM_MAGIC:
            self.say("STATUSTEXT", severity=2, text="Disarming denied: not landed")
            return MavResult.TEMPORARILY_REJECTED
        self.is_armed = False
        return MavResult.ACCEPTED

    def _arm(self) -> MavResult:
        if not self.is_ready:
            self.text(self.refusal)
            return MavResult.TEMPORARILY_REJECTED
        self.is_armed = True
        return MavResult.ACCEPTED

    def _start_mission(self, message: Message) -> MavResult:
        """Commander wants a valid mission; Navigator starts over at param 1 unless it is negative."""
        lat_deg, lon_deg, _ = HOME
        placed = [item for item in self.items if item["command"] in (Command.NAV_TAKEOFF, Command.NAV_WAYPOINT)]
        is_near = all(
            abs(item["x"] / 1e7 - lat_deg) < 0.1 and abs(item["y"] / 1e7 - lon_deg) < 0.1 for item in placed
        )
        if not placed or not is_near:
            self.say("STATUSTEXT", severity=2, text="Mission start denied! No valid mission")
            return MavResult.DENIED
        if message.param1 >= 0:
            self.current = int(message.param1)
        if self._arm() is not MavResult.ACCEPTED:
            return MavResult.TEMPORARILY_REJECTED
        self.target_m = self.items[0]["z"] if self.items[0]["command"] == Command.NAV_TAKEOFF else self.height_m
        return self._enter(Px4Mode.AUTO_MISSION)

    def on_command_int(self, message: Message) -> None:
        if message.command != Command.DO_REPOSITION or message.param2 != 1.0:
            self.ack(message.command, MavResult.UNSUPPORTED)
            return
        result = self._enter(Px4Mode.AUTO_LOITER)
        if result is MavResult.ACCEPTED:
            self.target_m, self.target_north_deg = message.z - HOME[2], message.x / 1e7 - HOME[0]
        self.ack(message.command, result)

    def on_mission_count(self, message: Message) -> None:
        self._count, self._incoming, self._silent_s = message.count, [], 0.0
        self._ask()

    def _ask(self) -> None:
        self._asked_s = 0.0
        self.say(
            "MISSION_REQUEST_INT", target_system=255, target_component=190, seq=len(self._incoming), mission_type=0
        )

    def on_mission_item_int(self, message: Message) -> None:
        if not self._count or message.seq != len(self._incoming):
            return
        self._incoming.append(as_dict(message))
        self._silent_s = 0.0
        if len(self._incoming) < self._count:
            self._ask()
            return
        self.items, self._count = list(self._incoming), 0
        self._done(MissionResult.ACCEPTED)

    def _done(self, result: MissionResult) -> None:
        self.say("MISSION_ACK", target_system=255, target_component=190, type=int(result), mission_type=0)

    def on_mission_request_list(self, message: Message) -> None:
        self._sending = 0
        self.say("MISSION_COUNT", target_system=255, target_component=190, count=len(self.items), mission_type=0)

    def on_mission_request_int(self, message: Message) -> None:
        """In turn, or the last one again; anything else ends the transfer."""
        if self._sending is None:
            return
        if self.loses_its_turn:
            self.loses_its_turn, self._sending = False, len(self.items)
        if message.seq not in (self._sending, self._sending - 1) or message.seq >= len(self.items):
            self.rejected_requests += 1
            self._sending = None
            self._done(MissionResult.ERROR)
            return
        self._sending = message.seq + 1
        self.say("MISSION_ITEM_INT", **self.items[message.seq] | {"target_system": 255, "target_component": 190})

    def on_mission_ack(self, message: Message) -> None:
        self._sending = None

    def on_mission_set_current(self, message: Message) -> None:
        if message.seq < len(self.items):
            self.current = message.seq
            self.say("MISSION_CURRENT", seq=self.current)

    def on_param_set(self, message: Message) -> None:
        if message.param_id in self.parameters:
            self.parameters[message.param_id] = message.param_value
            fields = {"param_id": message.param_id, "param_value": message.param_value, "param_type": 9}
            self.say("PARAM_VALUE", param_count=1, param_index=0, **fields)
