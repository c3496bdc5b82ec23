"""Newest-wins distribution: the picture is encoded once per beat, every socket takes the newest when it can."""

import asyncio
from typing import Protocol

import msgspec

from command.views.columns import Snapshot
from command.web.orders import Request
from world.ids import VehicleId
from world.time import Clock

BEAT_S = 0.1


class Source(Protocol):
    """What a screen shows now, live or out of a record, and what may be asked of it."""

    is_replay: bool

    async def run(self) -> None: ...

    @property
    def vehicle_ids(self) -> tuple[VehicleId, ...]: ...

    def scene(self) -> Snapshot: ...

    def snapshot(self) -> Snapshot: ...

    def health(self) -> Snapshot: ...

    def act(self, request: Request) -> None:
        """Raises Refused, PlanChanged and HubOffline."""


class Mailbox:
    """Holds the newest message of one socket; an older one that was never taken is overwritten."""

    def __init__(self) -> None:
        self._newest: bytes | None = None
        self._arrived = asyncio.Event()
        self.skipped = 0

    def put(self, message: bytes) -> None:
        self.skipped += self._newest is not None
        self._newest = message
        self._arrived.set()

    async def take(self) -> bytes:
        await self._arrived.wait()
        self._arrived.clear()
        message, self._newest = self._newest, None
        assert message is not None
        return message


class Feed:
    """Beats ten times a second. The scene is fetched apart by who sees its version change."""

    def __init__(self, source: Source, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._encoder = msgspec.msgpack.Encoder()
        self._mailboxes: list[Mailbox] = []
        self._beats = 0

    def open(self) -> Mailbox:
        mailbox = Mailbox()
        self._mailboxes.append(mailbox)
        mailbox.put(self._encoded())
        return mailbox

    def close(self, mailbox: Mailbox) -> None:
        self._mailboxes.remove(mailbox)

    @property
    def viewers(self) -> int:
        return len(self._mailboxes)

    @property
    def skipped(self) -> int:
        """Snapshots that present viewers were too slow for."""
        return sum(mailbox.skipped for mailbox in self._mailboxes)

    def scene(self) -> bytes:
        return self._encoder.encode({"type": "scene", **self._source.scene()})

    async def run(self) -> None:
        while True:
            await self._clock.sleep(BEAT_S)
            if self._mailboxes:
                message = self._encoded()
                for mailbox in self._mailboxes:
                    mailbox.put(message)

    def _encoded(self) -> bytes:
        self._beats += 1
        return self._encoder.encode({"type": "live", "beat": self._beats, **self._source.snapshot()})
