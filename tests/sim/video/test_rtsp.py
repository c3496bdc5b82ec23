"""Requests are read however TCP cuts them; what is no RTSP breaks its own connection only, and is counted."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.video.nal import ParameterSets
from sim.video.rtsp import Request, RequestReader
from sim.video.session import MountFacts, Session, SessionState, Unicast, describe, parse_transport

STREAM = (
    b"OPTIONS rtsp://h/U01/rgb RTSP/1.0\r\nCSeq: 1\r\n\r\n"
    b"$\x01\x00\x04abcd"
    b"SET_PARAMETER rtsp://h/U01/rgb RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 5\r\n\r\nhello"
    b"\r\nPLAY rtsp://h/U01/rgb/trackID=0 RTSP/1.0\r\nCSeq: 3\r\n\r\n"
)
SETS = ParameterSets(sps=b"\x67\x42\xc0\x1e", pps=b"\x68\xce")
FACTS = MountFacts(path="/U01/rgb", fps=1, ssrc=5, parameter_sets=SETS)


class OneMount:
    def facts(self, path: str) -> MountFacts | None:
        return FACTS if path == FACTS.path else None


def session() -> Session:
    return Session(OneMount(), "s1", lambda: (40000, 40001))


def request(method: str, path: str = "/U01/rgb", **headers: str) -> Request:
    return Request(method=method, url=f"rtsp://h{path}", headers={"cseq": "9", **headers})


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_cutting_gives_the_same_requests(cuts: list[int]) -> None:
    reader, found = RequestReader(), []
    edges = [0, *sorted(cuts), len(STREAM)]
    for start, end in pairwise(edges):
        found += reader.feed(STREAM[start:end])
    assert [each.method for each in found] == ["OPTIONS", "SET_PARAMETER", "PLAY"]
    assert {each.path for each in found} == {"/U01/rgb"}
    assert reader.garbage == 0


@pytest.mark.parametrize(
    "junk",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01" + b"\0" * 9000,
        b"PLAY x RTSP/1.0\r\nContent-Length: -1\r\n\r\n",
        b"PLAY x RTSP/1.0\r\nno colon\r\n\r\n",
        b"PLAY x RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n",
    ],
)
def test_garbage_is_counted_and_ends_the_reading(junk: bytes) -> None:
    reader = RequestReader()
    assert reader.feed(junk) == []
    assert (reader.garbage, reader.is_broken) == (1, True)
    assert reader.feed(STREAM) == []


@given(st.binary(max_size=300))
def test_no_bytes_raise(junk: bytes) -> None:
    RequestReader().feed(junk)


def test_a_whole_conversation() -> None:
    client = session()
    assert b"200 OK" in client.answer(request("OPTIONS"))
    assert b"sprop-parameter-sets=Z0LAHg==,aM4=" in client.answer(request("DESCRIBE"))
    assert b"455" in client.answer(request("PLAY"))
    answer = client.answer(request("SETUP", "/U01/rgb/trackID=0", transport="RTP/AVP/TCP;unicast;interleaved=2-3"))
    assert b"interleaved=2-3;ssrc=00000005" in answer
    assert b"200 OK" in client.answer(request("PLAY"))
    states = [client.state]
    for method in ("PAUSE", "TEARDOWN"):
        assert b"200 OK" in client.answer(request(method))
        states.append(client.state)
    assert states == [SessionState.PLAYING, SessionState.READY, SessionState.CLOSED]


def test_unknown_mount_transport_and_method_are_refused() -> None:
    client = session()
    assert b"404" in client.answer(request("DESCRIBE", "/nobody"))
    assert b"461" in client.answer(request("SETUP", transport="RTP/AVP;multicast"))
    assert b"455" in client.answer(request("RECORD"))


def test_udp_ports_are_told() -> None:
    client = session()
    answer = client.answer(request("SETUP", transport="RTP/AVP;unicast;client_port=5000-5001"))
    assert client.transport == Unicast(rtp_port=5000, rtcp_port=5001)
    assert b"server_port=40000-40001" in answer
    assert parse_transport("RTP/AVP;unicast;client_port=0-99999") is None


def test_perception_names_itself() -> None:
    client = session()
    client.answer(request("OPTIONS", **{"user-agent": "taihang-perception/1"}))
    assert client.is_lossless


def test_description_without_parameter_sets_is_still_one() -> None:
    text = describe(MountFacts(path="/a", fps=2, ssrc=1, parameter_sets=None))
    assert "sprop" not in text
    assert "packetization-mode=1" in text
