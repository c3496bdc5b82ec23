"""Who may speak to the screen's server: holders of the session token, from pages this server served."""

import hmac
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_POLICY_VIOLATION = 1008

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; "
        "connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def new_token() -> str:
    return secrets.token_urlsafe(32)


class AccessGate:
    """ASGI middleware: token in the first URL becomes a cookie; every later request and socket needs that cookie.

    A browser sends cookies of one host to all its ports, hence a cookie name per port. `Host` must be a name this
    server was opened under (DNS rebinding), and `Origin`, where a browser sends one, must be that very host.
    """

    def __init__(self, app: ASGIApp, *, token: str, host: str) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = _LOOPBACK_NAMES | {host}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if scope["type"] == "websocket":
            if refusal is None:
                await self._app(scope, receive, send)
            else:
                await WebSocketClose(_POLICY_VIOLATION)(scope, receive, send)
            return
        entry = self._entry(scope)
        if entry is not None:
            await entry(scope, receive, send)
        elif refusal is not None:
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, _with_security_headers(send))

    def _entry(self, scope: Scope) -> Response | None:
        """Answer to the printed URL: set the cookie and go on without the token in the address bar."""
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        given = dict(query).get("token")
        if scope["path"] != "/" or scope["method"] != "GET" or given is None:
            return None
        if not self._is_host_ours(Headers(scope=scope)):
            return None
        if not self._is_token(given):
            return PlainTextResponse("The token in this address is not this session's.\n", 401, SECURITY_HEADERS)
        rest = urlencode([(name, value) for name, value in query if name != "token"])
        response = RedirectResponse("/" + (f"?{rest}" if rest else ""), 303, SECURITY_HEADERS)
        response.set_cookie(_cookie_name(scope), given, httponly=True, samesite="strict", path="/")
        return response

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not self._is_host_ours(headers):
            return PlainTextResponse("This server is not opened under that host name.\n", 421, SECURITY_HEADERS)
        if not self._is_token(_cookie(headers, _cookie_name(scope))):
            return PlainTextResponse("Open the address that the server printed at its start.\n", 401, SECURITY_HEADERS)
        origin = headers.get("origin")
        is_origin_needed = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
        if (origin is not None or is_origin_needed) and not _is_same_origin(origin, headers):
            return PlainTextResponse("Orders are taken from this server's own page only.\n", 403, SECURITY_HEADERS)
        return None

    def _is_token(self, given: str | None) -> bool:
        return given is not None and hmac.compare_digest(given.encode(), self._token)

    def _is_host_ours(self, headers: Headers) -> bool:
        return _host_name(headers.get("host", "")) in self._hosts


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _cookie_name(scope: Scope) -> str:
    return f"taihang_{scope['server'][1]}"


def _cookie(headers: Headers, name: str) -> str | None:
    cookies = SimpleCookie()
    try:
        cookies.load(headers.get("cookie", ""))
    except CookieError:
        return None
    return cookies[name].value if name in cookies else None


def _is_same_origin(origin: str | None, headers: Headers) -> bool:
    if origin is None:
        return False
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.netloc == headers.get("host") and parts.scheme in ("http", "https")


def _with_security_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message.setdefault("headers", [])
            present = {name.lower() for name, _ in headers}
            for name, value in SECURITY_HEADERS.items():
                if name.lower().encode() not in present:
                    headers.append((name.lower().encode(), value.encode()))
        await send(message)

    return send_with_headers
