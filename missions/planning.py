"""From an intent to its first plan and the approval of it: counts on no vehicle that has not declared its failsafes."""

from collections.abc import Callable
from dataclasses import dataclass, field

from fleet.model import Alarm, Severity
from missions.alarms import Alarms
from missions.book import APPROVAL_REFUSED, Book
from missions.declared import Declared, offered, planned
from missions.jobs import NoPlan, Pending, Planner, SearchJob
from missions.model import SearchIntent
from missions.words import Words, joined
from world.ids import Digest, IntentId
from world.time import Clock, Instant

READ_BACK_WITHIN_S = 15.0
"""Vehicles that were just switched on are waited for without a word; ArduPilot's are read in 3 to 5 s."""
NO_PLAN, UNDECLARED = "no-plan", "undeclared"
"""Begin the keys of alarms; an intent's id ends them."""
ASKED_AGAIN_S = 30.0
"""After the planner failed."""


@dataclass(slots=True)
class _Wanted:
    """One intent without a plan yet."""

    intent: IntentId
    since: Instant
    pending: Pending | None = None
    not_before: Instant | None = None
    is_refused: bool = False
    """By the planner, for good: another intent has to be asked."""


@dataclass(slots=True)
class Planning:
    """Ticked by the mission service."""

    book: Book
    clock: Clock
    planner: Planner
    declared: Declared
    alarms: Alarms
    publish: Callable[[str, object], None]
    _wanted: _Wanted | None = None
    _said: dict[str, Words] = field(default_factory=dict)
    _refused: set[Digest] = field(default_factory=set)

    def recall(self, alarm: Alarm) -> None:
        """What was said of plans and approvals, by an earlier run of this service, too: it is withdrawn in time."""
        head, _, subject = alarm.key.partition("/")
        if head in (NO_PLAN, UNDECLARED):
            if alarm.is_active:
                self._said[alarm.key] = Words(text=alarm.text, text_zh=alarm.text_zh)
            else:
                self._said.pop(alarm.key, None)
        elif head == APPROVAL_REFUSED:
            (self._refused.add if alarm.is_active else self._refused.discard)(Digest(subject))

    def tick(self) -> None:
        intent = self.book.intent
        if intent is None or self.book.plan is not None or intent.mission in self.book.ended:
            self._forget()
            return
        now = self.clock.now()
        if self._wanted is None or self._wanted.intent != intent.id:
            self._forget()
            for key in [key for key in self._said if not key.endswith(f"/{intent.id}")]:
                self._withdraw(key)
            self._wanted = _Wanted(intent=intent.id, since=now)
        self._pursue(self._wanted, intent, now)

    def _forget(self) -> None:
        if self._wanted is not None and self._wanted.pending is not None:
            self._wanted.pending.drop()
        self._wanted = None

    def _pursue(self, wanted: _Wanted, intent: SearchIntent, now: Instant) -> None:
        is_early = wanted.not_before is not None and wanted.not_before.mono_ns > now.mono_ns
        if wanted.pending is None:
            if wanted.is_refused or is_early or not self._may_count_on(wanted, intent, now):
                return
            wanted.pending = self.planner.begin(SearchJob(intent=intent))
        outcome = wanted.pending.outcome()
        if outcome is None:
            return
        wanted.pending, key = None, f"{NO_PLAN}/{intent.id}"
        if isinstance(outcome, NoPlan):
            self._say(key, Words(text=f"No plan: {outcome.text}.", text_zh=f"无法规划：{outcome.text_zh}。"))
            wanted.is_refused, wanted.not_before = not outcome.is_failure, now.plus_s(ASKED_AGAIN_S)
        else:
            self._withdraw(key)
            self.publish("mission/plan", outcome)

    def _may_count_on(self, wanted: _Wanted, intent: SearchIntent, now: Instant) -> bool:
        vehicles, key = offered(intent), f"{UNDECLARED}/{intent.id}"
        faults = self.declared.faults(vehicles)
        if not faults:
            self._withdraw(key)
            return True
        unread = [vehicle for vehicle in vehicles if not self.declared.is_read_back(vehicle)]
        if len(unread) < len(faults) or wanted.since.age_s(now) >= READ_BACK_WITHIN_S:
            why = joined(faults)
            self._say(key, Words(
                text=f"No plan yet: {why.text}. It is made as soon as the vehicles show it, or ask without them.",
                text_zh=f"暂不规划：{why.text_zh}。读回设置后自动规划，也可重新提出不含该设备的搜索。",
            ))
        return False

    def check_approval(self) -> None:
        """An approved plan that is not launched yet: void when one of its vehicles does not answer for itself."""
        approved, intent = self.book.approved, self.book.intent
        if approved is None or intent is None or self.book.launch is not None or intent.mission in self.book.ended:
            return
        plan, approval = approved
        faults = self.declared.faults(planned(plan))
        if faults:
            why = joined(faults)
            self._refused.add(plan.digest)
            self._tell_refused(plan.digest, Words(
                text=f"The approval by {approval.by} does not count: {why.text}. Approve again when that is mended.",
                text_zh=f"{approval.by} 的批准无效：{why.text_zh}。排除后请重新批准。",
            ), is_active=True)
        elif plan.digest in self._refused:
            self._refused.discard(plan.digest)
            self._tell_refused(plan.digest, Words(
                text=f"The approval by {approval.by} counts.", text_zh=f"{approval.by} 的批准有效。"
            ), is_active=False)

    def _tell_refused(self, digest: Digest, words: Words, *, is_active: bool) -> None:
        """Each refusal is an event of its own: the book voids by it what was approved until then."""
        self.publish("alarm", Alarm(
            key=f"{APPROVAL_REFUSED}/{digest}", severity=Severity.CAUTION, vehicle=None, text=words.text,
            text_zh=words.text_zh, at=self.clock.now(), is_active=is_active,
        ))

    def _say(self, key: str, words: Words) -> None:
        self._said[key] = words
        self.alarms.say(key=key, severity=Severity.CAUTION, text=words.text, text_zh=words.text_zh)

    def _withdraw(self, key: str) -> None:
        words = self._said.pop(key, None)
        if words is not None:
            self.alarms.say(
                key=key, severity=Severity.CAUTION, text=words.text, text_zh=words.text_zh, is_active=False
            )
