"""Signatures between links and the fleet: frames that a link's policy refuses stop here, ours go out signed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from command.site.model import LinkSigning
from fleet.links.address import LinkSpec
from fleet.links.open_links import Received
from fleet.model import Alarm, Severity
from fleet.switchboard import Transmit
from fleet.wire.frame import DatagramParser, Frame, FrameSplitter
from fleet.wire.signing import SignatureCheck, Signer, SigningClock
from fleet.wire.signing_keys import KeyRing
from world.time import Clock

MOST_PEERS = 4096


@dataclass(slots=True)
class _Line:
    """One signed link."""

    is_stream: bool
    check: SignatureCheck
    signer: Signer | None
    parsers: dict[str, Callable[[bytes], list[tuple[Frame, bytes]]]] = field(default_factory=dict)
    refused: int = 0
    is_told: bool = False

    def parse(self, peer: str, data: bytes) -> list[tuple[Frame, bytes]]:
        parse = self.parsers.get(peer)
        if parse is None:
            if len(self.parsers) >= MOST_PEERS:
                return []
            parse = FrameSplitter().feed_raw if self.is_stream else DatagramParser().parse_raw
            self.parsers[peer] = parse
        return parse(data)


class SignedLinks:
    """`received` stands between links and the fleet, `send` between the fleet and links. Others pass untouched."""

    def __init__(
        self, signing: Mapping[str, LinkSigning], specs: Iterable[LinkSpec], clock: Clock, *, onward: Received
    ) -> None:
        self._clock, self._onward = clock, onward
        self._lines: dict[str, _Line] = {}
        for number, spec in enumerate(specs):
            if spec.name in signing:
                self._lines[spec.name] = _line(signing[spec.name], spec, link_id=number % 256)

    def received(self, link: str, data: bytes, peer: str) -> None:
        line = self._lines.get(link)
        if line is None:
            self._onward(link, data, peer)
            return
        utc_ns = self._clock.now().utc_ns
        good = [raw for frame, raw in line.parse(peer, data) if line.check.refusal(frame, raw, utc_ns) is None]
        if good:
            self._onward(link, b"".join(good), peer)

    def sign(self, link: str, data: bytes) -> bytes:
        line = self._lines.get(link)
        return data if line is None or line.signer is None else line.signer.sign(data, self._clock.now().utc_ns)

    def look(self) -> list[Alarm]:
        """Once a second: links on which frames began, or ceased, to be refused."""
        alarms = []
        for link, line in self._lines.items():
            refused = sum(line.check.counters.refused.values())
            is_met, line.refused = refused > line.refused, refused
            if is_met is not line.is_told:
                line.is_told = is_met
                alarms.append(self._alarm(link, line, is_active=is_met))
        return alarms

    def _alarm(self, link: str, line: _Line, *, is_active: bool) -> Alarm:
        reasons = ", ".join(sorted(line.check.counters.refused))
        return Alarm(
            key=f"{link}/signature", severity=Severity.CAUTION, vehicle=None,
            text=f"Link {link}: frames are refused for their signature ({reasons})",
            text_zh=f"链路 {link}：数据帧签名未通过（{reasons}）", at=self._clock.now(), is_active=is_active,
        )


def signing_transmit(signed: SignedLinks, send: Transmit) -> Transmit:
    return lambda link, peer, data: send(link, peer, signed.sign(link, data))


def _line(signing: LinkSigning, spec: LinkSpec, *, link_id: int) -> _Line:
    times = SigningClock()
    ring = None if signing.key is None else KeyRing(current=signing.key)
    return _Line(
        is_stream=spec.address.is_stream,
        check=SignatureCheck(ring, signing.policy, clock=times),
        signer=None if ring is None else Signer(ring, link_id=link_id, clock=times),
    )
