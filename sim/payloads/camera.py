"""Twin of the camera: camera protocol v2 over the pictures that the vehicle's camera truly takes."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from fleet.wire.dialect import ardupilotmega
from fleet.wire.enums import (
    CameraCapability,
    CameraMode,
    Command,
    Component,
    MavResult,
    StorageStatus,
    StorageType,
    StorageUsage,
)
from sim.engine.columns import TICKS_PER_S

if TYPE_CHECKING:
    from sim.autopilot.camera import Camera
    from sim.autopilot.orders import Order
    from sim.autopilot.ship import Ship

ABILITIES: Final = (
    CameraCapability.CAPTURE_IMAGE | CameraCapability.CAPTURE_VIDEO | CameraCapability.HAS_MODES
    | CameraCapability.CAN_CAPTURE_IMAGE_IN_VIDEO_MODE | CameraCapability.CAN_CAPTURE_VIDEO_IN_IMAGE_MODE
)
"""No zoom: nothing in the pictures would change. No streams: their address is not the camera's to know here."""
CARD_MIB: Final = 32_000.0
IMAGE_MIB: Final = 4.0
VIDEO_MIB_S: Final = 1.5
KEPT: Final = 512
"""Announcements that can be asked for again."""
_NAN: Final = float("nan")


class CameraProtocol:
    """What a camera component is asked and told; `obey` answers commands, messages go to every link."""

    def __init__(self, ship: "Ship", camera: "Camera") -> None:
        self._ship, self._camera = ship, camera
        self._mode = CameraMode.IMAGE
        self._sequence = 0
        self._recorded_ticks = 0
        self._recording_since: int | None = None
        self._announced: dict[int, dict[str, Any]] = {}
        self._orders: Mapping[int, Callable[[Order], MavResult]] = {
            Command.IMAGE_START_CAPTURE: self._start_images,
            Command.IMAGE_STOP_CAPTURE: self._stop_images,
            Command.DO_DIGICAM_CONTROL: self._shoot,
            Command.VIDEO_START_CAPTURE: self._start_video,
            Command.VIDEO_STOP_CAPTURE: self._stop_video,
            Command.SET_CAMERA_MODE: self._set_mode,
            Command.REQUEST_MESSAGE: self._say_again,
            Command.REQUEST_CAMERA_INFORMATION: lambda order: self._say("CAMERA_INFORMATION"),
        }

    def obey(self, order: "Order") -> MavResult:
        handler = self._orders.get(order.command)
        return MavResult.UNSUPPORTED if handler is None else handler(order)

    def announced(self, index: int, fields: dict[str, Any]) -> None:
        """A picture was taken."""
        self._announced[index] = fields
        while len(self._announced) > KEPT:
            del self._announced[next(iter(self._announced))]

    def _start_images(self, order: "Order") -> MavResult:
        """A single picture has a number, by which a repeated order is known; a series has an interval."""
        _, interval_s, count, sequence = order.p
        if interval_s < 0 or count < 0 or self._free_mib() < IMAGE_MIB:
            return MavResult.DENIED
        if count == 1:
            if sequence == 0 or int(sequence) != self._sequence:
                self._camera.wants_shot = True
            self._sequence = int(sequence)
        elif interval_s > 0:
            self._camera.shoot_every(interval_s, int(count))
        else:
            self._camera.wants_shot = True
        return MavResult.ACCEPTED

    def _stop_images(self, order: "Order") -> MavResult:
        self._camera.stop_series()
        return MavResult.ACCEPTED

    def _shoot(self, order: "Order") -> MavResult:
        self._camera.wants_shot = True
        return MavResult.ACCEPTED

    def _start_video(self, order: "Order") -> MavResult:
        if self._recording_since is None:
            self._recording_since = self._ship.tick_now
        return MavResult.ACCEPTED

    def _stop_video(self, order: "Order") -> MavResult:
        if self._recording_since is not None:
            self._recorded_ticks += self._ship.tick_now - self._recording_since
            self._recording_since = None
        return MavResult.ACCEPTED

    def _set_mode(self, order: "Order") -> MavResult:
        if order.p[1] not in (CameraMode.IMAGE, CameraMode.VIDEO):
            return MavResult.DENIED
        self._mode = CameraMode(int(order.p[1]))
        return MavResult.ACCEPTED

    def _say_again(self, order: "Order") -> MavResult:
        spec = ardupilotmega().by_id.get(int(order.p[0]))
        if spec is None:
            return MavResult.UNSUPPORTED
        if spec.name == "CAMERA_IMAGE_CAPTURED":
            fields = self._announced.get(int(order.p[1]))
            if fields is None:
                return MavResult.DENIED
            self._ship.voice.say(spec.name, component=Component.CAMERA, **fields)
            return MavResult.ACCEPTED
        return self._say(spec.name)

    def _say(self, name: str) -> MavResult:
        report = self._reports().get(name)
        if report is None:
            return MavResult.UNSUPPORTED
        self._ship.voice.say(name, component=Component.CAMERA, **report())
        return MavResult.ACCEPTED

    def _reports(self) -> Mapping[str, Callable[[], dict[str, Any]]]:
        return {
            "CAMERA_INFORMATION": self._information, "CAMERA_SETTINGS": self._settings,
            "STORAGE_INFORMATION": self._storage, "CAMERA_CAPTURE_STATUS": self._status,
        }

    def _information(self) -> dict[str, Any]:
        lens = self._camera.spec.lenses[0]
        return {
            "time_boot_ms": self._ship.boot_ms, "firmware_version": 1, "focal_length": _NAN, "sensor_size_h": _NAN,
            "sensor_size_v": _NAN, "flags": int(ABILITIES), "resolution_h": lens.width_px,
            "resolution_v": lens.height_px, "cam_definition_version": 0, "vendor_name": b"Taihang",
            "model_name": b"simulated camera", "lens_id": 0, "cam_definition_uri": "",
        }

    def _settings(self) -> dict[str, Any]:
        return {"time_boot_ms": self._ship.boot_ms, "mode_id": self._mode, "zoomLevel": _NAN, "focusLevel": _NAN}

    def _storage(self) -> dict[str, Any]:
        free = self._free_mib()
        return {
            "time_boot_ms": self._ship.boot_ms, "storage_id": 1, "storage_count": 1, "status": StorageStatus.READY,
            "total_capacity": CARD_MIB, "used_capacity": CARD_MIB - free, "available_capacity": free,
            "read_speed": _NAN, "write_speed": _NAN, "type": StorageType.MICROSD,
            "storage_usage": int(StorageUsage.PHOTO | StorageUsage.VIDEO),
        }

    def _status(self) -> dict[str, Any]:
        camera = self._camera
        is_series = camera.left != 0
        recording_ms = 0 if self._recording_since is None else (self._ship.tick_now - self._recording_since) * 4
        return {
            "time_boot_ms": self._ship.boot_ms, "image_status": 2 if is_series else int(camera.wants_shot),
            "video_status": int(self._recording_since is not None), "recording_time_ms": recording_ms,
            "image_interval": camera.interval_ticks / TICKS_PER_S if is_series else 0.0,
            "available_capacity": self._free_mib(), "image_count": camera.count,
        }

    def _free_mib(self) -> float:
        ticks = self._recorded_ticks
        if self._recording_since is not None:
            ticks += self._ship.tick_now - self._recording_since
        return max(CARD_MIB - IMAGE_MIB * self._camera.count - VIDEO_MIB_S * ticks / TICKS_PER_S, 0.0)
