"""What happened when: one line per event that people would tell each other. Words are the screen's; here are kinds."""

from collections import deque

from command.views.columns import Columns, to_columns, utc_ms
from fleet.model import Alarm, Severity
from missions.model import Approval, Find, MissionProgress, Order, Phase, Plan, SearchIntent
from perception.model import Contact, ContactState
from world.ids import ContactId
from world.time import Instant

_KEPT = 80
_NAMES = ("utc_ms", "kind", "subject", "severity", "text", "text_zh")


class Timeline:
    """The latest events. Intents and plans carry no instant of their own and take the picture's."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._rows: deque[dict[str, object]] = deque(maxlen=kept)
        self._phase: Phase | None = None
        self._contact_states: dict[ContactId, ContactState] = {}

    def columns(self) -> Columns:
        return to_columns(self._rows, _NAMES)

    def intent(self, intent: SearchIntent, now: Instant) -> None:
        self._add(now, "intent", intent.mission)

    def plan(self, plan: Plan, now: Instant) -> None:
        self._add(now, "plan", str(plan.revision), text=plan.reason)

    def approval(self, approval: Approval) -> None:
        self._add(approval.at, "approval", approval.by)

    def order(self, order: Order) -> None:
        self._add(order.at, "order", order.verb.value, text=" ".join(order.vehicles) or order.contact or "")

    def progress(self, progress: MissionProgress) -> None:
        if progress.phase is not self._phase:
            self._phase = progress.phase
            self._add(progress.at, "phase", progress.phase.value)

    def contact(self, contact: Contact) -> None:
        if self._contact_states.get(contact.id) is contact.state:
            return
        self._contact_states[contact.id] = contact.state
        severity = Severity.CAUTION if contact.state is ContactState.CANDIDATE else Severity.LOG
        self._add(contact.last_seen, f"contact_{contact.state.value}", contact.id, severity)

    def find(self, find: Find) -> None:
        self._add(find.at, "find", find.contact)

    def alarm(self, alarm: Alarm) -> None:
        kind = "alarm" if alarm.is_active else "alarm_over"
        severity = alarm.severity if alarm.is_active else Severity.LOG
        self._add(alarm.at, kind, alarm.vehicle or "", severity, text=alarm.text, text_zh=alarm.text_zh)

    def _add(
        self, at: Instant, kind: str, subject: str, severity: Severity = Severity.LOG, text: str = "", text_zh: str = ""
    ) -> None:
        values = (utc_ms(at.utc_ns), kind, subject, severity, text, text_zh)
        self._rows.append(dict(zip(_NAMES, values, strict=True)))
