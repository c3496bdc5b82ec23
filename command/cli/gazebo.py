"""`taihang sim gazebo`: a scenario's vehicles moved by Gazebo 11 and commanded by the simulated autopilots."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from command.app.naming import load_scenario
from command.app.simulation import vehicle_spec, weather
from command.errors import BadInput, EnvironmentLacks
from command.timing.clock import LoopClock
from perception.detectors.weights import cache_folder
from sim.adapters.gazebo.bridge import GazeboSilent
from sim.adapters.gazebo.house import GazeboEnded, GazeboMissing, House, PluginUnbuilt, find
from sim.adapters.gazebo.serve import GazeboServing, serve_in_gazebo
from sim.scenarios.model import Scenario, VehicleKind
from sim.serve import PortTaken, ServeOptions
from sim.video.server import PortTaken as RtspPortTaken
from sim.worlds.build import build_world
from sim.worlds.people import NoRoomForPeople
from world.ids import VehicleId


def fly_in_gazebo(
    scenario: Annotated[str, typer.Argument(help="a shipped scenario's name, or a .toml file")],
    camera: Annotated[
        list[str] | None, typer.Option(help="a copter whose camera Gazebo renders, over RTSP; may be repeated")
    ] = None,
    udp_port: Annotated[int, typer.Option(help="vehicle i sends to this port + i on 127.0.0.1; 0: no UDP")] = 14540,
    tcp_port: Annotated[int, typer.Option(help="vehicle i listens on this port + 10 i; 0: no TCP")] = 5760,
    rtsp_port: Annotated[int, typer.Option(help="of the cameras; 0: any free port")] = 8554,
    speed: Annotated[float, typer.Option(help="times real time, as far as Gazebo keeps up", min=0.1, max=50.0)] = 1.0,
    seed: Annotated[int | None, typer.Option(help="default: the scenario's own")] = None,
    root: Annotated[Path | None, typer.Option(help="folder of Gazebo 11, as scripts/gazebo_root.sh made it")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="addresses as one JSON line")] = False,
) -> None:
    """Fly a scenario in Gazebo 11: its physics and cameras, our autopilots, any ground station; until interrupted.

    Example: taihang sim gazebo quick_search --camera U01
    """
    loaded, _ = load_scenario(scenario, seed)
    cameras = _cameras(loaded, camera or [])
    house = _house(root)
    try:
        world = build_world(loaded)
    except NoRoomForPeople as error:
        raise BadInput(str(error)) from error
    options = ServeOptions(
        udp_port=udp_port or None, tcp_port=tcp_port or None, speed=speed, seed=loaded.seed, vehicles=0
    )

    async def run() -> None:
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop, epoch_utc_ns=time.time_ns() - round(loop.time() * 1e9))
        specs = [vehicle_spec(world, vehicle) for vehicle in loaded.vehicles]
        await serve_in_gazebo(
            house, cache_folder(), world, specs, options, clock, cameras=cameras, rtsp_port=rtsp_port,
            weather=weather(loaded), on_ready=lambda serving: _tell(serving, as_json),
        )

    try:
        asyncio.run(run())
    except (PortTaken, RtspPortTaken) as error:
        raise EnvironmentLacks(f"{error}: choose another with --tcp-port or --rtsp-port") from error
    except (PluginUnbuilt, GazeboEnded, GazeboSilent) as error:
        raise EnvironmentLacks(str(error)) from error


def _cameras(scenario: Scenario, names: list[str]) -> list[VehicleId]:
    copters = [vehicle.id for vehicle in scenario.vehicles if vehicle.kind is VehicleKind.COPTER]
    for name in names:
        if name not in copters:
            raise BadInput(f"--camera {name}: no copter of {scenario.name}; it has {', '.join(copters) or 'none'}")
    return [VehicleId(name) for name in dict.fromkeys(names)]


def _house(root: Path | None) -> House:
    try:
        return find(root)
    except GazeboMissing as error:
        raise EnvironmentLacks(str(error)) from error


def _tell(serving: GazeboServing, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(serving).decode(), flush=True)
        return
    radios = serving.radios
    for index, vehicle in enumerate(radios.vehicles):
        udp = f"udpin://0.0.0.0:{radios.udp_targets[index][1]}" if radios.udp_targets else "no UDP"
        tcp = f"tcpout://127.0.0.1:{radios.tcp_ports[index]}" if radios.tcp_ports else "no TCP"
        print(f"{vehicle}: {udp} or {tcp}", flush=True)
    for address in serving.cameras:
        print(address, flush=True)
