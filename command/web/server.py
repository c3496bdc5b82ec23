"""Binds, prints the address with this session's token, and serves until a signal comes."""

import socket
import sys
from collections.abc import Callable

import uvicorn

from command.survey import Survey, load_survey
from command.web.access import new_token
from command.web.app import Parts, create_app
from command.web.clock import WallClock
from command.web.config import Address, LiveConfig, ReplayConfig
from command.web.feed import Source
from command.web.live import LiveSource
from command.web.relay import Relay
from command.web.replay import ReplaySource, load_events
from world.time import Clock

_LONGEST_MESSAGE = 4096
"""Browsers send pings on their sockets, nothing longer."""


class AddressTaken(OSError):
    """Nothing can listen at the address asked for."""


def serve_live(config: LiveConfig, *, announce: Callable[[str], None] = print) -> None:
    """Serve a running incident; raises AddressTaken and SurveyUnreadable before anything is served."""
    clock = WallClock()
    survey = None if config.terrain_path is None else load_survey(config.terrain_path)
    source = LiveSource(config, survey=survey, clock=clock)
    relay = None if config.rtsp_base is None else Relay(rtsp_base=config.rtsp_base, clock=clock, watch=config.watch)
    _serve(source, config, survey, relay, clock, announce)


def serve_replay(config: ReplayConfig, *, announce: Callable[[str], None] = print) -> None:
    """Serve a record; raises RecordUnavailable, RecordBroken, AddressTaken and SurveyUnreadable."""
    clock = WallClock()
    terrain_path = config.events_path.with_name("terrain.npz")
    survey = load_survey(terrain_path) if terrain_path.is_file() else None
    events = load_events(config.events_path)
    source = ReplaySource(events, survey=survey, clock=clock)
    _serve(source, config, survey, None, clock, announce)


def _serve(
    source: Source,
    config: LiveConfig | ReplayConfig,
    survey: Survey | None,
    relay: Relay | None,
    clock: Clock,
    announce: Callable[[str], None],
) -> None:
    token, address = new_token(), config.address
    parts = Parts(
        source=source,
        incident=config.incident,
        survey=survey,
        relay=relay,
        crops=config.crops_path,
        clock=clock,
        token=token,
        host=address.host,
    )
    with listening(address) as listener:
        server = uvicorn.Server(server_config(parts))
        announce(page_url(address.host, listener.getsockname()[1], token))
        sys.stdout.flush()
        server.run(sockets=[listener])


def server_config(parts: Parts) -> uvicorn.Config:
    """No access log: the first address carries the token."""
    return uvicorn.Config(
        create_app(parts),
        access_log=False,
        log_level="warning",
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=_LONGEST_MESSAGE,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=1,
    )


def listening(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address.host, address.port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        where = f"{address.host}:{address.port}"
        raise AddressTaken(f"{where} cannot be used: {error.strerror}; choose another port") from error
    return listener


def page_url(host: str, port: int, token: str) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/?token={token}"


