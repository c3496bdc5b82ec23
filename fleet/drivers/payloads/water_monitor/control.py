"""How the water monitor is told: PayloadCommand; no MAVLink message says flow or aim of a jet."""

from fleet.drivers.payloads.shape import PayloadDriver
from fleet.drivers.payloads.tool import Tool, usual_actions
from fleet.drivers.payloads.water_monitor.state import FOLD, UNKNOWN, WaterMonitorState
from fleet.drivers.payloads.water_monitor.values import CAPABILITIES, SETPOINTS
from fleet.wire.readings import Payload

TOOL: Tool[WaterMonitorState] = Tool(
    payload=Payload.WATER_MONITOR, title="water monitor", unknown=UNKNOWN, fold=FOLD, faults=CAPABILITIES.faults,
    rest=("flow_l_s",),
)
DRIVER = PayloadDriver(
    name="water_monitor", capabilities=CAPABILITIES, actions=usual_actions(TOOL, SETPOINTS), unknown=UNKNOWN, fold=FOLD
)
