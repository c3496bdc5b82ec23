"""Outside clients: heard once, journalled, never waited for."""

import asyncio
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from command.timing import Outside, Visit
from command.timing.errors import JournalMismatch
from command.timing.framing import framed
from tests.support.timing_crew import Crew
from tests.support.timing_parts import OUTSIDE, caller, idle, owner_of, streaming

Heard = list[tuple[int, int, Visit, bytes]]


def hall(folder: Path, heard: Heard, answer: bytes = b"") -> Callable[[], None]:
    """B of the pair, with a door for outside clients."""

    def part() -> None:
        party = streaming(folder, "B", journal=folder / "B.journal")
        door = party.links.external(OUTSIDE, folder / "door")

        def visit(event: Outside) -> None:
            heard.append((party.clock.now().mono_ns, event.client, event.visit, event.data))
            if event.visit is Visit.SAID:
                door.send(event.client, answer)

        door.on(visit)
        party.join()
        party.on(1, lambda _: None)
        party.run(idle(party))

    return part


class Client:
    """Says hello, waits for the answer, leaves."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "door"
        self.answers: list[bytes] = []

    def visit(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.connect(str(self._path))
            sock.sendall(framed(b"hello"))
            self.answers.append(sock.recv(100))


def fly(folder: Path, heard: Heard, *, client: Client | None) -> None:
    """Simulated time goes on until the client was answered, or for two seconds without one."""

    def progress(tick: int) -> None:
        if client and tick >= 20 and not guests:
            guests.append(threading.Thread(target=client.visit))
            guests[0].start()
        if (client is None or left()) and tick >= 500:
            owner.stop()

    def left() -> bool:
        return any(visit is Visit.LEFT for _, _, visit, _ in heard)

    guests: list[threading.Thread] = []
    owner = owner_of(folder, end_tick=None, on_progress=progress)
    Crew(owner, A=caller(folder, lambda *_: None, idle), B=hall(folder, heard, b"welcome")).run()
    for guest in guests:
        guest.join(10)


def test_a_client_is_heard_and_answered(tmp_path: Path) -> None:
    heard: Heard = []
    client = Client(tmp_path)
    fly(tmp_path, heard, client=client)
    assert [(who, visit, data) for _, who, visit, data in heard] == [
        (1, Visit.OPENED, b""),
        (1, Visit.SAID, b"hello"),
        (1, Visit.LEFT, b""),
    ]
    assert client.answers == [framed(b"welcome")]


def test_time_goes_on_without_clients(tmp_path: Path) -> None:
    heard: Heard = []
    fly(tmp_path, heard, client=None)
    assert heard == []


def test_a_client_that_never_reads_is_not_waited_for(tmp_path: Path) -> None:
    dropped: list[int] = []

    def flooder() -> None:
        party = streaming(tmp_path, "B")
        door = party.links.external(OUTSIDE, tmp_path / "door")
        party.join()
        party.on(1, lambda _: None)
        lazy = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        lazy.connect(str(tmp_path / "door"))
        tasks: list[asyncio.Task[None]] = []
        door.on(lambda event: tasks.append(party.loop.create_task(flood(event.client))))

        async def flood(client: int) -> None:
            for _ in range(40):
                await party.clock.sleep(0.02)
                door.send(client, bytes(1 << 20))

        party.run(idle(party))
        dropped.append(door.dropped)
        lazy.close()

    Crew(owner_of(tmp_path), A=caller(tmp_path, lambda *_: None, idle), B=flooder).run()
    assert dropped[0] > 20


def test_a_restart_hears_the_same_visits_from_its_journal(tmp_path: Path) -> None:
    first: Heard = []
    fly(tmp_path, first, client=Client(tmp_path))
    again: Heard = []
    crew = Crew(owner_of(tmp_path), A=caller(tmp_path, lambda *_: None, idle), B=hall(tmp_path, again))
    with pytest.raises(JournalMismatch, match="belongs to another run"):  # which is known once it was lived again
        crew.run()
    assert again == first
