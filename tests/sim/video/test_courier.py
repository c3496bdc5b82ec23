"""What is owed to the detector waits for it, goes out when it plays, and may be repeated byte for byte."""

from hypothesis import given
from hypothesis import strategies as st

from sim.video.courier import pack, unpack
from sim.video.server import RtspServer
from sim.video.viewer import Burst
from tests.sim.video.client import UTC_NS, Client, with_server
from tests.sim.video.pictures import units

PATH, LIVE = "/U01/rgb", "/U01/live"


class Shelf:
    """A courier that keeps everything, and delivers when it is told that somebody plays."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.server: RtspServer | None = None
        self.next = 0

    def carries(self, path: str) -> bool:
        return path == PATH

    def send(self, path: str, unit: bytes) -> None:
        assert path == PATH
        self.kept.append(unit)
        self.resume(path)

    def resume(self, path: str) -> None:
        assert self.server is not None
        while self.next < len(self.kept) and self.server.transmit(path, self.kept[self.next]):
            self.next += 1


@given(
    packets=st.lists(st.binary(min_size=1, max_size=1500), min_size=1, max_size=5),
    report=st.none() | st.binary(min_size=28, max_size=28),
)
def test_a_burst_survives_being_kept(packets: list[bytes], report: bytes | None) -> None:
    burst = Burst(packets=packets, report=report, is_key=True)
    assert unpack(pack(burst)) == burst


def push(server: RtspServer, path: str, count: int) -> None:
    for n in range(count):
        server.push(path, units(1)[0].data, UTC_NS + n * 10**9, True)


def test_what_was_pushed_before_the_detector_played_is_not_lost_and_others_wait_for_nobody() -> None:
    shelf = Shelf()

    async def use(server: RtspServer) -> tuple[list[bytes], list[bytes]]:
        shelf.server = server
        server.mount(PATH, fps=1)
        assert server.is_watched(PATH), "pictures are owed although nobody plays"
        other = await Client.open(server.port, PATH)
        await other.play()
        push(server, PATH, 3)
        assert shelf.next == 0
        detector = await Client.open(server.port, PATH, agent="taihang-perception")
        await detector.play()
        for client in (other, detector):
            await client.ask("GET_PARAMETER")
            client.close()
        return other.rtp, detector.rtp

    early, late = with_server(use, courier=shelf)
    assert early == late
    assert sum(packet[1] >> 7 for packet in late) == 3
    assert shelf.next == 3


def test_a_detector_that_comes_back_gets_the_same_bytes_with_the_same_dates_again() -> None:
    shelf = Shelf()

    async def play(server: RtspServer) -> Client:
        detector = await Client.open(server.port, PATH, agent="taihang-perception")
        await detector.play()
        await detector.ask("GET_PARAMETER")
        return detector

    async def use(server: RtspServer) -> tuple[Client, Client]:
        shelf.server = server
        server.mount(PATH, fps=1)
        push(server, PATH, 4)
        first = await play(server)
        first.writer.transport.abort()
        shelf.next = 2
        again = await play(server)
        again.close()
        return first, again

    first, again = with_server(use, courier=shelf)
    assert again.rtp == first.rtp[len(first.rtp) // 2 :]
    assert again.rtcp[1:] == first.rtcp[3:], "after the greeting, every picture brings its own date"


def test_mounts_that_are_not_carried_are_pushed_as_ever() -> None:
    shelf = Shelf()

    async def use(server: RtspServer) -> int:
        shelf.server = server
        server.mount(LIVE, fps=1)
        assert not server.is_watched(LIVE)
        client = await Client.open(server.port, LIVE)
        await client.play()
        push(server, LIVE, 2)
        await client.ask("GET_PARAMETER")
        client.close()
        return sum(packet[1] >> 7 for packet in client.rtp)

    assert with_server(use, courier=shelf) == 2
    assert shelf.kept == []
