"""The screen of a running incident: its web server as a child process, found once the cameras' port is known."""

import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from command.app.children import Children
from command.app.folder import RunFolder
from command.errors import EnvironmentLacks
from command.eyes import Eyes


@dataclass(frozen=True, slots=True)
class Screen:
    """Starts the server, prints its address (which carries this session's token) and leaves it running."""

    folder: RunFolder
    children: Children
    console: Console
    port: int
    titles: tuple[str, str]
    """Of the scenario, English and Chinese."""
    eyes: Eyes

    def check(self) -> None:
        """Before anything starts; raises EnvironmentLacks when the port is used."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
                probe.listen(1)
            except OSError as error:
                reason = f"port {self.port} of 127.0.0.1 cannot be used ({error.strerror})"
                raise EnvironmentLacks(f"{reason}: choose another with --port, or 0 for a free one") from error

    def open(self, rtsp_port: int) -> None:
        """Raises EnvironmentLacks with the server's own sentence when it cannot start, such as on a used port."""
        arguments = {
            "--hub": str(self.folder.hub_socket),
            "--rtsp": f"rtsp://127.0.0.1:{rtsp_port}",
            "--terrain": str(self.folder.terrain),
            "--port": str(self.port),
            "--operator": "commander",
            **_told(self.titles, self.eyes),
        }
        child = _served(self.children, arguments)
        self.console.print(f"screen: {_first_line(child, self.children, 'web')}", soft_wrap=True, markup=False)


def open_replay(
    children: Children, events: Path, meta: Mapping[str, str], console: Console, *, port: int
) -> subprocess.Popen[bytes]:
    """`meta`: of the record."""
    name = meta.get("scenario", events.parent.name)
    arguments = {
        "--replay": str(events),
        "--port": str(port),
        **_told((meta.get("title", name), meta.get("title_zh", name)), Eyes(meta.get("eyes", Eyes.PIXELS))),
    }
    child = _served(children, arguments)
    console.print(f"replay: {_first_line(child, children, 'web')}", soft_wrap=True)
    return child


def _served(children: Children, arguments: Mapping[str, str]) -> subprocess.Popen[bytes]:
    flat = [part for pair in arguments.items() for part in pair]
    return children.start("web", "command.web", *flat, is_heard=True)


def _told(titles: tuple[str, str], eyes: Eyes) -> dict[str, str]:
    return {"--title": titles[0], "--title-zh": titles[1], "--eyes": str(eyes)}


def _first_line(child: subprocess.Popen[bytes], children: Children, role: str) -> str:
    assert child.stdout is not None
    line = child.stdout.readline().decode().strip()
    if not line:
        child.wait()
        raise EnvironmentLacks(children.last_words(role) or "the screen's server ended without a word")
    return line
