"""A payload told by PayloadCommand: what it takes, refuses and repeats, and its states from off to running and back."""

import math
from collections import deque
from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from fleet.wire.payload_faults import Refusal
from fleet.wire.readings import Payload, PayloadAction, PayloadCommand, PayloadState, PayloadStatus
from fleet.wire.tunnel import SETPOINTS, tunnel_fields
from sim.payloads.twin import Moment, Said, Twin

Four = tuple[float | None, float | None, float | None, float | None]
REMEMBERED: Final = 256
"""Orders that are known again when they come twice."""
ACTIVE: Final = (PayloadState.STARTING, PayloadState.RUNNING)
ALWAYS: Final = (PayloadAction.SAFE, PayloadAction.STOP)


class ToolTwin(Twin):
    """Subclasses say how they run, rest and break; `wanted` holds the setpoints obeyed."""

    payload: ClassVar[Payload]
    limits: ClassVar[Mapping[str, tuple[float, float]]]
    irreversible: ClassVar[frozenset[PayloadAction]] = frozenset()

    def __init__(self, instance: int, dice: np.random.Generator) -> None:
        super().__init__(instance, dice)
        self.state = PayloadState.OFF
        self.fault = 0
        self.wanted: dict[str, float] = {}
        self.executed = 0
        """Orders that were carried out, each once."""
        self._command_id: int | None = None
        self._refusal = 0
        self._seen: deque[int] = deque(maxlen=REMEMBERED)
        self._newest_us = 0

    def take(self, order: PayloadCommand, now_us: int) -> None:
        self.wants_to_say = True
        if order.command_id in self._seen:
            return
        self._seen.append(order.command_id)
        self._command_id, self._refusal = order.command_id, 0
        if order.action not in ALWAYS:
            self._refusal = self._why_not(order, now_us)
        if self._refusal == 0:
            self._newest_us = max(self._newest_us, order.time_utc_us or 0)
            self._carry_out(order)

    def step(self, moment: Moment) -> None:
        if self.state in ACTIVE and (code := self.broken_by(moment)):
            self.break_down(code)
        before = self.state
        if self.state in ACTIVE:
            self.state = PayloadState.RUNNING if self.run(moment) else self.state
        elif self.state is not PayloadState.OFF and self.rest() and self.state is PayloadState.STOPPING:
            self.state = PayloadState.OFF
        self.wants_to_say |= self.state is not before

    def given(self, now_us: int) -> None:
        """A standard command was obeyed, which has no id: what was ordered before it is stale."""
        self._command_id, self._refusal, self._newest_us = None, 0, now_us

    def run(self, moment: Moment) -> bool:
        """One step towards what is wanted; True once it is reached."""
        return True

    def rest(self) -> bool:
        """One step towards doing nothing; True once it does nothing."""
        return True

    def broken_by(self, moment: Moment) -> int:
        """The fault that ends running now, 0 for none."""
        return self.injected

    def values(self) -> Four:
        """Reported in the order of SETPOINTS."""
        raise LookupError(f"{self.name} reports no values")

    def ready(self, order: PayloadCommand) -> bool:
        """Whether an order within the limits makes sense now."""
        return True

    def statements(self, moment: Moment) -> list[Said]:
        status = PayloadStatus(
            instance=self.instance, time_utc_us=moment.utc_us, payload=self.payload, state=self.state,
            command_id=self._command_id, fault_code=self._refusal or self.fault, values=self.values(),
        )
        return [Said("TUNNEL", self.component, tunnel_fields(status))]

    def break_down(self, code: int) -> None:
        self.state, self.fault, self.wants_to_say = PayloadState.FAULT, code, True

    def mend(self) -> None:
        super().mend()
        if self.state is PayloadState.FAULT:
            self.state, self.fault = PayloadState.STOPPING, 0

    def latch(self) -> None:
        if self.state is not PayloadState.LATCHED:
            self.state, self.wants_to_say = PayloadState.LATCHED, True

    def reset_by_hand(self) -> None:
        if self.state is PayloadState.LATCHED:
            self.state, self.fault, self._refusal, self.wants_to_say = PayloadState.STOPPING, 0, 0, True

    def _why_not(self, order: PayloadCommand, now_us: int) -> int:
        """The refusal, 0 to obey."""
        if order.deadline_utc_us is not None and now_us > order.deadline_utc_us:
            return Refusal.EXPIRED
        if order.time_utc_us is not None and order.time_utc_us < self._newest_us:
            return Refusal.STALE
        if order.action not in (PayloadAction.START, PayloadAction.ADJUST):
            return Refusal.UNKNOWN_ACTION  # a latch is reset by hand, never by radio
        if self.state is PayloadState.LATCHED:
            return Refusal.LATCHED
        if order.action in self.irreversible and not any(order.approval):
            return Refusal.NOT_APPROVED
        if self.setpoints(order) is None:
            return Refusal.OUT_OF_LIMITS
        is_ready = self.ready(order) and (order.action is PayloadAction.START or self.is_adjustable())
        return 0 if is_ready else Refusal.NOT_READY

    def is_adjustable(self) -> bool:
        """Only what runs can be adjusted; what is broken answers with its fault."""
        return self.state in (*ACTIVE, PayloadState.FAULT)

    def setpoints(self, order: PayloadCommand) -> dict[str, float] | None:
        """By name, or None when one is missing or out of limits."""
        given = dict(zip(SETPOINTS[self.payload], order.setpoints, strict=False))
        found: dict[str, float] = {}
        for name, (low, high) in self.limits.items():
            value = given.get(name)
            if value is None or not (math.isfinite(value) and low <= value <= high):
                return None
            found[name] = value
        return found

    def _carry_out(self, order: PayloadCommand) -> None:
        self.executed += 1
        if order.action in ALWAYS:
            if self.state in ACTIVE:
                self.state = PayloadState.STOPPING
            self.stopped()
        elif self.state is not PayloadState.FAULT:
            self.wanted, self.fault = self.setpoints(order) or {}, 0
            self.state = PayloadState.STARTING
            self.begun()

    def begun(self) -> None:
        """An order to run was taken."""

    def stopped(self) -> None:
        """An order to stop was taken."""
