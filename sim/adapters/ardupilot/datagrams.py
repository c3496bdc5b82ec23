"""Datagrams of many sockets, received and sent in one compiled loop: a call from Python for each costs as much as it.

The loops call the C library's recvfrom and sendto, so they are compiled at every start (half a second): numba keeps no
functions that hold addresses.
"""

import ctypes
import socket
from typing import Final

import numba
import numpy as np

from sim.adapters.ardupilot.wire import Bytes
from sim.adapters.bodies.columns import Rows

ADDRESS: Final = 16
"""Bytes of an IPv4 address as the kernel has it (sockaddr_in)."""
_DONT_WAIT: Final = int(socket.MSG_DONTWAIT)
_WHOLE_LENGTH: Final = int(socket.MSG_DONTWAIT | socket.MSG_TRUNC)

_library: Final = ctypes.CDLL(None)
_recvfrom: Final = _library.recvfrom
_recvfrom.argtypes = [
    ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p,
]
_recvfrom.restype = ctypes.c_ssize_t
_sendto: Final = _library.sendto
_sendto.argtypes = [
    ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32,
]
_sendto.restype = ctypes.c_ssize_t


@numba.njit(error_model="numpy")
def receive(handles: Rows, rows: Rows, data: Bytes, sizes: Rows, sources: Bytes) -> None:
    """One datagram for each of `rows`: its bytes, as many as fit, its whole length (-1: none), and who sent it."""
    space = np.empty(1, np.uint32)
    for i in rows:
        space[0] = sources.shape[1]
        sizes[i] = _recvfrom(
            handles[i], data[i].ctypes.data, data.shape[1], _WHOLE_LENGTH, sources[i].ctypes.data, space.ctypes.data,
        )


@numba.njit(error_model="numpy")
def send(handles: Rows, rows: Rows, data: Bytes, lengths: Rows, targets: Bytes, unsent: Rows) -> None:
    """The first `lengths` bytes of each of `rows` to its target; `unsent` counts what the kernel did not take."""
    for i in rows:
        sent = _sendto(
            handles[i], data[i].ctypes.data, lengths[i], _DONT_WAIT, targets[i].ctypes.data, targets.shape[1],
        )
        if sent < 0:
            unsent[i] += 1
