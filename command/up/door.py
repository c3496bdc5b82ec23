"""The Unix socket of a running site: screens and tools speak bus frames there, each in the name of one person."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command.bus.codec import (
    BadFrame,
    decode_frame,
    decode_value,
    encode_frame,
    encode_subscription,
    encode_value,
)
from command.bus.hub import Hub
from command.site.model import User
from command.topics import TOPICS
from command.up.frames import KINDS, Hello, Refused, Rehearse, Welcome, decode, encode
from command.up.newest import Newest
from command.up.people import NotAllowed, People
from command.up.rehearsal import rehearse
from command.web.hub_client import FrameTooLong, framed, read_frame
from fleet.guard import Guard
from fleet.service import FleetService
from world.time import Clock

SPEAKS_WITHIN_S = 0.2
"""A tool says who it is at once; who says nothing is a screen, and hears everything from the beginning."""
MOST_UNSENT_BYTES = 256 << 20
"""A client that does not read is cut off."""
_FROM_NOW = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What the door leads to."""

    hub: Hub
    people: People
    newest: Newest
    service: FleetService
    guard: Guard
    clock: Clock
    operator: str | None
    """In whose name clients speak that do not say who they are: the screen's."""


@dataclass(slots=True, eq=False)
class _Client:
    """One connection."""

    port: str
    writer: asyncio.StreamWriter
    user: User | None = None
    is_listening: bool = False
    timer: asyncio.TimerHandle | None = None

    def send(self, frame: bytes) -> None:
        transport = self.writer.transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() > MOST_UNSENT_BYTES:
            transport.abort()
            return
        self.writer.write(framed(frame))


class Door:
    """Serves a socket of mode 0600 until cancelled; it is removed then."""

    def __init__(self, path: Path, inside: Inside) -> None:
        self._path, self._inside = path, inside
        self._count = 0
        self._clients: set[_Client] = set()

    async def serve(self, on_open: Callable[[], None]) -> None:
        self._path.unlink(missing_ok=True)  # of a process that was killed: the folder's lock says so
        before = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(self._attend, self._path)
        finally:
            os.umask(before)
        on_open()
        try:
            await server.serve_forever()
        finally:
            server.close()
            for client in list(self._clients):
                client.writer.transport.abort()
            self._path.unlink(missing_ok=True)

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._count += 1
        client = _Client(f"outside-{self._count}", writer)
        hub = self._inside.hub
        hub.connect(client.port, client.send)
        self._clients.add(client)
        client.timer = asyncio.get_running_loop().call_later(SPEAKS_WITHIN_S, self._listen, client, list(TOPICS), 0)
        try:
            while True:
                self._take(client, await read_frame(reader))
        except (FrameTooLong, asyncio.IncompleteReadError, OSError):
            return  # it went, or speaks no frames
        finally:
            client.timer.cancel()
            self._clients.discard(client)
            hub.disconnect(client.port)
            writer.close()

    def _listen(self, client: _Client, topics: list[str], after: int) -> None:
        if not client.is_listening:
            client.is_listening = True
            self._inside.hub.receive(client.port, encode_subscription(topics, after=after))

    def _take(self, client: _Client, frame: bytes) -> None:
        try:
            topic, payload = decode_frame(frame)
            if topic in KINDS:
                self._converse(client, decode(topic, payload))
            else:
                self._pass_on(client, topic, decode_value(topic, payload))
        except BadFrame as error:
            client.send(encode(Refused(about="", reason=str(error))))

    def _converse(self, client: _Client, said: Any) -> None:
        try:
            match said:
                case Hello():
                    self._greet(client, said)
                case Rehearse():
                    self._rehearse(client, said)
                case _:
                    raise NotAllowed("only taihang up says that")
        except NotAllowed as error:
            client.send(encode(Refused(about="up/hello" if isinstance(said, Hello) else "", reason=str(error))))

    def _greet(self, client: _Client, said: Hello) -> None:
        inside = self._inside
        client.user = inside.people.named(said.name, inside.operator)
        site = inside.people.site
        client.send(encode(Welcome(
            name=client.user.name, role=client.user.role, site=site.name, is_simulated=site.is_simulated,
            now=inside.clock.now(),
        )))
        topics = [topic for topic in said.topics if topic in TOPICS]
        self._listen(client, topics, _FROM_NOW if said.after is None else said.after)
        for topic, value in inside.newest.all():
            if topic in topics:
                client.send(encode_frame(topic, encode_value(topic, value)))

    def _rehearse(self, client: _Client, said: Rehearse) -> None:
        inside, user = self._inside, self._user(client)
        if said.command.issued_by != user.name:
            raise NotAllowed(f"{user.name} cannot speak for {said.command.issued_by}")
        inside.people.check(user, said.command.vehicle)
        client.send(encode(rehearse(inside.service, inside.guard, said.command, inside.clock.now())))

    def _pass_on(self, client: _Client, topic: str, value: Any) -> None:
        inside = self._inside
        try:
            heard = inside.people.hear(self._user(client), topic, value, inside.clock.now())
        except NotAllowed as error:
            client.send(encode(Refused(about=topic, reason=str(error))))
            return
        self._inside.hub.receive(client.port, encode_frame(topic, encode_value(topic, heard)))

    def _user(self, client: _Client) -> User:
        if client.user is None:
            client.user = self._inside.people.named(None, self._inside.operator)
        return client.user
