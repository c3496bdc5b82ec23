"""One vehicle's command desk: one command at a time, the rest wait; stop, hold, return, land and kill go before all."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from fleet.commands import ALWAYS_THROUGH, Ack, AckResult, Command, Verb
from fleet.drivers.mavlink.programmes import MakeProgramme
from fleet.drivers.mavlink.step import Outgoing, Run, Talk
from fleet.guard import Guard
from fleet.guard.payloads import makes_safe
from fleet.model import LinkState, VehicleState
from fleet.wire.message import Message
from world.time import Instant

PRE_EMPTS = ALWAYS_THROUGH | {Verb.KILL}
LONGEST_QUEUE = 16

Send = Callable[[Sequence[Outgoing], Instant, Command], str | None]
"""Messages of the command under way; returns why one was held back."""


def _is_urgent(command: Command) -> bool:
    """Ends motion, or what a payload does: repeated to the last."""
    return command.verb in PRE_EMPTS or makes_safe(command)


class Desk:
    """Takes commands, runs their programmes, tells how each truly ended."""

    def __init__(
        self,
        *,
        talk: Talk,
        programmes: Mapping[Verb, MakeProgramme],
        guard: Guard,
        state: Callable[[Instant], VehicleState],
        send: Send,
        on_ack: Callable[[Ack], None],
    ) -> None:
        self._talk, self._programmes, self._guard = talk, programmes, guard
        self._state, self._send, self._on_ack = state, send, on_ack
        self._waiting: deque[Command] = deque()
        self._command: Command | None = None
        self._run: Run | None = None

    def equip(self, programmes: Mapping[Verb, MakeProgramme]) -> None:
        """Other programmes from the next command on, as when the vehicle's firmware turns out to be another."""
        self._programmes = programmes

    @property
    def is_busy(self) -> bool:
        return self._command is not None

    @property
    def has_work(self) -> bool:
        return self._command is not None or bool(self._waiting)

    def submit(self, command: Command, now: Instant) -> None:
        """Run it now, or after those before it."""
        if command.deadline.mono_ns <= now.mono_ns:
            self._tell(command, AckResult.TIMED_OUT, "its deadline had passed when it came", now)
        elif command.verb in PRE_EMPTS:
            self._pre_empt(command, now)
        elif makes_safe(command):
            self._hurry(command, now)
        elif not self.is_busy:
            self._start(command, now)
        elif len(self._waiting) >= LONGEST_QUEUE:
            self._tell(command, AckResult.SUPERSEDED, f"{LONGEST_QUEUE} commands are waiting already", now)
        else:
            self._waiting.append(command)

    def hear(self, message: Message, now: Instant) -> None:
        if self._run is not None:
            self._dispatch(self._run, self._run.hear(message, self._talk.known(), now), now)

    def tick(self, now: Instant) -> None:
        """Repeat what was not answered; end what is out of time."""
        self._drop_expired(now)
        command, run = self._command, self._run
        if command is None or run is None:
            return
        if now.mono_ns >= command.deadline.mono_ns:
            self._run_out(command, run, now)
        elif not _is_urgent(command) and self._state(now).link is LinkState.LOST:
            # others wait to plan anew; what ends motion is repeated to the last
            run.close(AckResult.LINK_LOST, "the link to the vehicle was lost")
            self._finish(command, AckResult.LINK_LOST, run.reason, now)
        else:
            self._dispatch(run, run.tick(self._talk.known(), now), now)

    def _pre_empt(self, command: Command, now: Instant) -> None:
        fault = self._guard.admit(command, self._state(now), now)
        if fault is not None:
            self._tell(command, AckResult.REFUSED_BY_GUARD, fault, now)
            return
        reason = f"{command.verb} by {command.issued_by} went before it"
        stopped = [] if self._command is None else [self._command]
        if self._run is not None:
            self._run.close(AckResult.SUPERSEDED, reason)
        superseded = [*stopped, *self._waiting]
        self._waiting.clear()
        self._begin(command, now)
        # told after the stop is on its way: those who hear it may send new commands at once
        for old in superseded:
            self._tell(old, AckResult.SUPERSEDED, reason, now)

    def _hurry(self, command: Command, now: Instant) -> None:
        """To stop a payload or make it safe goes before all but what ends motion; what waits goes on waiting."""
        self._waiting.appendleft(command)
        running, run = self._command, self._run
        if running is not None and run is not None and not _is_urgent(running):
            run.close(AckResult.SUPERSEDED, f"{command.verb} by {command.issued_by} went before it")
            self._finish(running, AckResult.SUPERSEDED, run.reason, now)
        elif running is None:
            self._start_next(now)

    def _start(self, command: Command, now: Instant) -> None:
        fault = self._guard.admit(command, self._state(now), now)
        if fault is None:
            self._begin(command, now)
        else:
            self._tell(command, AckResult.REFUSED_BY_GUARD, fault, now)

    def _begin(self, command: Command, now: Instant) -> None:
        make = self._programmes.get(command.verb)
        if make is None:
            self._guard.close(command.vehicle, is_done=False)
            self._tell(command, AckResult.REFUSED_BY_VEHICLE, f"this kind of vehicle knows no {command.verb}", now)
            return
        self._command, self._run = command, Run(make(self._talk, command))
        self._dispatch(self._run, self._run.begin(self._talk.known(), now), now)

    def _dispatch(self, run: Run, outgoing: list[Outgoing], now: Instant) -> None:
        fault = self._send(outgoing, now, self._command) if outgoing and self._command is not None else None
        if fault is not None:
            run.close(AckResult.REFUSED_BY_GUARD, fault)
        if run.result is not None and self._command is not None:
            self._finish(self._command, run.result, run.reason, now)

    def _run_out(self, command: Command, run: Run, now: Instant) -> None:
        is_lost = self._state(now).link in (LinkState.STALE, LinkState.LOST)
        if is_lost:
            run.close(AckResult.LINK_LOST, "the vehicle was not heard until the deadline")
        else:
            run.close(AckResult.TIMED_OUT, f"the vehicle did not show {command.verb} before the deadline")
        self._finish(command, run.result or AckResult.TIMED_OUT, run.reason, now)

    def _finish(self, command: Command, result: AckResult, reason: str, now: Instant) -> None:
        self._guard.close(command.vehicle, is_done=result is AckResult.ACCEPTED)
        self._command, self._run = None, None
        self._tell(command, result, reason, now)
        if self._waiting and not self.is_busy:
            self._start_next(now)

    def _start_next(self, now: Instant) -> None:
        while self._waiting and not self.is_busy:
            self._start(self._waiting.popleft(), now)

    def _drop_expired(self, now: Instant) -> None:
        expired = [command for command in self._waiting if command.deadline.mono_ns <= now.mono_ns]
        for command in expired:
            self._waiting.remove(command)
            self._tell(command, AckResult.TIMED_OUT, "it waited behind other commands until its deadline", now)

    def _tell(self, command: Command, result: AckResult, reason: str, now: Instant) -> None:
        self._on_ack(Ack(
            command=command.id, vehicle=command.vehicle, verb=command.verb, result=result, reason=reason, at=now
        ))
