"""How the searchlight is told: DO_ILLUMINATOR_CONFIGURE, then ILLUMINATOR_ON_OFF, to the illuminator component."""

from fleet.drivers.payloads.light.state import FOLD, UNKNOWN, LightState
from fleet.drivers.payloads.light.values import CAPABILITIES, SETPOINTS
from fleet.drivers.payloads.settled import Lines, by_commands
from fleet.drivers.payloads.shape import Action, Asked, PayloadDriver
from fleet.drivers.payloads.tool import Tool, is_at_rest, runs_at
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import Component, IlluminatorMode
from fleet.wire.readings import Payload

HALF_PCT = 50.0
"""Duty cycle of a strobe."""
REST = ("intensity_pct",)
TOOL: Tool[LightState] = Tool(
    payload=Payload.LIGHT, title=CAPABILITIES.title, unknown=UNKNOWN, fold=FOLD, faults=CAPABILITIES.faults, rest=REST,
    component=Component.ILLUMINATOR,
)


def _on(asked: Asked) -> Lines:
    hz = asked.setpoints["strobe_hz"]
    strobe = (1.0 / hz, HALF_PCT) if hz > 0.0 else (0.0, 0.0)
    look = (float(IlluminatorMode.INTERNAL_CONTROL), asked.setpoints["intensity_pct"], *strobe)
    return [(MavCommand.DO_ILLUMINATOR_CONFIGURE, look), (MavCommand.ILLUMINATOR_ON_OFF, (1.0,))]


def _off(asked: Asked) -> Lines:
    return [(MavCommand.ILLUMINATOR_ON_OFF, (0.0,))]


def _is_dark(state: LightState, asked: Asked) -> bool:
    return is_at_rest(state, REST)


_OFF = Action(programme=by_commands(TOOL, _off, _is_dark))
ACTIONS = {
    "start": Action(programme=by_commands(TOOL, _on, runs_at(SETPOINTS)), setpoints=SETPOINTS),
    "stop": _OFF,
    "safe": _OFF,
}
DRIVER = PayloadDriver(name="light", capabilities=CAPABILITIES, actions=ACTIONS, unknown=UNKNOWN, fold=FOLD)
