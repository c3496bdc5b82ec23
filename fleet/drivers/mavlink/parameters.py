"""Reading parameters over PARAM messages as steps: the whole list without a hole, or some by name."""

from collections import Counter
from collections.abc import Callable, Iterable

from fleet.commands import AckResult
from fleet.drivers.mavlink.allowance import Allowance
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.pace import Pace
from fleet.drivers.mavlink.parameter import NOT_BY_INDEX, Parameter, parameter_of
from fleet.drivers.mavlink.step import Outgoing, Step, StepFailed, Talk
from fleet.wire.message import Message
from world.time import Instant

LIST_AGAIN_S = 2.0
LIST_TRIES = 10
SILENCE_S = 1.2
"""The stream of values has ended, or is broken."""
ASK_AGAIN_S = 1.5
STALLED_S = 30.0
WINDOW = 16
"""Requests under way at once; ArduPilot queues 20 and drops the rest."""
NAME_TRIES = 24
"""Before a name counts as unknown: at 30 % loss each way a known one is missed once in ten million times."""
FEW_TRIES = 12
"""Where a miss costs a detour only."""
EXCHANGE_BYTES = 32 + 37
"""PARAM_REQUEST_READ and its PARAM_VALUE on the wire."""
RECOUNTS = 5
VOTES = 5
"""So many values in a row with another count mean that the vehicle's list has changed."""

OnShare = Callable[[float], None]


def _nothing(share: float) -> None:
    """Nobody wants to know how far it is."""


class ListParameters(Step[list[Parameter]]):
    """PARAM_REQUEST_LIST, then every index that did not come, until all of one count are there."""

    def __init__(
        self, talk: Talk, *, is_bytewise: bool, allowance: Allowance | None = None, on_share: OnShare = _nothing
    ) -> None:
        super().__init__()
        self._talk, self._is_bytewise, self._on_share = talk, is_bytewise, on_share
        self._allowance = allowance or Allowance()
        self._recounts = 0
        self._begin_anew(None)

    def _begin_anew(self, count: int | None) -> None:
        self._count = count
        self._got: dict[int, Parameter] = {}
        self._asked: dict[int, Instant] = {}
        self._votes: Counter[int] = Counter()
        self._list = Pace(every_s=LIST_AGAIN_S, times=LIST_TRIES)
        self._news: Instant | None = None

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        if self._news is None:
            if self._list.is_spent(now):
                raise StepFailed("the vehicle does not answer when asked for its parameters", AckResult.TIMED_OUT)
            return [Outgoing(name="PARAM_REQUEST_LIST", fields=self._talk.target)] if self._list.is_due(now) else []
        if self._news.age_s(now) > STALLED_S:
            raise StepFailed(self._what_is_missing(), AckResult.TIMED_OUT)
        return self._ask_missing(now) if self._asked or self._news.age_s(now) >= SILENCE_S else []

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        if message.SPEC.name != "PARAM_VALUE":
            return []
        if message.param_index == NOT_BY_INDEX:
            self._set_by_somebody(parameter_of(message, is_bytewise=self._is_bytewise))
            return []
        if self._is_of_other_list(message.param_count) or message.param_index >= message.param_count:
            return []
        if message.param_index not in self._got:
            self._news = now
        self._got[message.param_index] = parameter_of(message, is_bytewise=self._is_bytewise)
        self._on_share(len(self._got) / message.param_count)
        self._asked.pop(message.param_index, None)
        if len(self._got) == message.param_count:
            self._finish()
            return []
        return self._ask_missing(now) if self._asked else []

    def _is_of_other_list(self, count: int) -> bool:
        """A list whose length changes midway is read anew: its indices have moved."""
        if self._count is None:
            self._count = count
        if count == self._count:
            self._votes.clear()
            return False
        self._votes[count] += 1
        if self._votes[count] >= VOTES:
            self._read_again(count)
        return True

    def _read_again(self, count: int | None) -> None:
        self._recounts += 1
        if self._recounts > RECOUNTS:
            raise StepFailed("the vehicle's list of parameters keeps changing while it is read")
        self._begin_anew(count)

    def _set_by_somebody(self, newer: Parameter) -> None:
        index = next((index for index, old in self._got.items() if old.name == newer.name), None)
        if index is not None:
            self._got[index] = newer

    def _ask_missing(self, now: Instant) -> list[Outgoing]:
        sent: list[Outgoing] = []
        fresh = {index for index, at in self._asked.items() if at.age_s(now) < ASK_AGAIN_S}
        for index in range(self._count or 0):
            if len(fresh) >= WINDOW:
                break
            if index in self._got or index in fresh:
                continue
            if not self._allowance.take(EXCHANGE_BYTES, now):
                break
            fresh.add(index)
            self._asked[index] = now
            fields = self._talk.target | {"param_id": "", "param_index": index}
            sent.append(Outgoing(name="PARAM_REQUEST_READ", fields=fields))
        return sent

    def _finish(self) -> None:
        found = [self._got[index] for index in sorted(self._got)]
        if len({each.name for each in found}) == len(found):
            self.end(found)
        else:  # indices moved while the length stayed
            self._read_again(None)

    def _what_is_missing(self) -> str:
        first = next(index for index in range(self._count or 1) if index not in self._got)
        return f"only {len(self._got)} of {self._count} parameters came; number {first} is the first one missing"


class ReadParameters(Step[dict[str, Parameter]]):
    """Some parameters by name. ArduPilot answers an unknown name by silence, others by PARAM_ERROR."""

    def __init__(
        self, talk: Talk, names: Iterable[str], *, is_bytewise: bool, allowance: Allowance | None = None,
        on_share: OnShare = _nothing, tries: int = NAME_TRIES,
    ) -> None:
        super().__init__()
        self._talk, self._is_bytewise, self._on_share = talk, is_bytewise, on_share
        self._allowance = allowance or Allowance()
        self._paces = {name: Pace(every_s=ASK_AGAIN_S, times=tries) for name in dict.fromkeys(names)}
        self._got: dict[str, Parameter] = {}
        self.count: int | None = None
        """Number of parameters on board, as the answers say."""

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        if not self._paces:
            self.end({})
            return []
        return self._ask(now)

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        if message.SPEC.name == "PARAM_ERROR" and self._is_awaited(message.param_id):
            raise StepFailed(f"the vehicle refuses to read parameter {message.param_id} (error {message.error})")
        if message.SPEC.name != "PARAM_VALUE" or message.param_id not in self._paces:
            return []
        self._got[message.param_id] = parameter_of(message, is_bytewise=self._is_bytewise)
        self.count = message.param_count
        self._on_share(len(self._got) / len(self._paces))
        if len(self._got) == len(self._paces):
            self.end({name: self._got[name] for name in self._paces})
            return []
        return self._ask(now)

    def _is_awaited(self, name: str) -> bool:
        return name in self._paces and name not in self._got

    def _ask(self, now: Instant) -> list[Outgoing]:
        sent: list[Outgoing] = []
        for name in [name for name in self._paces if self._is_awaited(name)][:WINDOW]:
            pace = self._paces[name]
            if pace.is_spent(now):
                raise StepFailed(
                    f"the vehicle never answered for parameter {name} ({pace.count} tries): it knows no such parameter",
                    AckResult.TIMED_OUT,
                )
            if pace.would_be_due(now) and self._allowance.take(EXCHANGE_BYTES, now) and pace.is_due(now):
                fields = self._talk.target | {"param_id": name, "param_index": -1}
                sent.append(Outgoing(name="PARAM_REQUEST_READ", fields=fields))
        return sent
