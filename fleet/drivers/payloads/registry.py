"""The one table of payloads, by the name of their folder, and all their states folded together."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fleet.drivers.payloads.breaching_tool.control import DRIVER as BREACHING_TOOL
from fleet.drivers.payloads.camera.control import DRIVER as CAMERA
from fleet.drivers.payloads.gas_sensor.control import DRIVER as GAS_SENSOR
from fleet.drivers.payloads.geophone.control import DRIVER as GEOPHONE
from fleet.drivers.payloads.gimbal.control import DRIVER as GIMBAL
from fleet.drivers.payloads.gripper.control import DRIVER as GRIPPER
from fleet.drivers.payloads.light.control import DRIVER as LIGHT
from fleet.drivers.payloads.pump.control import DRIVER as PUMP
from fleet.drivers.payloads.relay_radio.control import DRIVER as RELAY_RADIO
from fleet.drivers.payloads.shape import PayloadDriver
from fleet.drivers.payloads.speaker.control import DRIVER as SPEAKER
from fleet.drivers.payloads.tool import ToolState, tunnelled
from fleet.drivers.payloads.uwb.control import DRIVER as UWB
from fleet.drivers.payloads.water_monitor.control import DRIVER as WATER_MONITOR
from fleet.drivers.payloads.winch.control import DRIVER as WINCH
from fleet.wire.message import Message
from world.time import Instant

PAYLOADS: Mapping[str, PayloadDriver[Any]] = {
    driver.name: driver
    for driver in (
        WATER_MONITOR,
        BREACHING_TOOL,
        GRIPPER,
        WINCH,
        PUMP,
        GAS_SENSOR,
        UWB,
        GEOPHONE,
        SPEAKER,
        LIGHT,
        RELAY_RADIO,
        CAMERA,
        GIMBAL,
    )
}
HEARD: tuple[str, ...] = tuple(sorted({name for driver in PAYLOADS.values() for name in driver.fold}))
"""Messages that say something of a payload."""

PayloadStates = Mapping[tuple[str, int], ToolState]
"""By name and instance; what was never heard is not in it."""


def fold(
    states: PayloadStates, message: Message, now: Instant, payloads: Mapping[str, PayloadDriver[Any]] = PAYLOADS
) -> PayloadStates:
    """All payloads of one vehicle with one message more, from whichever of its components."""
    changed = dict(states)
    for driver in payloads.values():
        handler = driver.fold.get(message.SPEC.name)
        if handler is None:
            continue
        for instance in _instances(states, driver.name, message):
            key = (driver.name, instance)
            before = states.get(key) or replace(driver.unknown, instance=instance)
            after = handler(before, message, now)
            if after is not before:
                changed[key] = after
    return changed


def _instances(states: PayloadStates, name: str, message: Message) -> list[int]:
    """The instance a TUNNEL message names; of others those known, or the first."""
    if message.SPEC.name == "TUNNEL":
        said = tunnelled(message)
        return [] if said is None else [said.instance]
    return sorted({0, *(instance for payload, instance in states if payload == name)})
