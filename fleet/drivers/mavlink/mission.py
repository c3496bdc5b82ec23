"""The mission protocol as steps without I/O, alike for missions, fences and rally points: upload, download, current."""

from collections.abc import Sequence

from fleet.commands import AckResult
from fleet.drivers.mavlink.commands import is_for_us
from fleet.drivers.mavlink.items import Item
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.pace import Pace
from fleet.drivers.mavlink.step import Outgoing, Step, StepFailed, Talk
from fleet.model import AutopilotKind
from fleet.wire.enums import MissionResult, MissionType
from fleet.wire.message import Message
from world.time import Instant

REPEAT_S = 1.0
REPEATS = 8
# The vehicle asks again every second and gives up after 8 (measured on ArduPilot 4.5.7).
SILENCE_S = 3.0
WINDOW = 8
RESTARTS = 5
_WORDS = {MissionType.MISSION: "mission", MissionType.FENCE: "fence", MissionType.RALLY: "list of rally points"}


def _is_of(kind: MissionType, message: Message, *names: str) -> bool:
    return message.SPEC.name in names and message.mission_type == kind and is_for_us(message)


class Upload(Step[None]):
    """Offers the items and answers every request. Ends when the vehicle says it has all, or is silent after the last.

    Whether it really holds them only reading back can tell. No items clear the list.
    """

    def __init__(self, talk: Talk, items: Sequence[Item], kind: MissionType = MissionType.MISSION) -> None:
        super().__init__()
        self._talk, self._items, self._kind = talk, items, kind
        self._offer = Pace(every_s=REPEAT_S, times=REPEATS)
        self._asked: Instant | None = None
        self._is_last_sent = not items

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        if self._asked is not None:
            if self._asked.age_s(now) < SILENCE_S:
                return []
            if self._is_last_sent:
                self.end()
                return []
            self._asked = None
            self._offer = Pace(every_s=REPEAT_S, times=REPEATS)
        if self._offer.is_spent(now):
            raise StepFailed(self._unasked(), AckResult.TIMED_OUT)
        if not self._offer.is_due(now):
            return []
        fields = self._talk.target | {"count": len(self._items), "mission_type": int(self._kind)}
        return [Outgoing(name="MISSION_COUNT", fields=fields)]

    def _unasked(self) -> str:
        if not self._items:
            return f"the vehicle did not confirm that its {_WORDS[self._kind]} is cleared"
        return f"the vehicle did not ask for the {len(self._items)} items of its {_WORDS[self._kind]}"

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        if _is_of(self._kind, message, "MISSION_REQUEST", "MISSION_REQUEST_INT"):
            return self._answer(message.seq, now)
        if _is_of(self._kind, message, "MISSION_ACK"):
            self._acknowledged(message.type)
        return []

    def _answer(self, seq: int, now: Instant) -> list[Outgoing]:
        if seq >= len(self._items):
            return []
        self._asked = now
        self._is_last_sent = self._is_last_sent or seq == len(self._items) - 1
        return [_item_message(self._talk, seq, self._items[seq], self._kind)]

    def _acknowledged(self, result: int) -> None:
        if result == MissionResult.ACCEPTED:
            if self._is_last_sent:  # earlier, it is the late end of some other upload
                self.end()
        elif self._asked is not None and result not in (
            MissionResult.INVALID_SEQUENCE, MissionResult.OPERATION_CANCELLED
        ):
            raise StepFailed(f"the vehicle refused the {_WORDS[self._kind]}: {_result_name(result)}")


class Download(Step[tuple[Item, ...]]):
    """Reads a list of the vehicle: its count, then the items, several requests under way at once.

    PX4 takes requests in strict order and breaks off at any other (mavlink_mission.cpp): one at a time there.
    """

    def __init__(self, talk: Talk, kind: MissionType = MissionType.MISSION) -> None:
        super().__init__()
        self._talk, self._kind = talk, kind
        self._window = WINDOW if talk.known().vitals.autopilot is AutopilotKind.ARDUPILOT else 1
        self._restarts = 0
        self._pace = Pace(every_s=REPEAT_S, times=REPEATS)
        self._count: int | None = None
        self._items: dict[int, Item] = {}
        self._next = 0

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        if self._pace.is_spent(now):
            raise StepFailed(f"the vehicle does not answer when its {_WORDS[self._kind]} is read", AckResult.TIMED_OUT)
        if not self._pace.is_due(now):
            return []
        if self._count is None:
            return [self._request_list()]
        missing = [seq for seq in range(self._next) if seq not in self._items]
        return [self._request(seq) for seq in missing]

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        if self._count is None and _is_of(self._kind, message, "MISSION_COUNT"):
            self._count = message.count
            self._pace.put_off(now)
            return self._fill_window() if self._count else self._finish()
        if self._count is not None and _is_of(self._kind, message, "MISSION_ITEM_INT") and self._is_asked(message.seq):
            self._items[message.seq] = Item.from_message(message)
            self._pace.put_off(now)
            return self._finish() if len(self._items) == self._count else self._fill_window()
        if self._count is not None and _is_of(self._kind, message, "MISSION_ACK") and message.type:
            return self._start_again(message.type, now)
        return []

    def _start_again(self, result: int, now: Instant) -> list[Outgoing]:
        """The vehicle broke off, or it changes its list at this moment."""
        self._restarts += 1
        if self._restarts > RESTARTS:
            raise StepFailed(f"the vehicle breaks off when its {_WORDS[self._kind]} is read: {_result_name(result)}")
        self._count, self._next = None, 0
        self._items.clear()
        self._pace.put_off(now)
        return [self._request_list()]

    def _request_list(self) -> Outgoing:
        return Outgoing(name="MISSION_REQUEST_LIST", fields=self._talk.target | {"mission_type": int(self._kind)})

    def _is_asked(self, seq: int) -> bool:
        return seq < self._next and seq not in self._items

    def _fill_window(self) -> list[Outgoing]:
        sent = []
        while self._count is not None and self._next < self._count and self._next - len(self._items) < self._window:
            sent.append(self._request(self._next))
            self._next += 1
        return sent

    def _request(self, seq: int) -> Outgoing:
        fields = self._talk.target | {"seq": seq, "mission_type": int(self._kind)}
        return Outgoing(name="MISSION_REQUEST_INT", fields=fields)

    def _finish(self) -> list[Outgoing]:
        self.end(tuple(self._items[seq] for seq in sorted(self._items)))
        done = {"type": int(MissionResult.ACCEPTED), "mission_type": int(self._kind)}
        return [Outgoing(name="MISSION_ACK", fields=self._talk.target | done)]


class SetCurrent(Step[None]):
    """Makes an item the current one; verified by MISSION_CURRENT from it to the next leg: actions are skipped over."""

    def __init__(self, talk: Talk, seq: int, *, up_to: int) -> None:
        super().__init__()
        self._talk, self._seq, self._up_to = talk, seq, up_to
        self._pace = Pace(every_s=REPEAT_S, times=REPEATS)

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        if self._pace.is_spent(now):
            raise StepFailed(f"the vehicle does not make mission item {self._seq} its current one", AckResult.TIMED_OUT)
        if not self._pace.is_due(now):
            return []
        return [Outgoing(name="MISSION_SET_CURRENT", fields=self._talk.target | {"seq": self._seq})]

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        if message.SPEC.name == "MISSION_CURRENT" and self._seq <= message.seq <= self._up_to:
            self.end()
        return []


def _item_message(talk: Talk, seq: int, item: Item, kind: MissionType) -> Outgoing:
    params = {f"param{k}": value for k, value in enumerate(item.params, 1)}
    place = {"x": item.x, "y": item.y, "z": item.z, "frame": int(item.frame), "command": int(item.command)}
    order = {"seq": seq, "current": 0, "autocontinue": 1, "mission_type": int(kind)}
    return Outgoing(name="MISSION_ITEM_INT", fields=talk.target | params | place | order)


def _result_name(result: int) -> str:
    known = result in set(MissionResult)
    return MissionResult(result).name.lower().replace("_", " ") if known else f"result {result}"
