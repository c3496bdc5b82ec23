"""`taihang sim serve --autopilot ...`: bodies for real autopilots, said on the screen and ended in one sentence."""

import shlex
import time
from pathlib import Path

import msgspec

from command.errors import BadInput, EnvironmentLacks, ExitCode, UserError
from sim.adapters.bodies.frames import Autopilot, NoSuchFrame, frame_of
from sim.adapters.launch import BadBinary
from sim.adapters.serve import BrainEnded, BrainOptions, Ready, serve_brains
from sim.serve import PortTaken
from sim.vehicles.spec import Kind


def serve_autopilots(
    autopilot: Autopilot, kind: Kind, frame: str | None, *, vehicles: int, seed: int, speed: float,
    body_port: int | None, binary: Path | None, defaults: Path | None, work: Path, as_json: bool,
) -> None:
    """Until interrupted. Raises BadInput, EnvironmentLacks, and UserError when an autopilot ends."""
    try:
        options = BrainOptions(
            autopilot=autopilot, frame=frame_of(autopilot, kind, frame), vehicles=vehicles, seed=seed, speed=speed,
            first_port=body_port, binary=binary, defaults=defaults, work=work, start_utc_ns=time.time_ns(),
        )
        _refuse(options)
        serve_brains(options, time.monotonic, on_ready=_tell_json if as_json else _tell)
    except (NoSuchFrame, BadBinary) as error:
        raise BadInput(str(error)) from error
    except PortTaken as error:
        raise EnvironmentLacks(f"{error}: choose another with --body-port") from error
    except BrainEnded as error:
        raise AutopilotEnded(str(error)) from error


class AutopilotEnded(UserError):
    """A program that was to fly is gone."""

    exit_code = ExitCode.GOAL_MISSED


def _refuse(options: BrainOptions) -> None:
    if options.autopilot is Autopilot.PX4 and options.binary is not None and options.first_port is not None:
        raise BadInput("PX4 looks for its body at port 4560 and up only: leave --body-port out with --binary")
    if options.defaults is None:
        return
    if options.autopilot is Autopilot.PX4:
        raise BadInput("--defaults is a file of ArduPilot's parameters; PX4 takes its own from its airframe")
    if not options.defaults.is_file():
        raise BadInput(f"{options.defaults} is no file: name one of ArduPilot's parameters with --defaults")


def _tell(ready: Ready) -> None:
    for vehicle, port, start in zip(ready.vehicles, ready.body_ports, ready.starts, strict=True):
        if ready.is_started:
            print(f"{vehicle}: body at port {port}, MAVLink {start.mavlink}", flush=True)
            continue
        environment = " ".join(f"{name}={value}" for name, value in start.environment.items())
        print(f"{vehicle}: body at port {port}; start {environment} {shlex.join(start.command)}".replace("  ", " "))
        for name, text in start.files.items():
            print(f"     {name}: {', '.join(text.splitlines())}", flush=True)


def _tell_json(ready: Ready) -> None:
    print(msgspec.json.encode(ready).decode(), flush=True)
