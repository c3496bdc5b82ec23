"""What benchmarks share of the machine: free ports, percentiles."""

import math
import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress

RATES_HZ: Mapping[str, float] = {
    "GLOBAL_POSITION_INT": 6.25, "ATTITUDE": 1.0, "SYS_STATUS": 0.4, "GPS_RAW_INT": 0.4, "EKF_STATUS_REPORT": 0.4,
    "EXTENDED_SYS_STATE": 0.4, "MISSION_CURRENT": 0.1, "HOME_POSITION": 0.05,
}
"""What `bench fleet` asks of every vehicle on every side: with the heartbeat ten messages a second.

A position every 160 ms: four of position and four of attitude, which come together, leave 250 ms between.
"""
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
