"""The real screen server on a synthetic hub, in a thread of its own, for clients that block."""

import asyncio
import queue
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn

from command.bus.codec import decode_frame, decode_value, encode_frame, encode_value
from command.survey import load_survey
from command.topics import TOPICS
from command.web.access import new_token
from command.web.app import Parts
from command.web.clock import WallClock
from command.web.config import Address, Incident, LiveConfig
from command.web.feed import Source
from command.web.hub_client import framed, read_frame
from command.web.live import LiveSource
from command.web.relay import Relay
from command.web.server import listening, page_url, server_config
from tests.support import story
from world.ids import OperatorId

START_S = 20.0
INCIDENT = Incident(title="Lost hikers, Mount Jue", title_zh="珏山失联人员搜救")


class SyntheticHub:
    """Speaks the hub's side of the Unix socket: logged events first, then whatever is published."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._logged: list[bytes] = []
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None
        self.received: queue.Queue[tuple[str, Any]] = queue.Queue()

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, str(self._path))

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.close()
        self._writers.clear()
        self._path.unlink(missing_ok=True)

    def publish(self, topic: str, value: Any) -> None:
        self.send_raw(framed(encode_frame(topic, encode_value(topic, value))), is_logged=TOPICS[topic].is_logged)

    def send_raw(self, data: bytes, *, is_logged: bool = False) -> None:
        if is_logged:
            self._logged.append(data)
        for writer in self._writers:
            writer.write(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"".join(self._logged))
        self._writers.append(writer)
        try:
            while True:
                topic, payload = decode_frame(await read_frame(reader))
                self.received.put((topic, decode_value(topic, payload)))
        except (asyncio.IncompleteReadError, ConnectionError):
            return


class Screen:
    """`with Screen(folder) as screen:` gives a served page, its URL and the hub behind it."""

    def __init__(
        self,
        folder: Path,
        *,
        rtsp_base: str | None = None,
        watch: Callable[[str, float], None] | None = None,
        has_terrain: bool = True,
        replay: Source | None = None,
    ) -> None:
        terrain = folder / "terrain.npz"
        if has_terrain:
            story.write_terrain(terrain)
        self.hub = SyntheticHub(folder / "hub.sock")
        clock = WallClock()
        survey = load_survey(terrain) if has_terrain else None
        config = LiveConfig(hub_path=folder / "hub.sock", operator=OperatorId("commander"), incident=INCIDENT)
        source = replay or LiveSource(config, survey=survey, clock=clock)
        relay = None if rtsp_base is None else Relay(rtsp_base=rtsp_base, clock=clock, watch=watch)
        self.token = new_token()
        self._listener = listening(Address())
        self.port: int = self._listener.getsockname()[1]
        parts = Parts(
            source=source,
            incident=INCIDENT,
            survey=survey,
            relay=relay,
            crops=folder / "contacts",
            clock=clock,
            token=self.token,
            host="127.0.0.1",
        )
        self._server = uvicorn.Server(server_config(parts))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="screen")
        self._up = threading.Event()

    @property
    def url(self) -> str:
        return page_url("127.0.0.1", self.port, self.token)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def cookie(self) -> str:
        return f"taihang_{self.port}={self.token}"

    def __enter__(self) -> "Screen":
        self._thread.start()
        assert self._up.wait(20), "the server did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self._listener.close()

    def call(self, job: Callable[..., None], *arguments: Any, **named: Any) -> None:
        """Run on the server's loop and wait until done."""

        async def run() -> None:
            job(*arguments, **named)

        self.wait(run())

    def wait(self, job: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(job, self._loop).result(20)

    def publish(self, topic: str, value: Any) -> None:
        self.call(self.hub.publish, topic, value)

    def tell(self, seconds: float, lost_at_s: float = 1e9) -> None:
        """The fleet and the mission at a moment of the story."""
        self.publish("fleet/state", story.fleet(seconds, lost_at_s))
        self.publish("mission/progress", story.progress(seconds))

    def begin(self) -> None:
        """Intent, plan and the first state."""
        self.publish("mission/intent", story.intent())
        self.publish("mission/plan", story.plan())
        self.tell(START_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._main())
        finally:
            self._loop.close()

    async def _main(self) -> None:
        await self.hub.open()
        self._up.set()  # the socket listens already: clients wait in its queue until the server takes them
        await self._server.serve(sockets=[self._listener])
        await self.hub.close()
