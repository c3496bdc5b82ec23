"""Who dies comes back where it was, or time goes on without it: what the composition chose."""

import threading
from collections.abc import Callable
from pathlib import Path

from command.timing import Participant, TimeOwner, WhenLost
from tests.support.timing_parts import PING, PONG, caller, idle, owner_of, pair, streaming
from tests.support.timing_toy import ToyPlayer, ToyServer


class Died(Exception):
    """Stands for a crash in the middle of a handler."""


class Mortal:
    """A part that dies when it is told, and is started again by `lost` as a supervisor would."""

    def __init__(self, part: Callable[["Mortal"], None]) -> None:
        self._part = part
        self.lives = 0
        self._threads: list[threading.Thread] = []

    def live(self) -> None:
        self.lives += 1
        try:
            self._part(self)
        except Died:
            return

    def start(self) -> None:
        self._threads.append(threading.Thread(target=self.live))
        self._threads[-1].start()

    def lost(self, _name: str) -> None:
        self._threads[-1].join(10)
        self.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(10)

    def die_at(self, count: int, heard: int) -> None:
        """Dies once, when so much was heard in the first life."""
        if self.lives == 1 and heard == count:
            raise Died


def run(owner: TimeOwner, part: Callable[[], None], mortal: Mortal) -> None:
    thread = threading.Thread(target=part)
    thread.start()
    mortal.start()
    owner.run()
    thread.join(10)
    mortal.join()


def test_a_player_of_a_protocol_of_its_own_misses_no_unit(tmp_path: Path) -> None:
    lives: list[list[tuple[int, bytes]]] = []

    def server() -> None:
        party = Participant("A", pair(), control=tmp_path / "time")
        toy = ToyServer(party.links, PING)
        party.send_via(PING, toy.transmit)
        party.join()

        async def main() -> None:
            for turn in range(1, 21):
                await party.clock.sleep_until(turn * 40_000_000)
                party.send(PING, bytes([turn]) * 50_000)

        party.run(main())
        toy.close()

    def player(mortal: Mortal) -> None:
        heard: list[tuple[int, bytes]] = []
        lives.append(heard)
        party = Participant("B", pair(), control=tmp_path / "time", journal=tmp_path / "journal")
        toy = ToyPlayer(party.links, PING, party.join()["A"]["toy"])

        def hear(unit: bytes) -> None:
            heard.append((party.clock.now().mono_ns, unit[:1]))
            mortal.die_at(7, len(heard))

        party.on(PING, hear)
        try:
            party.run(idle(party))
        finally:
            toy.close()

    mortal = Mortal(player)
    run(owner_of(tmp_path, on_lost=mortal.lost), server, mortal)
    assert len(lives[0]) == 7
    assert lives[1] == [(turn * 40_000_000 + 20_000_000, bytes([turn])) for turn in range(1, 21)]


def mortal_echo(folder: Path, deaths: int) -> Mortal:
    def part(mortal: Mortal) -> None:
        party = streaming(folder, "B")
        party.join()
        heard: list[bytes] = []

        def answer(data: bytes) -> None:
            heard.append(data)
            mortal.die_at(deaths, len(heard))
            party.send(PONG, data)

        party.on(PING, answer)
        party.run(idle(party))

    return Mortal(part)


async def ping(party: Participant) -> None:
    for turn in range(1, 20):
        await party.clock.sleep_until(turn * 100_000_000)
        party.send(PING, bytes([turn]))


def test_time_goes_on_without_a_lost_one(tmp_path: Path) -> None:
    heard: list[int] = []
    mortal = mortal_echo(tmp_path, deaths=5)
    owner = owner_of(tmp_path, when_lost=WhenLost.SKIP)
    run(owner, caller(tmp_path, lambda _, data: heard.append(data[0]), ping), mortal)
    assert heard == [1, 2, 3, 4]
    assert owner.ledger.done["A"] == 500


def test_a_skipped_one_returns_to_the_present(tmp_path: Path) -> None:
    heard: list[int] = []
    mortal = mortal_echo(tmp_path, deaths=5)
    owner = owner_of(tmp_path, when_lost=WhenLost.SKIP, speed=2.0, on_lost=mortal.lost)
    run(owner, caller(tmp_path, lambda _, data: heard.append(data[0]), ping), mortal)
    assert heard[:4] == [1, 2, 3, 4]
    assert 5 not in heard
    assert heard[-1] == 19
    assert heard == sorted(set(heard))
