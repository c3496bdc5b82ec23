"""The owner's view of one participant's connection."""

import socket

from command.timing.errors import NoAnswer
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
