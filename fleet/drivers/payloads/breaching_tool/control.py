"""How the breaching tool is told: PayloadCommand; MAVLink has no message for force and feed."""

from fleet.drivers.payloads.breaching_tool.state import FOLD, UNKNOWN, BreachingToolState
from fleet.drivers.payloads.breaching_tool.values import CAPABILITIES, SETPOINTS
from fleet.drivers.payloads.shape import PayloadDriver
from fleet.drivers.payloads.tool import Tool, usual_actions
from fleet.wire.readings import Payload

TOOL: Tool[BreachingToolState] = Tool(
    payload=Payload.BREACHING_TOOL, title=CAPABILITIES.title, unknown=UNKNOWN, fold=FOLD, faults=CAPABILITIES.faults,
    rest=('force_n', 'feed_m_s'),
)
DRIVER = PayloadDriver(
    name="breaching_tool", capabilities=CAPABILITIES, unknown=UNKNOWN, fold=FOLD,
    actions=usual_actions(TOOL, SETPOINTS),
)
