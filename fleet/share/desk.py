"""Opens and closes shares as the bus asks for it, and keeps their sockets on this machine only."""

import asyncio
from dataclasses import dataclass, field, replace
from functools import partial

from fleet.authority import LONGEST_S, Authority
from fleet.guard import Guard
from fleet.guard.guest_frames import Guest
from fleet.links.address import Address, LinkSpec, Scheme
from fleet.links.ends import LinkRefused
from fleet.links.open_links import OpenLinks, open_links
from fleet.service import FleetService
from fleet.share.share import Share, Terms
from fleet.shares import ShareAct, ShareEvent, ShareOutcome, ShareRequest
from fleet.switchboard import Switchboard
from world.bus import Bus
from world.time import Clock

HOST = "127.0.0.1"
UDP, TCP = "UDP", "TCP"
TICK_S = 0.1
MOST_SHARES = 16
LAST_PORT = 65535


@dataclass(slots=True, eq=False)
class _Open:
    """A share from its request to its end."""

    request: ShareRequest
    event: ShareEvent
    ended: asyncio.Future[str]
    links: OpenLinks | None = None
    share: Share | None = field(default=None)


class ShareDesk:
    """`run` until cancelled; whatever is open is closed then."""

    def __init__(
        self, *, bus: Bus, clock: Clock, service: FleetService, guard: Guard, board: Switchboard, authority: Authority
    ) -> None:
        self._bus, self._clock, self._service = bus, clock, service
        self._guard, self._board, self._authority = guard, board, authority
        self._open: list[_Open] = []
        self._asked: asyncio.Queue[ShareRequest] = asyncio.Queue()
        bus.subscribe("fleet/share_request", self._asked.put_nowait)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                request = await self._asked.get()
                if request.act is ShareAct.CLOSE:
                    self._close(request)
                    continue
                fault = self._fault(request)
                if fault is not None:
                    self._tell(request, ShareOutcome.REFUSED, fault)
                    continue
                expires = self._clock.now().plus_s(request.for_s)
                event = replace(self._event(request, ShareOutcome.OPENED, ""), expires=expires)
                opened = _Open(request, event, asyncio.get_running_loop().create_future())
                self._open.append(opened)
                tasks.create_task(self._serve(opened))

    def _fault(self, request: ShareRequest) -> str | None:
        """Why a share is not opened."""
        now = self._clock.now()
        try:
            self._service.session(request.vehicle)
        except KeyError:
            return f"{request.vehicle} is not in the roster."
        if not self._authority.may_command(request.by, request.vehicle, now):
            holder = self._authority.holder(request.vehicle, now) or "nobody"
            return f"{request.by} may not share {request.vehicle}; {holder} holds its lease, or ask a commander."
        if not 0 <= request.port <= LAST_PORT:
            return f"{request.port} is no port; give one from 1 to {LAST_PORT}, or 0 for a free one."
        if not 0.0 < request.for_s <= LONGEST_S:
            return f"A share for {request.for_s:g} s is not opened; at most {LONGEST_S:.0f} s."
        if len(self._open) >= MOST_SHARES:
            return f"{MOST_SHARES} shares are open already; close one."
        return None

    def _close(self, request: ShareRequest) -> None:
        """By its opener, its guest, or who may command the vehicle."""
        theirs = [
            opened for opened in self._open
            if (opened.request.vehicle, opened.request.guest) == (request.vehicle, request.guest)
            and request.port in (0, opened.request.port, opened.event.udp_port, opened.event.tcp_port)
        ]
        may = self._authority.may_command(request.by, request.vehicle, self._clock.now())
        for opened in theirs:
            if not may and request.by not in (opened.request.by, opened.request.guest):
                fault = f"{request.by} may not close the share of {opened.request.by}."
                self._tell(request, ShareOutcome.REFUSED, fault)
            elif not opened.ended.done():
                opened.ended.set_result(f"{request.by} closed it.")
        if not theirs:
            self._tell(request, ShareOutcome.REFUSED, f"{request.vehicle} is not shared with {request.guest}.")

    async def _serve(self, opened: _Open) -> None:
        request = opened.request
        try:
            async with asyncio.TaskGroup() as tasks:
                links = opened.links = await self._listen(opened)
                share = opened.share = Share(self._terms(opened, links))
                end_tap = self._board.tap(request.vehicle, share.overhear)
                try:
                    serving = tasks.create_task(links.run())
                    opened.event = replace(
                        opened.event, udp_port=links.port(UDP), tcp_port=links.port(TCP), reason=_welcome(request)
                    )
                    self._bus.publish("fleet/share_event", opened.event)
                    reason = await self._until_over(opened, share)
                    serving.cancel()
                finally:
                    end_tap()
            self._tell(request, ShareOutcome.CLOSED, reason)
        except* LinkRefused as refused:
            self._tell(request, ShareOutcome.REFUSED, f"{refused.exceptions[0]}; give another port.")
        finally:
            self._open.remove(opened)

    async def _until_over(self, opened: _Open, share: Share) -> str:
        while not opened.ended.done():
            now = self._clock.now()
            if opened.event.expires is not None and opened.event.expires.mono_ns <= now.mono_ns:
                return "Its time is over."
            share.tick(now)
            await self._clock.sleep(TICK_S)
        return opened.ended.result()

    async def _listen(self, opened: _Open) -> OpenLinks:
        """Raises LinkRefused."""
        port = opened.request.port
        specs = (
            LinkSpec(name=TCP, address=Address(scheme=Scheme.TCP_IN, place=HOST, number=port)),
            LinkSpec(name=UDP, address=Address(scheme=Scheme.UDP_IN, place=HOST, number=port)),
        )
        return await open_links(
            specs, self._clock, received=partial(self._received, opened), changed=_unmoved,
            met=partial(self._met, opened), gone=partial(self._gone, opened),
        )

    def _received(self, opened: _Open, link: str, data: bytes, peer: str) -> None:
        if opened.share is not None:
            opened.share.hear(link, data, peer, self._clock.now(), is_stream=link == TCP)

    def _met(self, opened: _Open, link: str, peer: str) -> None:
        if opened.share is not None:
            opened.share.meet(link, peer, self._clock.now(), is_stream=True)

    def _gone(self, opened: _Open, link: str, peer: str) -> None:
        if opened.share is not None:
            opened.share.leave(link, peer)

    def _terms(self, opened: _Open, links: OpenLinks) -> Terms:
        request = opened.request
        session = self._service.session(request.vehicle)
        return Terms(
            guest=Guest(name=request.guest, allows_arming=request.allows_arming), sysid=session.entry.sysid,
            gate=self._guard.guests, board=self._board, state=session.state, clock=self._clock.now,
            send=lambda link, peer, data: links.send(link, peer, data), tell=partial(self._tell, request),
            ordered=lambda mode: session.pilot_watch.ordered(mode, self._clock.now()),
        )

    def _event(self, request: ShareRequest, outcome: ShareOutcome, reason: str) -> ShareEvent:
        return ShareEvent(
            outcome=outcome, vehicle=request.vehicle, by=request.by, guest=request.guest, reason=reason,
            at=self._clock.now(), allows_arming=request.allows_arming,
        )

    def _tell(self, request: ShareRequest, outcome: ShareOutcome, reason: str) -> None:
        self._bus.publish("fleet/share_event", self._event(request, outcome, reason))


def _welcome(request: ShareRequest) -> str:
    may = "motors may be started" if request.allows_arming else "motors may not be started"
    return f"{request.by} shares {request.vehicle} with {request.guest}; {may}."


def _unmoved(link: str, reason: str | None) -> None:
    """Sockets of this machine work once they are open."""


