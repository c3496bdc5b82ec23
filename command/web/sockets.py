"""The two WebSockets: the live picture, and one camera's pictures. Browsers' words are read, bounded and counted."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from command.web.feed import Feed
from command.web.relay import NoCamera, Relay
from world.ids import VehicleId
from world.time import Clock

SPECTRA = ("rgb", "thermal")
_NO_SUCH_CAMERA = 4404


class Ping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A browser measures how far its clock is from ours."""

    ping: float


_decode_ping = msgspec.json.Decoder(Ping).decode


class KnowsVehicles(Protocol):
    """Where the names of vehicles come from."""

    @property
    def vehicle_ids(self) -> tuple[VehicleId, ...]: ...


class Listener:
    """Answers pings with this host's UTC; everything else is counted and disturbs nobody."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.garbage = 0

    async def listen(self, socket: WebSocket) -> None:
        """Until the browser goes."""
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                ping = _decode_ping(message.get("text") or message.get("bytes") or b"")
            except (msgspec.DecodeError, UnicodeError):
                self.garbage += 1
                continue
            await socket.send_json({"pong": ping.ping, "server_utc_ms": self._clock.now().utc_ns / 1e6})


class LiveSocket:
    """/ws/live: snapshots, the newest whenever the browser can take one."""

    def __init__(self, feed: Feed, listener: Listener) -> None:
        self._feed = feed
        self._listener = listener

    async def serve(self, socket: WebSocket) -> None:
        await socket.accept()
        mailbox = self._feed.open()
        try:
            await _until_one_ends(_send_all(socket, mailbox.take), self._listener.listen(socket))
        finally:
            self._feed.close(mailbox)


class VideoSocket:
    """/ws/video/<vehicle>/<spectrum>: access units behind a small header, see relay."""

    def __init__(self, vehicles: KnowsVehicles, relay: Relay | None, listener: Listener) -> None:
        self._vehicles = vehicles
        self._relay = relay
        self._listener = listener

    async def serve(self, socket: WebSocket) -> None:
        vehicle, spectrum = VehicleId(socket.path_params["vehicle"]), socket.path_params["spectrum"]
        await socket.accept()
        if self._relay is None or vehicle not in self._vehicles.vehicle_ids or spectrum not in SPECTRA:
            await socket.close(_NO_SUCH_CAMERA, "no such camera")
            return
        viewer = self._relay.join(vehicle, spectrum)
        try:
            await _until_one_ends(_send_all(socket, viewer.take), self._listener.listen(socket))
        except NoCamera:
            await socket.close(_NO_SUCH_CAMERA, "no such camera")
        finally:
            await self._relay.leave(vehicle, spectrum, viewer)


async def _send_all(socket: WebSocket, take: Callable[[], Awaitable[bytes]]) -> None:
    while True:
        await socket.send_bytes(await take())


async def _until_one_ends(*jobs: Coroutine[Any, Any, None]) -> None:
    """A socket ends when its reader or its writer does; a disconnect is an ordinary end."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception) and not isinstance(end, WebSocketDisconnect | OSError):
            raise end
