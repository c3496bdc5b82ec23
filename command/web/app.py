"""The screen's HTTP and WebSocket surface. Handlers parse, call a source, and answer; nothing is decided here."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from command.survey import Survey
from command.web.access import AccessGate
from command.web.basemap import Theme, hillshade_png
from command.web.config import Incident
from command.web.feed import Feed, Source
from command.web.hub_client import HubOffline
from command.web.orders import ApprovalRequest, OrderRequest, PlanChanged, Refused, ReplayRequest, parse
from command.web.relay import Relay
from command.web.sockets import Listener, LiveSocket, VideoSocket
from world.time import Clock

STATIC = str(files("command.web") / "static")
_LONGEST_BODY = 64 << 10
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the surface is put on."""

    source: Source
    incident: Incident
    survey: Survey | None
    relay: Relay | None
    crops: Path | None
    """Pictures of contacts, `<digest>.jpg`."""
    clock: Clock
    token: str
    host: str


def create_app(parts: Parts) -> Starlette:
    """One application per server; `parts.source` decides between live and replay."""
    surface = Surface(parts)
    return Starlette(
        routes=surface.routes(),
        lifespan=surface.lifespan,
        middleware=[Middleware(AccessGate, token=parts.token, host=parts.host)],
    )


class Surface:
    """Routes of one server."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._feed = Feed(parts.source, parts.clock)
        self._listener = Listener(parts.clock)
        self._basemaps: dict[Theme, bytes] = {}

    def routes(self) -> list[BaseRoute]:
        video = VideoSocket(self._parts.source, self._parts.relay, self._listener)
        return [
            Route("/", self.page),
            Route("/api/site", self.site),
            Route("/api/scene", self.scene),
            Route("/api/state", self.state),
            Route("/api/health", self.health),
            Route("/api/basemap/{theme}.png", self.basemap),
            Route("/api/crop/{digest}.jpg", self.crop),
            Route("/api/order", self.order, methods=["POST"]),
            Route("/api/approve", self.approve, methods=["POST"]),
            Route("/api/replay", self.replay, methods=["POST"]),
            WebSocketRoute("/ws/live", LiveSocket(self._feed, self._listener).serve),
            WebSocketRoute("/ws/video/{vehicle}/{spectrum}", video.serve),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._parts.source.run()), group.create_task(self._feed.run())]
            yield
            for task in tasks:
                task.cancel()
            if self._parts.relay is not None:
                await self._parts.relay.close()

    async def page(self, request: Request) -> Response:
        return FileResponse(f"{STATIC}/index.html")

    async def site(self, request: Request) -> Response:
        incident, survey = self._parts.incident, self._parts.survey
        return JSONResponse(
            {
                "title": incident.title,
                "title_zh": incident.title_zh,
                "is_exercise": incident.is_exercise,
                "is_simulated": incident.is_simulated,
                "eyes": incident.eyes,
                "is_replay": self._parts.source.is_replay,
                "has_video": self._parts.relay is not None,
                "basemap_corners": None if survey is None else survey.corners_lon_lat(),
            }
        )

    async def scene(self, request: Request) -> Response:
        return Response(self._feed.scene(), media_type="application/msgpack")

    async def state(self, request: Request) -> Response:
        return JSONResponse(_json(self._parts.source.snapshot()))

    async def health(self, request: Request) -> Response:
        feed, listener = self._feed, self._listener
        counts = {"viewers": feed.viewers, "skipped": feed.skipped, "garbage": listener.garbage}
        return JSONResponse({**self._parts.source.health(), **counts})

    async def basemap(self, request: Request) -> Response:
        name = request.path_params["theme"]
        if self._parts.survey is None or name not in list(Theme):
            return _sentence("There is no base map of that name.", 404)
        theme = Theme(name)
        if theme not in self._basemaps:
            self._basemaps[theme] = await asyncio.to_thread(hillshade_png, self._parts.survey.terrain, theme)
        return Response(self._basemaps[theme], media_type="image/png")

    async def crop(self, request: Request) -> Response:
        digest = request.path_params["digest"]
        path = None if self._parts.crops is None else self._parts.crops / f"{digest}.jpg"
        if path is None or not _DIGEST.fullmatch(digest) or not path.is_file():
            return _sentence("There is no picture of that digest.", 404)
        return FileResponse(path, media_type="image/jpeg")

    async def order(self, request: Request) -> Response:
        return await self._answer(request, OrderRequest)

    async def approve(self, request: Request) -> Response:
        return await self._answer(request, ApprovalRequest)

    async def replay(self, request: Request) -> Response:
        return await self._answer(request, ReplayRequest)

    async def _answer(self, request: Request, kind: type[OrderRequest | ApprovalRequest | ReplayRequest]) -> Response:
        """Every refusal is one sentence with the status that fits."""
        try:
            self._parts.source.act(parse(await _body(request), kind))
        except PlanChanged as changed:
            return _sentence(str(changed), 409)
        except Refused as refused:
            return _sentence(str(refused), 400)
        except HubOffline as offline:
            return _sentence(str(offline), 503)
        except ClientDisconnect:
            return Response(status_code=400)
        return JSONResponse({"ok": True}, 202)


async def _body(request: Request) -> bytes:
    """Raises Refused for other content than JSON and for bodies no honest page sends."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused("The request must be JSON.")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_BODY:
            raise Refused(f"The request is longer than {_LONGEST_BODY} bytes.")
    return bytes(body)


def _sentence(text: str, status: int) -> Response:
    return JSONResponse({"ok": False, "error": text}, status)


def _json(value: Any) -> Any:
    """Looks per cell travel as bytes; JSON readers get numbers."""
    if isinstance(value, dict):
        return {name: _json(item) for name, item in value.items()}
    return list(value) if isinstance(value, bytes) else value
