"""Two participants and their table, small enough to read in a test."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from command.timing import Channel, Participant, TimeOwner

PING, PONG, OUTSIDE = 1, 2, 900
Main = Callable[[Participant], Coroutine[Any, Any, None]]


def pair(latency_ticks: int = 5) -> list[Channel]:
    return [
        Channel(id=PING, sender="A", receiver="B", latency_ticks=latency_ticks),
        Channel(id=PONG, sender="B", receiver="A", latency_ticks=latency_ticks),
    ]


def owner_of(folder: Path, *, end_tick: int | None = 500, **options: Any) -> TimeOwner:
    options = {"answer_timeout_s": 10, "return_timeout_s": 10, **options}
    return TimeOwner(folder / "time", pair(), quantum_ticks=5, end_tick=end_tick, **options)


async def idle(_party: Participant) -> None:
    """Only answers."""


async def forever(_party: Participant) -> None:
    await asyncio.Event().wait()


def streaming(folder: Path, name: str, **options: Any) -> Participant:
    """A participant of the pair over a local stream, not joined yet; A listens."""
    party = Participant(name, pair(), control=folder / "time", **options)
    ways = {"incoming": PONG, "outgoing": PING} if name == "A" else {"incoming": PING, "outgoing": PONG}
    party.links.stream(folder / "ab", is_listening=name == "A", **ways)
    return party


def echo(folder: Path, main: Main = idle, **options: Any) -> Callable[[], None]:
    """B answers every ping with the same bytes."""

    def part() -> None:
        party = streaming(folder, "B", **options)
        party.join()
        party.on(PING, lambda data: party.send(PONG, data))
        party.run(main(party))

    return part


def caller(folder: Path, heard: Callable[[int, bytes], None], main: Main, **options: Any) -> Callable[[], None]:
    """A runs `main` and hears what comes back, with its tick."""

    def part() -> None:
        party = streaming(folder, "A", **options)
        party.join()
        party.on(PONG, lambda data: heard(party.clock.now().mono_ns // 4_000_000, data))
        party.run(main(party))

    return part
