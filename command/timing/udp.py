"""UDP links: one socket, many peers, told apart by their address; the bytes are bare (MAVLink 2)."""

import socket
from collections.abc import Callable

from command.timing.errors import ReceiveBufferTooSmall
from command.timing.outgoing import Transmit

Address = tuple[str, int]
_LONGEST_DATAGRAM_BYTES = 65_535


class UdpLink:
    """Bound at once; peers are added when their ports are known. Datagrams from others are counted and dropped."""

    def __init__(self, *, host: str, port: int, receive_buffer_bytes: int, needed_buffer_bytes: int) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.receive_buffer_bytes = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2  # Linux doubles it
        if self.receive_buffer_bytes < needed_buffer_bytes:
            self.sock.close()
            raise ReceiveBufferTooSmall(
                f"the kernel gave a receive buffer of {self.receive_buffer_bytes} bytes, {needed_buffer_bytes} are "
                f"needed: run sysctl -w net.core.rmem_max={receive_buffer_bytes}"
            )
        self.sock.bind((host, port))
        self.sock.setblocking(False)
        self.port: int = self.sock.getsockname()[1]
        self.strangers = 0
        self._incoming: dict[Address, int] = {}
        self._deliver: Callable[[int, bytes], None]
        self._carry: Callable[[int, Transmit], None]

    def wire(self, deliver: Callable[[int, bytes], None], carry: Callable[[int, Transmit], None]) -> None:
        """Called by Links: where datagrams go, and where outgoing channels are registered."""
        self._deliver, self._carry = deliver, carry

    def add_peer(self, address: Address, *, incoming: int | None = None, outgoing: int | None = None) -> None:
        """What comes from `address` is on channel `incoming`; what is sent on `outgoing` goes there."""
        if incoming is not None:
            self._incoming[address] = incoming
        if outgoing is not None:
            self._carry(outgoing, lambda data: self._send_to(address, data))

    def _send_to(self, address: Address, data: bytes) -> bool:
        self.sock.sendto(data, address)
        return True

    def read(self) -> None:
        while True:
            try:
                data, address = self.sock.recvfrom(_LONGEST_DATAGRAM_BYTES)
            except BlockingIOError:
                return
            channel = self._incoming.get(address)
            if channel is None:
                self.strangers += 1
            else:
                self._deliver(channel, data)
