"""Missions of guests: taken whole in the vehicle's place, judged, and only then carried to the vehicle."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from fleet.guard.guest_lists import MOST_ITEMS
from fleet.share.dialogue import Asker
from fleet.wire.dialect import number_of
from fleet.wire.encode import encode_payload
from fleet.wire.enums import MissionResult, MissionType
from fleet.wire.message import Message, as_dict
from world.time import Instant

AGAIN_S: Final = 1.0
PATIENCE_S: Final = 8.0
"""As ArduPilot has them."""
_ITEM, _COUNT = number_of("MISSION_ITEM_INT"), number_of("MISSION_COUNT")
_PLACES = {"x": 1e7, "y": 1e7}


class MissionPort(Protocol):
    """What the missions of a share are carried by."""

    sysid: int
    component: int
    asks_whole: bool
    """Whether the vehicle asks for whole numbers by name, as PX4 does; ArduPilot uses the older word."""

    def admit(self, payloads: Sequence[bytes], now: Instant) -> str | None: ...
    def close(self, *, is_done: bool) -> None: ...
    def carry(self, msgid: int, payload: bytes, now: Instant) -> str | None: ...
    def say(self, asker: Asker, name: str, **fields: Any) -> None: ...
    def refuse(self, asker: Asker, kind: str, reason: str, now: Instant) -> None: ...


@dataclass(slots=True, kw_only=True)
class _Upload:
    """One mission on its way. `items` grow first, then `payloads` are carried."""

    asker: Asker
    count: int
    heard: Instant
    asked: Instant
    items: list[Message] = field(default_factory=list)
    payloads: list[bytes] = field(default_factory=list)
    is_carried: bool = False
    is_asked_for: bool = False
    """The vehicle has begun to take it."""


class Missions:
    """At most one upload at a time; a new count ends the one before."""

    def __init__(self, port: MissionPort) -> None:
        self._port = port
        self._upload: _Upload | None = None

    @property
    def is_carrying(self) -> bool:
        return self._upload is not None and self._upload.is_carried

    def count(self, message: Message, asker: Asker, now: Instant) -> None:
        """A guest announces a mission."""
        self._drop()
        if message.mission_type != MissionType.MISSION:
            reason = "fences and rally points of a shared vehicle are its fleet's"
            self._refuse(asker, reason, now, message.mission_type)
        elif message.count > MOST_ITEMS:
            reason = f"a mission of {message.count} items; {MOST_ITEMS} are allowed"
            self._refuse(asker, reason, now, result=MissionResult.NO_SPACE)
        else:
            self._upload = _Upload(asker=asker, count=message.count, heard=now, asked=now)
            self._ask(self._upload, now)

    def item(self, message: Message, asker: Asker, now: Instant) -> None:
        """A guest gives an item; the one asked for counts."""
        upload = self._upload
        if upload is None or upload.is_carried or upload.asker.peer is not asker.peer:
            return
        upload.heard = now
        if message.seq != len(upload.items):
            return  # a repeated one
        upload.items.append(message)
        if len(upload.items) < upload.count:
            self._ask(upload, now)
        else:
            self._finish(upload, now)

    def hear(self, message: Message, now: Instant) -> None:
        """The vehicle takes what is carried to it."""
        upload = self._upload
        if upload is None or not upload.is_carried or message.mission_type != MissionType.MISSION:
            return
        upload.heard = now
        if message.SPEC.name == "MISSION_ACK":
            self._upload = None
            self._port.close(is_done=message.type == MissionResult.ACCEPTED)
            self._acknowledge(upload.asker, message.type)
        elif message.seq < len(upload.payloads):
            upload.is_asked_for = True
            self._carry(upload, _ITEM, upload.payloads[message.seq], now)

    def tick(self, now: Instant) -> None:
        upload = self._upload
        if upload is None:
            return
        if upload.heard.age_s(now) > PATIENCE_S:
            self._drop()
            who = "the vehicle did not take the mission" if upload.is_carried else "the mission did not come whole"
            self._refuse(upload.asker, who, now, result=MissionResult.OPERATION_CANCELLED)
        elif upload.asked.age_s(now) >= AGAIN_S and not upload.is_asked_for:
            if upload.is_carried:
                self._announce(upload, now)
            else:
                self._ask(upload, now)

    def _ask(self, upload: _Upload, now: Instant) -> None:
        upload.asked = now
        name = "MISSION_REQUEST_INT" if self._port.asks_whole else "MISSION_REQUEST"
        self._port.say(
            upload.asker, name, target_system=upload.asker.sysid, target_component=upload.asker.compid,
            seq=len(upload.items), mission_type=int(MissionType.MISSION),
        )

    def _finish(self, upload: _Upload, now: Instant) -> None:
        payloads = [self._payload(item) for item in upload.items]
        whole = [payload for payload in payloads if payload is not None]
        reason = None if len(whole) == len(payloads) else "an item has no place on earth"
        reason = reason or self._port.admit(whole, now)
        if reason is not None:
            self._upload = None
            self._refuse(upload.asker, reason, now)
            return
        upload.payloads, upload.is_carried, upload.heard = whole, True, now
        self._announce(upload, now)

    def _announce(self, upload: _Upload, now: Instant) -> None:
        upload.asked = now
        self._carry(upload, _COUNT, encode_payload("MISSION_COUNT", {
            "target_system": self._port.sysid, "target_component": self._port.component, "count": upload.count,
            "mission_type": int(MissionType.MISSION),
        }), now)

    def _carry(self, upload: _Upload, msgid: int, payload: bytes, now: Instant) -> None:
        reason = self._port.carry(msgid, payload, now)
        if reason is not None:
            self._drop()
            self._refuse(upload.asker, reason, now)

    def _payload(self, item: Message) -> bytes | None:
        """As whole degrees of 1e-7, addressed to the vehicle; None where a place is none."""
        fields = as_dict(item)
        if item.SPEC.name == "MISSION_ITEM":
            if not abs(item.x) <= 180.0 or not abs(item.y) <= 180.0:
                return None
            fields |= {name: round(fields[name] * scale) for name, scale in _PLACES.items()}
        fields |= {"target_system": self._port.sysid, "target_component": self._port.component}
        return encode_payload("MISSION_ITEM_INT", fields)

    def _drop(self) -> None:
        if self._upload is not None and self._upload.is_carried:
            self._port.close(is_done=False)
        self._upload = None

    def _refuse(
        self, asker: Asker, reason: str, now: Instant, kind: int = MissionType.MISSION,
        result: MissionResult = MissionResult.DENIED,
    ) -> None:
        self._acknowledge(asker, result, kind)
        self._port.refuse(asker, "MISSION_COUNT", reason, now)

    def _acknowledge(self, asker: Asker, result: int, kind: int = MissionType.MISSION) -> None:
        self._port.say(
            asker, "MISSION_ACK", target_system=asker.sysid, target_component=asker.compid, type=int(result),
            mission_type=int(kind),
        )


