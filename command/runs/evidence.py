"""What a finished run left behind, read once: what expectations are judged by."""

from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from command.eyes import Eyes
from command.report import outcome, track, truth
from command.report.outcome import Outcome
from command.report.track import Second
from command.report.truth import Truth
from command.store.record import Event, Record
from command.store.telemetry import Telemetry
from missions.model import MissionProgress
from sim.scenario import Scenario
from world.time import NS_PER_S


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Record, telemetry and truth of one run. Times are simulated seconds since it began."""

    scenario: Scenario
    eyes: Eyes
    events: list[Event]
    progress: list[MissionProgress]
    truth: Truth
    seconds: list[Second]

    @classmethod
    def read(cls, folder: Path, scenario: Scenario, eyes: Eyes) -> "Evidence":
        """Raises OSError, TrackUnreadable, RecordUnavailable or RecordBroken when the folder is not whole."""
        record, telemetry = Record(folder / "events.db", read_only=True), Telemetry(folder / "telemetry.db")
        with closing(record), closing(telemetry):
            return cls(
                scenario=scenario,
                eyes=eyes,
                events=list(record.events()),
                progress=[one.value() for one in telemetry.samples() if one.topic == "mission/progress"],
                truth=truth.read(folder),
                seconds=track.read(folder),
            )

    @cached_property
    def outcome(self) -> Outcome:
        return self._outcome(self.events, self.progress)

    def by(self, by_s: float | None) -> Outcome:
        """The outcome as it was then; what only the end tells (who landed, who was lost, distances) is the end's."""
        if by_s is None:
            return self.outcome
        by_ns = by_s * NS_PER_S
        return self._outcome(
            [event for event in self.events if event.at.mono_ns <= by_ns],
            [one for one in self.progress if one.at.mono_ns <= by_ns],
        )

    def seconds_by(self, by_s: float | None) -> list[Second]:
        return [one for one in self.seconds if by_s is None or one.at.mono_ns <= by_s * NS_PER_S]

    def events_by(self, topic: str, by_s: float | None) -> list[Event]:
        by_ns = None if by_s is None else by_s * NS_PER_S
        return [one for one in self.events if one.topic == topic and (by_ns is None or one.at.mono_ns <= by_ns)]

    @property
    def simulated_s(self) -> float:
        """Until the last whole second."""
        return self.seconds[-1].at.mono_ns / NS_PER_S if self.seconds else 0.0

    def _outcome(self, events: list[Event], progress: list[MissionProgress]) -> Outcome:
        return outcome.compute(
            scenario=self.scenario.name,
            seed=self.scenario.seed,
            eyes=self.eyes,
            events=events,
            progress=progress[-1] if progress else None,
            truth=self.truth,
            frame=self.scenario.frame(),
        )
