"""Transports in simulated time: nothing foreign gets in, nothing declared is lost in silence."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from command.timing import Participant
from command.timing.errors import DatagramLost, ParticipantLost, ReceiveBufferTooSmall, WrongChannel
from command.timing.udp import UdpLink
from tests.support.timing_crew import Crew
from tests.support.timing_parts import PING, PONG, idle, owner_of, pair
from tests.support.timing_toy import ToyPlayer, ToyServer

Part = Callable[[], None]


def udp_pair(
    folder: Path,
    *,
    burst: int,
    heard: list[bytes],
    on_bound: Callable[[UdpLink], None] = lambda _: None,
    receive_buffer_bytes: int = 1 << 20,
) -> dict[str, Part]:
    """A sends a burst of datagrams in one tick, every tenth of a second; B hears."""

    def sender() -> None:
        party = Participant("A", pair(), control=folder / "time")
        link = party.links.udp("a")
        link.add_peer(("127.0.0.1", party.join()["B"]["b"]), outgoing=PING)

        async def main() -> None:
            for turn in range(10):
                await party.clock.sleep(0.1)
                for i in range(burst):
                    party.send(PING, b"%d/%d" % (turn, i))

        party.run(main())

    def receiver() -> None:
        party = Participant("B", pair(), control=folder / "time", arrival_timeout_s=0.2)
        link = party.links.udp("b", needed_buffer_bytes=1, receive_buffer_bytes=receive_buffer_bytes)
        on_bound(link)
        link.add_peer(("127.0.0.1", party.join()["A"]["a"]), incoming=PING)
        party.on(PING, heard.append)
        party.run(idle(party))

    return {"A": sender, "B": receiver}


def test_datagrams_come_in_order_and_complete(tmp_path: Path) -> None:
    heard: list[bytes] = []
    Crew(owner_of(tmp_path), **udp_pair(tmp_path, burst=7, heard=heard)).run()
    assert heard == [b"%d/%d" % (turn, i) for turn in range(10) for i in range(7)]


def test_garbage_from_strangers_is_counted_and_disturbs_nobody(tmp_path: Path) -> None:
    heard: list[bytes] = []
    links: list[UdpLink] = []

    def pelt(link: UdpLink) -> None:
        links.append(link)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for size in range(100):
                sock.sendto(bytes(size), ("127.0.0.1", link.port))

    Crew(owner_of(tmp_path), **udp_pair(tmp_path, burst=2, heard=heard, on_bound=pelt)).run()
    assert len(heard) == 20
    assert links[0].strangers == 100


def test_an_overflowing_receive_buffer_is_a_named_error(tmp_path: Path) -> None:
    crew = Crew(owner_of(tmp_path), **udp_pair(tmp_path, burst=2000, heard=[], receive_buffer_bytes=4096))
    with pytest.raises(ParticipantLost):
        crew.run()
    assert isinstance(crew.errors["B"], DatagramLost)
    assert "on channel 1 from A" in str(crew.errors["B"])


def test_a_receive_buffer_the_kernel_will_not_give_is_a_named_error() -> None:
    with pytest.raises(ReceiveBufferTooSmall, match="sysctl -w net"):
        UdpLink(host="127.0.0.1", port=0, receive_buffer_bytes=4096, needed_buffer_bytes=1 << 30)


def test_a_protocol_of_ones_own_is_awaited_unit_by_unit(tmp_path: Path) -> None:
    heard: list[tuple[int, bytes]] = []

    def server() -> None:
        party = Participant("A", pair(), control=tmp_path / "time")
        toy = ToyServer(party.links, PING)
        party.send_via(PING, toy.transmit)
        party.join()

        async def main() -> None:
            for turn in range(1, 11):
                await party.clock.sleep_until(turn * 40_000_000)
                party.send(PING, bytes([turn]) * 100_000)

        party.run(main())
        toy.close()

    def player() -> None:
        party = Participant("B", pair(), control=tmp_path / "time")
        toy = ToyPlayer(party.links, PING, party.join()["A"]["toy"])
        party.on(PING, lambda unit: heard.append((party.clock.now().mono_ns, unit)))
        party.run(idle(party))
        toy.close()

    Crew(owner_of(tmp_path), A=server, B=player).run()
    assert heard == [(turn * 40_000_000 + 20_000_000, bytes([turn]) * 100_000) for turn in range(1, 11)]


def test_channels_of_others_are_refused(tmp_path: Path) -> None:
    party = Participant("A", pair(), control=tmp_path / "time")
    with pytest.raises(WrongChannel, match="A does not send on channel 2"):
        party.send_via(PONG, lambda _: True)
    with pytest.raises(WrongChannel, match="A does not receive channel 1"):
        party.on(PING, print)
    with pytest.raises(WrongChannel, match="no link of A carries channel 1"):
        party.send(PING, b"")
    party.close()
