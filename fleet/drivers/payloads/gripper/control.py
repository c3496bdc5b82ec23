"""How the gripper is told: DO_GRIPPER, as ArduPilot and PX4 take it. Stop and safe keep what it holds."""

from collections.abc import Sequence

from fleet.drivers.payloads.gripper.state import FOLD, UNKNOWN, GripperState
from fleet.drivers.payloads.gripper.values import CAPABILITIES
from fleet.drivers.payloads.settled import Lines, Told, by_commands
from fleet.drivers.payloads.shape import Action, Asked, PayloadDriver
from fleet.drivers.payloads.tool import Tool
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import GripperAction
from fleet.wire.readings import Payload, PayloadState

OPEN_PCT = 95.0
TOOL: Tool[GripperState] = Tool(
    payload=Payload.GRIPPER, title=CAPABILITIES.title, unknown=UNKNOWN, fold=FOLD, faults=CAPABILITIES.faults,
    rest=(), component=None,
)


def _is_closed(state: GripperState, asked: Asked) -> bool:
    return state.doing is PayloadState.RUNNING and not state.fault_code


def _is_open(state: GripperState, asked: Asked) -> bool:
    return state.doing is PayloadState.OFF and state.opening_pct is not None and state.opening_pct >= OPEN_PCT


def _is_still(state: GripperState, asked: Asked) -> bool:
    return state.doing in (PayloadState.RUNNING, PayloadState.OFF, PayloadState.FAULT)


def _last_text(ends: str) -> Told:
    """ArduPilot's servo gripper says "Gripper load grabbing", and "... grabbed" when it is told again after 0.5 s."""

    def told(texts: Sequence[str]) -> bool:
        said = [text for text in texts if text.startswith("Gripper load ")]
        return bool(said) and said[-1] == f"Gripper load {ends}"

    return told


def _line(action: GripperAction, asked: Asked) -> Lines:
    """Grippers of an autopilot are counted from 1; 0 would be all of them."""
    return [(MavCommand.DO_GRIPPER, (asked.instance + 1.0, float(action)))]


ACTIONS = {
    "grab": Action(programme=by_commands(
        TOOL, lambda asked: _line(GripperAction.GRAB, asked), _is_closed, told=_last_text("grabbed")
    )),
    "release": Action(programme=by_commands(
        TOOL, lambda asked: _line(GripperAction.RELEASE, asked), _is_open, told=_last_text("released")
    )),
    "stop": Action(programme=by_commands(TOOL, lambda asked: _line(GripperAction.HOLD, asked), _is_still)),
    "safe": Action(programme=by_commands(TOOL, lambda asked: _line(GripperAction.HOLD, asked), _is_still)),
}
DRIVER = PayloadDriver(name="gripper", capabilities=CAPABILITIES, actions=ACTIONS, unknown=UNKNOWN, fold=FOLD)
