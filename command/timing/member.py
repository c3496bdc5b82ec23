"""The owner's view of its participants' connections: one socket each, and who owes an answer by when."""

import socket

from command.timing.errors import NoAnswer, TimingError
from command.timing.protocol import TO_OWNER, ControlSocket, ToOwner, ToParticipant


class Member:
    """One participant's control connection; its name is empty until it says hello."""

    def __init__(self, sock: socket.socket, *, timeout_s: float) -> None:
        sock.settimeout(timeout_s)
        self.sock, self.name = sock, ""
        self._control: ControlSocket[ToOwner] = ControlSocket(sock, TO_OWNER)

    def send(self, message: ToParticipant) -> None:
        try:
            self._control.send(message)
        except TimeoutError:
            raise NoAnswer(f"{self.name} does not read its control socket") from None
        except (BrokenPipeError, ConnectionResetError):
            return  # its end of stream is read next, and the loss handled there

    def receive(self) -> list[ToOwner] | None:
        return self._control.receive()


class Deadlines:
    """Who owes an answer until when, and the error that says so."""

    def __init__(self) -> None:
        self._owed: dict[str, tuple[int, TimingError]] = {}

    def expect(self, name: str, by_ns: int, otherwise: TimingError) -> None:
        self._owed[name] = (by_ns, otherwise)

    def met(self, name: str) -> None:
        self._owed.pop(name, None)

    def check(self, now_ns: int) -> None:
        """Raises the error of the first answer that is overdue."""
        for by_ns, otherwise in self._owed.values():
            if now_ns >= by_ns:
                raise otherwise
