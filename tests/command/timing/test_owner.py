"""What the time owner promises: the same ticks every time, pacing, pauses, and a named error for every fault."""

import asyncio
import selectors
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command.timing import Participant, TimeOwner
from command.timing.errors import NoAnswer, NotJoined, OwnerLost, ParticipantLost, StrangeParticipant
from tests.support.timing_crew import Crew
from tests.support.timing_parts import PING, caller, echo, forever, idle, owner_of, pair, streaming


class FakeWall:
    """Wall time that passes only while the owner waits for nothing, and the gate is open."""

    def __init__(self) -> None:
        self.ns = 0
        self.gate: Callable[[], bool] = lambda: True

    def now_ns(self) -> int:
        return self.ns

    def wait(
        self, selector: selectors.BaseSelector, timeout_s: float
    ) -> list[tuple[selectors.SelectorKey, int]]:
        ready = selector.select(0)
        if not ready and self.gate():
            self.ns += min(int(timeout_s * 1e9), 1_000_000)
        return ready


PATIENT: dict[str, Any] = {"answer_timeout_s": 1e6, "return_timeout_s": 1e6}
"""Fake time runs while real threads start."""


async def ping_ten_times_a_second(party: Participant) -> None:
    for turn in range(20):
        await party.clock.sleep_until(turn * 100_000_000)
        party.send(PING, b"%d" % turn)


def test_a_message_takes_its_latency_to_the_tick(tmp_path: Path) -> None:
    heard: list[tuple[int, bytes]] = []
    Crew(
        owner_of(tmp_path),
        A=caller(tmp_path, lambda tick, data: heard.append((tick, data)), ping_ten_times_a_second),
        B=echo(tmp_path),
    ).run()
    assert heard[1:] == [(turn * 25 + 10, b"%d" % turn) for turn in range(1, 20)]


def test_a_frame_of_a_mebibyte_passes(tmp_path: Path) -> None:
    sizes: list[int] = []

    async def shout(party: Participant) -> None:
        for size in (1 << 20, 3, 5 << 20):
            party.send(PING, bytes(size))

    Crew(
        owner_of(tmp_path), A=caller(tmp_path, lambda _, data: sizes.append(len(data)), shout), B=echo(tmp_path)
    ).run()
    assert sizes == [1 << 20, 3, 5 << 20]


def test_the_pace_stays_within_the_speed(tmp_path: Path) -> None:
    wall, seen = FakeWall(), list[tuple[int, int]]()
    owner = owner_of(tmp_path, speed=2.0, wall=wall, **PATIENT, on_progress=lambda tick: seen.append((tick, wall.ns)))
    Crew(owner, A=caller(tmp_path, lambda *_: None, idle), B=echo(tmp_path)).run()
    assert seen[-1][0] == 500
    assert all(tick * 4_000_000 <= wall_ns * 2.0 for tick, wall_ns in seen)


def test_pause_holds_and_resume_goes_on(tmp_path: Path) -> None:
    at_pause: list[int] = []
    wall = FakeWall()

    def progress(tick: int) -> None:
        if tick >= 100 and not at_pause:
            at_pause.append(tick)
            owner.pause()
            threading.Thread(target=resume_later).start()

    def resume_later() -> None:
        started = wall.ns
        while wall.ns < started + 5_000_000_000:
            stuck.append(owner.ledger.slowest_tick())
        owner.resume()

    stuck: list[int] = []
    owner = owner_of(tmp_path, end_tick=200, wall=wall, on_progress=progress, **PATIENT)
    Crew(owner, A=caller(tmp_path, lambda *_: None, idle), B=echo(tmp_path)).run()
    assert max(stuck) <= at_pause[0] + 10
    assert owner.ledger.slowest_tick() == 200


def test_stop_unwinds_everybody(tmp_path: Path) -> None:
    unwound: list[str] = []

    async def tidy(_party: Participant) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            unwound.append("A")

    def progress(tick: int) -> None:
        if tick >= 50:
            owner.stop()

    owner = owner_of(tmp_path, end_tick=None, on_progress=progress)
    crew = Crew(owner, A=caller(tmp_path, lambda *_: None, tidy), B=echo(tmp_path))
    crew.run()
    assert unwound == ["A"]
    assert crew.errors == {}
    assert not (tmp_path / "time").exists()


def test_a_participant_may_end_the_run(tmp_path: Path) -> None:
    async def end(party: Participant) -> None:
        await party.clock.sleep(1.0)
        party.end_run(after_s=2.0)

    owner = owner_of(tmp_path, end_tick=None)
    Crew(owner, A=caller(tmp_path, lambda *_: None, end), B=echo(tmp_path)).run()
    assert set(owner.ledger.done.values()) == {1 + 250 + 500}


def test_an_error_in_a_handler_ends_the_participant(tmp_path: Path) -> None:
    def fail(_tick: int, _data: bytes) -> None:
        raise ZeroDivisionError("in a handler")

    crew = Crew(owner_of(tmp_path), A=caller(tmp_path, fail, ping_ten_times_a_second), B=echo(tmp_path))
    with pytest.raises(ParticipantLost, match="A left: granted through tick"):
        crew.run()
    assert isinstance(crew.errors["A"], ZeroDivisionError)


def test_a_silent_participant_is_named(tmp_path: Path) -> None:
    hanging, release, wall = threading.Event(), threading.Event(), FakeWall()

    async def hang(_party: Participant) -> None:
        hanging.set()
        release.wait(10)

    wall.gate = lambda: hanging.is_set() and owner.ledger.is_idle("B")
    owner = owner_of(tmp_path, wall=wall, answer_timeout_s=1)
    crew = Crew(owner, A=caller(tmp_path, lambda *_: None, hang), B=echo(tmp_path))
    crew.start()
    with pytest.raises(NoAnswer, match="A does not answer: granted through tick 5, done through 0"):
        owner.run()
    release.set()
    crew.join()


def test_one_who_never_comes_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotJoined, match="A did not"):
        owner_of(tmp_path, wall=FakeWall()).run()


def test_a_stranger_is_refused_and_disturbs_nobody(tmp_path: Path) -> None:
    refused = threading.Event()

    def stranger() -> None:
        with pytest.raises(StrangeParticipant, match="X is named by no channel"):
            Participant("X", pair(), control=tmp_path / "time").join()
        refused.set()

    def garbler() -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.connect(str(tmp_path / "time"))
            sock.sendall(b"\x03\x00\x00\x00abc" + b"\xff" * 100)

    owner = owner_of(tmp_path)
    def after_them() -> None:
        refused.wait(10)
        caller(tmp_path, lambda *_: None, idle)()

    crew = Crew(owner, X=stranger, G=garbler, A=after_them, B=echo(tmp_path))
    crew.run()
    assert refused.is_set()
    assert owner.ledger.slowest_tick() == 500


def test_participants_leave_when_the_owner_dies(tmp_path: Path) -> None:
    """The owner's end of every control socket closes at once, as the kernel does when its process is killed."""
    owner = owner_of(tmp_path, end_tick=None, on_progress=lambda tick: die() if tick > 50 else None)

    class Killed(BaseException):
        """Stands for SIGKILL."""

    def die() -> None:
        for key in list(owner._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.shutdown(socket.SHUT_RDWR)
        raise Killed

    crew = Crew(owner, A=caller(tmp_path, lambda *_: None, forever), B=echo(tmp_path))
    with pytest.raises(Killed):
        crew.run()
    assert {type(error) for error in crew.errors.values()} == {OwnerLost}


def test_threads_and_sockets_are_refused_in_simulated_time(tmp_path: Path) -> None:
    refused: list[str] = []

    async def try_them(party: Participant) -> None:
        for attempt in (asyncio.to_thread(print), party.loop.create_connection(asyncio.Protocol, "127.0.0.1", 1)):
            try:
                await attempt
            except RuntimeError as error:
                refused.append(str(error))

    Crew(owner_of(tmp_path), A=caller(tmp_path, lambda *_: None, try_them), B=echo(tmp_path)).run()
    assert len(refused) == 2


def test_a_latency_below_the_quantum_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="less than a quantum"):
        TimeOwner(tmp_path / "time", pair(latency_ticks=3), quantum_ticks=5, end_tick=10)
    assert not (tmp_path / "time").exists()


def test_an_unjoined_participant_joins_when_it_runs(tmp_path: Path) -> None:
    def part(name: str) -> None:
        party = streaming(tmp_path, name)
        party.run(idle(party))

    owner = owner_of(tmp_path, end_tick=50)
    Crew(owner, A=lambda: part("A"), B=lambda: part("B")).run()
    assert owner.ledger.slowest_tick() == 50
