"""Numbers of PayloadStatus.fault_code: what is broken (below 0x8000, by payload), or why an order was not taken."""

from enum import IntEnum


class Refusal(IntEnum):
    """Why the order that PayloadStatus.command_id names was not taken; the payload goes on as it was."""

    EXPIRED = 0x8001
    STALE = 0x8002
    """Given before an order that was already obeyed: it was overtaken on the way."""
    OUT_OF_LIMITS = 0x8003
    NOT_APPROVED = 0x8004
    NOT_READY = 0x8005
    UNKNOWN_ACTION = 0x8006
    LATCHED = 0x8007


class WaterMonitorFault(IntEnum):
    NO_PRESSURE = 1
    VALVE_STUCK = 2
    AIM_JAMMED = 3
    TIPPING = 4
    LOW_PRESSURE = 5


class BreachingToolFault(IntEnum):
    JAMMED = 1
    NO_CONTACT = 2
    HYDRAULICS_LOST = 3


class GripperFault(IntEnum):
    JAMMED = 1
    LOAD_SLIPPED = 2
    OVERLOADED = 3


class WinchFault(IntEnum):
    OVERLOADED = 1
    JAMMED = 2
    LINE_LOST = 3


class PumpFault(IntEnum):
    RUNS_DRY = 1
    BLOCKED = 2
    OVERHEATED = 3


class GasSensorFault(IntEnum):
    SENSOR_FAILED = 1
    SATURATED = 2
    CH4_EXCESS = 3


class UwbFault(IntEnum):
    RADIO_FAILED = 1


class GeophoneFault(IntEnum):
    NOT_COUPLED = 1
    OVERRANGE = 2


class SpeakerFault(IntEnum):
    AMPLIFIER_FAILED = 1
    NO_RECORDING = 2


class LightFault(IntEnum):
    """The bits of ILLUMINATOR_ERROR_FLAGS."""

    THROTTLED = 1
    OVERHEATED = 2
    THERMISTOR_FAILED = 4
