"""Serial links (telemetry radios, companion computers): opened again when the adapter was pulled and put back."""

import asyncio
import os
from collections import deque

import serial

from fleet.links.address import Address
from fleet.links.ends import Hooks
from world.time import Clock

AGAIN_S = 1.0
MOST_UNSENT_BYTES = 16_384
"""Three seconds of a radio at 57,600 baud; older orders are no use behind that."""
_AT_ONCE = 4096


class SerialEnd:
    """Reads and writes without ever blocking the loop."""

    def __init__(self, address: Address, hooks: Hooks, clock: Clock) -> None:
        self._address, self._hooks, self._clock = address, hooks, clock
        self._line: serial.Serial | None = None
        self._unsent: deque[bytes] = deque()
        self._unsent_bytes = 0
        self._fallen: asyncio.Future[str] | None = None

    @property
    def port(self) -> int | None:
        return None

    async def run(self) -> None:
        try:
            while True:
                self._hooks.changed(f"{self._address}: {await self._hold()}")
                await self._clock.sleep(AGAIN_S)
        finally:
            self.close()

    def send(self, data: bytes, peer: str) -> None:
        if self._line is None or self._unsent_bytes + len(data) > MOST_UNSENT_BYTES:
            return
        if not self._unsent:
            asyncio.get_running_loop().add_writer(self._line.fileno(), self._write)
        self._unsent.append(data)
        self._unsent_bytes += len(data)

    async def _hold(self) -> str:
        loop = asyncio.get_running_loop()
        try:
            self._line = serial.Serial(self._address.place, self._address.number, timeout=0, write_timeout=0)
        except (OSError, ValueError) as error:  # SerialException is an OSError
            return _words(error)
        self._fallen = loop.create_future()
        loop.add_reader(self._line.fileno(), self._read)
        self._hooks.changed(None)
        try:
            return await self._fallen
        finally:
            self.close()

    def _read(self) -> None:
        if self._line is None:
            return
        try:
            data = self._line.read(_AT_ONCE)
        except (OSError, TypeError) as error:  # pyserial: TypeError when it is closed under the read
            self._fall(_words(error))
            return
        if data:
            self._hooks.received(data, "")

    def _write(self) -> None:
        if self._line is None:
            return
        try:
            while self._unsent:
                data = self._unsent[0]
                sent = self._line.write(data) or 0
                self._unsent_bytes -= sent
                if sent < len(data):
                    self._unsent[0] = data[sent:]
                    return
                self._unsent.popleft()
        except serial.SerialTimeoutException:  # the driver's buffer is full: the loop calls again
            return
        except OSError as error:
            self._fall(_words(error))
            return
        asyncio.get_running_loop().remove_writer(self._line.fileno())

    def _fall(self, reason: str) -> None:
        if self._fallen is not None and not self._fallen.done():
            self._fallen.set_result(reason)

    def close(self) -> None:
        line, self._line = self._line, None
        self._unsent.clear()
        self._unsent_bytes = 0
        if line is not None:
            loop = asyncio.get_running_loop()
            loop.remove_reader(line.fileno())
            loop.remove_writer(line.fileno())
            line.close()


def _words(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)  # pyserial's own text repeats device and number
    return str(error)
