"""Gazebo's cameras over RTSP: `/<vehicle>/rgb` with what autopilots captured, `/<vehicle>/live` with every picture."""

from collections.abc import Sequence

from sim.adapters.gazebo.bridge import Picture
from sim.adapters.gazebo.camera import Exposed, GazeboCameras
from sim.adapters.gazebo.model import Pictures
from sim.autopilot.camera import Capture
from sim.cameras.service import mount_of
from sim.video.encoder import H264Encoder, headers_for
from sim.video.server import RtspServer
from world.ids import VehicleId
from world.time import Clock


class Show:
    """`see` is for the stage, `capture` for SimService. Nothing is coded for nobody."""

    def __init__(self, server: RtspServer, clock: Clock, cameras: Sequence[Pictures]) -> None:
        self._server, self._clock = server, clock
        self._cameras = GazeboCameras(cameras, on_exposed=self._push)
        self._encoders: dict[str, H264Encoder] = {}
        for camera in cameras:
            size = (camera.width_px, camera.height_px)
            for name, fps in (("rgb", 1), ("live", round(camera.rate_hz))):
                path = mount_of(VehicleId(camera.vehicle), name)
                server.mount(path, fps, sets=headers_for(*size))
                self._encoders[path] = H264Encoder(*size, fps=fps)

    def see(self, picture: Picture) -> None:
        path = mount_of(self._cameras.vehicle_of(picture), "live")
        if self._server.is_watched(path):
            utc_ns = self._clock.now().utc_ns
            unit = self._encoders[path].encode(picture.rgb, utc_ns, is_key=self._server.take_newcomer(path))
            self._server.push(path, unit.data, utc_ns, unit.is_key)
        self._cameras.see(picture)

    def capture(self, row: int, capture: Capture) -> None:
        self._cameras.capture(row, capture)

    def _push(self, exposed: Exposed) -> None:
        path, utc_ns = mount_of(exposed.capture.vehicle, "rgb"), exposed.capture.utc_ns
        if self._server.is_watched(path):
            unit = self._encoders[path].encode(exposed.picture.rgb, utc_ns, is_key=True)
            self._server.push(path, unit.data, utc_ns, unit.is_key)
