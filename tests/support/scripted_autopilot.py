"""A scripted MAVLink vehicle for tests of the fleet: behaves as told, honest or lying. No dynamics worth the name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.enums import (
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

HOME = (35.49, 112.85, 750.0)


@dataclass(slots=True, kw_only=True)
class Script:
    """What is odd about a vehicle."""

    ignores_mode: bool = False
    refused_modes: tuple[int, ...] = ()
    arm_refusals: int = 0
    arm_reason: str | None = None
    acks_arm_only: bool = False
    keeps_old_item: int | None = None
    loses_last_item: bool = False
    is_mute: bool = False
    never_climbs: bool = False
    parameter_off_by: float = 0.0
    ignores_current: bool = False
    takes_no_pictures: bool = False
    progress_first: bool = False
    refuses_mission_start: bool = False


@dataclass(slots=True)
class ScriptedAutopilot:
    """Autopilot and camera of one system id; `send` takes the bytes it says."""

    sysid: int
    send: Callable[[bytes], None]
    kind: MavType = MavType.QUADROTOR
    auto: int = 3
    script: Script = field(default_factory=Script)
    mode: int = 0
    is_armed: bool = False
    height_m: float = 0.0
    target_m: float = 0.0
    north_deg: float = 0.0
    heading_deg: float = 0.0
    battery_pct: int = 90
    current: int = 0
    is_ready: bool = True
    has_clock: bool = False
    """Says its own time with its position; otherwise 0, as a vehicle that does not know it."""
    clock_ms: int = 0
    parameters: dict[str, float] = field(default_factory=lambda: {"RTL_ALT": 1500.0})
    items: list[dict[str, Any]] = field(default_factory=list)
    intervals: dict[int, float] = field(default_factory=dict)
    commands: list[tuple[int, float]] = field(default_factory=list)
    heartbeats_heard: int = 0
    setpoints: int = 0
    _upload: list[dict[str, Any]] = field(default_factory=list)
    _count: int = 0
    _silent_s: float = 0.0
    _images: int = 0
    _encoder: Encoder = field(init=False)
    _camera: Encoder = field(init=False)
    _decoder: Decoder = field(default_factory=Decoder)

    def __post_init__(self) -> None:
        self._encoder, self._camera = Encoder(self.sysid, 1), Encoder(self.sysid, 100)

    def say(self, name: str, **fields: Any) -> None:
        if not self.script.is_mute:
            self.send(self._encoder.encode(name, **fields))

    def tick(self, seconds: float) -> None:
        """Called at 5 Hz: move towards the target height, then report."""
        self.clock_ms += round(seconds * 1000)
        if self.is_armed and not self.script.never_climbs:
            self.height_m += max(-2.0, min(2.0, self.target_m - self.height_m)) * seconds
        self._beat()
        self._ask_again(seconds)
        self._report()

    def _ask_again(self, seconds: float) -> None:
        """Every second, and no more after eight (ArduPilot 4.5.7)."""
        before, self._silent_s = self._silent_s, self._silent_s + seconds
        if self._count and self._silent_s >= 8.0:
            self._count = 0
        elif self._count and int(before) != int(self._silent_s):
            self._ask()

    def _report(self) -> None:
        lat, lon, alt = HOME
        wanted = SysStatusSensor.PREARM_CHECK if self.is_ready else 0
        if 33 in self.intervals:
            self.say(
                "GLOBAL_POSITION_INT", time_boot_ms=self.clock_ms if self.has_clock else 0,
                lat=round((lat + self.north_deg) * 1e7), lon=round(lon * 1e7),
                alt=round((alt + self.height_m) * 1000), relative_alt=round(self.height_m * 1000),
                vx=0, vy=0, vz=0, hdg=round(self.heading_deg * 100),
            )
        if 1 in self.intervals:
            zeros = dict.fromkeys((
                "load", "current_battery", "drop_rate_comm", "errors_comm", "errors_count1", "errors_count2",
                "errors_count3", "errors_count4",
            ), 0)
            self.say(
                "SYS_STATUS", onboard_control_sensors_present=int(SysStatusSensor.PREARM_CHECK),
                onboard_control_sensors_enabled=0, onboard_control_sensors_health=int(wanted), voltage_battery=22000,
                battery_remaining=self.battery_pct, **zeros,
            )
        if 193 in self.intervals:
            flags = EkfFlag.POS_HORIZ_ABS if self.is_ready else EkfFlag.CONST_POS_MODE
            variances = dict.fromkeys((
                "velocity_variance", "pos_horiz_variance", "pos_vert_variance", "compass_variance",
                "terrain_alt_variance",
            ), 0.0)
            self.say("EKF_STATUS_REPORT", flags=int(flags), **variances)
        if 245 in self.intervals:
            landed = LandedState.IN_AIR if self.height_m > 0.5 else LandedState.ON_GROUND
            self.say("EXTENDED_SYS_STATE", vtol_state=0, landed_state=int(landed))
        if 42 in self.intervals:
            self.say("MISSION_CURRENT", seq=self.current)
        if 242 in self.intervals:
            self._say_home()

    def _say_home(self) -> None:
        lat, lon, alt = HOME
        place = {"latitude": round(lat * 1e7), "longitude": round(lon * 1e7), "altitude": round(alt * 1000)}
        rest = dict.fromkeys(("x", "y", "z", "approach_x", "approach_y", "approach_z"), 0.0)
        self.say("HOME_POSITION", q=(1.0, 0.0, 0.0, 0.0), **place, **rest)

    def _beat(self) -> None:
        base = ModeFlag.CUSTOM_MODE_ENABLED | (ModeFlag.SAFETY_ARMED if self.is_armed else 0)
        self.say(
            "HEARTBEAT", type=int(self.kind), autopilot=int(Autopilot.ARDUPILOT), base_mode=int(base),
            custom_mode=self.mode, system_status=4,
        )

    def hear(self, data: bytes) -> None:
        for frame in parse_datagram(data):
            message = self._decoder.decode(frame)
            if message is not None:
                handler = getattr(self, "on_" + message.SPEC.name.lower(), None)
                if handler is not None:
                    handler(message)

    def ack(self, command: int, result: MavResult) -> None:
        self.say("COMMAND_ACK", command=command, result=int(result), target_system=255, target_component=190)

    def text(self, text: str, severity: int = 3) -> None:
        self.say("STATUSTEXT", severity=severity, text=text)

    def on_heartbeat(self, message: Message) -> None:
        self.heartbeats_heard += 1

    def on_command_long(self, message: Message) -> None:
        self.commands.append((message.command, message.param1))
        if self.script.progress_first:
            self.ack(message.command, MavResult.IN_PROGRESS)
        result = self._obey(message)
        if result is not None:
            self.ack(message.command, result)

    def _obey(self, message: Message) -> MavResult | None:
        match message.command:
            case Command.SET_MESSAGE_INTERVAL:
                self.intervals[int(message.param1)] = message.param2
            case Command.REQUEST_MESSAGE if int(message.param1) == 242:
                self._say_home()
            case Command.REQUEST_MESSAGE:
                self._beat()
            case Command.DO_SET_MODE:
                if int(message.param2) in self.script.refused_modes:
                    return MavResult.FAILED
                self._enter(int(message.param2))
            case Command.MISSION_START if self.script.refuses_mission_start:
                return MavResult.UNSUPPORTED
            case Command.MISSION_START:
                self._enter(self.auto)
                self.target_m = 30.0
            case Command.COMPONENT_ARM_DISARM:
                return self._arming(message)
            case Command.NAV_TAKEOFF:
                self.target_m = message.param7
            case Command.CONDITION_YAW:
                self.heading_deg = message.param1
            case Command.IMAGE_START_CAPTURE:
                self.picture()
        return MavResult.ACCEPTED

    def _enter(self, mode: int) -> None:
        if not self.script.ignores_mode:
            self.mode = mode

    def _arming(self, message: Message) -> MavResult:
        if message.param1 == 1 and self.script.arm_refusals > 0:
            self.script.arm_refusals -= 1
            if self.script.arm_reason is not None:
                self.ack(message.command, MavResult.FAILED)
                self.text(self.script.arm_reason)
            return MavResult.FAILED
        if not self.script.acks_arm_only:
            self.is_armed = message.param1 == 1
        return MavResult.ACCEPTED

    def picture(self) -> None:
        if self.script.takes_no_pictures:
            return
        self._images += 1
        self.send(self._camera.encode(
            "CAMERA_IMAGE_CAPTURED", time_utc=1_800_000_000_000_000, time_boot_ms=1, camera_id=0, lat=354900000,
            lon=1128500000, alt=790000, relative_alt=40000, q=(1.0, 0.0, 0.0, 0.0), image_index=self._images,
            capture_result=1, file_url="",
        ))

    def on_mission_count(self, message: Message) -> None:
        self._count, self._upload, self._silent_s = message.count, [], 0.0
        self._ask()

    def _ask(self) -> None:
        self.say(
            "MISSION_REQUEST", target_system=255, target_component=190, seq=len(self._upload), mission_type=0
        )

    def on_mission_item_int(self, message: Message) -> None:
        if message.seq != len(self._upload) or self._count == 0:
            return
        self._upload.append(as_dict(message))
        self._silent_s = 0.0
        if len(self._upload) < self._count:
            self._ask()
            return
        self._count = 0
        self._store()
        self.say(
            "MISSION_ACK", target_system=255, target_component=190, type=int(MissionResult.ACCEPTED), mission_type=0
        )

    def _store(self) -> None:
        stored, keep = list(self._upload), self.script.keeps_old_item
        if keep is not None:
            stored[keep] = stored[keep] | {"x": stored[keep]["x"] + 1000}
        self.items = stored[:-1] if self.script.loses_last_item else stored

    def on_mission_request_list(self, message: Message) -> None:
        self.say("MISSION_COUNT", target_system=255, target_component=190, count=len(self.items), mission_type=0)

    def on_mission_request_int(self, message: Message) -> None:
        if message.seq < len(self.items):
            item = self.items[message.seq] | {"target_system": 255, "target_component": 190}
            if message.seq == 0:
                item |= {"x": round(HOME[0] * 1e7) + 7}
            self.say("MISSION_ITEM_INT", **item)

    def on_mission_set_current(self, message: Message) -> None:
        if not self.script.ignores_current:
            self.current = message.seq

    def on_param_request_read(self, message: Message) -> None:
        if message.param_id in self.parameters:
            value = self.parameters[message.param_id]
            self.say(
                "PARAM_VALUE", param_id=message.param_id, param_value=value, param_type=9,
                param_count=len(self.parameters), param_index=65535,
            )

    def on_param_set(self, message: Message) -> None:
        value = message.param_value + self.script.parameter_off_by
        self.parameters[message.param_id] = value
        fields = {"param_id": message.param_id, "param_value": value, "param_type": 9}
        self.say("PARAM_VALUE", param_count=1, param_index=0, **fields)

    def on_set_position_target_global_int(self, message: Message) -> None:
        self.setpoints += 1
        self.north_deg = (message.lat_int / 1e7 - HOME[0]) * 0.5
