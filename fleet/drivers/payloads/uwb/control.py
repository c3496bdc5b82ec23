"""How the ranging radio is told: PayloadCommand to start, with a rate, and to stop; readings come by themselves."""

from fleet.drivers.payloads.shape import PayloadDriver
from fleet.drivers.payloads.tool import Tool, usual_actions
from fleet.drivers.payloads.uwb.state import FOLD, UNKNOWN, UwbState
from fleet.drivers.payloads.uwb.values import CAPABILITIES, SETPOINTS
from fleet.wire.readings import Payload

TOOL: Tool[UwbState] = Tool(
    payload=Payload.UWB, title=CAPABILITIES.title, unknown=UNKNOWN, fold=FOLD, faults=CAPABILITIES.faults,
    rest=(),
)
DRIVER = PayloadDriver(
    name="uwb", capabilities=CAPABILITIES, unknown=UNKNOWN, fold=FOLD,
    actions=usual_actions(TOOL, SETPOINTS),
)
