"""How the pump is told: PayloadCommand; a relay could switch it, but not say that water flows."""

from fleet.drivers.payloads.pump.state import FOLD, UNKNOWN, PumpState
from fleet.drivers.payloads.pump.values import CAPABILITIES, SETPOINTS
from fleet.drivers.payloads.shape import PayloadDriver
from fleet.drivers.payloads.tool import Tool, usual_actions
from fleet.wire.readings import Payload

TOOL: Tool[PumpState] = Tool(
    payload=Payload.PUMP, title=CAPABILITIES.title, unknown=UNKNOWN, fold=FOLD, faults=CAPABILITIES.faults,
    rest=('flow_m3_h',),
)
DRIVER = PayloadDriver(
    name="pump", capabilities=CAPABILITIES, unknown=UNKNOWN, fold=FOLD,
    actions=usual_actions(TOOL, SETPOINTS),
)
