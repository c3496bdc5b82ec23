"""Verb.SET_PARAMETERS: each parameter read, written and verified, in the order given; the end says what stands."""

from collections.abc import Generator
from typing import Any

from fleet.commands import AckResult, Command
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.offers import AskOffers
from fleet.drivers.mavlink.pace import Pace
from fleet.drivers.mavlink.parameter import Parameter, is_same, parameter_of, to_wire
from fleet.drivers.mavlink.parameters import FEW_TRIES, ReadParameters
from fleet.drivers.mavlink.step import Outgoing, Programme, Step, StepFailed, Talk, perform
from fleet.drivers.mavlink.whole_list import is_bytewise
from fleet.model import AutopilotKind
from fleet.wire.enums import ParamType
from fleet.wire.message import Message
from world.time import Instant

REPEAT_S = 1.5
REPEATS = 20
CONTRADICTIONS = 6
"""So many answers with another value mean that the vehicle will not take it."""


class WriteParameter(Step[None]):
    """PARAM_SET, repeated until PARAM_VALUE shows the value; of the type that the vehicle itself reports."""

    def __init__(self, talk: Talk, present: Parameter, value: float, *, is_bytewise: bool) -> None:
        super().__init__()
        self._talk, self._present, self._value, self._is_bytewise = talk, present, value, is_bytewise
        self._carried = to_wire(present.name, value, present.kind, is_bytewise=is_bytewise)
        self._pace = Pace(every_s=REPEAT_S, times=REPEATS)
        self._others = 0
        self._sent: Instant | None = None

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        if self._pace.is_spent(now):
            raise StepFailed(f"the vehicle does not confirm {self._present.name}", AckResult.TIMED_OUT)
        if not self._pace.is_due(now):
            return []
        self._sent = now
        fields = self._talk.target | {
            "param_id": self._present.name, "param_value": self._carried, "param_type": int(self._present.kind)
        }
        return [Outgoing(name="PARAM_SET", fields=fields)]

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        if message.SPEC.name == "PARAM_ERROR" and message.param_id == self._present.name:
            raise StepFailed(f"the vehicle refuses {self._present.name} = {self._value:g} (error {message.error})")
        if message.SPEC.name != "PARAM_VALUE" or message.param_id != self._present.name:
            return []
        shown = parameter_of(message, is_bytewise=self._is_bytewise)
        if is_same(shown.value, self._value):
            self.end()
            return []
        self._others += 1
        if self._others >= CONTRADICTIONS:
            raise StepFailed(f"the vehicle keeps {shown.name} at {shown.value:g} and not {self._value:g}")
        return []


def write(talk: Talk, name: str, value: float, kind: ParamType) -> Programme:
    """One parameter of a type that is known beforehand, such as a return height."""
    is_px4 = talk.known().vitals.autopilot is AutopilotKind.PX4
    present = Parameter(name=name, value=value, kind=int(kind), default=None)
    yield from perform(WriteParameter(talk, present, value, is_bytewise=is_px4))


def set_parameters(talk: Talk, command: Command) -> Programme:
    """Nothing is written before all names are known on board and all values fit their types."""
    wanted = dict(command.parameters or {})
    if not wanted:
        raise StepFailed(f"{command.verb} needs parameters")
    bytewise = yield from is_bytewise(talk, (yield from perform(AskOffers(talk))))
    present = yield from perform(ReadParameters(talk, wanted, is_bytewise=bytewise))
    for name, value in wanted.items():
        to_wire(name, value, present[name].kind, is_bytewise=bytewise)
    written: list[str] = []
    for name, value in wanted.items():
        try:
            yield from perform(WriteParameter(talk, present[name], value, is_bytewise=bytewise))
        except StepFailed as failure:
            stands = yield from _stands(talk, name, is_bytewise=bytewise)
            raise StepFailed(_account(failure.reason, wanted, written, name, stands), failure.result) from failure
        written.append(name)


def _stands(talk: Talk, name: str, *, is_bytewise: bool) -> Generator[Step[Any], Any, str]:
    try:
        found = yield from perform(ReadParameters(talk, [name], is_bytewise=is_bytewise, tries=FEW_TRIES))
    except StepFailed:
        return f"what {name} is now could not be read"
    return f"{name} is now {found[name].value:g}"


def _account(reason: str, wanted: dict[str, float], written: list[str], failed: str, stands: str) -> str:
    done = ", ".join(f"{name} = {wanted[name]:g}" for name in written) or "nothing"
    left = ", ".join(name for name in wanted if name not in written and name != failed) or "nothing"
    return f"{reason}; {stands}; written: {done}; not written: {left}"
