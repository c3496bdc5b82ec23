"""A tool's line to the missions of a running site or demo: all that is recorded of them first, then what happens."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from command.up.client import ANSWERS_WITHIN_S, SiteGone, SiteLine
from command.up.frames import Hello, Welcome, encode
from fleet.model import Alarm, CameraLens, FleetState
from missions.approval import BY_HAND
from missions.book import APPROVAL_REFUSED
from missions.model import Approval, MissionProgress, Phase, Plan, SearchIntent
from missions.planning import NO_PLAN, UNDECLARED
from world.ids import IntentId, MissionId, OperatorId, VehicleId

TOPICS = (
    "mission/intent", "mission/plan", "mission/approval", "mission/progress", "fleet/state", "fleet/lens", "fleet/ack",
    "alarm",
)
TELLS_WITHIN_S = 3.0
REFUSALS = frozenset({NO_PLAN, UNDECLARED, "intent-refused", APPROVAL_REFUSED})
"""Begin the keys of alarms that say why something is not done; what it is about ends them."""
DEMO_COMMANDER = OperatorId("commander")
"""As who sits at the screen of a demo."""


@dataclass(slots=True)
class MissionLog:
    """What is known of all missions, by what was heard."""

    intents: dict[IntentId, SearchIntent] = field(default_factory=dict)
    plans: dict[MissionId, Plan] = field(default_factory=dict)
    """The newest of each."""
    approvals: list[Approval] = field(default_factory=list)
    ended: dict[MissionId, str] = field(default_factory=dict)
    lenses: dict[VehicleId, CameraLens] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    """Sentences by what was refused: an intent's id, or a digest."""
    progress: MissionProgress | None = None
    fleet: FleetState | None = None

    def take(self, value: Any) -> None:
        match value:
            case SearchIntent():
                self.intents[value.id] = value
            case Plan():
                self.plans[value.mission] = value
            case Approval() if not value.plan.startswith(BY_HAND):
                self.approvals.append(value)
            case MissionProgress():
                self.progress = value
            case FleetState():
                self.fleet = value
            case CameraLens() if value.spectrum == "rgb" or value.vehicle not in self.lenses:
                self.lenses[value.vehicle] = value
            case Alarm():
                self._hear(value)
            case _:
                pass

    def _hear(self, alarm: Alarm) -> None:
        head, _, about = alarm.key.partition("/")
        if head == "mission-ended":
            self.ended[MissionId(about)] = alarm.text
        elif head not in REFUSALS:
            return
        elif alarm.is_active:
            self.refusals[about] = alarm.text
        else:
            self.refusals.pop(about, None)

    @property
    def current(self) -> Plan | None:
        """The plan of the mission that the service is busy with; before it has told, the newest."""
        if self.progress is not None:
            return self.plans.get(self.progress.mission)
        return list(self.plans.values())[-1] if self.plans else None

    def approval_of(self, plan: Plan) -> Approval | None:
        return next((one for one in reversed(self.approvals) if one.digest == plan.digest), None)

    def phase_of(self, mission: MissionId) -> Phase | None:
        """None where it has ended, or nobody has told yet."""
        if self.progress is not None and self.progress.mission == mission:
            return self.progress.phase
        return None


class MissionLine(SiteLine):
    """As a SiteLine; a demo, which knows no greeting and tells everything at once, is spoken to as its commander."""

    def __init__(self, path: Path, name: str | None) -> None:
        self.log = MissionLog()
        super().__init__(path, name, TOPICS, after=0)
        self._fill()

    def _greet(self, hello: Hello) -> Welcome:
        self._send(encode(hello))
        for _, value in self.heard(ANSWERS_WITHIN_S):
            if isinstance(value, Welcome):
                return value
            if isinstance(value, FleetState):
                return Welcome(
                    name=DEMO_COMMANDER, role="commander", site="demo", is_simulated=True, now=value.at
                )
        raise SiteGone(f"nobody answers within {ANSWERS_WITHIN_S:.0f} s: is a site or a demo running?")

    def _fill(self) -> None:
        """States of the vehicles come behind all that is recorded; a mission tells twice a second where it stands."""
        if self.log.fleet is None and not any(
            isinstance(value, FleetState) for _, value in self.heard(ANSWERS_WITHIN_S)
        ):
            raise SiteGone(f"no state of the fleet within {ANSWERS_WITHIN_S:.0f} s: look at its terminal")
        if self.log.intents and self.log.progress is None:
            any(isinstance(value, MissionProgress) for _, value in self.heard(TELLS_WITHIN_S))

    def heard(self, within_s: float) -> Iterator[tuple[str, Any]]:
        """As before, and every value is in the log when it is told."""
        for topic, value in super().heard(within_s):
            self.log.take(value)
            yield topic, value
