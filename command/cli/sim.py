"""`taihang sim`: simulated machines for others' tools, and scenario files."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from command.app.naming import load_scenario
from command.cli import sim_diff, sim_run
from command.cli.gazebo import fly_in_gazebo
from command.cli.sim_brains import serve_autopilots
from command.errors import BadInput, EnvironmentLacks
from command.site.secrets import SecretUnreadable, read_key
from command.timing.clock import LoopClock
from fleet.wire.signing_keys import SigningKey
from sim.adapters.bodies.frames import Autopilot
from sim.adapters.gazebo.export import MOST_TREES, export
from sim.adapters.gazebo.model import Flavour, Hooks, NotExported
from sim.adapters.gazebo.validate import faults_of
from sim.serve import PortTaken, ServeOptions, Serving, serve
from sim.speak.keyholder import Kept
from sim.vehicles.spec import Kind
from sim.worlds.build import build_world
from sim.worlds.people import NoRoomForPeople
from sim.worlds.preview import preview

app = typer.Typer(help="Simulated machines and scenario files.", no_args_is_help=True)
app.command("run")(sim_run.run)
app.command("diff")(sim_diff.diff)
app.command("gazebo")(fly_in_gazebo)
ScenarioName = Annotated[str, typer.Argument(help="a shipped scenario's name, or a .toml file")]


@app.command("serve")
def serve_vehicles(
    vehicles: Annotated[int, typer.Option(help="how many", min=1, max=200)] = 1,
    kind: Annotated[Kind, typer.Option(help="of machine")] = Kind.COPTER,
    udp_port: Annotated[int, typer.Option(help="vehicle i sends to this port + i on 127.0.0.1; 0: no UDP")] = 14540,
    tcp_port: Annotated[int, typer.Option(help="vehicle i listens on this port + 10 i; 0: no TCP")] = 5760,
    speed: Annotated[float, typer.Option(help="times real time", min=0.1, max=50.0)] = 1.0,
    seed: Annotated[int, typer.Option(help="gusts, sensor errors")] = 1,
    signing_key: Annotated[
        Path | None, typer.Option(help="key file: they sign with it and believe nobody without it")
    ] = None,
    trust_tcp: Annotated[
        bool, typer.Option("--trust-tcp", help="TCP is as good as a USB cable: unsigned let in, signing keys taken")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="addresses as one JSON line")] = False,
    autopilot: Annotated[Autopilot | None, typer.Option(help="bodies only, for this real one's brain")] = None,
    frame: Annotated[str | None, typer.Option(help="with --autopilot: body of the kind, default its usual one")] = None,
    binary: Annotated[Path | None, typer.Option(help="with --autopilot: its program, to be started too")] = None,
    defaults: Annotated[Path | None, typer.Option(help="with --binary: a file of ArduPilot's parameters")] = None,
    body_port: Annotated[int | None, typer.Option(help="with --autopilot: first port of bodies; 9002 or 4560")] = None,
    work: Annotated[Path, typer.Option(help="with --binary: where instances run and keep files")] = Path("autopilots"),
) -> None:
    """Simulated autopilots for any ground station or script, until interrupted; or bodies for real ones.

    Example: taihang sim serve --vehicles 3   then connect MAVSDK to udpin://0.0.0.0:14540
    """
    if autopilot is None and any((frame, binary, defaults, body_port)):
        raise BadInput("--frame, --binary, --defaults and --body-port are for real autopilots: name one by --autopilot")
    if autopilot is not None:
        if signing_key is not None or trust_tcp:
            raise BadInput("a real autopilot signs by itself: leave --signing-key and --trust-tcp out with --autopilot")
        serve_autopilots(
            autopilot, kind, frame, vehicles=vehicles, seed=seed, speed=speed, body_port=body_port, binary=binary,
            defaults=defaults, work=work, as_json=as_json,
        )
        return
    options = ServeOptions(
        vehicles=vehicles,
        kind=kind,
        udp_port=udp_port or None,
        tcp_port=tcp_port or None,
        speed=speed,
        seed=seed,
        signing=Kept(key=None if signing_key is None else _key(signing_key)),
        trusts_tcp=trust_tcp,
    )

    def tell(serving: Serving) -> None:
        if as_json:
            print(msgspec.json.encode(serving).decode(), flush=True)
            return
        for index, vehicle in enumerate(serving.vehicles):
            udp = f"udpin://0.0.0.0:{serving.udp_targets[index][1]}" if serving.udp_targets else "no UDP"
            tcp = f"tcpout://127.0.0.1:{serving.tcp_ports[index]}" if serving.tcp_ports else "no TCP"
            print(f"{vehicle}: {udp} or {tcp}", flush=True)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop, epoch_utc_ns=time.time_ns() - round(loop.time() * 1e9))
        await serve(options, clock, on_ready=tell)

    try:
        asyncio.run(run())
    except PortTaken as error:
        raise EnvironmentLacks(f"{error}: choose another with --tcp-port") from error


def _key(path: Path) -> SigningKey:
    try:
        return read_key(path)
    except SecretUnreadable as error:
        raise BadInput(str(error)) from error


@app.command()
def check(scenario: ScenarioName) -> None:
    """Validate a scenario; errors name file, line, field and remedy.

    Example: taihang sim check my_incident.toml
    """
    loaded, path = load_scenario(scenario, None)
    print(f"{path}: {loaded.name}, {len(loaded.vehicles)} vehicles, {len(loaded.people.poses)} people: valid")


@app.command("preview")
def preview_map(
    scenario: ScenarioName,
    out: Annotated[Path, typer.Option(help="picture to write")] = Path("preview.png"),
    seed: Annotated[int | None, typer.Option(help="default: the scenario's own")] = None,
) -> None:
    """Draw the map of a scenario's place: ground, people, vehicles, routes.

    Example: taihang sim preview mountain_search --seed 7 --out map.png
    """
    loaded, _ = load_scenario(scenario, seed)
    try:
        preview(build_world(loaded), out)
    except NoRoomForPeople as error:
        raise BadInput(str(error)) from error
    except OSError as error:
        raise BadInput(f"{out} cannot be written ({error}): name another picture with --out") from error
    print(out)


@app.command("export")
def export_world(
    scenario: ScenarioName,
    out: Annotated[Path, typer.Option(help="folder to write to")],
    flavour: Annotated[
        Flavour, typer.Option("--format", help="sdf1.9 for gz-sim, sdf1.6 for Gazebo 11")
    ] = Flavour.GZ_SIM,
    autopilot: Annotated[Hooks, typer.Option(help="whose plugins fly the copters of an sdf1.9 world")] = Hooks.NONE,
    trees: Annotated[int, typer.Option(help="at most, the nearest to the launch site", min=0)] = MOST_TREES,
    seed: Annotated[int | None, typer.Option(help="default: the scenario's own")] = None,
) -> None:
    """Write a scenario as a Gazebo world: ground, forest, people, water, fire, launch pads, vehicles with cameras.

    Example: taihang sim export quick_search --format sdf1.6 --out worlds
    """
    loaded, _ = load_scenario(scenario, seed)
    try:
        made = export(build_world(loaded), out, flavour, hooks=autopilot, most_trees=trees)
    except (NoRoomForPeople, NotExported) as error:
        raise BadInput(str(error)) from error
    except OSError as error:
        raise BadInput(f"{out} cannot be written ({error.strerror}): name another folder with --out") from error
    for fault in faults_of(made.world):
        raise BadInput(f"{made.world} came out wrong, {fault}: please report the scenario")
    print(f"{made.world}: {len(made.files)} files, {made.trees} trees ({made.trees_left_out} left out)")
    for note in made.notes:
        print(f"note: {note}")
