"""A participant's conversation with the time owner: join, answer, wait for the next grant, let others come back."""

import socket
import time
from collections import deque
from pathlib import Path

from command.timing.channel import Channel
from command.timing.errors import DatagramLost, OwnerLost, Stopped, StrangeParticipant
from command.timing.inbox import Inbox
from command.timing.journal import Entry
from command.timing.links import Links
from command.timing.protocol import (
    TO_PARTICIPANT,
    ControlSocket,
    Done,
    Freeze,
    Grant,
    Have,
    Hello,
    Lost,
    Ready,
    Refused,
    Resume,
    Sent,
    Stop,
    ToParticipant,
    Welcome,
)
from command.timing.sockets import PolledSockets


class Session:
    """Waits in wall time so that nobody else has to. `exchange` gives an answer and returns the next grant's entry."""

    def __init__(
        self,
        name: str,
        channels: dict[int, Channel],
        *,
        links: Links,
        inbox: Inbox,
        sockets: PolledSockets,
        control: Path,
        arrival_timeout_s: float,
    ) -> None:
        self._name, self._channels = name, channels
        self._links, self._inbox, self._sockets = links, inbox, sockets
        self._control_path, self._arrival_timeout_s = control, arrival_timeout_s
        self._control: ControlSocket[ToParticipant] | None = None
        self._mail: deque[ToParticipant] = deque()
        self._grant: Grant | None = None
        self._newcomer: Done | None = None
        """The answer to give once everybody was counted; None when it has been."""
        self._begin: Freeze | None = None
        self._is_frozen = self._is_live = False
        self._absent: set[str] = set()
        self._resumed_ns = time.perf_counter_ns()
        self.wait_ns = 0

    @property
    def has_joined(self) -> bool:
        return self._control is not None

    def join(self, ports: dict[str, int]) -> dict[str, dict[str, int]]:
        """Reports this participant's ports, waits for everybody, returns all ports by participant and name."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(str(self._control_path))
        except (FileNotFoundError, ConnectionRefusedError):
            sock.close()
            raise OwnerLost(f"{self._name}: there is no time owner at {self._control_path}") from None
        self._control = ControlSocket(sock, TO_PARTICIPANT)
        self._sockets.watch(sock, self._read_control, is_urgent=True)
        self._send(Hello(name=self._name, ports=ports))
        while True:
            self._sockets.poll(None, everything=False)
            while self._mail:
                message = self._mail.popleft()
                if isinstance(message, Welcome):
                    return message.ports
                self._handle(message)

    def exchange(self, done: int, sent: list[Sent], end: int | None) -> Entry:
        """Raises Stopped at the end of the run, OwnerLost, or DatagramLost when declared messages do not come."""
        started_ns = time.perf_counter_ns()
        answer = Done(tick=done, busy_ns=started_ns - self._resumed_ns, sent=sent, end=end)
        if self._is_live:
            self._send(answer)
        else:
            self._is_live, self._newcomer = True, answer
            self._links.connect()
            self._links.open_doors()
            self._send(Ready(done=done))
        grant = self._wait()
        self._resumed_ns = time.perf_counter_ns()
        self.wait_ns += self._resumed_ns - started_ns
        return self._entry(done, grant)

    def _entry(self, done: int, grant: Grant) -> Entry:
        begin, counts = done, {}
        if self._begin and self._begin.begin_tick is not None:
            begin, counts = self._begin.begin_tick, self._begin.begin_counts
        self._begin = self._grant = None
        return Entry(
            begin=begin, until=grant.until, taken=grant.taken, arrivals=self._inbox.take(), begin_counts=counts
        )

    def _wait(self) -> Grant:
        while True:
            missing = self._inbox.missing()
            if self._grant and not missing and not self._is_frozen:
                return self._grant
            timeout_s = self._arrival_timeout_s if self._grant and self._is_due(missing) else None
            if not self._sockets.poll(timeout_s, everything=self._grant is not None) and timeout_s is not None:
                raise DatagramLost(
                    f"{self._name}: declared messages never came: {self._tell(missing)}; "
                    "a receive buffer overflowed or a transport lost them"
                )
            while self._mail:
                self._handle(self._mail.popleft())

    def _is_due(self, missing: dict[int, int]) -> bool:
        """Whether what is missing must be on its way: its sender is here."""
        return not self._is_frozen and not any(self._channels[c].sender in self._absent for c in missing)

    def _tell(self, missing: dict[int, int]) -> str:
        return ", ".join(f"{n} on channel {c} from {self._channels[c].sender}" for c, n in missing.items())

    def _send(self, message: Done | Ready | Have | Hello) -> None:
        assert self._control, "join comes first"
        try:
            self._control.send(message)
        except (BrokenPipeError, ConnectionResetError):
            if any(isinstance(message, Stop) for message in self._control.receive() or ()):
                raise Stopped(f"{self._name}: the run is over") from None
            raise OwnerLost(f"{self._name}: the time owner left") from None

    def _read_control(self) -> None:
        messages = self._control.receive() if self._control else None
        if messages is None:
            raise OwnerLost(f"{self._name}: the time owner left without stopping the run")
        for message in messages:
            if isinstance(message, Lost):  # before any socket of a restarted one is accepted
                self._absent.add(message.name)
                self._links.hold_one(message.name)
            self._mail.append(message)

    def _handle(self, message: ToParticipant) -> None:
        match message:
            case Grant():
                self._grant = message
                self._inbox.expect(message.sent)
            case Freeze():
                self._freeze(message)
            case Resume():
                self._resume(message)
            case Lost(is_skipped=True):
                self._sockets.drain()
                self._inbox.forget_undeclared(c.id for c in self._incoming_from(message.name))
            case Refused():
                raise StrangeParticipant(message.reason)
            case Stop():
                raise Stopped(f"{self._name}: the run is over")

    def _incoming_from(self, sender: str) -> list[Channel]:
        return [c for c in self._channels.values() if c.receiver == self._name and c.sender == sender]

    def _freeze(self, freeze: Freeze) -> None:
        self._is_frozen = True
        self._sockets.drain()  # to the end of a dead one's connection
        self._links.connect()
        self._sockets.drain()
        if freeze.is_newcomer:
            self._begin = freeze
            self._inbox.forget_untaken()
            self._inbox.begin_at(freeze.begin_counts)
        self._send(Have(round=freeze.round, counts=dict(self._inbox.counts)))

    def _resume(self, resume: Resume) -> None:
        is_late = self._begin is not None and self._begin.begin_tick is not None
        for channel, number in resume.resend.items():
            outgoing = self._links.outgoing.get(channel)
            if outgoing and is_late:
                outgoing.begin_at(number)
            elif outgoing:
                outgoing.repeat_from(number)
        self._absent = set(resume.absent)
        self._links.hold_to(self._absent)
        self._is_frozen = False
        if self._newcomer:
            self._send(self._newcomer)
            self._newcomer = None

    def close(self) -> None:
        """Leaves, having given the last words to outside clients a chance to go out."""
        if self._control:
            self._sockets.forget(self._control.sock)
            self._control.close()
        self._sockets.poll(0, everything=False)
