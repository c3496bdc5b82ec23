"""What a run looks like from outside at one instant: the newest that its hub told, for scripts that wait for it."""

from dataclasses import dataclass, field
from typing import Any

from command.app.watcher import AIRBORNE_M
from fleet.commands import Ack, Command
from fleet.model import Alarm, FleetState, VehicleState
from missions.model import Find, MissionProgress, Phase
from perception.model import Contact
from world.ids import ContactId, VehicleId


@dataclass(slots=True, kw_only=True)
class Seen:
    """Grows as the run goes on. Fleet and mission as they report themselves, which is not yet the truth."""

    t_s: float = 0.0
    """Simulated seconds since the run began."""
    fleet: FleetState | None = None
    progress: MissionProgress | None = None
    contacts: dict[ContactId, Contact] = field(default_factory=dict)
    finds: dict[ContactId, Find] = field(default_factory=dict)
    alarms: dict[str, Alarm] = field(default_factory=dict)
    """Active ones by key."""
    commands: list[Command] = field(default_factory=list)
    acks: list[Ack] = field(default_factory=list)

    def hear(self, value: Any) -> None:
        match value:
            case FleetState():
                self.fleet = value
            case MissionProgress():
                self.progress = value
            case Contact():
                self.contacts[value.id] = value
            case Find():
                self.finds[value.contact] = value
            case Alarm():
                self.alarms.pop(value.key, None)
                if value.is_active:
                    self.alarms[value.key] = value
            case Command():
                self.commands.append(value)
            case Ack():
                self.acks.append(value)
            case _:
                pass

    @property
    def vehicles(self) -> dict[VehicleId, VehicleState]:
        return {one.vehicle: one for one in self.fleet.vehicles} if self.fleet else {}

    @property
    def airborne(self) -> int:
        """Vehicles that say they are armed and more than 2 m above their home."""
        heights = [one.height_above_home_m for one in self.vehicles.values() if one.is_armed]
        return sum(height is not None and height > AIRBORNE_M for height in heights)

    @property
    def ready(self) -> int:
        return sum(one.is_ready for one in self.vehicles.values())

    @property
    def found(self) -> int:
        """Contacts that were accepted as people."""
        return len(self.finds)

    @property
    def phase(self) -> Phase:
        return self.progress.phase if self.progress else Phase.EMPTY

    @property
    def cells_done(self) -> int:
        return self.progress.cells_done if self.progress else 0

    def __str__(self) -> str:
        state = f"t = {self.t_s:.1f} s, {self.phase}, {self.cells_done} cells, {self.airborne} airborne"
        alarms = f", alarms {', '.join(sorted(self.alarms))}" if self.alarms else ""
        return f"{state}, {len(self.contacts)} contacts, {self.found} found{alarms}"
