"""Payloads told by PayloadCommand and heard by PayloadStatus, both rows of the TUNNEL table: their common half."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.pace import Pace
from fleet.drivers.mavlink.step import Outgoing, Programme, Step, StepFailed, Talk, perform
from fleet.drivers.payloads.shape import Action, Asked, Fault, Fold, Setpoint
from fleet.wire.enums import Component
from fleet.wire.message import Message
from fleet.wire.payload_faults import Refusal
from fleet.wire.readings import Payload, PayloadAction, PayloadCommand, PayloadState, PayloadStatus
from fleet.wire.tunnel import SETPOINTS, TunnelCounters, tunnel_fields, unpack_message
from world.time import Instant

REPEAT_S = 1.0
AT_REST = 1e-3
FIRST_REFUSAL = 0x8000
_REFUSALS: Mapping[int, str] = {
    Refusal.EXPIRED: "the order came after its deadline; give it again, and check the clocks of vehicle and station",
    Refusal.STALE: "a newer order came before it; give it again if it is still wanted",
    Refusal.OUT_OF_LIMITS: "the payload finds its setpoints out of limits; give smaller ones",
    Refusal.NOT_APPROVED: "the payload wants an approved plan for it; have it approved",
    Refusal.NOT_READY: "the payload is not ready for it; see its state",
    Refusal.UNKNOWN_ACTION: "the payload knows no such action; use another",
    Refusal.LATCHED: "the payload is latched off; someone must reset it by hand",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolState:
    """One tool as it last said; payloads add fields named like their setpoints. None means not heard."""

    instance: int = 0
    at: Instant | None = None
    said_us: int | None = None
    """The vehicle's time of the newest status: older ones, overtaken on the way, change nothing."""
    doing: PayloadState | None = None
    command_id: int | None = None
    fault_code: int | None = None


S = TypeVar("S", bound=ToolState)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(Generic[S]):
    """What the programmes need of one payload. `rest`: values that are 0 when it does nothing."""

    title: str
    unknown: S
    fold: Mapping[str, Fold[S]]
    faults: Mapping[int, Fault]
    rest: tuple[str, ...] = ()
    payload: Payload | None = None
    """Its number in the TUNNEL table; None for what is never told by it."""
    component: int | None = Component.TUNNEL_NODE
    """None: the autopilot itself."""

    def address(self, talk: Talk) -> int:
        return talk.known().vitals.component if self.component is None else self.component


def tunnelled(message: Message) -> Any:
    """The reading a TUNNEL message carries; None for one that is not ours."""
    return unpack_message(message, TunnelCounters())


def status_of(payload: Payload) -> Fold[S]:
    """Handler of TUNNEL: PayloadStatus of one payload into the state, its values by the names of SETPOINTS."""
    names = SETPOINTS[payload]

    def fold(state: S, message: Message, now: Instant) -> S:
        said = tunnelled(message)
        if not isinstance(said, PayloadStatus) or said.payload is not payload or said.instance != state.instance:
            return state
        if is_older(said.time_utc_us, state.said_us):
            return state
        values: dict[str, Any] = dict(zip(names, said.values, strict=False))
        return replace(
            state, at=now, said_us=said.time_utc_us, doing=said.state, command_id=said.command_id,
            fault_code=said.fault_code, **values,
        )

    return fold


def is_older(said_us: int | None, newest_us: int | None) -> bool:
    return said_us is not None and newest_us is not None and said_us < newest_us


def is_at_rest(state: ToolState, rest: tuple[str, ...]) -> bool:
    """Off, or broken with nothing moving."""
    still = all((value := getattr(state, name)) is not None and abs(value) < AT_REST for name in rest)
    return state.doing in (PayloadState.OFF, PayloadState.LATCHED) or (state.doing is PayloadState.FAULT and still)


def is_broken(state: ToolState) -> bool:
    """It will not get there by waiting: out of order, or no longer moving with something wrong."""
    is_out = state.doing in (PayloadState.FAULT, PayloadState.LATCHED)
    return is_out or (state.doing in (PayloadState.RUNNING, PayloadState.OFF) and bool(state.fault_code))


def fault_words(state: ToolState, known: Mapping[int, Fault]) -> str:
    """What is broken and what is safe then."""
    fault = known.get(state.fault_code or 0)
    return f"fault {state.fault_code}, unknown here" if fault is None else f"{fault.text}; {fault.safe}"


class Ordered(Step[None], Generic[S]):
    """One PayloadCommand, repeated until the payload names it and shows its effect, or names what keeps it."""

    def __init__(
        self, talk: Talk, asked: Asked, tool: Tool[S], action: PayloadAction, shows: Callable[[S, Asked], bool]
    ) -> None:
        super().__init__()
        if tool.payload is None:
            raise StepFailed(f"{tool.title} has no number in the TUNNEL table; give it one")
        self._payload = tool.payload
        self._talk, self._asked, self._tool, self._action, self._shows = talk, asked, tool, action, shows
        self._state: S = replace(tool.unknown, instance=asked.instance)
        self._pace = Pace(every_s=REPEAT_S)
        self._given_us: int | None = None

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        self._given_us = now.utc_ns // 1000 if self._given_us is None else self._given_us
        if not self._pace.is_due(now):
            return []
        names, values = SETPOINTS[self._payload], self._asked.setpoints
        first, second, third, fourth = [*(values.get(name) for name in names), None, None, None, None][:4]
        order = PayloadCommand(
            instance=self._asked.instance, time_utc_us=self._given_us, payload=self._payload,
            action=self._action, command_id=self._asked.command_id, deadline_utc_us=self._asked.deadline_utc_us,
            setpoints=(first, second, third, fourth), approval=self._asked.approval,
        )
        fields = tunnel_fields(order, target_system=self._talk.sysid, target_component=self._tool.address(self._talk))
        return [Outgoing(name="TUNNEL", fields=fields)]

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        handler = self._tool.fold.get(message.SPEC.name)
        if handler is None:
            return []
        self._state = state = handler(self._state, message, now)
        if state.command_id != self._asked.command_id:
            return []
        if (state.fault_code or 0) > FIRST_REFUSAL:
            words = _REFUSALS.get(state.fault_code or 0, f"refusal {state.fault_code}, unknown here")
            raise StepFailed(f"{self._tool.title}: {words}")
        if self._shows(state, self._asked):
            self.end()
        elif is_broken(state):
            raise StepFailed(f"{self._tool.title}: {fault_words(state, self._tool.faults)}")
        return []


def by_tunnel(tool: Tool[S], action: PayloadAction, shows: Callable[[S, Asked], bool]) -> Callable[
    [Talk, Asked], Programme
]:
    """A programme of one PayloadCommand."""
    return lambda talk, asked: perform(Ordered(talk, asked, tool, action, shows))


def runs_at(setpoints: tuple[Setpoint, ...]) -> Callable[[ToolState, Asked], bool]:
    """Shown by running, with every setpoint reached within its tolerance."""

    def shows(state: ToolState, asked: Asked) -> bool:
        values = ((getattr(state, each.name), asked.setpoints[each.name], each.tolerance) for each in setpoints)
        near = all(value is not None and abs(value - wanted) <= tolerance for value, wanted, tolerance in values)
        return state.doing is PayloadState.RUNNING and near

    return shows


def usual_actions(tool: Tool[S], setpoints: tuple[Setpoint, ...], *, can_adjust: bool = True) -> dict[str, Action]:
    """start, adjust, stop and safe, as most tools have them."""
    running = runs_at(setpoints)

    def rests(state: S, asked: Asked) -> bool:
        return is_at_rest(state, tool.rest)

    actions = {
        "start": Action(programme=by_tunnel(tool, PayloadAction.START, running), setpoints=setpoints),
        "stop": Action(programme=by_tunnel(tool, PayloadAction.STOP, rests)),
        "safe": Action(programme=by_tunnel(tool, PayloadAction.SAFE, rests)),
    }
    if can_adjust:
        adjust = Action(programme=by_tunnel(tool, PayloadAction.ADJUST, running), setpoints=setpoints)
        actions["adjust"] = adjust
    return actions
