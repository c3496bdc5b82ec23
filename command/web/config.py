"""What the screen's server is told at its start."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from command.eyes import Eyes
from world.ids import OperatorId, VehicleId


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Title of the page in both languages, and what people must see: that nothing of this is real, and whose eyes."""

    title: str = "Incident"
    title_zh: str = "事件"
    is_exercise: bool = True
    is_simulated: bool = True
    eyes: Eyes = Eyes.PIXELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen; port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveConfig:
    """A screen on a running incident. `watch` is told the frame rate wanted of a vehicle's camera, 0 for nobody."""

    hub_path: Path
    operator: OperatorId
    rtsp_base: str | None = None
    """Streams lie at `<rtsp_base>/<vehicle>/rgb` and `/thermal`; None without cameras."""
    terrain_path: Path | None = None
    incident: Incident = field(default_factory=Incident)
    address: Address = field(default_factory=Address)
    watch: Callable[[VehicleId, float], None] | None = None

    @property
    def crops_path(self) -> Path | None:
        """Where perception keeps the pictures of contacts: beside the survey, in the run's folder."""
        return None if self.terrain_path is None else self.terrain_path.with_name("contacts")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayConfig:
    """A screen on a record: `telemetry.db` and `terrain.npz` are looked for beside `events_path`."""

    events_path: Path
    incident: Incident = field(default_factory=Incident)
    address: Address = field(default_factory=Address)

    @property
    def crops_path(self) -> Path:
        return self.events_path.with_name("contacts")
