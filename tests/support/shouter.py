"""Speaks nonsense to every address that a running incident listens on, as whoever shares its network might."""

import os
import random
import socket
import struct
from contextlib import suppress
from pathlib import Path

from command.bus.codec import encode_frame
from command.timing.framing import framed

_LISTENS = "0A"


def addresses(pids: list[int], kind: str) -> list[int]:
    """Ports of these processes' `udp` sockets, or of their listening `tcp` sockets (Linux proc(5))."""
    inodes = {inode for pid in pids for inode in _sockets(pid)}
    ports = []
    for line in Path(f"/proc/net/{kind}").read_text().splitlines()[1:]:
        words = line.split()
        if words[9] in inodes and (kind == "udp" or words[3] == _LISTENS):
            ports.append(int(words[1].split(":")[1], 16))
    return sorted(ports)


def _sockets(pid: int) -> list[str]:
    found = []
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                target = os.readlink(link)
                if target.startswith("socket:["):
                    found.append(target[8:-1])
    return found


class Shouter:
    """One `shout` is a volley to every address; half of the connections stay open."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._open: list[socket.socket] = []
        self.volleys = 0

    def shout(self, *, udp: list[int], tcp: list[int], unix: list[Path]) -> None:
        self.volleys += 1
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for port in udp:
                for _ in range(20):
                    sock.sendto(self._noise(), ("127.0.0.1", port))
        for port in tcp:
            self._tell(socket.AF_INET, ("127.0.0.1", port), self._noise() + b"\r\n\r\n")
        for path in unix:
            for data in (self._noise(), framed(self._noise()), framed(b"\x92\xa2\xff\xfe\xc4\x01a"), b"\xff" * 8):
                self._tell(socket.AF_UNIX, str(path), data)
            for topic in ("mission/order", "bus/subscribe", "fleet/command"):
                self._tell(socket.AF_UNIX, str(path), framed(encode_frame(topic, self._noise())))

    def _noise(self) -> bytes:
        start = self._random.choice([b"", b"\xfd", b"$\0", struct.pack("!I", 12), b"SETUP rtsp://x RTSP/1.0\r\n"])
        return start + self._random.randbytes(self._random.randrange(1, 1200))

    def _tell(self, family: socket.AddressFamily, address: str | tuple[str, int], data: bytes) -> None:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(1.0)
        with suppress(OSError):  # whoever is told nonsense may hang up, or be gone
            sock.connect(address)
            sock.sendall(data)
        if self._random.random() < 0.5 and len(self._open) < 64:
            self._open.append(sock)
        else:
            sock.close()

    def close(self) -> None:
        for sock in self._open:
            sock.close()
