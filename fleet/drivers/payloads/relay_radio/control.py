"""How the radio relay is told: DO_SET_RELAY; RELAY_STATUS is asked for, as it does not come by itself."""

from fleet.drivers.payloads.relay_radio.state import FOLD, UNKNOWN, RelayRadioState
from fleet.drivers.payloads.relay_radio.values import CAPABILITIES
from fleet.drivers.payloads.settled import Lines, by_commands
from fleet.drivers.payloads.shape import Action, Asked, PayloadDriver
from fleet.drivers.payloads.tool import Tool
from fleet.wire.dialect import ardupilotmega
from fleet.wire.enums import Command as MavCommand

TOOL: Tool[RelayRadioState] = Tool(
    title=CAPABILITIES.title, unknown=UNKNOWN, fold=FOLD, faults=CAPABILITIES.faults, rest=(),
    component=None,
)
RELAY_STATUS = float(ardupilotmega().spec("RELAY_STATUS").msgid)
ASK: Lines = [(MavCommand.REQUEST_MESSAGE, (RELAY_STATUS,))]


def _is_on(state: RelayRadioState, asked: Asked) -> bool:
    return state.is_on is True


def _is_off(state: RelayRadioState, asked: Asked) -> bool:
    return state.is_on is False


def _on(asked: Asked) -> Lines:
    return [(MavCommand.DO_SET_RELAY, (float(asked.instance), 1.0))]


def _off(asked: Asked) -> Lines:
    return [(MavCommand.DO_SET_RELAY, (float(asked.instance), 0.0))]


_OFF = Action(programme=by_commands(TOOL, _off, _is_off, asks=ASK))
ACTIONS = {"start": Action(programme=by_commands(TOOL, _on, _is_on, asks=ASK)), "stop": _OFF, "safe": _OFF}
DRIVER = PayloadDriver(name="relay_radio", capabilities=CAPABILITIES, actions=ACTIONS, unknown=UNKNOWN, fold=FOLD)
