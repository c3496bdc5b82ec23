"""RTSP 1.0 requests in, responses out (RFC 2326), as text and bytes without I/O; what is no RTSP is counted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

MOST_HEAD: Final = 8192
MOST_BODY: Final = 65536
_REQUEST: Final = re.compile(rb"^([A-Z_]{3,20}) (\S{1,2000}) RTSP/1\.\d$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; header names in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]

    @property
    def path(self) -> str:
        """Mount path: without host, track and trailing slash."""
        return re.sub(r"/trackID=\d+$", "", urlsplit(self.url).path).rstrip("/")


@dataclass(slots=True)
class RequestReader:
    """Cuts a TCP stream into requests; interleaved RTCP from the client is skipped.

    `garbage` counts what was no RTSP. After the first such bytes the stream cannot be trusted: `is_broken`.
    """

    garbage: int = 0
    is_broken: bool = False
    _buffer: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[Request]:
        if self.is_broken:
            return []
        self._buffer += data
        requests: list[Request] = []
        while not self.is_broken:
            while self._buffer.startswith((b"\r", b"\n")):
                del self._buffer[0]
            used = self._skip_interleaved() if self._buffer.startswith(b"$") else self._take_request(requests)
            if not used:
                break
        return requests

    def _skip_interleaved(self) -> bool:
        if len(self._buffer) < 4:
            return False
        size = 4 + int.from_bytes(self._buffer[2:4])
        if len(self._buffer) < size:
            return False
        del self._buffer[:size]
        return True

    def _take_request(self, requests: list[Request]) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            first = bytes(self._buffer[:MOST_HEAD]).split(b"\r\n", 1)
            is_foreign = len(first) == 2 and not _REQUEST.match(first[0])
            if is_foreign or len(self._buffer) > MOST_HEAD:
                self._break()
            return False
        head = bytes(self._buffer[:end]).split(b"\r\n")
        match = _REQUEST.match(head[0])
        headers = _headers(head[1:])
        length = headers.get("content-length", "0") if headers is not None else ""
        if not match or headers is None or not length.isdigit() or int(length) > MOST_BODY:
            self._break()
            return False
        size = end + 4 + int(length)
        if len(self._buffer) < size:
            return False
        del self._buffer[:size]
        requests.append(Request(method=match[1].decode(), url=match[2].decode("utf-8", "replace"), headers=headers))
        return True

    def _break(self) -> None:
        self.garbage += 1
        self.is_broken = True
        self._buffer.clear()


def response(
    request: Request, status: str = "200 OK", *, headers: Mapping[str, str] | None = None, body: str = ""
) -> bytes:
    """Answer bytes with the request's CSeq."""
    lines = [f"RTSP/1.0 {status}", f"CSeq: {request.headers.get('cseq', '0')}", "Server: Taihang"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def _headers(lines: list[bytes]) -> dict[str, str] | None:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if not colon:
            return None
        headers[name.strip().lower()] = value.strip()
    return headers
