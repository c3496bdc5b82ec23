"""Addresses of links as people write them, in the words of MAVSDK and MAVProxy, and what a link is besides."""

import re
from dataclasses import dataclass
from enum import StrEnum

from fleet.wire.signing import SigningPolicy
from fleet.wire.signing_keys import KeyRing


class Scheme(StrEnum):
    """How bytes travel. The `in` ends are spoken to first; the others speak first or hold a line."""

    UDP_IN = "udpin"
    UDP_OUT = "udpout"
    TCP_IN = "tcpin"
    TCP_OUT = "tcpout"
    SERIAL = "serial"


class Bearer(StrEnum):
    """What carries a link; slow ones are asked for less."""

    RADIO = "radio"
    CELLULAR = "5g"
    SATELLITE = "satellite"
    MESH = "mesh"
    ACOUSTIC = "acoustic"
    WIRE = "wire"


class BadAddress(ValueError):
    """An address that names no link; says what is wrong and shows a right one."""


STREAMS = frozenset({Scheme.TCP_IN, Scheme.TCP_OUT, Scheme.SERIAL})
"""Bytes without datagram borders."""
MANY_ENDED = frozenset({Scheme.UDP_IN, Scheme.TCP_IN})
"""Whoever speaks to it becomes a peer; the others have one end, named ""."""
_ALIASES = {"udp": Scheme.UDP_IN, "tcp": Scheme.TCP_OUT}
_EXAMPLE = "write udpin:0.0.0.0:14550, udpout:10.0.0.7:14550, tcpout:10.0.0.7:5760, tcpin:0.0.0.0:5790 or " \
    "serial:/dev/ttyUSB0:57600"
_FORM = re.compile(r"(?P<scheme>[a-z]+):(?://)?(?P<place>.+):(?P<number>[0-9]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`place` is a host or a serial device, `number` a port or a baud rate."""

    scheme: Scheme
    place: str
    number: int

    @staticmethod
    def parse(text: str) -> "Address":
        """Raises BadAddress."""
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise BadAddress(f"{text!r} is no address of a link: {_EXAMPLE}")
        word, number = found["scheme"], int(found["number"])
        scheme = _ALIASES.get(word) or next((known for known in Scheme if known == word), None)
        if scheme is None:
            raise BadAddress(f"{text!r} begins with {word!r}, which is no kind of link: {_EXAMPLE}")
        if scheme is not Scheme.SERIAL and number > 65535:
            raise BadAddress(f"{text!r} has port {number}; ports end at 65535")
        return Address(scheme=scheme, place=found["place"].strip("[]"), number=number)

    def __str__(self) -> str:
        return f"{self.scheme}:{self.place}:{self.number}"

    @property
    def is_stream(self) -> bool:
        return self.scheme in STREAMS

    @property
    def is_many_ended(self) -> bool:
        return self.scheme in MANY_ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSpec:
    """One link of a site. `adopts`: vehicles nobody named in the roster are taken in when they answer on it."""

    name: str
    address: Address
    bearer: Bearer = Bearer.RADIO
    adopts: bool = False
    policy: SigningPolicy = SigningPolicy.ACCEPT
    keys: KeyRing | None = None
    """Secret keys of the link: with them everything that leaves is signed, unless the policy refuses signatures."""
    is_private: bool = False
    """Nobody else can hear it, as a cable or a VPN: signing keys may be handed over by it."""
