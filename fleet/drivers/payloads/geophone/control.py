"""How the geophone is told: PayloadCommand to start, with a rate, and to stop; readings come by themselves."""

from fleet.drivers.payloads.geophone.state import FOLD, UNKNOWN, GeophoneState
from fleet.drivers.payloads.geophone.values import CAPABILITIES, SETPOINTS
from fleet.drivers.payloads.shape import PayloadDriver
from fleet.drivers.payloads.tool import Tool, usual_actions
from fleet.wire.readings import Payload

TOOL: Tool[GeophoneState] = Tool(
    payload=Payload.GEOPHONE, title=CAPABILITIES.title, unknown=UNKNOWN, fold=FOLD, faults=CAPABILITIES.faults,
    rest=(),
)
DRIVER = PayloadDriver(
    name="geophone", capabilities=CAPABILITIES, unknown=UNKNOWN, fold=FOLD,
    actions=usual_actions(TOOL, SETPOINTS),
)
