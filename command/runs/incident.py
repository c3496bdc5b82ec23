"""An incident in the hands of a test: flown on its word, commanded as by a person, and looked at as it truly is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import hypot
from pathlib import Path
from typing import Any

from command.app.naming import load_scenario
from command.app.run import LONGEST_S
from command.eyes import Eyes
from command.report import track
from command.report.outcome import Outcome
from command.report.track import Second
from command.runs import verdict as verdicts
from command.runs.checks import expected_of, judge
from command.runs.evidence import Evidence
from command.runs.flight import DEADLINE_S, WITHIN_S, Flight
from command.runs.fly import Paced
from command.runs.seen import Seen
from command.runs.verdict import Asked, Verdict
from fleet.commands import Ack, Verb
from fleet.model import VehicleState
from missions.model import Order, OrderVerb
from sim.scenario import Scenario
from world.ids import VehicleId
from world.position import Enu, Geodetic


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueVehicle:
    """One machine as the simulator knows it. `position`: metres from the incident's origin."""

    position: Enu
    height_m: float
    """Over where it stood when the run began."""
    speed_m_s: float
    battery_pct: float
    is_armed: bool
    is_on_ground: bool
    is_alive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is so in the newest whole simulated second. `place`: figures such as fire_area_m2, by name."""

    t_s: float
    state_hash: str
    vehicles: dict[VehicleId, TrueVehicle]
    separation_m: float | None
    """The closest two in the air within that second; None while fewer than two fly."""
    place: dict[str, float]


class NothingYet(AssertionError):
    """The truth was asked for before the first simulated second was over."""


class ExpectationMissed(AssertionError):
    """What the scenario expects does not hold; says what was found."""


class LiveIncident:
    """One run of a scenario, from one thread. `close` in any case."""

    def __init__(self, asked: Asked, folder: Path, *, speed: float | None = None) -> None:
        self.asked, self.folder = asked, folder
        self.scenario: Scenario
        self.scenario, path = load_scenario(asked.scenario, asked.seed)
        self.asked = replace(asked, has_mission=asked.has_mission and self.scenario.mission)
        self.verdict: Verdict | None = None
        self._frame = self.scenario.frame()
        self._first: Second | None = None
        until_s = asked.until_s or self.scenario.until_s or LONGEST_S
        self._flight = Flight(
            self.scenario, path, folder, has_mission=self.asked.has_mission, until_s=until_s, takes_commands=True,
            on_step=(lambda seen: None) if speed is None else Paced(speed, lambda seen: None),
        )

    def run(self, until: float | Callable[[Seen], bool] | None = None, *, within_s: float = WITHIN_S) -> Seen:
        """On to a simulated second, or until something is so, or to the end, which judges the run.

        Raises NeverHeld when it does not come to that within so many more simulated seconds.
        """
        if callable(until):
            return self._flight.until(until, within_s=within_s)
        if until is not None:
            return self._flight.fly(until - self.seen.t_s)
        if self.verdict is None:
            self._finish(self._flight.run())
        return self.seen

    def _finish(self, outcome: Outcome) -> None:
        evidence = Evidence.read(self.folder, self.scenario, Eyes.MODEL)
        expected = expected_of(self.scenario, has_mission=self.asked.has_mission)
        self.verdict = Verdict(
            scenario=self.scenario.name, seed=self.scenario.seed, eyes=Eyes.MODEL, reproduce=self.asked.line(),
            findings=judge(evidence, expected), report=str(self.folder), outcome=outcome,
            state_hash=evidence.truth.state_hash, simulated_s=evidence.simulated_s,
        )
        verdicts.write(self.folder, self.verdict)

    def expect(self) -> Verdict:
        """To the end; raises ExpectationMissed with everything of the scenario's [[expect]] that does not hold."""
        __tracebackhide__ = True  # pytest then points at the test's own line
        self.run()
        assert self.verdict is not None
        missed = [f"{one.name}: {one.text}" for one in self.verdict.findings if not one.is_met]
        if missed:
            raise ExpectationMissed("; ".join(missed))
        return self.verdict

    @property
    def outcome(self) -> Outcome:
        """What it came to; flies to the end for it."""
        self.run()
        assert self.verdict is not None
        assert self.verdict.outcome is not None
        return self.verdict.outcome

    @property
    def seen(self) -> Seen:
        """What services and vehicles say: mission, contacts, finds, alarms, commands and their ends."""
        return self._flight.seen

    @property
    def fleet(self) -> dict[VehicleId, VehicleState]:
        """Vehicles as they report themselves."""
        return self.seen.vehicles

    @property
    def truth(self) -> Truth:
        """Raises NothingYet."""
        second = track.read_last(self.folder)
        if second is None:
            raise NothingYet("nothing has happened yet: run the incident for a second first")
        if self._first is None:
            self._first = track.read_first(self.folder) or second
        first = self._first
        return Truth(
            t_s=second.t_s,
            state_hash=second.digest,
            vehicles={vehicle: _vehicle(second, first, row) for row, vehicle in enumerate(second.vehicles)},
            separation_m=second.separation_m,
            place=dict(second.place),
        )

    def at(self, east_m: float, north_m: float, up_m: float) -> Geodetic:
        """A point for commands, from metres from the incident's origin."""
        return self._frame.to_geodetic(Enu(east_m=east_m, north_m=north_m, up_m=up_m))

    def order(self, verb: OrderVerb | str, *vehicles: str) -> Order:
        """As from a screen: `order("return", "U01")`."""
        return self._flight.order(verb, *vehicles)

    def command(self, vehicle: str, verb: Verb | str, *, within_s: float = DEADLINE_S, **arguments: Any) -> Ack:
        """One command through the guard, and its end: `command("U01", "take_off", height_m=20.0)`."""
        return self._flight.ack(self._flight.command(vehicle, verb, **arguments), within_s=within_s)

    def close(self) -> None:
        """Ends it where it is; again, does nothing."""
        self._flight.close()


def _vehicle(second: Second, first: Second, row: int) -> TrueVehicle:
    at, home = second.position(row), first.position(row)
    speeds = (second.value(row, name) / 1000 for name in ("east_mm_s", "north_mm_s", "up_mm_s"))
    return TrueVehicle(
        position=at,
        height_m=round(at.up_m - home.up_m, 3),
        speed_m_s=round(hypot(*speeds), 3),
        battery_pct=second.value(row, "charge_e2pct") / 100,
        is_armed=bool(second.value(row, "is_armed")),
        is_on_ground=bool(second.value(row, "on_ground")),
        is_alive=bool(second.value(row, "is_alive")),
    )
