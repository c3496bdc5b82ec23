"""The one picture: every view fed from one stream of topics, read as a scene (rarely) and a snapshot (often)."""

from collections.abc import Callable
from typing import Any

from command.views.alarms import Alarms
from command.views.columns import Snapshot, utc_ms
from command.views.contacts import Contacts
from command.views.mission import Mission
from command.views.orders import Orders
from command.views.scene import Scene
from command.views.timeline import Timeline
from command.views.vehicles import Vehicles, current_tasks
from fleet.commands import Ack, Command
from fleet.model import Alarm, FleetState
from missions.model import Approval, Find, MissionProgress, Order, Plan, SearchIntent
from perception.model import Contact, Look, PerceptionStats
from world.ids import VehicleId
from world.position import LocalFrame
from world.terrain import Terrain
from world.time import Instant

_START = Instant(mono_ns=0, utc_ns=0)


class Picture:
    """Fold of all topics. Its `now` is the newest instant that any topic carried: the stream's own time."""

    def __init__(self, frame: LocalFrame | None = None, terrain: Terrain | None = None) -> None:
        self.now = _START
        self.scene = Scene(frame)
        self._vehicles = Vehicles(frame, terrain)
        self._mission = Mission()
        self._contacts = Contacts()
        self._alarms = Alarms()
        self._orders = Orders()
        self._timeline = Timeline()
        self._stats: PerceptionStats | None = None
        self._looks = 0
        self._folds: dict[str, Callable[[Any], None]] = {
            "fleet/state": self._fleet_state,
            "fleet/command": self._command,
            "fleet/ack": self._ack,
            "alarm": self._alarm,
            "perception/look": self._look,
            "perception/contact": self._contact,
            "perception/stats": self._perception_stats,
            "mission/intent": self._intent,
            "mission/plan": self._plan,
            "mission/approval": self._approval,
            "mission/order": self._order,
            "mission/progress": self._progress,
            "mission/find": self._find,
        }

    @property
    def vehicle_ids(self) -> tuple[VehicleId, ...]:
        """Vehicles heard of, or offered by the intent before the fleet has spoken."""
        if self._vehicles.ids or self.scene.intent is None:
            return self._vehicles.ids
        return tuple(offer.vehicle for offer in self.scene.intent.offers)

    def apply(self, topic: str, value: Any) -> None:
        """Fold one value; topics that no view shows are passed over."""
        fold = self._folds.get(topic)
        if fold is not None:
            fold(value)

    def snapshot(self, silent_s: float = 0.0) -> Snapshot:
        """Everything that moves, as of `silent_s` after the stream's last word (a lost hub makes everything older)."""
        now = self.now.plus_s(silent_s)
        return {
            "scene_version": self.scene.version,
            "utc_ms": utc_ms(self.now.utc_ns),
            "vehicles": self._vehicles.columns(now, current_tasks(self._mission.tasks)),
            "mission": self._mission.snapshot(now, self.scene.plan),
            "contacts": self._contacts.columns(now),
            "finds": self._contacts.find_columns(),
            "alarms": self._alarms.snapshot(now),
            "orders": self._orders.rows(),
            "timeline": self._timeline.columns(),
            "perception": self._perception(),
        }

    def _perception(self) -> Snapshot:
        stats = self._stats
        return {
            "looks": self._looks,
            "missed_looks": None if stats is None else stats.missed_looks,
            "frames_detected": None if stats is None else stats.frames_detected,
        }

    def _heard(self, at: Instant) -> None:
        if at.mono_ns > self.now.mono_ns:
            self.now = at

    def _fleet_state(self, fleet: FleetState) -> None:
        self._heard(fleet.at)
        self._vehicles.apply(fleet)

    def _command(self, command: Command) -> None:
        self._orders.apply_command(command)

    def _ack(self, ack: Ack) -> None:
        self._heard(ack.at)
        self._orders.apply_ack(ack)

    def _alarm(self, alarm: Alarm) -> None:
        self._heard(alarm.at)
        if alarm.is_active != self._alarms.is_known(alarm.key):
            self._timeline.alarm(alarm)
        self._alarms.apply(alarm)

    def _look(self, look: Look) -> None:
        self._looks += 1

    def _contact(self, contact: Contact) -> None:
        self._heard(contact.last_seen)
        self._contacts.apply_contact(contact)
        self._timeline.contact(contact)

    def _perception_stats(self, stats: PerceptionStats) -> None:
        self._heard(stats.at)
        self._stats = stats

    def _intent(self, intent: SearchIntent) -> None:
        self.scene.apply_intent(intent)
        self._timeline.intent(intent, self.now)

    def _plan(self, plan: Plan) -> None:
        self.scene.apply_plan(plan)
        self._timeline.plan(plan, self.now)

    def _approval(self, approval: Approval) -> None:
        self._heard(approval.at)
        self._mission.apply_approval(approval)
        self._timeline.approval(approval)

    def _order(self, order: Order) -> None:
        self._heard(order.at)
        self._orders.apply_order(order)
        self._timeline.order(order)

    def _progress(self, progress: MissionProgress) -> None:
        self._heard(progress.at)
        self._mission.apply_progress(progress)
        self._timeline.progress(progress)

    def _find(self, find: Find) -> None:
        self._heard(find.at)
        self._contacts.apply_find(find)
        self._timeline.find(find)
