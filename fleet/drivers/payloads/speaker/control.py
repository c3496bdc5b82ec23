"""How the loudspeaker is told: PayloadCommand. PLAY_TUNE has no id and no status: a repeat would play twice."""

from fleet.drivers.payloads.shape import PayloadDriver
from fleet.drivers.payloads.speaker.state import FOLD, UNKNOWN, SpeakerState
from fleet.drivers.payloads.speaker.values import CAPABILITIES, SETPOINTS
from fleet.drivers.payloads.tool import Tool, usual_actions
from fleet.wire.readings import Payload

TOOL: Tool[SpeakerState] = Tool(
    payload=Payload.SPEAKER, title=CAPABILITIES.title, unknown=UNKNOWN, fold=FOLD, faults=CAPABILITIES.faults,
    rest=('volume_pct',),
)
DRIVER = PayloadDriver(
    name="speaker", capabilities=CAPABILITIES, unknown=UNKNOWN, fold=FOLD,
    actions=usual_actions(TOOL, SETPOINTS),
)
