"""A tool's line to a running site: says who it is, gives orders, waits for what comes of them."""

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from command.bus.codec import BadFrame, decode_frame, decode_value, encode_frame, encode_value
from command.errors import BadInput, EnvironmentLacks, ExitCode, UserError
from command.timing.framing import FrameReader, framed
from command.up.frames import KINDS, Hello, Refused, Rehearsal, Rehearse, Welcome, decode, encode
from fleet.commands import Ack, Command
from world.ids import CommandId
from world.time import Instant

ANSWERS_WITHIN_S = 10.0
GRACE_S = 5.0
"""Beyond a command's deadline, for its ack to come."""


class NotTaken(UserError):
    """What was said was refused at the door."""

    exit_code = ExitCode.GOAL_MISSED


class SiteGone(EnvironmentLacks):
    """The connection ended, or nobody answers."""


class SiteLine:
    """Blocking, one request after the other. A context manager."""

    def __init__(
        self, path: Path, name: str | None, topics: Iterable[str], *, after: int | None = None
    ) -> None:
        """`after`: as in Hello."""
        self._path, self._reader = path, FrameReader()
        self._waiting: list[tuple[str, Any]] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise nobody_runs(str(path)) from error
        try:
            self.welcome = self._greet(Hello(name=name, topics=list(topics), after=after))
        except UserError:
            self._socket.close()
            raise
        self._met = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _greet(self, hello: Hello) -> Welcome:
        self._send(encode(hello))
        welcome: Welcome = self.until(lambda value: isinstance(value, Welcome), within_s=ANSWERS_WITHIN_S)
        return welcome

    def deadline(self, within_s: float) -> Instant:
        """In the site's time."""
        return self.welcome.now.plus_s(time.monotonic() - self._met + within_s)

    def say(self, topic: str, value: Any) -> None:
        self._send(encode_frame(topic, encode_value(topic, value)))

    def order(self, command: Command, within_s: float) -> Ack:
        """Gives a command and waits for its true end."""
        self.say("fleet/command", command)
        ack: Ack = self.until(
            lambda value: isinstance(value, Ack) and value.command == command.id, within_s=within_s + GRACE_S
        )
        return ack

    def rehearse(self, command: Command) -> Rehearsal:
        self._send(encode(Rehearse(command=command)))
        said: Rehearsal = self.until(
            lambda value: isinstance(value, Rehearsal) and value.command == command.id, within_s=ANSWERS_WITHIN_S
        )
        return said

    def until(self, fits: Callable[[Any], bool], *, within_s: float) -> Any:
        """The first value heard that fits. Raises SiteGone, NotTaken."""
        for _, value in self.heard(within_s):
            if fits(value):
                return value
        raise SiteGone(f"taihang up did not answer within {within_s:.0f} s: look at its terminal")

    def heard(self, within_s: float) -> Iterator[tuple[str, Any]]:
        """Topic and value of everything, until the time is over. Raises SiteGone, NotTaken."""
        by_s = time.monotonic() + within_s
        while True:
            while self._waiting:
                yield self._waiting.pop(0)
            left_s = by_s - time.monotonic()
            if left_s <= 0.0:
                return
            self._read(left_s)

    def _read(self, within_s: float) -> None:
        self._socket.settimeout(within_s)
        try:
            piece = self._socket.recv(1 << 18)
        except TimeoutError:
            return
        except OSError as error:
            raise SiteGone(f"taihang up closed the connection ({error.strerror}): start it again") from error
        if not piece:
            raise SiteGone("taihang up ended: start it again, it goes on from its record")
        for frame in self._reader.feed(piece):
            with suppress(BadFrame):
                self._take(*decode_frame(frame))

    def _take(self, topic: str, payload: bytes) -> None:
        value = decode(topic, payload) if topic in KINDS else decode_value(topic, payload)
        if isinstance(value, Refused):
            if value.about == "up/hello":
                raise BadInput(value.reason)
            raise NotTaken(value.reason)
        self._waiting.append((topic, value))

    def _send(self, frame: bytes) -> None:
        try:
            self._socket.sendall(framed(frame))
        except OSError as error:
            raise SiteGone(f"taihang up closed the connection ({error.strerror}): start it again") from error


def nobody_runs(where: str) -> EnvironmentLacks:
    return EnvironmentLacks(f"no taihang up answers at {where}: start one with taihang up --config site.toml")


def new_id() -> CommandId:
    return CommandId(f"cli-{uuid4().hex[:12]}")
