"""Keeps a vehicle's parameters at hand: read once after it appears, then followed as they are set."""

from collections.abc import Callable, Generator, Mapping
from typing import Any

from fleet.commands import AckResult
from fleet.drivers.mavlink.allowance import Allowance
from fleet.drivers.mavlink.parameter import Parameter, parameter_of
from fleet.drivers.mavlink.parameter_cache import ParameterCache
from fleet.drivers.mavlink.remembered import Recalled, recall
from fleet.drivers.mavlink.step import Outgoing, Run, Step, Talk
from fleet.wire.message import Message
from world.ids import VehicleId
from world.time import Instant

AGAIN_S = 60.0
"""After a failure."""


class KeepParameters:
    """A chore. It begins only with a disarmed vehicle: a flight needs its link for other things.

    `on_list` is told of each full list; the caller keeps `cache.to_bytes()` then. `turn` counts connections.
    """

    def __init__(
        self, talk: Talk, vehicle: VehicleId, cache: ParameterCache, *, turn: int,
        on_list: Callable[[Recalled], None] = lambda recalled: None, allowance: Allowance | None = None,
    ) -> None:
        self._talk, self._vehicle, self._cache, self._turn = talk, vehicle, cache, turn
        self._on_list, self._allowance = on_list, allowance
        self._run: Run | None = None
        self._tried: Instant | None = None
        self._outbox: list[Outgoing] = []
        self._recalled: Recalled | None = None
        self._known: dict[str, Parameter] = {}
        self.failure = ""
        """Why the last try gave nothing."""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """By name; empty until all were read."""
        return self._known

    def hear(self, message: Message, now: Instant) -> None:
        if self._run is not None:
            self._outbox += self._run.hear(message, self._talk.known(), now)
            self._look(self._run)
        elif message.SPEC.name == "PARAM_VALUE" and message.param_id in self._known and self._recalled is not None:
            newer = parameter_of(message, is_bytewise=bool(self._recalled.offers.counts_bytewise))
            self._known[newer.name] = newer

    def requests(self, now: Instant) -> list[Outgoing]:
        if self._run is not None:
            self._outbox += self._run.tick(self._talk.known(), now)
            self._look(self._run)
        elif self._is_due(now):
            self._tried = now
            self._run = run = Run(self._programme())
            self._outbox += run.begin(self._talk.known(), now)
            self._look(run)
        sent, self._outbox = self._outbox, []
        return sent

    def _is_due(self, now: Instant) -> bool:
        known = self._talk.known()
        is_there = known.vitals.heartbeat is not None and known.state.is_armed is False
        has_rested = self._tried is None or self._tried.age_s(now) >= AGAIN_S
        return self._recalled is None and is_there and has_rested

    def _programme(self) -> Generator[Step[Any], Any, None]:
        self._recalled = yield from recall(
            self._talk, self._vehicle, self._cache, turn=self._turn, allowance=self._allowance
        )

    def _look(self, run: Run) -> None:
        if run.result is None:
            return
        self._run, self.failure = None, run.reason
        if run.result is AckResult.ACCEPTED and self._recalled is not None:
            self._known = {each.name: each for each in self._recalled.read.parameters}
            self._cache.put(self._recalled.key, self._recalled.read)
            self._on_list(self._recalled)
