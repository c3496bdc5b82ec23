"""What RELAY_STATUS says of the relay that powers the radio."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fleet.drivers.payloads.relay_radio.values import ABSENT
from fleet.drivers.payloads.shape import Fold
from fleet.drivers.payloads.tool import ToolState, is_older
from fleet.wire.message import Message
from fleet.wire.readings import PayloadState
from world.time import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayRadioState(ToolState):
    """`instance` is the number of the relay, from 0."""

    is_on: bool | None = None


def _relay_status(state: RelayRadioState, message: Message, now: Instant) -> RelayRadioState:
    said_us = message.time_boot_ms * 1000
    if is_older(said_us, state.said_us):
        return state
    bit = 1 << state.instance
    if not message.present & bit:
        return replace(state, at=now, said_us=said_us, doing=PayloadState.FAULT, fault_code=ABSENT, is_on=None)
    is_on = bool(message.on & bit)
    doing = PayloadState.RUNNING if is_on else PayloadState.OFF
    return replace(state, at=now, said_us=said_us, doing=doing, fault_code=0, is_on=is_on)


UNKNOWN = RelayRadioState()
FOLD: Mapping[str, Fold[RelayRadioState]] = {"RELAY_STATUS": _relay_status}
