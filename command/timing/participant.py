"""What a service is given to live in time: an event loop, a clock, channels; the same in simulated and live time."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from command.timing.channel import Channel, by_id
from command.timing.clock import LoopClock
from command.timing.door import Door
from command.timing.errors import WrongChannel
from command.timing.links import Links
from command.timing.lockstep import Lockstep
from command.timing.one_process import OneProcess
from command.timing.outgoing import Transmit
from command.timing.sockets import LoopSockets
from command.timing.unwind import unwind


class Participant:
    """One process's part in time.

    In this order: build it, bind sockets through `links`, `join()`, add the peers that join told of, register handlers
    with `on`, then `run(coroutine)`. Without `control` it is live: an ordinary event loop and the host's clock.
    With a `journal` it may be killed and started again with the same arguments, and goes on where it was.
    """

    def __init__(
        self,
        name: str,
        channels: Sequence[Channel],
        *,
        control: str | OneProcess | Path | None,
        journal: str | Path | None = None,
        epoch_utc_ns: int = 0,
        arrival_timeout_s: float = 10.0,
    ) -> None:
        """`epoch_utc_ns` is the UTC of simulated tick 0; in live time the host's clock tells it."""
        self.name, self._channels = name, by_id(channels)
        self._handlers: dict[int, Callable[[bytes], None]] = {}
        self._lockstep: Lockstep | None = None
        self.loop: asyncio.AbstractEventLoop
        if control is None:
            self.loop = asyncio.SelectorEventLoop()
            self.links = Links(
                name,
                self._channels,
                LoopSockets(self.loop),
                arrive=lambda channel, data: self._handlers[channel](data),
                on_door=self._add_door,
                known_ports={},
            )
            epoch_utc_ns = time.time_ns() - round(self.loop.time() * 1e9)
        else:
            self._lockstep = Lockstep(
                name,
                self._channels,
                self._handlers,
                on_door=self._add_door,
                control=control if isinstance(control, OneProcess) else Path(control),
                journal=Path(journal) if journal else None,
                arrival_timeout_s=arrival_timeout_s,
            )
            self.loop, self.links = self._lockstep.loop, self._lockstep.links
        self.clock = LoopClock(self.loop, epoch_utc_ns=epoch_utc_ns)

    @property
    def is_live(self) -> bool:
        return self._lockstep is None

    def on(self, channel: int, handler: Callable[[bytes], None]) -> None:
        """Calls `handler` with every message of an incoming channel, at the tick it is due."""
        if channel not in self._channels or self._channels[channel].receiver != self.name:
            raise WrongChannel(f"{self.name} does not receive channel {channel}")
        self._handlers[channel] = handler

    def _add_door(self, channel: int, door: Door) -> None:
        self._handlers[channel] = door.happen

    def send(self, channel: int, data: bytes) -> None:
        """Sends one message; in simulated time it is declared, counted and kept until the receiver's journal has it."""
        outgoing = self.links.outgoing.get(channel)
        if outgoing is None:
            raise WrongChannel(f"no link of {self.name} carries channel {channel}")
        if self._lockstep:
            self._lockstep.declare(channel)
            outgoing.send(data)
        else:
            outgoing.transmit(data)

    def send_via(self, channel: int, transmit: Transmit) -> None:
        """Sends on `channel` go through a transport of one's own; see links.carry."""
        self.links.carry(channel, transmit)

    def join(self) -> dict[str, dict[str, int]]:
        """Everybody's ports by participant and name, once all are there. Live, only this one's own."""
        return self._lockstep.join() if self._lockstep else {self.name: self.links.ports}

    def end_run(self, after_s: float) -> None:
        """Asks the time owner to end the run at this simulated distance, which all reach alike if it is long enough.

        Long enough is the sum of the latencies to the participant furthest away, and a window.
        """
        if self._lockstep:
            self._lockstep.end_run(after_s)
        else:
            self.loop.call_later(after_s, self.loop.stop)

    def run(self, main: Coroutine[Any, Any, None]) -> None:
        """Runs until the time owner ends the run (live: until `main` returns), then unwinds what is still running.

        Raises what `main`, a handler or a callback raised, and TimingError by its situation.
        """
        if self._lockstep:
            self._lockstep.run(main)
            return
        self.links.connect()
        self.links.open_doors()
        task = self.loop.create_task(main)
        task.add_done_callback(lambda _: self.loop.stop())
        try:
            self.loop.run_forever()
            if task.done():
                task.result()
        finally:
            self.close()

    def close(self) -> None:
        """Frees sockets and files; `run` does it in any case, so only who never runs needs it."""
        if self._lockstep:
            self._lockstep.close()
        elif not self.loop.is_closed():
            unwind(self.loop)
            self.links.close()
            self.loop.close()
