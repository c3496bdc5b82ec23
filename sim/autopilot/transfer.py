"""The mission handshake, both ways, for missions, fences and rally points: the vehicle asks item by item."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from fleet.wire.enums import MissionResult, MissionType, Severity
from sim.autopilot.items import Item, fault, item_fields, item_of
from sim.engine.columns import TICKS_PER_S
from sim.speak.port import Heard, Port, Voice

ASK_AGAIN_TICKS: Final = 1 * TICKS_PER_S
GIVE_UP_TICKS: Final = 8 * TICKS_PER_S
MOST_ITEMS: Final = 724
"""Mission items a 4.5.7 SITL stores; fences and rally lists share the limit here."""


@dataclass(slots=True, kw_only=True)
class ItemList:
    """One stored list and its rules; item 0 of a mission is home."""

    type: MissionType
    check: Callable[[Item], MissionResult]
    check_all: Callable[[list[Item]], MissionResult]
    items: list[Item] = field(default_factory=list)
    is_whole: bool = False
    """Taken over only when complete, as fences are; missions and rally points are overwritten item by item."""
    keep: Callable[[Item], Item] = lambda item: item
    """What of an item is stored."""
    received: str = ""
    """Text when an upload is complete."""
    timeout: str = "Mission upload timeout"


@dataclass(slots=True, kw_only=True)
class _Upload:
    port: Port
    source: tuple[int, int]
    wanted: ItemList
    count: int
    is_float_warned: bool = False
    next_seq: int = 0
    staged: list[Item] = field(default_factory=list)
    asked_tick: int = 0
    heard_tick: int = 0


class Transfer:
    """At most one upload at a time; downloads keep no state. `home` gives the real item 0."""

    def __init__(self, voice: Voice, lists: dict[int, ItemList], home: Callable[[], Item | None]) -> None:
        self._voice = voice
        self._lists = lists
        self._home = home
        self._upload: _Upload | None = None

    def on_count(self, heard: Heard, tick: int) -> None:
        message = heard.message
        wanted = self._lists.get(message.mission_type)
        busy = self._upload
        if wanted is None:
            self._ack(heard, MissionResult.UNSUPPORTED)
        elif busy is not None and (busy.port, busy.source) != (heard.port, (heard.sysid, heard.compid)):
            self._ack(heard, MissionResult.DENIED)
        elif message.count > MOST_ITEMS:
            self._ack(heard, MissionResult.NO_SPACE)
        elif message.count == 0:
            self._upload = None
            wanted.items.clear()
            self._ack(heard, MissionResult.ACCEPTED)
        else:
            if not wanted.is_whole:
                del wanted.items[message.count :]
            self._upload = _Upload(
                port=heard.port, source=(heard.sysid, heard.compid), wanted=wanted, count=message.count,
                heard_tick=tick,
            )
            self._ask(self._upload, tick)

    def on_item(self, heard: Heard, tick: int, *, is_float: bool) -> None:
        upload, message = self._upload, heard.message
        if upload is None or (upload.port, upload.source) != (heard.port, (heard.sysid, heard.compid)):
            return
        if message.mission_type != upload.wanted.type or message.seq != upload.next_seq:
            self._ack(heard, MissionResult.INVALID_SEQUENCE)
            return
        if is_float and not upload.is_float_warned:
            upload.is_float_warned = True
            self._voice.text(Severity.WARNING, "got MISSION_ITEM; use MISSION_ITEM_INT!")
        item = item_of(message, is_float=is_float)
        verdict = fault(item)
        if verdict is MissionResult.ACCEPTED and not self._is_home(upload):
            verdict = upload.wanted.check(item)
        if verdict is not MissionResult.ACCEPTED:
            self._finish(heard, verdict)
            return
        self._store(upload, item)
        upload.heard_tick = tick
        if upload.next_seq < upload.count:
            self._ask(upload, tick)
        else:
            self._complete(heard, upload)

    def on_request_list(self, heard: Heard) -> None:
        wanted = self._lists.get(heard.message.mission_type)
        if wanted is None:
            self._ack(heard, MissionResult.UNSUPPORTED)
            return
        heard.port.say(
            "MISSION_COUNT", target_system=heard.sysid, target_component=heard.compid,
            count=len(wanted.items), mission_type=wanted.type,
        )

    def on_request(self, heard: Heard, *, is_float: bool) -> None:
        wanted, seq = self._lists.get(heard.message.mission_type), heard.message.seq
        if wanted is None or seq >= len(wanted.items):
            self._ack(heard, MissionResult.INVALID_SEQUENCE)
            return
        home = self._home() if wanted.type is MissionType.MISSION and seq == 0 else None
        heard.port.say(
            "MISSION_ITEM" if is_float else "MISSION_ITEM_INT", target_system=heard.sysid,
            target_component=heard.compid, current=0,
            **item_fields(home or wanted.items[seq], seq, wanted.type, is_float=is_float),
        )

    def on_clear(self, heard: Heard) -> None:
        self._upload = None
        kind = heard.message.mission_type
        for wanted in self._lists.values():
            if kind in (wanted.type, MissionType.ALL):
                wanted.items.clear()
        known = kind in self._lists or kind == MissionType.ALL
        self._ack(heard, MissionResult.ACCEPTED if known else MissionResult.UNSUPPORTED)

    def tick(self, tick: int) -> None:
        """Ask again every second, give up after eight."""
        upload = self._upload
        if upload is None:
            return
        if tick - upload.heard_tick >= GIVE_UP_TICKS:
            self._upload = None
            self._say_ack(upload.port, upload.source, MissionResult.OPERATION_CANCELLED, upload.wanted.type)
            self._voice.text(Severity.WARNING, upload.wanted.timeout)
        elif tick - upload.asked_tick >= ASK_AGAIN_TICKS:
            self._ask(upload, tick)

    def drop(self, port: Port) -> None:
        """The port is gone."""
        if self._upload is not None and self._upload.port is port:
            self._upload = None

    def _is_home(self, upload: _Upload) -> bool:
        return upload.wanted.type is MissionType.MISSION and upload.next_seq == 0

    def _store(self, upload: _Upload, item: Item) -> None:
        """Overwrites as items come: an upload that fails half-way leaves a mixed list, as on the real thing."""
        items = upload.staged if upload.wanted.is_whole else upload.wanted.items
        items[upload.next_seq : upload.next_seq + 1] = [upload.wanted.keep(item)]
        upload.next_seq += 1

    def _complete(self, heard: Heard, upload: _Upload) -> None:
        wanted = upload.wanted
        verdict = wanted.check_all(upload.staged if wanted.is_whole else wanted.items)
        if verdict is MissionResult.ACCEPTED and wanted.is_whole:
            wanted.items[:] = upload.staged
        if verdict is MissionResult.ACCEPTED and wanted.received:
            self._voice.text(Severity.INFO, wanted.received)
        self._finish(heard, verdict)

    def _ask(self, upload: _Upload, tick: int) -> None:
        upload.asked_tick = tick
        sysid, compid = upload.source
        upload.port.say(
            "MISSION_REQUEST", target_system=sysid, target_component=compid, seq=upload.next_seq,
            mission_type=upload.wanted.type,
        )

    def _finish(self, heard: Heard, result: MissionResult) -> None:
        self._upload = None
        self._ack(heard, result)

    def _ack(self, heard: Heard, result: MissionResult) -> None:
        self._say_ack(heard.port, (heard.sysid, heard.compid), result, heard.message.mission_type)

    def _say_ack(self, port: Port, to: tuple[int, int], result: MissionResult, kind: int) -> None:
        port.say("MISSION_ACK", target_system=to[0], target_component=to[1], type=result, mission_type=kind)
