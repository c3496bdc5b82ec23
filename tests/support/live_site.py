"""A site that runs: its file, `taihang up` as a process, and tools that speak to it."""

import json
import os
import select
import signal
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from command.cli.main import app_of
from command.errors import UserError
from command.up.client import SiteLine
from fleet.model import FleetState, VehicleState
from tests.support.command_line import Run, taihang

OPENS_WITHIN_S = 90.0
COMES_WITHIN_S = 90.0
PILOT, COMMANDER = "wang", "li"
HOME = (35.49, 112.85)
HEAD = """[site]
name = "test"
record = "record"
origin = { lat_deg = 35.49, lon_deg = 112.85, amsl_m = 900.0 }
terrain = { flat_amsl_m = 900.0, radius_m = 3000.0 }
[fence]
inclusion = [[35.482, 112.840], [35.498, 112.840], [35.498, 112.860], [35.482, 112.860]]
[users.wang]
role = "pilot"
vehicles = ["U*", "V*"]
[users.li]
role = "commander"
"""


def write_site(folder: Path, rest: str) -> Path:
    """A site of flat ground with a pilot and a commander; `rest`: links and vehicles."""
    path = folder / "site.toml"
    path.write_text(HEAD + rest)
    return path


def link(name: str, address: str, more: str = "") -> str:
    return f'[links.{name}]\naddress = "{address}"\n{more}\n'


def vehicle(name: str, paths: list[str], sysid: int = 1) -> str:
    who = f'[vehicles.{name}]\nkind = "copter"\nsysid = {sysid}\n'
    return f"{who}paths = {json.dumps(paths)}\nneeds_failsafes = false\n"


@dataclass(slots=True)
class Live:
    """One running `taihang up`."""

    run: Run
    facts: dict[str, Any]

    @property
    def socket(self) -> Path:
        return Path(self.facts["socket"])

    def states(self, fits: Callable[[FleetState], bool], *, within_s: float = COMES_WITHIN_S) -> FleetState:
        """The first fleet state that fits."""
        with SiteLine(self.socket, PILOT, ["fleet/state"]) as line:
            found: FleetState = line.until(
                lambda value: isinstance(value, FleetState) and fits(value), within_s=within_s
            )
            return found

    def ready(self, *names: str) -> FleetState:
        """Once all of these may arm."""
        return self.states(lambda fleet: all(one(fleet, name) and one(fleet, name).is_ready for name in names))

    def call(self, *arguments: str, status: int = 0, by: str = PILOT, within_s: float = 120.0) -> str:
        """What a command printed; or, when it is to fail, its sentence."""
        with taihang(*arguments, "--as", by, "--socket", str(self.socket)) as tool:
            assert tool.end(within_s=within_s) == status, (tool.out, tool.err)
            return tool.err if status and not tool.out else tool.out

    def told(self, *arguments: str, status: int = 0, by: str = PILOT) -> str:
        """As `call`, without a process of its own: the command itself, on the same socket."""
        given = [*arguments, "--as", by, "--socket", str(self.socket)]
        ended = CliRunner().invoke(app_of([arguments[0]]), given, env={"COLUMNS": "200"})
        error, code = ended.exception, ended.exit_code
        if isinstance(error, UserError):
            code = int(error.exit_code)
        elif error is not None and not isinstance(error, SystemExit):
            raise error
        assert code == status, (ended.output, error)
        return ended.stdout if ended.stdout or error is None else str(error)

    def now_ns(self) -> int:
        """The site's UTC time."""
        with SiteLine(self.socket, PILOT, []) as line:
            return line.welcome.now.utc_ns

    def kill(self) -> None:
        self.run.ask(signal.SIGKILL)
        self.run.process.wait()


def one(fleet: FleetState, name: str) -> Any:
    """The vehicle of that name, None when it is not there."""
    found: dict[str, VehicleState] = {state.vehicle: state for state in fleet.vehicles}
    return found.get(name)


@contextmanager
def live(site: Path, *more: str, temporary: Path | None = None) -> Iterator[Live]:
    """`taihang up` without a screen, once it is ready."""
    arguments = more or ("--headless",)
    environment = {} if temporary is None else {"TMPDIR": str(temporary)}
    with taihang("up", "--config", str(site), "--json", *arguments, **environment) as run:
        assert run.process.stdout is not None
        assert select.select([run.process.stdout], [], [], OPENS_WITHIN_S)[0], "it did not get ready"
        line = run.process.stdout.readline()
        if not line:
            raise AssertionError(run.process.communicate()[1])
        yield Live(run, json.loads(line))


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serial_line(tcp_port: int) -> Iterator[str]:
    """A serial device whose other end is a vehicle's TCP port: a pseudo terminal and a relay."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    os.set_blocking(ours, False)
    far = socket.create_connection(("127.0.0.1", tcp_port))
    stop, stopped = os.pipe()

    def relay() -> None:
        while True:
            able, _, _ = select.select([ours, far.fileno(), stop], [], [])
            if stop in able:
                return
            if ours in able:
                far.sendall(os.read(ours, 4096))
            if far.fileno() in able:
                data = far.recv(4096)
                if not data:
                    return
                with suppress(BlockingIOError):  # nobody reads the device: a line drops what it cannot hold
                    os.write(ours, data)

    thread = threading.Thread(target=relay)
    thread.start()
    try:
        yield os.ttyname(theirs)
    finally:
        os.write(stopped, b"x")
        thread.join()
        far.close()
        for end in (ours, theirs, stop, stopped):
            os.close(end)
