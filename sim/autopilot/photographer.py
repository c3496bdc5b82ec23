"""Component 100 on the wire: its heartbeat and lenses once a second, its commands, and the announcement of pictures."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from fleet.wire.enums import Component, MavResult
from fleet.wire.readings import CameraLens, PixelBox, Spectrum
from fleet.wire.tunnel import split_detections, tunnel_fields
from sim.autopilot.camera import LENS_UP_M, Camera, Capture
from sim.payloads.camera import CameraProtocol
from sim.speak.reports import camera_heartbeat
from world.attitude import Quaternion
from world.position import Enu

if TYPE_CHECKING:
    from sim.autopilot.orders import Order
    from sim.autopilot.ship import Ship

Detect = Callable[[Capture], Sequence[PixelBox]]
"""What a camera finds in a picture on board."""
FRAME_HZ: Final = 10.0
LENS_AT_FIRST: Final = 5
LENS_EVERY: Final = 5
"""Hellos with lenses: the first ones, and then every so many."""
_SPECTRA: Final = {"rgb": Spectrum.VISIBLE, "thermal": Spectrum.THERMAL}


class Photographer:
    """`on_capture` gets every picture as it truly was; the wire gets what the vehicle believes.

    With `detect` the camera looks for people by itself and says what it found, be it nobody.
    """

    def __init__(
        self, ship: "Ship", camera: Camera, on_capture: Callable[[Capture], None], detect: Detect | None = None
    ) -> None:
        self._ship = ship
        self._camera = camera
        self._on_capture = on_capture
        self._detect = detect
        self._protocol = CameraProtocol(ship, camera)
        self._hellos = 0

    def say_hello(self) -> None:
        """Once a second; its lenses every second at first, later seldom, for those who come late."""
        ship, pitch = self._ship, math.degrees(self._camera.pitch_rad)
        ship.voice.say("HEARTBEAT", component=Component.CAMERA, **camera_heartbeat(ship))
        self._hellos += 1
        if self._hellos > LENS_AT_FIRST and self._hellos % LENS_EVERY:
            return
        for instance, lens in enumerate(self._camera.spec.lenses):
            reading = CameraLens(
                instance=instance, time_utc_us=ship.utc_ns // 1000, hfov_deg=lens.hfov_deg, width_px=lens.width_px,
                height_px=lens.height_px, pitch_deg=pitch, spectrum=_SPECTRA[lens.name], rate_hz=FRAME_HZ,
            )
            ship.voice.say("TUNNEL", component=Component.CAMERA, **tunnel_fields(reading))

    def obey(self, order: "Order") -> MavResult:
        return self._protocol.obey(order)

    def next_look(self) -> int:
        """The first tick at which it is worth looking at the place."""
        return self._camera.next_look()

    def is_due(self) -> bool:
        """Whether to shoot now."""
        ship, e = self._ship, self._ship.estimate
        return self._camera.is_due(ship.tick_now, e.east_m, e.north_m)

    def shoot(self, true_at: Enu, true_yaw_rad: float, tilt_error_rad: tuple[float, float]) -> None:
        """Take a picture. `tilt_error_rad`: roll and pitch the mount's own attitude is off by."""
        ship, camera, e = self._ship, self._camera, self._ship.estimate
        index = camera.shoot(ship.tick_now, e.east_m, e.north_m)
        truth = Quaternion.from_euler(roll_rad=0.0, pitch_rad=camera.pitch_rad, yaw_rad=true_yaw_rad + camera.yaw_rad)
        lens = Enu(east_m=true_at.east_m, north_m=true_at.north_m, up_m=true_at.up_m + LENS_UP_M)
        capture = Capture(
            vehicle=ship.spec.id, index=index, tick=ship.tick_now, utc_ns=ship.utc_ns, position=lens, attitude=truth,
        )
        self._on_capture(capture)
        announcement = self._announcement(index, tilt_error_rad)
        self._protocol.announced(index, announcement)
        ship.voice.say("CAMERA_IMAGE_CAPTURED", component=Component.CAMERA, **announcement)
        if self._detect is not None:
            for part in split_detections(index, ship.utc_ns // 1000, self._detect(capture)):
                ship.voice.say("TUNNEL", component=Component.CAMERA, **tunnel_fields(part))

    def _announcement(self, index: int, tilt_error_rad: tuple[float, float]) -> dict[str, Any]:
        ship, e = self._ship, self._ship.estimate
        roll, pitch = tilt_error_rad
        yaw = e.yaw_rad + self._camera.yaw_rad
        q = Quaternion.from_euler(roll_rad=roll, pitch_rad=self._camera.pitch_rad + pitch, yaw_rad=yaw)
        home_up_m = ship.home.up_m if ship.home else e.up_m
        return {
            "time_boot_ms": ship.boot_ms, "time_utc": ship.utc_ns // 1000, "camera_id": 0,
            "lat": round(e.lat_deg * 1e7), "lon": round(e.lon_deg * 1e7),
            "alt": round((ship.place.frame.origin.height_m + e.up_m + LENS_UP_M) * 1000),
            "relative_alt": round((e.up_m + LENS_UP_M - home_up_m) * 1000), "q": (q.w, q.x, q.y, q.z),
            "image_index": index, "capture_result": 1, "file_url": "",
        }
