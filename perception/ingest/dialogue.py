"""The client's side of an RTSP 1.0 session (RFC 2326) without I/O: replies in, requests out."""

from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from perception.ingest.framing import Reply
from perception.ingest.sdp import VideoTrack, parse_video_track

USER_AGENT = "taihang-perception"


class RtspRefused(ConnectionError):
    """The camera answered a request with an error."""


class Step(StrEnum):
    DESCRIBE = "DESCRIBE"
    SETUP = "SETUP"
    PLAY = "PLAY"
    PLAYING = "PLAYING"


class Dialogue:
    """DESCRIBE, SETUP over the interleaved TCP channels 0 and 1, PLAY. Every reply yields the next request."""

    def __init__(self, url: str, *, user_agent: str = USER_AGENT) -> None:
        parts = urlsplit(url)
        if parts.scheme != "rtsp" or not parts.hostname:
            raise ValueError(f"not an rtsp:// address: {url}")
        self.host, self.port = parts.hostname, parts.port or 554
        self._url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        self._user_agent = user_agent
        self._sequence = 0
        self._session: str | None = None
        self.step = Step.DESCRIBE
        self.track: VideoTrack | None = None

    def begin(self) -> bytes:
        return self._request("DESCRIBE", self._url, Accept="application/sdp")

    def answer(self, reply: Reply) -> bytes | None:
        """The next request, or None once playing; raises RtspRefused and NoVideoTrack."""
        if self.step is Step.PLAYING:
            return None
        if reply.status != 200:
            raise RtspRefused(f"{self._url} refused {self.step}: {reply.status} {reply.reason}")
        if self.step is Step.DESCRIBE:
            base = reply.headers.get("content-base", self._url)
            self.track = parse_video_track(reply.body, base_url=base)
            self.step = Step.SETUP
            return self._request(
                "SETUP", self.track.control_url, Transport="RTP/AVP/TCP;unicast;interleaved=0-1"
            )
        if self.step is Step.SETUP:
            self._session = reply.headers.get("session", "").partition(";")[0]
            self.step = Step.PLAY
            return self._request("PLAY", self._url, Range="npt=now-")
        self.step = Step.PLAYING
        return None

    def keep_alive(self) -> bytes:
        return self._request("GET_PARAMETER", self._url)

    def tear_down(self) -> bytes:
        return self._request("TEARDOWN", self._url)

    def _request(self, verb: str, url: str, **headers: str) -> bytes:
        self._sequence += 1
        lines = [f"{verb} {url} RTSP/1.0", f"CSeq: {self._sequence}", f"User-Agent: {self._user_agent}"]
        if self._session:
            lines.append(f"Session: {self._session}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()
