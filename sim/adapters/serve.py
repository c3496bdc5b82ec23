"""Bodies for real autopilots, in live time: binds the ports, starts their program if given one, serves until told."""

import os
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sim.adapters.ardupilot.server import FIRST_PORT as ARDUPILOT_PORT
from sim.adapters.ardupilot.server import JsonServer
from sim.adapters.bodies.flock import Crew, Flock, kind_of
from sim.adapters.bodies.frames import Autopilot, Frame
from sim.adapters.launch import BadBinary, Start, checked_binary, program_of, start_of
from sim.adapters.px4.sensors import Site
from sim.adapters.px4.server import FIRST_PORT as PX4_PORT
from sim.adapters.px4.server import HilServer
from sim.engine.weather import Weather
from sim.serve import ServeOptions, specs_of
from world.ids import VehicleId
from world.position import LocalFrame

POLL_S: Final = 0.2
ENDS_WITHIN_S: Final = 5.0


class BrainEnded(RuntimeError):
    """An autopilot's program ended by itself; says where its last words are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrainOptions:
    """What `taihang sim serve --autopilot` is asked for."""

    autopilot: Autopilot
    frame: Frame
    vehicles: int = 1
    seed: int = 1
    speed: float = 1.0
    first_port: int | None = None
    """Of the bodies; None: 9002, ten apart, for ArduPilot and 4560 for PX4. 0 takes any free ones."""
    binary: Path | None = None
    """None: somebody else starts the autopilots."""
    defaults: Path | None = None
    """More of ArduPilot's parameters, in a file."""
    work: Path = Path("autopilots")
    """Each instance runs in a folder of its own below, and keeps its parameters and logs there."""
    start_utc_ns: int = 0
    weather: Weather = field(default_factory=lambda: ServeOptions().weather)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Everything is bound, and started if it was to be."""

    vehicles: tuple[VehicleId, ...]
    body_ports: tuple[int, ...]
    starts: tuple[Start, ...]
    """How each instance was, or is to be, started."""
    is_started: bool


def serve_brains(
    options: BrainOptions, clock: Callable[[], float], *, on_ready: Callable[[Ready], None] = lambda ready: None,
    is_over: Callable[[], bool] = lambda: False,
) -> None:
    """Until `is_over`, asked five times a second, or an exception; programs it started are ended then.

    Raises PortTaken and BadBinary before anything flies, BrainEnded when a program it started is gone.
    """
    if options.binary is not None:
        checked_binary(options.binary, options.frame, options.autopilot)
    specs = specs_of(ServeOptions(vehicles=options.vehicles, kind=kind_of(options.frame)))
    origin = ServeOptions().origin
    place = LocalFrame(origin)
    flock = Flock(Crew(
        frame=options.frame, autopilot=options.autopilot, count=options.vehicles, seed=options.seed,
        weather=options.weather,
    ))
    flock.warm_up()
    with ExitStack() as stack:
        server: JsonServer | HilServer
        if options.autopilot is Autopilot.PX4:
            site = Site(frame=place, homes=tuple(spec.home for spec in specs), start_utc_ns=options.start_utc_ns)
            first = PX4_PORT if options.first_port is None else options.first_port
            server = stack.enter_context(HilServer(flock, site, clock, speed=options.speed, first_port=first))
        else:
            first = ARDUPILOT_PORT if options.first_port is None else options.first_port
            server = stack.enter_context(JsonServer(flock, clock, first_port=first))
        starts = tuple(
            start_of(
                options.frame, options.autopilot, row, binary=_named(options), home=place.to_geodetic(spec.home),
                heading_deg=flock.crew.heading_deg, speed=options.speed, body_port=server.ports[row],
                defaults=options.defaults.absolute() if options.defaults else None,
            )
            for row, spec in enumerate(specs)
        )
        children = [] if options.binary is None else [
            stack.enter_context(_Child(start, options.work.absolute() / str(row))) for row, start in enumerate(starts)
        ]
        on_ready(Ready(
            vehicles=tuple(spec.id for spec in specs), body_ports=server.ports, starts=starts,
            is_started=bool(children),
        ))
        looks_s = clock()
        while True:
            if clock() >= looks_s:
                looks_s = clock() + POLL_S
                if is_over():
                    return
                for child in children:
                    child.look()
            server.poll(POLL_S)


class _Child:
    """One instance of the autopilot: its words go to a file, it is ended by its own id."""

    def __init__(self, start: Start, folder: Path) -> None:
        self._start, self._folder = start, folder
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "_Child":
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, text in self._start.files.items():
            (self._folder / name).write_text(text)
        with (self._folder / "words.log").open("wb") as words:
            try:
                self._process = subprocess.Popen(
                    self._start.command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=words, stderr=words,
                    env={**os.environ, **self._start.environment},
                )
            except OSError as reason:
                told = f"{self._start.command[0]} cannot be run here ({reason.strerror}): build it for this machine"
                raise BadBinary(told) from reason
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def look(self) -> None:
        """Raises BrainEnded."""
        status = None if self._process is None else self._process.poll()
        if status is not None:
            name = Path(self._start.command[0]).name
            raise BrainEnded(f"{name} ended with status {status}: its last words are in {self._folder / 'words.log'}")


def _named(options: BrainOptions) -> str:
    """The program to run, or the one a person would run."""
    if options.binary is not None:
        return str(options.binary.absolute())
    name = program_of(options.frame, options.autopilot)
    return f"build/px4_sitl_default/bin/{name}" if options.autopilot is Autopilot.PX4 else name
