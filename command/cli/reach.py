"""How commands reach a running site: the options all of them share, and what they print."""

import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from command.errors import BadInput
from command.site.reader import read_site
from command.up.client import SiteLine, nobody_runs
from command.up.folder import newest_demo, newest_socket, socket_of
from command.up.mission_line import MissionLine
from world.ids import VehicleId

AsName = Annotated[str | None, typer.Option("--as", help="who you are in [users]; default: this user")]
SiteFile = Annotated[Path | None, typer.Option("--site", help="the site.toml of a running site")]
SocketPath = Annotated[Path | None, typer.Option("--socket", help="the socket of a running site")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout")]
_SHARED: dict[str, tuple[Any, Any]] = {
    "as_name": (AsName, None), "site": (SiteFile, None), "socket": (SocketPath, None), "as_json": (AsJson, False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whom a command speaks to, for whom, about which vehicle, and how it tells."""

    as_name: str | None
    site: Path | None
    socket: Path | None
    as_json: bool
    vehicle: VehicleId

    @contextmanager
    def line(self, *topics: str) -> Iterator[SiteLine]:
        """Raises EnvironmentLacks when no site runs there, BadInput when it does not know the person."""
        with SiteLine(self._path(), self.as_name, topics) as line:
            yield line

    def mission_line(self) -> MissionLine:
        """To a site, or to a demo where no site runs. Raises as `line`."""
        return MissionLine(self._path(newest_demo), self.as_name)

    def _path(self, otherwise: Callable[[], Path | None] = lambda: None) -> Path:
        if self.site is not None and self.socket is not None:
            raise BadInput("--site and --socket both say which site: give one of them")
        if self.socket is not None:
            return self.socket
        if self.site is not None:
            return socket_of(read_site(self.site).record)
        found = newest_socket() or otherwise()
        if found is None:
            raise nobody_runs("this user's sockets")
        return found

    def tell(self, value: Any, text: object) -> None:
        """JSON of the value, or for people the text."""
        if self.as_json:
            self.tell_json(value)
        else:
            self.say(text)

    def tell_json(self, value: Any) -> None:
        sys.stdout.write(msgspec.json.encode(value, enc_hook=str).decode() + "\n")
        sys.stdout.flush()

    def say(self, text: object) -> None:
        console().print(text, soft_wrap=isinstance(text, str), markup=False, highlight=False)


def console(*, stderr: bool = False) -> Console:
    return Console(stderr=stderr)


def reaching(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the shared options and, as its first argument, the Reach that they make."""
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=hint, default=default)
        for name, (hint, default) in _SHARED.items()
    ]
    context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]

    @functools.wraps(command)
    def run(*, context: typer.Context, **given: Any) -> None:
        reach = Reach(vehicle=VehicleId(context.obj or ""), **{name: given.pop(name) for name in _SHARED})
        command(reach, **given)

    parameters = _required_first([context, *own, *shared])
    run.__dict__["__signature__"] = inspect.Signature(parameters)
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _required_first(parameters: Iterable[inspect.Parameter]) -> list[inspect.Parameter]:
    return sorted(parameters, key=lambda parameter: parameter.default is not inspect.Parameter.empty)
