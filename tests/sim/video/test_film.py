"""A film file plays over RTSP like a camera, again and again."""

from pathlib import Path

from sim.video.film import serve_file
from sim.video.server import RtspServer
from tests.sim.video.client import UTC_NS, Client, with_server
from tests.sim.video.test_encoder import write_film
from tests.support.clocks import StillClock
from world.time import Instant


def test_film_plays_in_rounds(tmp_path: Path) -> None:
    film = tmp_path / "film.avi"
    write_film(film, 5)
    clock = StillClock(at=Instant(mono_ns=0, utc_ns=UTC_NS))

    async def use(server: RtspServer) -> int:
        await serve_file(server, clock, film, "/film", rounds=1)
        client = await Client.open(server.port, "/film")
        status, text = await client.ask("DESCRIBE")
        assert status.endswith("200 OK")
        assert "H264/90000" in text
        client.close()
        return server.counters.pushed

    assert with_server(use) == 5
    assert clock.at.mono_ns >= 400_000_000


def test_later_rounds_repeat_the_first(tmp_path: Path) -> None:
    film = tmp_path / "film.avi"
    write_film(film, 5)
    clock = StillClock(at=Instant(mono_ns=0, utc_ns=UTC_NS))

    async def use(server: RtspServer) -> int:
        await serve_file(server, clock, film, "/film", rounds=3)
        return server.counters.pushed

    assert with_server(use) == 15
