"""A participant's machinery in simulated time: journal, barrier, session and loop put together."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from command.timing.barrier import Barrier, Handler
from command.timing.channel import TICK_S, Channel
from command.timing.door import Door
from command.timing.errors import Stopped, TimingError
from command.timing.inbox import Inbox
from command.timing.journal import Entry, Journal
from command.timing.links import Links
from command.timing.local_links import LocalLinks
from command.timing.loop import SimLoop
from command.timing.one_process import OneProcess, Seat
from command.timing.protocol import Sent
from command.timing.session import Session
from command.timing.sockets import PolledSockets
from command.timing.unwind import unwind


class Lockstep:
    """Lives the journal again, then lives on, grant by grant."""

    def __init__(
        self,
        name: str,
        channels: dict[int, Channel],
        handlers: dict[int, Handler],
        *,
        on_door: Callable[[int, Door], None],
        control: Path | OneProcess,
        journal: Path | None,
        arrival_timeout_s: float,
    ) -> None:
        incoming = {channel.id: channel for channel in channels.values() if channel.receiver == name}
        self._journal = Journal(journal) if journal else None
        header = self._journal.header if self._journal else None
        self._replay = self._journal.entries() if self._journal else iter(())
        self._inbox, self._sockets = Inbox(incoming), PolledSockets()
        self.links: Links
        self._session: Session | Seat
        arrive = self._inbox.arrive
        if isinstance(control, OneProcess):
            self.links = LocalLinks(
                name, channels, self._sockets, arrive=arrive, on_door=on_door, hand_over=control.hand_over,
                doors=control.doors,
            )
            self._session = control.seat(name, self.links, self._inbox)
        else:
            known_ports = header.ports if header else {}
            self.links = Links(
                name, channels, self._sockets, arrive=arrive, on_door=on_door, known_ports=known_ports
            )
            self._session = Session(
                name,
                channels,
                links=self.links,
                inbox=self._inbox,
                sockets=self._sockets,
                control=control,
                arrival_timeout_s=arrival_timeout_s,
            )
        self._barrier = Barrier(incoming, handlers, self._next_entry)
        self.loop = SimLoop(self._barrier)
        self._sent: list[Sent] = []
        self._end: int | None = None

    def join(self) -> dict[str, dict[str, int]]:
        if self._journal:
            self._journal.begin(self.links.ports)
        try:
            return self._session.join(self.links.ports)
        except TimingError:
            self.close()
            raise

    def declare(self, channel: int) -> None:
        now = self._barrier.now
        if self._sent and self._sent[-1][:2] == (channel, now):
            self._sent[-1] = (channel, now, self._sent[-1][2] + 1)
        else:
            self._sent.append((channel, now, 1))

    def end_run(self, after_s: float) -> None:
        self._end = self._barrier.now + max(1, round(after_s / TICK_S))

    def _next_entry(self, done: int) -> Entry:
        entry = next(self._replay, None)
        if entry is None:
            entry = self._session.exchange(done, self._sent, self._end)
            if self._journal:
                self._journal.append(entry)  # before anything is done with it
        else:
            self._inbox.begin_at(entry.begin_counts)
            self._inbox.replay(entry.arrivals)
        self._sent = []
        for channel, taken in entry.taken.items():
            if channel in self.links.outgoing:
                self.links.outgoing[channel].trim(taken)
        return entry

    def run(self, main: Coroutine[Any, Any, None]) -> None:
        if not self._session.has_joined:
            self.join()
        try:
            with contextlib.suppress(Stopped):
                self.loop.run_until_complete(self._live(main))
        finally:
            self.close()

    async def _live(self, main: Coroutine[Any, Any, None]) -> None:
        """Nothing may be sent before everybody is there, which is what the first tick means; time outlives `main`."""
        try:
            await asyncio.sleep(TICK_S)
            await main
            await asyncio.Event().wait()
        finally:
            main.close()  # it may never have begun

    def close(self) -> None:
        if self._barrier.is_closing:
            return
        self._barrier.is_closing = True
        try:
            with contextlib.suppress(Stopped):
                unwind(self.loop)
        finally:
            self._session.close()
            self.links.close()
            self._sockets.close()
            if self._journal:
                self._journal.close()
            self.loop.close()
