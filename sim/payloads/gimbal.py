"""Twin of the gimbal: its manager in the autopilot, as ArduPilot has it, and the device that turns at its own rate."""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from fleet.wire.dialect import ardupilotmega
from fleet.wire.enums import (
    Autopilot,
    Command,
    Component,
    GimbalCapability,
    GimbalError,
    GimbalFlag,
    MavResult,
    MavType,
    SystemState,
)
from sim.payloads.twin import PACE_S, STATUS_TICKS, Moment, Said, Twin, towards
from world.attitude import Quaternion
from world.position import Enu

if TYPE_CHECKING:
    from sim.autopilot.orders import Order

PITCH_RAD: Final = (math.radians(-90.0), math.radians(30.0))
YAW_RAD: Final = (math.radians(-170.0), math.radians(170.0))
RATE_RAD_S: Final = math.radians(60.0)
DEVICE: Final = 1
"""Number of a gimbal without a component of its own; 154 is told besides."""
_CAN: Final = (
    GimbalCapability.HAS_NEUTRAL | GimbalCapability.HAS_PITCH_AXIS | GimbalCapability.HAS_PITCH_LOCK
    | GimbalCapability.HAS_YAW_AXIS | GimbalCapability.HAS_YAW_FOLLOW | GimbalCapability.CAN_POINT_LOCATION_GLOBAL
)
_FLAGS: Final = GimbalFlag.ROLL_LOCK | GimbalFlag.PITCH_LOCK | GimbalFlag.YAW_IN_VEHICLE_FRAME


class Gimbal(Twin):
    """Angles in radians: pitch to the horizon, yaw to the nose. Stabilised: the vehicle's tilt does not show."""

    name: ClassVar[str] = "gimbal"
    component: ClassVar[Component] = Component.AUTOPILOT
    is_single: ClassVar[bool] = True

    def __init__(self, instance: int, dice: np.random.Generator) -> None:
        super().__init__(instance, dice)
        self.pitch_rad, self.yaw_rad = 0.0, 0.0
        self._target = (0.0, 0.0)
        self._turning_rad_s = (0.0, 0.0)
        self._controller = (0, 0)
        self._asked: list[str] = []

    def obey(self, order: "Order", moment: Moment) -> MavResult | None:
        if order.command == Command.DO_GIMBAL_MANAGER_CONFIGURE:
            return self._configure(order)
        if order.command == Command.DO_GIMBAL_MANAGER_PITCHYAW:
            return self._turn(order)
        if order.command == Command.REQUEST_MESSAGE:
            spec = ardupilotmega().by_id.get(int(order.p[0]))
            if spec is not None and spec.name in self._reports():
                self._asked.append(spec.name)
                return MavResult.ACCEPTED
        return None

    def step(self, moment: Moment) -> None:
        if moment.watched is not None:
            self._target = self._towards(moment, moment.watched)
        if self.injected & GimbalError.MOTOR_ERROR:
            self._turning_rad_s = (0.0, 0.0)
            return
        before = (self.pitch_rad, self.yaw_rad)
        self.pitch_rad = towards(self.pitch_rad, self._target[0], RATE_RAD_S)
        self.yaw_rad = towards(self.yaw_rad, self._target[1], RATE_RAD_S)
        self._turning_rad_s = ((self.pitch_rad - before[0]) / PACE_S, (self.yaw_rad - before[1]) / PACE_S)

    def readings(self, moment: Moment) -> list[Said]:
        """What was asked for."""
        asked, self._asked = self._asked, []
        return [self._said(name, moment) for name in asked]

    def statements(self, moment: Moment) -> list[Said]:
        said = [self._said("GIMBAL_DEVICE_ATTITUDE_STATUS", moment), self._said("GIMBAL_MANAGER_STATUS", moment)]
        if moment.tick // STATUS_TICKS % 2 == 0:
            said.append(Said("HEARTBEAT", Component.GIMBAL, {
                "type": MavType.GIMBAL, "autopilot": Autopilot.INVALID, "base_mode": 0, "custom_mode": 0,
                "system_status": SystemState.ACTIVE,
            }))
        return said

    def _configure(self, order: "Order") -> MavResult:
        """-1 leaves as is; who asks for itself by -2 or -3 is not known here."""
        sysid, compid = int(order.p[0]), int(order.p[1])
        if not -1 <= sysid <= 255 or not -1 <= compid <= 255:
            return MavResult.DENIED
        before = self._controller
        self._controller = (before[0] if sysid < 0 else sysid, before[1] if compid < 0 else compid)
        self.wants_to_say = True
        return MavResult.ACCEPTED

    def _turn(self, order: "Order") -> MavResult:
        """Only for somebody in control. Angles out of reach are cut to the end of the axis."""
        if self._controller == (0, 0):
            return MavResult.DENIED
        flags = GimbalFlag(int(order.lat_deg) & 0x3FF)
        pitch, yaw = math.radians(order.p[0]), math.radians(order.p[1])
        self._target = (0.0, 0.0) if GimbalFlag.NEUTRAL in flags else _within(pitch, yaw)
        return MavResult.ACCEPTED

    def _towards(self, moment: Moment, place: Enu) -> tuple[float, float]:
        east, north, up = (place.east_m - moment.at.east_m, place.north_m - moment.at.north_m,
                           place.up_m - moment.at.up_m)
        yaw = math.atan2(east, north) - moment.yaw_rad
        wrapped = (yaw + math.pi) % (2 * math.pi) - math.pi
        return _within(math.atan2(up, max(math.hypot(east, north), 0.01)), wrapped)

    def _said(self, name: str, moment: Moment) -> Said:
        component = Component.GIMBAL if name.startswith("GIMBAL_DEVICE") else Component.AUTOPILOT
        return Said(name, component, {"time_boot_ms": moment.boot_ms} | self._reports()[name]())

    def _reports(self) -> Mapping[str, Callable[[], dict[str, Any]]]:
        return {
            "GIMBAL_DEVICE_ATTITUDE_STATUS": self._attitude, "GIMBAL_MANAGER_STATUS": self._status,
            "GIMBAL_MANAGER_INFORMATION": self._information,
        }

    def _attitude(self) -> dict[str, Any]:
        q = Quaternion.from_euler(roll_rad=0.0, pitch_rad=self.pitch_rad, yaw_rad=self.yaw_rad)
        return {
            "q": (q.w, q.x, q.y, q.z), "angular_velocity_x": 0.0, "angular_velocity_y": self._turning_rad_s[0],
            "angular_velocity_z": self._turning_rad_s[1], "failure_flags": self.injected, "flags": int(_FLAGS),
            "target_system": 0, "target_component": 0, "gimbal_device_id": DEVICE,
        }

    def _status(self) -> dict[str, Any]:
        sysid, compid = self._controller
        return {
            "flags": int(_FLAGS), "gimbal_device_id": DEVICE, "primary_control_sysid": sysid,
            "primary_control_compid": compid, "secondary_control_sysid": 0, "secondary_control_compid": 0,
        }

    def _information(self) -> dict[str, Any]:
        return {
            "cap_flags": int(_CAN), "gimbal_device_id": DEVICE, "roll_min": 0.0, "roll_max": 0.0,
            "pitch_min": PITCH_RAD[0], "pitch_max": PITCH_RAD[1], "yaw_min": YAW_RAD[0], "yaw_max": YAW_RAD[1],
        }


def _within(pitch: float, yaw: float) -> tuple[float, float]:
    return min(max(pitch, PITCH_RAD[0]), PITCH_RAD[1]), min(max(yaw, YAW_RAD[0]), YAW_RAD[1])
