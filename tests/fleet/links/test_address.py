"""Addresses in the words of other tools; what is none is refused with an example."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.links.address import Address, BadAddress, Scheme


@pytest.mark.parametrize(("text", "scheme", "place", "number"), [
    ("udpin:0.0.0.0:14550", Scheme.UDP_IN, "0.0.0.0", 14550),
    ("udpin://0.0.0.0:14540", Scheme.UDP_IN, "0.0.0.0", 14540),
    ("udp:127.0.0.1:14550", Scheme.UDP_IN, "127.0.0.1", 14550),
    ("udpout:10.0.0.7:14550", Scheme.UDP_OUT, "10.0.0.7", 14550),
    ("tcp:10.0.0.7:5760", Scheme.TCP_OUT, "10.0.0.7", 5760),
    ("tcpout://10.0.0.7:5760", Scheme.TCP_OUT, "10.0.0.7", 5760),
    ("tcpin:[::1]:5790", Scheme.TCP_IN, "::1", 5790),
    ("serial:/dev/ttyUSB0:57600", Scheme.SERIAL, "/dev/ttyUSB0", 57600),
    (" serial:///dev/ttyACM0:115200 ", Scheme.SERIAL, "/dev/ttyACM0", 115200),
])
def test_what_others_write_is_understood(text: str, scheme: Scheme, place: str, number: int) -> None:
    assert Address.parse(text) == Address(scheme=scheme, place=place, number=number)


@pytest.mark.parametrize("text", [
    "", "14550", "udpin", "udpin:14550", "carrier-pigeon:roof:1", "udpin:0.0.0.0:99999", "serial:/dev/ttyUSB0",
])
def test_what_is_none_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(BadAddress) as refused:
        Address.parse(text)
    assert repr(text) in str(refused.value)


@given(st.sampled_from(list(Scheme)), st.from_regex(r"[a-z0-9./]{1,20}", fullmatch=True), st.integers(0, 65535))
def test_what_is_written_is_read_back(scheme: Scheme, place: str, number: int) -> None:
    address = Address(scheme=scheme, place=place, number=number)
    if not place.startswith("//"):
        assert Address.parse(str(address)) == address
