"""What one RTSP client asked for and may do next: a state machine from requests to answers, without I/O."""

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from sim.video.nal import ParameterSets
from sim.video.rtp import CLOCK_HZ, PAYLOAD_TYPE
from sim.video.rtsp import Request, response

_METHODS: Final = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER"
_TIMEOUT_S: Final = 60
LOSSLESS_AGENT: Final = "taihang-perception"
"""User-Agent of the one client for whom no access unit may be dropped."""


class SessionState(StrEnum):
    INIT = "init"
    READY = "ready"
    PLAYING = "playing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interleaved:
    """RTP inside the RTSP connection, on this channel; RTCP on the next."""

    channel: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unicast:
    """RTP and RTCP to two UDP ports of the client."""

    rtp_port: int
    rtcp_port: int


Transport = Interleaved | Unicast


@dataclass(frozen=True, slots=True, kw_only=True)
class MountFacts:
    """What a session description needs of a mount."""

    path: str
    fps: float
    ssrc: int
    parameter_sets: ParameterSets | None


class Mounts(Protocol):
    """The streams on offer."""

    def facts(self, path: str) -> MountFacts | None: ...


class Session:
    """One client. `state`, `mount` and `transport` say what the server owes it."""

    def __init__(self, mounts: Mounts, name: str, open_udp: Callable[[], tuple[int, int]]) -> None:
        """`open_udp` opens the server's RTP and RTCP ports of this session and names them."""
        self._mounts, self.name, self._open_udp = mounts, name, open_udp
        self.state = SessionState.INIT
        self.mount: str | None = None
        self.transport: Transport | None = None
        self.is_lossless = False

    def answer(self, request: Request) -> bytes:
        """The response to one request, after the state has changed."""
        if request.headers.get("user-agent", "").startswith(LOSSLESS_AGENT):
            self.is_lossless = True
        if request.method == "OPTIONS":
            return response(request, headers={"Public": _METHODS})
        if request.method in ("GET_PARAMETER", "SET_PARAMETER"):
            return self._ok(request)
        if request.method == "TEARDOWN":
            self.state = SessionState.CLOSED
            return self._ok(request)
        if request.method == "PAUSE" and self.state is SessionState.PLAYING:
            self.state = SessionState.READY
            return self._ok(request)
        facts = self._mounts.facts(request.path)
        if request.method in ("DESCRIBE", "SETUP", "PLAY") and facts is None:
            return response(request, "404 Not Found")
        if request.method == "DESCRIBE" and facts:
            base = request.url.rstrip("/") + "/"
            headers = {"Content-Type": "application/sdp", "Content-Base": base}
            return response(request, headers=headers, body=describe(facts))
        if request.method == "SETUP" and facts and self.state is SessionState.INIT:
            return self._set_up(request, facts)
        if request.method == "PLAY" and facts and self.state is SessionState.READY:
            self.state = SessionState.PLAYING
            return self._ok(request, {"Range": "npt=now-"})
        return response(request, "455 Method Not Valid in This State")

    def _ok(self, request: Request, headers: dict[str, str] | None = None) -> bytes:
        return response(request, headers={"Session": f"{self.name};timeout={_TIMEOUT_S}", **(headers or {})})

    def _set_up(self, request: Request, facts: MountFacts) -> bytes:
        wanted = parse_transport(request.headers.get("transport", ""))
        if wanted is None:
            return response(request, "461 Unsupported Transport")
        self.mount, self.transport, self.state = facts.path, wanted, SessionState.READY
        if isinstance(wanted, Interleaved):
            given = f"RTP/AVP/TCP;unicast;interleaved={wanted.channel}-{wanted.channel + 1}"
        else:
            rtp, rtcp = self._open_udp()
            given = f"RTP/AVP;unicast;client_port={wanted.rtp_port}-{wanted.rtcp_port};server_port={rtp}-{rtcp}"
        return self._ok(request, {"Transport": f"{given};ssrc={facts.ssrc:08X}"})


def parse_transport(text: str) -> Transport | None:
    """The first alternative of a Transport header that this server speaks (RFC 2326, 12.39)."""
    for choice in text.split(","):
        if "multicast" in choice:
            continue
        if "RTP/AVP/TCP" in choice.upper():
            channels = re.search(r"interleaved=(\d{1,3})", choice)
            channel = int(channels[1]) if channels else 0
            if channel < 255:
                return Interleaved(channel=channel)
        ports = re.search(r"client_port=(\d{1,5})-(\d{1,5})", choice)
        if ports and all(0 < int(port) < 65536 for port in ports.groups()):
            return Unicast(rtp_port=int(ports[1]), rtcp_port=int(ports[2]))
    return None


def describe(facts: MountFacts) -> str:
    """Session description (RFC 8866) of one H.264 stream; parameter sets come in band when none are known yet."""
    parameters = "packetization-mode=1"
    if sets := facts.parameter_sets:
        texts = ",".join(b64encode(nal).decode() for nal in (sets.sps, sets.pps))
        parameters += f";profile-level-id={sets.sps[1:4].hex().upper()};sprop-parameter-sets={texts}"
    lines = (
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        f"s={facts.path}",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} H264/{CLOCK_HZ}",
        f"a=fmtp:{PAYLOAD_TYPE} {parameters}",
        f"a=framerate:{facts.fps:g}",
        "a=control:trackID=0",
    )
    return "\r\n".join(lines) + "\r\n"
