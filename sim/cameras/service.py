"""The cameras as a service: captures become access units on RTSP mounts, live views run while somebody watches."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from sim.cameras.model import CameraPose, Lens, Shot
from sim.cameras.render import Renderer
from sim.video.encoder import AccessUnit, H264Encoder, headers_for
from sim.video.server import RtspServer
from sim.worlds.model import World
from world.ids import VehicleId
from world.time import NS_PER_S, Clock

SENSORS = ("rgb", "thermal")
DEVELOPING_NS = 200_000_000
"""From exposure to the mounts: what cameras take to code a picture; here, threads draw and code meanwhile."""
THREADS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exposed:
    """A detection image on its way to its mounts."""

    due_ns: int
    utc_ns: int
    units: Future[dict[str, AccessUnit]]


class CameraService:
    """Mounts `/<vehicle>/rgb`, `/<vehicle>/thermal` (detection images, every one a key frame) and `/<vehicle>/live`.

    Detection images come one to three seconds apart: predicted frames would save little and one lost unit would take
    the next with it. The live view has a mount of its own, so that it never mixes with what a detector counts.
    """

    def __init__(
        self, world: World, server: RtspServer, clock: Clock, vehicles: Iterable[VehicleId], *,
        sensors: Sequence[str] = SENSORS,
    ) -> None:
        """`sensors`: whose detection images are sent; none of cameras that detect on board."""
        self.lens = Lens.of(world.scenario.camera)
        self._server, self._clock = server, clock
        self._renderer = Renderer(world, self.lens)
        self._encoders: dict[str, H264Encoder] = {}
        self._live_frames: dict[VehicleId, int] = {}
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="camera")
        self._exposed: asyncio.Queue[_Exposed] = asyncio.Queue()
        self._last: dict[VehicleId, Future[dict[str, AccessUnit]]] = {}
        size = (self.lens.width_px, self.lens.height_px)
        for vehicle in vehicles:
            for sensor in (*sensors, "live"):
                path = mount_of(vehicle, sensor)
                fps = world.scenario.camera.live_fps if sensor == "live" else 1
                server.mount(path, fps, sets=headers_for(*size))
                self._encoders[path] = H264Encoder(*size)

    def capture(self, vehicle: VehicleId, pose: CameraPose, *, image: int, utc_ns: int) -> None:
        """Exposes one detection image, which `develop` puts on both mounts; nothing is drawn for nobody."""
        paths = [mount_of(vehicle, sensor) for sensor in SENSORS]
        if not any(self._server.is_watched(path) for path in paths):
            return
        shot = Shot(vehicle=vehicle, frame=image, utc_ns=utc_ns)
        if vehicle in self._last:
            self._last[vehicle].result()  # an encoder takes its pictures in order
        units = self._last[vehicle] = self._threads.submit(self._make, paths, pose, shot)
        due_ns = self._clock.now().mono_ns + DEVELOPING_NS
        self._exposed.put_nowait(_Exposed(due_ns=due_ns, utc_ns=utc_ns, units=units))

    def _make(self, paths: Sequence[str], pose: CameraPose, shot: Shot) -> dict[str, AccessUnit]:
        pair = self._renderer.render_pair(pose, shot)
        pictures = zip(paths, (pair.rgb, pair.thermal), strict=True)
        return {path: self._encoders[path].encode(picture, shot.utc_ns, is_key=True) for path, picture in pictures}

    async def develop(self) -> None:
        """Puts exposed images on their mounts, with the capture's time; runs until cancelled.

        Raises LosslessViewerStalled.
        """
        while True:
            exposed = await self._exposed.get()
            await self._clock.sleep_until(exposed.due_ns)
            for path, unit in exposed.units.result().items():
                self._server.push(path, unit.data, exposed.utc_ns, unit.is_key)

    async def live(self, poses: Mapping[VehicleId, Callable[[], CameraPose | None]], fps: int) -> None:
        """Streams colour views at `fps` for as long as somebody plays their live mounts; runs until cancelled.

        One task for all: waking for each of a hundred vehicles that nobody watches would cost more than their flight.
        """
        period_ns = NS_PER_S // fps
        due_ns = self._clock.now().mono_ns
        while True:
            due_ns = max(due_ns + period_ns, self._clock.now().mono_ns)
            await self._clock.sleep_until(due_ns)
            for vehicle, pose_of in poses.items():
                path = mount_of(vehicle, "live")
                if self._server.is_watched(path) and (pose := pose_of()) is not None:
                    self._push_live(vehicle, path, pose)

    def _push_live(self, vehicle: VehicleId, path: str, pose: CameraPose) -> None:
        utc_ns = self._clock.now().utc_ns
        frame = self._live_frames[vehicle] = self._live_frames.get(vehicle, -1) + 1
        pair = self._renderer.render_pair(pose, Shot(vehicle=f"{vehicle}/live", frame=frame, utc_ns=utc_ns))
        unit = self._encoders[path].encode(pair.rgb, utc_ns, is_key=self._server.take_newcomer(path))
        self._server.push(path, unit.data, utc_ns, unit.is_key)


def mount_of(vehicle: VehicleId, sensor: str) -> str:
    return f"/{vehicle}/{sensor}"
