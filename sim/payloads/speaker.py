"""Twin of the loudspeaker: plays one of its recordings, again and again, until it is stopped."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from fleet.wire.payload_faults import SpeakerFault
from fleet.wire.readings import Payload, PayloadState
from sim.payloads.tool import ACTIVE, Four, ToolTwin
from sim.payloads.twin import Effect, Moment

RECORDINGS: Final = frozenset(range(1, 10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound(Effect):
    recording_id: int
    volume_pct: float


class Speaker(ToolTwin):
    name: ClassVar[str] = "speaker"
    payload: ClassVar[Payload] = Payload.SPEAKER
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {"volume_pct": (1.0, 100.0), "recording_id": (1.0, 99.0)}

    def begun(self) -> None:
        if round(self.wanted["recording_id"]) not in RECORDINGS:
            self.state, self.fault = PayloadState.OFF, SpeakerFault.NO_RECORDING

    def values(self) -> Four:
        if self.state not in ACTIVE:
            return 0.0, None, None, None
        return self.wanted["volume_pct"], self.wanted["recording_id"], None, None

    def broken_by(self, moment: Moment) -> int:
        return SpeakerFault.AMPLIFIER_FAILED if self.injected == SpeakerFault.AMPLIFIER_FAILED else 0

    def effect(self) -> Sound | None:
        if self.state is not PayloadState.RUNNING:
            return None
        return Sound(recording_id=round(self.wanted["recording_id"]), volume_pct=self.wanted["volume_pct"])
