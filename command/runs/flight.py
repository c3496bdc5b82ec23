"""An incident in this very process: the five roles as they are, in simulated time, under a script's hand.

It gives the record that five processes give, byte for byte. What it cannot show: a process that dies, sockets and what
damages bytes on them, and pictures, so its cameras detect on board by a model.
"""

import importlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from command.app.fleet_role import COMMANDER
from command.app.folder import OpenFolder
from command.app.laying_out import lay_out, read_outcome
from command.app.layout import OUTSIDE, QUANTUM_TICKS, ROLES, channels
from command.app.role import MODULES
from command.app.run import LONGEST_S, is_hopeless
from command.bus.codec import decode_frame, decode_value, encode_frame, encode_value
from command.errors import BadInput, UserError
from command.eyes import Eyes
from command.report.outcome import Outcome
from command.report.write import write_outcome
from command.runs.seen import Seen
from command.timing import TICK_NS, TICK_S, OneProcess
from command.timing.errors import TimingError
from command.up.people import APPROVED_BY_GIVING, digest_of
from fleet.commands import Ack, Command, Verb
from missions.approval import BY_HAND
from missions.model import Approval, Order, OrderVerb
from sim.scenario import Scenario
from world.ids import CommandId, OperatorId, PlanId, VehicleId
from world.time import Instant

STEP_TICKS = 25
"""A script looks at the run every 100 ms of simulated time."""
WITHIN_S = 600.0
DEADLINE_S = 60.0
"""Of a scripted command."""
_KEPT = frozenset({
    "fleet/state", "mission/progress", "perception/contact", "mission/find", "alarm", "fleet/command", "fleet/ack"
})


class NeverHeld(AssertionError):
    """What a script waited for did not come."""


class FlightBroke(UserError):
    """A role of the run ended too early; says which and why."""


class Flight:
    """A context manager, or closed by `run`. All of it from one thread."""

    def __init__(
        self, scenario: Scenario, path: Path, folder: Path, *, has_mission: bool = True, until_s: float = LONGEST_S,
        takes_commands: bool = False, on_step: Callable[[Seen], None] = lambda seen: None,
    ) -> None:
        self.scenario, self.path = scenario, path
        self.seen = Seen()
        self.outcome: Outcome | None = None
        self._on_step, self._spoken = on_step, 0
        self._fault: UserError | None = None
        self._stack = ExitStack()
        self.folder = self._stack.enter_context(OpenFolder(folder))
        self._time = OneProcess(
            channels(scenario, Eyes.MODEL), quantum_ticks=QUANTUM_TICKS, end_tick=round(until_s / TICK_S)
        )
        self._stack.callback(self._time.close)
        with ExitStack() as undone:
            undone.push(self.__exit__)
            self._begin(has_mission=has_mission, takes_commands=takes_commands)
            undone.pop_all()

    def _begin(self, *, has_mission: bool, takes_commands: bool) -> None:
        config = lay_out(
            self.scenario, self.path, self.folder, approves=True, eyes=Eyes.MODEL, has_mission=has_mission,
            takes_commands=takes_commands,
        )
        with _named():
            for role in ROLES:
                live = importlib.import_module(MODULES[role]).run
                self._time.start(role, partial(live, config, self._time))
            self._time.doors[OUTSIDE].open_for(self._hear)
            self._time.begin()

    def _hear(self, frame: bytes) -> None:
        topic, payload = decode_frame(frame)
        if topic not in _KEPT:
            return
        value = decode_value(topic, payload)
        self.seen.hear(value)
        if is_hopeless(value):
            self._fault = BadInput(f"{self.path}: {value.text}")

    @property
    def now(self) -> Instant:
        passed = self._time.tick * TICK_NS
        return Instant(mono_ns=passed, utc_ns=self.scenario.starts_utc_ns + passed)

    @property
    def is_over(self) -> bool:
        return self._time.is_over

    def step(self) -> Seen:
        """100 ms on. Raises FlightBroke, or BadInput where nothing can be planned."""
        with _named():
            self._time.advance(self._time.tick + STEP_TICKS)
        self.seen.t_s = self._time.tick * TICK_S
        if self._fault is not None:
            raise self._fault
        self._on_step(self.seen)
        return self.seen

    def until(self, holds: Callable[[Seen], bool], *, within_s: float = WITHIN_S) -> Seen:
        """On until this is so, or NeverHeld."""
        by_s = self.seen.t_s + within_s
        while not holds(self.seen):
            if self.is_over or self.seen.t_s >= by_s:
                raise NeverHeld(f"it did not come to that within {within_s:g} simulated seconds: {self.seen}")
            self.step()
        return self.seen

    def fly(self, seconds: float) -> Seen:
        """So much further, or to the end."""
        by_s = self.seen.t_s + seconds
        while not self.is_over and self.seen.t_s < by_s - TICK_S / 2:
            self.step()
        return self.seen

    def order(self, verb: OrderVerb | str, *vehicles: str, by: str = COMMANDER) -> Order:
        """An operator's order, as from a screen: `order("return", "U01")`."""
        order = Order(
            id=self._name("order"), verb=OrderVerb(verb), by=OperatorId(by), at=self.now,
            vehicles=tuple(VehicleId(one) for one in vehicles),
        )
        self._say("mission/order", order)
        return order

    def command(self, vehicle: str, verb: Verb | str, *, by: str = COMMANDER, **arguments: Any) -> Command:
        """One command to one vehicle, through the guard as any; for flights that take commands.

        Who orders an arming or a take-off by hand approves exactly that by it.
        """
        command = replace(
            Command(
                id=CommandId(self._name("command")), vehicle=VehicleId(vehicle), verb=Verb(verb),
                issued_by=OperatorId(by), deadline=self.now.plus_s(DEADLINE_S),
            ),
            **arguments,
        )
        if command.verb in APPROVED_BY_GIVING:
            command = replace(command, plan_digest=digest_of(command))
            plan = PlanId(f"{BY_HAND}{command.id}")
            self._say("mission/approval", _approval(plan, command, self.now))
        self._say("fleet/command", command)
        return command

    def ack(self, command: Command, *, within_s: float = DEADLINE_S) -> Ack:
        """On until the command has come to its end."""
        self.until(lambda seen: any(ack.command == command.id for ack in seen.acks), within_s=within_s)
        return next(ack for ack in self.seen.acks if ack.command == command.id)

    def _name(self, what: str) -> str:
        self._spoken += 1
        return f"script-{what}-{self._spoken}"

    def _say(self, topic: str, value: object) -> None:
        self._time.doors[OUTSIDE].say(encode_frame(topic, encode_value(topic, value)))

    def run(self) -> Outcome:
        """To the end; the report is in the folder then."""
        while not self.is_over:
            self.step()
        with _named():
            self._time.close()
        self.outcome = read_outcome(self.scenario, self.folder, Eyes.MODEL, self.seen.progress)
        write_outcome(self.folder.path, self.outcome)
        self.close()
        return self.outcome

    def close(self) -> None:
        """Ends the run where it is."""
        self._stack.close()

    def __enter__(self) -> "Flight":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _approval(plan: PlanId, command: Command, now: Instant) -> Approval:
    assert command.plan_digest is not None
    return Approval(plan=plan, digest=command.plan_digest, by=command.issued_by, at=now, covers_replans=False)


@contextmanager
def _named() -> Iterator[None]:
    """Errors of roles as one sentence: their own where they have one."""
    try:
        yield
    except TimingError as error:
        if isinstance(error.__cause__, UserError):
            raise error.__cause__ from error
        raise FlightBroke(f"the run ended early: {error}") from error
