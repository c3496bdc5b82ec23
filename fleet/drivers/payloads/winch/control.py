"""How the winch is told: DO_WINCH where repeats do no harm. Its lengths are relative, and a repeated one would run
twice, so a length goes by PayloadCommand, which is absolute and has an id."""

from fleet.drivers.payloads.settled import Lines, by_commands
from fleet.drivers.payloads.shape import Action, Asked, PayloadDriver
from fleet.drivers.payloads.tool import Tool, by_tunnel
from fleet.drivers.payloads.winch.state import FOLD, UNKNOWN, WinchState
from fleet.drivers.payloads.winch.values import CAPABILITIES, LINE_M, SETPOINTS
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import Component, WinchAction, WinchStatus
from fleet.wire.readings import Payload, PayloadAction, PayloadState

STILL_M_S = 0.01
TOOL: Tool[WinchState] = Tool(
    payload=Payload.WINCH, title=CAPABILITIES.title, unknown=UNKNOWN, fold=FOLD, faults=CAPABILITIES.faults, rest=(),
    component=Component.WINCH,
)


def _is_still(state: WinchState, asked: Asked) -> bool:
    return state.speed_m_s is not None and abs(state.speed_m_s) < STILL_M_S


def _has_moved(state: WinchState, asked: Asked) -> bool:
    wanted, length = asked.setpoints["length_m"], state.length_m
    near = length is not None and abs(length - wanted) <= SETPOINTS[0].tolerance
    return state.doing is PayloadState.RUNNING and near


def _is_retracted(state: WinchState, asked: Asked) -> bool:
    return state.flags is not None and WinchStatus.FULLY_RETRACTED in state.flags and _is_still(state, asked)


def _is_abandoned(state: WinchState, asked: Asked) -> bool:
    return state.length_m is not None and state.length_m >= LINE_M - SETPOINTS[0].tolerance and _is_still(state, asked)


def _line(action: WinchAction, asked: Asked) -> Lines:
    """Counted from 1, as grippers. Length and rate stay 0: for RATE_CONTROL that is a stop."""
    return [(MavCommand.DO_WINCH, (asked.instance + 1.0, float(action)))]


_STOP = Action(programme=by_commands(TOOL, lambda asked: _line(WinchAction.RATE_CONTROL, asked), _is_still))
ACTIONS = {
    "move": Action(programme=by_tunnel(TOOL, PayloadAction.ADJUST, _has_moved), setpoints=SETPOINTS),
    "retract": Action(programme=by_commands(TOOL, lambda asked: _line(WinchAction.RETRACT, asked), _is_retracted)),
    "abandon": Action(programme=by_commands(TOOL, lambda asked: _line(WinchAction.ABANDON_LINE, asked), _is_abandoned)),
    "stop": _STOP,
    "safe": _STOP,
}
DRIVER = PayloadDriver(name="winch", capabilities=CAPABILITIES, actions=ACTIONS, unknown=UNKNOWN, fold=FOLD)
