"""How the gas sensor is told: PayloadCommand to start, with a rate, and to stop; readings come by themselves."""

from fleet.drivers.payloads.gas_sensor.state import FOLD, UNKNOWN, GasSensorState
from fleet.drivers.payloads.gas_sensor.values import CAPABILITIES, SETPOINTS
from fleet.drivers.payloads.shape import PayloadDriver
from fleet.drivers.payloads.tool import Tool, usual_actions
from fleet.wire.readings import Payload

TOOL: Tool[GasSensorState] = Tool(
    payload=Payload.GAS_SENSOR, title=CAPABILITIES.title, unknown=UNKNOWN, fold=FOLD, faults=CAPABILITIES.faults,
    rest=(),
)
DRIVER = PayloadDriver(
    name="gas_sensor", capabilities=CAPABILITIES, unknown=UNKNOWN, fold=FOLD,
    actions=usual_actions(TOOL, SETPOINTS),
)
