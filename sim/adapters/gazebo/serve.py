"""A scenario's vehicles in Gazebo for any ground station, in live time: MAVLink as `sim.serve` has it, RTSP cameras."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from sim.adapters.gazebo.house import House
from sim.adapters.gazebo.model import Pictures
from sim.adapters.gazebo.show import Show
from sim.adapters.gazebo.stage import staged
from sim.cameras.service import mount_of
from sim.engine.weather import Weather
from sim.pace import FasterClock
from sim.serve import ServeOptions, Serving, serve_made
from sim.service import SimService
from sim.vehicles.spec import CameraSpec, LensSpec, VehicleSpec
from sim.video.live import LoopReactor
from sim.video.server import RtspServer
from sim.worlds.model import World
from world.ids import VehicleId
from world.time import Clock

CAMERA_HZ: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GazeboServing:
    """Where everything can be reached once Gazebo runs."""

    radios: Serving
    cameras: tuple[str, ...]
    """RTSP addresses of the live views."""


def pictures_of(world: World, vehicle: VehicleId, *, rate_hz: float = CAMERA_HZ) -> Pictures:
    """The scenario's camera on a vehicle."""
    camera = world.scenario.camera
    return Pictures(
        vehicle=vehicle, width_px=camera.width_px, height_px=camera.height_px, hfov_deg=camera.hfov_deg,
        pitch_deg=camera.pitch_deg, rate_hz=rate_hz,
    )


def with_cameras(specs: Sequence[VehicleSpec], cameras: Sequence[Pictures]) -> list[VehicleSpec]:
    """Specs whose cameras are those of Gazebo: colour only, and none on the others."""
    by_vehicle = {camera.vehicle: camera for camera in cameras}
    made = []
    for spec in specs:
        camera = by_vehicle.get(spec.id)
        lens = camera and LensSpec(
            name="rgb", width_px=camera.width_px, height_px=camera.height_px, hfov_deg=camera.hfov_deg
        )
        own = CameraSpec(pitch_deg=camera.pitch_deg, lenses=(lens,)) if camera and lens else None
        made.append(replace(spec, camera=own))
    return made


async def serve_in_gazebo(
    house: House, cache: Path, world: World, specs: Sequence[VehicleSpec], options: ServeOptions, clock: Clock, *,
    cameras: Sequence[VehicleId] = (), rtsp_port: int = 0, weather: Weather,
    on_ready: Callable[[GazeboServing], None] = lambda serving: None,
) -> None:
    """Until cancelled; Gazebo is ended then. Of the options kind, count, origin and weather do not count.

    Raises PluginUnbuilt, GazeboEnded, GazeboSilent, PortTaken (of `sim.serve` and of `sim.video.server`).
    """
    fast = FasterClock(clock, options.speed)
    wanted = [pictures_of(world, vehicle) for vehicle in cameras]
    server = RtspServer(LoopReactor(asyncio.get_running_loop()), clock, port=rtsp_port) if wanted else None
    show = Show(server, fast, wanted) if server else None
    fitted = with_cameras(specs, wanted)

    def tell(radios: Serving) -> None:
        port = server.port if server else 0
        live = tuple(f"rtsp://127.0.0.1:{port}{mount_of(vehicle, 'live')}" for vehicle in cameras)
        on_ready(GazeboServing(radios=radios, cameras=live))

    try:
        with tempfile.TemporaryDirectory(prefix="taihang-gazebo-") as work, staged(
            house, cache, Path(work), world, fitted, seed=options.seed, cameras=wanted,
            on_picture=show.see if show else lambda picture: None,
        ) as stage:

            def make(send: Callable[[VehicleId, bytes], None]) -> SimService:
                return SimService(
                    clock=fast, specs=fitted, terrain=world.solid(), frame=world.scenario.frame(), seed=options.seed,
                    send=send, weather=weather, make_engine=stage.make_engine,
                    on_capture=show.capture if show else lambda row, capture: None,
                )

            await serve_made(make, fitted, options, on_ready=tell)
    finally:
        if server:
            server.close()
