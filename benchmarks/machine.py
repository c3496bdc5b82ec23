"""What benchmarks share of the machine: free ports, percentiles."""

import math
import os
import socket
from collections.abc import Sequence
from contextlib import suppress

_FIRST, _LAST = 20_000, 30_000
"""Below the ports that the kernel gives to whoever asks for any."""


def free_ports(count: int) -> list[int]:
    """UDP ports nobody uses now; raises OSError when there are too few."""
    found: list[int] = []
    for port in range(_FIRST + os.getpid() % 8000, _LAST):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise OSError(f"fewer than {count} UDP ports are free between {_FIRST} and {_LAST}")


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of them do not exceed (nearest rank); raises ValueError for none."""
    if not values:
        raise ValueError("a percentile needs values")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
