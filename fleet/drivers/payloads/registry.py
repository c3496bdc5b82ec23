"""The one table of payloads, by the name of their folder."""

from collections.abc import Mapping
from typing import Any

from fleet.drivers.payloads.shape import PayloadDriver
from fleet.drivers.payloads.water_monitor.control import DRIVER as WATER_MONITOR

PAYLOADS: Mapping[str, PayloadDriver[Any]] = {
    driver.name: driver
    for driver in (
        WATER_MONITOR,
    )
}
