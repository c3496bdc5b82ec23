"""The real server on real sockets: who is let in, what is refused in one sentence, what disturbs nobody."""

import http.client
import json
import queue
import socket
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from missions.model import Order, OrderVerb
from perception.model import ContactState
from tests.support import story
from tests.support.screen import Screen


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    with Screen(tmp_path) as served:
        served.begin()
        yield served


class Answer:
    """Status, headers and body of one request."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    screen: Screen, method: str, path: str, body: bytes | None = None, *, without: str = "", **headers: str
) -> Answer:
    """A request as the page makes it; `without` leaves a header out."""
    sent = {"Cookie": screen.cookie, "Origin": screen.origin, "Content-Type": "application/json"}
    sent.update({name.replace("_", "-"): value for name, value in headers.items()})
    sent.pop(without, None)
    connection = http.client.HTTPConnection("127.0.0.1", screen.port, timeout=10)
    try:
        connection.request(method, path, body, sent)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def post(screen: Screen, path: str, **body: Any) -> Answer:
    return ask(screen, "POST", path, json.dumps(body).encode())


def live(screen: Screen, **changes: Any) -> ClientConnection:
    headers = {"Cookie": screen.cookie, **changes.pop("headers", {})}
    socket: ClientConnection = connect(
        f"ws://127.0.0.1:{screen.port}/ws/live",
        origin=changes.pop("origin", screen.origin),
        additional_headers=headers,
        compression=None,
        max_size=None,
        **changes,
    )
    return socket


def next_live(socket: ClientConnection) -> Any:
    message = socket.recv(timeout=10)
    assert isinstance(message, bytes)
    return msgspec.msgpack.decode(message)


def until(socket: ClientConnection, holds: Any) -> Any:
    """The first snapshot of the next hundred for which it holds."""
    for _ in range(100):
        snapshot = next_live(socket)
        if holds(snapshot):
            return snapshot
    raise AssertionError("no such snapshot came")


class TestAccess:
    def test_the_printed_address_gives_a_cookie_and_hides_the_token(self, screen: Screen) -> None:
        entry = ask(screen, "GET", f"/?token={screen.token}&lang=en", without="Cookie")
        assert (entry.status, entry.headers["Location"]) == (303, "/?lang=en")
        cookie = entry.headers["Set-Cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        page = ask(screen, "GET", "/")
        assert page.status == 200
        assert b'<div id="app">' in page.body
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]

    @pytest.mark.parametrize("path", ["/", "/api/state", "/api/scene", "/api/health", "/static/index.html", "/nothing"])
    def test_nothing_is_served_without_the_cookie(self, screen: Screen, path: str) -> None:
        assert ask(screen, "GET", path, without="Cookie").status == 401
        assert ask(screen, "GET", path, Cookie=f"taihang_{screen.port}=guess").status == 401

    def test_a_wrong_token_is_refused(self, screen: Screen) -> None:
        answer = ask(screen, "GET", "/?token=guess", without="Cookie")
        assert answer.status == 401
        assert "Set-Cookie" not in answer.headers

    def test_other_hosts_and_other_pages_are_refused(self, screen: Screen) -> None:
        assert ask(screen, "GET", "/api/state", Host="evil.example").status == 421
        body = b'{"id":"order-0001","verb":"stop","vehicles":["U01"]}'
        for origin in ("http://evil.example", "null", f"http://127.0.0.1:{screen.port + 1}", "http://["):
            assert ask(screen, "POST", "/api/order", body, Origin=origin).status == 403
        assert ask(screen, "POST", "/api/order", body, without="Origin").status == 403

    def test_sockets_need_cookie_and_origin(self, screen: Screen) -> None:
        for changes in ({"headers": {"Cookie": "none=1"}}, {"origin": "http://evil.example"}, {"origin": None}):
            with pytest.raises(InvalidStatus), live(screen, **changes):
                pass

    def test_the_token_is_not_logged(self, screen: Screen, capfd: pytest.CaptureFixture[str]) -> None:
        ask(screen, "GET", f"/?token={screen.token}", without="Cookie")
        said = capfd.readouterr()
        assert screen.token not in said.out + said.err


class TestLive:
    def test_state_travels_in_columns(self, screen: Screen) -> None:
        with live(screen) as socket:
            snapshot = until(socket, lambda s: s["vehicles"]["id"])
            assert snapshot["vehicles"]["id"] == list(story.ALL)
            screen.tell(50.0)
            until(socket, lambda s: s["utc_ms"] == story.at(50.0).utc_ns / 1e6)
        assert ask(screen, "GET", "/api/state").json["vehicles"]["id"] == list(story.ALL)
        scene = msgspec.msgpack.decode(ask(screen, "GET", "/api/scene").body)
        assert scene["plan"]["digest"] == story.DIGEST
        assert len(scene["plan"]["cells"]["index"]) == len(story.cells())

    def test_garbage_is_counted_and_disturbs_nobody(self, screen: Screen) -> None:
        with live(screen) as quiet, live(screen) as noisy:
            for message in ("", "{", '{"ping":"x"}', '{"ping":1,"more":2}', b"\xff\x00\x9f", "[" * 900):
                noisy.send(message)
            noisy.send('{"ping": 7.5}')
            while isinstance(answer := noisy.recv(timeout=10), bytes):
                pass
            assert json.loads(answer)["pong"] == 7.5
            assert next_live(quiet)["vehicles"]["id"]
        assert ask(screen, "GET", "/api/health").json["garbage"] == 6

    def test_a_message_longer_than_any_ping_ends_only_its_own_socket(self, screen: Screen) -> None:
        with live(screen) as quiet:
            with live(screen) as noisy:
                noisy.send("x" * 100_000)
                with pytest.raises(ConnectionClosed):
                    until(noisy, lambda _: False)
            assert next_live(quiet)["vehicles"]["id"]

    def test_garbage_from_the_hub_is_counted_and_passed_over(self, screen: Screen) -> None:
        screen.call(screen.hub.send_raw, b"\x00\x00\x00\x04\xff\xff\xff\xff")
        screen.tell(33.0)
        with live(screen) as socket:
            until(socket, lambda s: s["utc_ms"] == story.at(33.0).utc_ns / 1e6)
        assert ask(screen, "GET", "/api/health").json["bad_frames"] == 1

    def test_a_hub_out_of_step_is_opened_again(self, screen: Screen) -> None:
        with live(screen) as socket:
            first = until(socket, lambda s: s["vehicles"]["id"])["scene_version"]
            screen.call(screen.hub.send_raw, b"\xff" * 16)
            again = until(socket, lambda s: s["scene_version"] != first and s["hub"]["is_connected"])
            assert again["hub"]["lost_s"] == 0.0

    def test_a_browser_that_reads_nothing_delays_nobody(self, screen: Screen) -> None:
        stuck = socket.create_connection(("127.0.0.1", screen.port))
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.sendall(
            f"GET /ws/live HTTP/1.1\r\nHost: 127.0.0.1:{screen.port}\r\nOrigin: {screen.origin}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
            f"Cookie: {screen.cookie}\r\n\r\n".encode()
        )
        for number in range(1500):  # 170 kB a beat fill every buffer on the way
            screen.publish("perception/contact", story.contact(number, ContactState.CANDIDATE, 30.0))
        with stuck, live(screen) as quick:
            beats = [next_live(quick)["beat"] for _ in range(30)]
            while ask(screen, "GET", "/api/health").json["skipped"] == 0:
                beats.append(next_live(quick)["beat"])
            beats += [next_live(quick)["beat"] for _ in range(5)]
            assert all(later - earlier <= 4 for earlier, later in pairwise(beats)), beats


class TestOrders:
    def test_an_order_names_its_targets_and_reaches_the_hub_once(self, screen: Screen) -> None:
        for _ in range(2):
            answer = post(screen, "/api/order", id="order-0001", verb="hold", vehicles=["U02", "G01"])
            assert (answer.status, answer.json) == (202, {"ok": True})
        topic, order = screen.hub.received.get(timeout=10)
        assert topic == "mission/order"
        assert isinstance(order, Order)
        assert (order.verb, order.vehicles) == (OrderVerb.HOLD, ("U02", "G01"))
        assert order.at == story.at(20.0)
        with pytest.raises(queue.Empty):
            screen.hub.received.get(timeout=0.3)
        assert ask(screen, "GET", "/api/state").json["orders"][0]["vehicles"] == ["U02", "G01"]

    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            ({"verb": "stop", "vehicles": []}, "names no vehicle"),
            ({"verb": "stop", "vehicles": ["U99"]}, "No vehicle is called U99."),
            ({"verb": "stop", "vehicles": ["U01", "U01"]}, "named twice"),
            ({"verb": "explode", "vehicles": ["U01"]}, "not understood"),
            ({"verb": "stop", "vehicles": "all"}, "not understood"),
            ({"verb": "stop", "vehicles": ["U01"], "kill": True}, "not understood"),
            ({"verb": "stop", "vehicles": ["U01"], "id": "x"}, "not understood"),
            ({"verb": "accept_contact"}, "names no contact"),
        ],
    )
    def test_what_is_wrong_is_said_in_one_sentence(self, screen: Screen, body: dict[str, Any], sentence: str) -> None:
        answer = post(screen, "/api/order", **{"id": "order-0002", **body})
        assert answer.status == 400
        assert sentence in answer.json["error"]
        assert "\n" not in answer.json["error"]
        assert screen.hub.received.empty()

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"null", b"{}" * 50_000])
    def test_bodies_that_are_no_request(self, screen: Screen, body: bytes) -> None:
        assert ask(screen, "POST", "/api/order", body).status == 400

    def test_only_json_is_taken(self, screen: Screen) -> None:
        answer = ask(screen, "POST", "/api/order", b"id=order-0001", Content_Type="text/plain")
        assert (answer.status, answer.json["error"]) == (400, "The request must be JSON.")

    def test_a_plan_is_approved_by_its_own_digest_only(self, screen: Screen) -> None:
        changed = post(screen, "/api/approve", digest="0" * 64)
        assert changed.status == 409
        assert "revision 1" in changed.json["error"]
        assert post(screen, "/api/approve", digest="short").status == 400
        assert post(screen, "/api/approve", digest=story.DIGEST).status == 202
        topic, approval = screen.hub.received.get(timeout=10)
        assert (topic, approval.digest, approval.covers_replans) == ("mission/approval", story.DIGEST, True)

    def test_without_a_hub_nothing_is_pretended(self, screen: Screen) -> None:
        screen.wait(screen.hub.close())
        with live(screen) as socket:
            until(socket, lambda s: not s["hub"]["is_connected"])
        answer = post(screen, "/api/order", id="order-0003", verb="stop", vehicles=["U01"])
        assert answer.status == 503
        assert "nothing was sent" in answer.json["error"]
        assert ask(screen, "GET", "/api/health").json["is_well"] is False

    def test_a_live_incident_has_no_playhead(self, screen: Screen) -> None:
        assert post(screen, "/api/replay", action="play").json["error"].startswith("This is a live incident")


class TestCrops:
    def test_a_contact_is_seen_by_its_digest_and_nothing_else_is(self, screen: Screen, tmp_path: Path) -> None:
        (tmp_path / "contacts").mkdir()
        (tmp_path / "contacts" / f"{'a' * 64}.jpg").write_bytes(b"jpeg")
        (tmp_path / "secret.jpg").write_bytes(b"secret")
        assert ask(screen, "GET", f"/api/crop/{'a' * 64}.jpg").body == b"jpeg"
        for name in ("b" * 64, "../secret", "..%2fsecret", "A" * 64):
            assert ask(screen, "GET", f"/api/crop/{name}.jpg").status == 404


class TestGround:
    @pytest.mark.parametrize("theme", ["dark", "light"])
    def test_the_survey_is_drawn_once_per_theme(self, screen: Screen, theme: str) -> None:
        answer = ask(screen, "GET", f"/api/basemap/{theme}.png")
        assert (answer.status, answer.body[:8]) == (200, b"\x89PNG\r\n\x1a\n")
        assert ask(screen, "GET", "/api/basemap/pink.png").status == 404
        corners = ask(screen, "GET", "/api/site").json["basemap_corners"]
        assert corners[0][0] < corners[1][0]
        assert corners[0][1] > corners[3][1]
