"""All that is known of one vehicle: the state others see, and the vitals that only its driver needs."""

from dataclasses import dataclass, field

from fleet.drivers.mavlink.texts import TextLog
from fleet.model import AutopilotKind, VehicleState
from fleet.wire.enums import Component
from world.time import Instant


@dataclass(frozen=True, kw_only=True)
class Vitals:
    """What the autopilot reports beside its state. None means never heard."""

    component: int = Component.AUTOPILOT
    """Component id of the autopilot, taken from its heartbeat."""
    heartbeat: Instant | None = None
    autopilot: AutopilotKind | None = None
    ekf_flags: int | None = None
    is_prearm_good: bool | None = None
    gps_fix: int | None = None
    satellites: int | None = None
    mission_seq: int | None = None
    is_mission_complete: bool = False
    failsafe: Instant | None = None
    """Since when its heartbeats say that it is in one (MAV_STATE_CRITICAL or worse)."""
    is_crashed: bool = False
    is_vtol: bool | None = None
    """Wings with rotors. Planes only."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """One vehicle as last heard. Without slots, like its parts: see world.records."""

    state: VehicleState
    vitals: Vitals = field(default_factory=Vitals)
    texts: TextLog = field(default_factory=TextLog)

    @property
    def is_flying(self) -> bool:
        """Armed and not known to stand on the ground."""
        return self.state.is_armed is True and self.state.is_landed is not True
