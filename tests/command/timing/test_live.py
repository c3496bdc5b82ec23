"""The same parts without a time owner: an ordinary event loop, the host's clock, and nobody waits for anybody."""

import asyncio
import threading
from pathlib import Path

from command.timing import Outside, Participant, Visit
from command.timing.outside import OutsideClient
from tests.support.timing_parts import OUTSIDE, PING, PONG, pair


def live(name: str, folder: Path) -> Participant:
    party = Participant(name, pair(), control=None)
    ways = {"incoming": PONG, "outgoing": PING} if name == "A" else {"incoming": PING, "outgoing": PONG}
    party.links.stream(folder / "ab", is_listening=name == "A", **ways)
    assert party.join() == {name: {}}
    return party


async def until(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), 10)


def test_a_stream_carries_both_ways(tmp_path: Path) -> None:
    heard: list[bytes] = []
    caller, echoer = live("A", tmp_path), live("B", tmp_path)
    done = asyncio.Event()

    def hear(data: bytes) -> None:
        heard.append(data)
        if len(heard) == 3:
            done.set()

    async def call() -> None:
        assert caller.is_live
        asked = 0
        while not done.is_set():  # what is sent while nobody is connected is lost, and nobody waits for it
            caller.send(PING, b"%d" % asked)
            asked += 1
            await caller.clock.sleep(0.001)

    async def answer() -> None:
        await asyncio.Event().wait()

    caller.on(PONG, hear)
    echoer.on(PING, lambda data: echoer.send(PONG, data))
    helper = threading.Thread(target=lambda: echoer.run(answer()))
    helper.start()
    caller.run(call())
    echoer.loop.call_soon_threadsafe(echoer.loop.stop)
    helper.join(10)
    assert [int(data) for data in heard] == list(range(int(heard[0]), int(heard[0]) + len(heard)))


def test_an_outside_client_comes_through_the_door(tmp_path: Path) -> None:
    party = Participant("A", pair(), control=None)
    door = party.links.external(OUTSIDE, tmp_path / "door")
    left = asyncio.Event()

    def visit(event: Outside) -> None:
        if event.visit is Visit.SAID:
            door.send(event.client, event.data.upper())
        elif event.visit is Visit.LEFT:
            left.set()

    async def main() -> None:
        client = await OutsideClient.connect(tmp_path / "door")
        await client.send(b"hello")
        assert await client.receive() == b"HELLO"
        await client.close()
        await until(left)

    door.on(visit)
    party.run(main())
    assert left.is_set()


def test_the_clock_is_the_hosts(tmp_path: Path) -> None:
    party = Participant("A", pair(), control=None)
    instants = [party.clock.now()]

    async def main() -> None:
        await party.clock.sleep_until(instants[0].mono_ns + 2_000_000)
        instants.append(party.clock.now())

    party.run(main())
    assert instants[1].mono_ns - instants[0].mono_ns >= 2_000_000
    assert instants[1].utc_ns > 1_700_000_000 * 1_000_000_000
