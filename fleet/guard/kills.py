"""Motors off in the air: one vehicle at a time, by a button that somebody held down long enough to mean it."""

from fleet.commands import Command
from world.ids import OperatorId, VehicleId
from world.time import Instant

HOLD_S = 3.0


class Kills:
    """The last kill of each person: nobody holds two buttons at once, so nobody kills a fleet with one press."""

    def __init__(self) -> None:
        self._last: dict[OperatorId, tuple[VehicleId, Instant]] = {}

    def fault(self, command: Command, now: Instant) -> str | None:
        """Why motors are not stopped, or None; the kill counts as done then."""
        if command.held_s is None or not command.held_s >= HOLD_S:
            return f"motors are stopped only by a button held for {HOLD_S:.0f} s"
        last = self._last.get(command.issued_by)
        if last is not None and last[0] != command.vehicle and last[1].age_s(now) < command.held_s:
            return f"{command.issued_by} was still holding the button for {last[0]}; hold it again for this one"
        self._last[command.issued_by] = (command.vehicle, now)
        return None
