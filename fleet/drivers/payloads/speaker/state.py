"""What the speaker says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.drivers.payloads.shape import Fold
from fleet.drivers.payloads.tool import ToolState, status_of
from fleet.wire.readings import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerState(ToolState):
    """What is being played now."""

    volume_pct: float | None = None
    recording_id: float | None = None


UNKNOWN = SpeakerState()
FOLD: Mapping[str, Fold[SpeakerState]] = {"TUNNEL": status_of(Payload.SPEAKER)}
