"""Looks for a safety pilot in one vehicle's messages, beside what was sent to it."""

from fleet.drivers.mavlink.items import Mission
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.step import Outgoing
from fleet.model import AutopilotKind, VehicleKind
from fleet.pilot_signs import STICKS_LAST_S, are_moved, explain, habits_of
from fleet.safety_pilot import EXPLAINED_WITHIN_S, PilotSigns, SafetyPilotWatch
from fleet.wire.enums import Command as MavCommand
from fleet.wire.message import Message
from fleet.wire.px4_modes import px4_custom_mode
from world.time import NS_PER_S, Instant


class PilotEye:
    """Of one vehicle: what it shows, and what we sent, given to its watch."""

    def __init__(self, kind: VehicleKind) -> None:
        self._kind = kind
        self.watch = SafetyPilotWatch(habits_of(kind, None))
        self._moved: Instant | None = None

    def rebound(self, autopilot: AutopilotKind) -> None:
        """Its firmware is known now."""
        self.watch.rebound(habits_of(self._kind, autopilot))

    def hear_sticks(self, message: Message, now: Instant) -> bool:
        """RC_CHANNELS or MANUAL_CONTROL of the autopilot; whether somebody moves them."""
        self._moved = now if are_moved(message) else None
        return self._moved is not None

    def sent(self, outgoing: Outgoing, auto: int, now: Instant) -> None:
        """What we ordered ourselves is no sign of a pilot. `auto`: number of the mode that flies missions."""
        if outgoing.name != "COMMAND_LONG":
            return
        if outgoing.fields["command"] == MavCommand.DO_SET_MODE:
            main, sub = int(outgoing.fields["param2"]), int(outgoing.fields["param3"])
            self.watch.ordered(px4_custom_mode(main, sub) if sub else main, now)
        elif outgoing.fields["command"] == MavCommand.MISSION_START:
            self.watch.ordered(auto, now)

    def look(self, known: Known, mission: Mission | None, now: Instant) -> bool:
        """Whether a pilot has the vehicle."""
        state, vitals = known.state, known.vitals
        is_last = mission is not None and vitals.mission_seq == len(mission.items) - 1
        return self.watch.see(PilotSigns(
            at=now, mode=state.mode, raw_mode=state.raw_mode, is_armed=state.is_armed,
            is_overridden=self._moved is not None and self._moved.age_s(now) <= STICKS_LAST_S,
            is_explained=state.is_armed is True and _is_explained(known, now),
            is_mission_over=vitals.is_mission_complete or is_last,
        ))


def _is_explained(known: Known, now: Instant) -> bool:
    """It has said lately that it acts by itself."""
    lately_ns = now.mono_ns - round(EXPLAINED_WITHIN_S * NS_PER_S)
    failsafe = known.vitals.failsafe
    if failsafe is not None and failsafe.mono_ns >= lately_ns:
        return True
    return explain(text.text for text in known.texts.since(lately_ns))
