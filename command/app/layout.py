"""Who talks to whom in one incident: roles, channel numbers and their latencies. Shared by every process of a run."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from command.eyes import Eyes
from command.timing import Channel
from sim.scenario import Scenario, load
from sim.scenarios.model import VehicleKind
from world.ids import StreamId, VehicleId

SIM, FLEET, PERCEPTION, MISSIONS, HUB = "sim", "fleet", "perception", "missions", "hub"
ROLES = (SIM, FLEET, PERCEPTION, MISSIONS, HUB)
BUS_UP = {FLEET: 10, PERCEPTION: 12, MISSIONS: 14}
"""From a service to the hub; the channel back has the next number."""
RTSP, GROUND_STATION = "rtsp", "ground-station"
"""Names under which the simulator and the fleet report their ports."""
OUTSIDE = 99
"""Number of the door for clients that live in wall time; not in the table."""

QUANTUM_TICKS = 5
RADIO_TICKS = 10
VIDEO_TICKS = 25
BUS_TICKS = 25
DETECTOR_TICKS = 250
"""A detection is due one second after its pixels, whatever the machine: fast ones wait, slow ones are waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """What every process of a run is told."""

    scenario: str
    seed: int
    folder: str
    sockets: str
    water_up_m: float | None
    """The lake's level over the incident's origin, as its gauge reads."""
    approves: bool
    """The policy operator approves and launches; otherwise a person at the screen does."""
    eyes: Eyes = Eyes.PIXELS
    keeps_journals: bool = False
    """Journal inputs so that any process may be killed and restarted with an equal outcome."""
    has_mission: bool = True
    """The policy operator asks for the search; without it the machines stand by."""
    takes_commands: bool = False
    """Who comes in from outside may command vehicles, as scripted pilots of tests do; screens never may."""

    def load_scenario(self) -> Scenario:
        return load(Path(self.scenario), seed=self.seed)

    def journal(self, role: str) -> Path | None:
        return Path(self.sockets) / f"journal-{role}" if self.keeps_journals else None


def write_config(path: Path, config: RunConfig) -> None:
    path.write_bytes(msgspec.json.encode(config))


def read_config(path: Path) -> RunConfig:
    return msgspec.json.decode(path.read_bytes(), type=RunConfig)


def radio_up(index: int) -> int:
    """Channel of the scenario's vehicle number `index` to the fleet."""
    return 1000 + index


def radio_down(index: int) -> int:
    return 2000 + index


def streams(scenario: Scenario, eyes: Eyes) -> dict[StreamId, int]:
    """Every camera stream and its channel, in the scenario's order; none where cameras detect on board."""
    if eyes is Eyes.MODEL:
        return {}
    names = [
        StreamId(f"{vehicle.id}/{spectrum}")
        for vehicle in scenario.vehicles
        if vehicle.kind is VehicleKind.COPTER
        for spectrum in ("rgb", "thermal")
    ]
    return {name: 3000 + number for number, name in enumerate(names)}


def vehicle_of(stream: StreamId) -> VehicleId:
    return VehicleId(stream.split("/")[0])


def channels(scenario: Scenario, eyes: Eyes) -> list[Channel]:
    table = []
    for index in range(len(scenario.vehicles)):
        table.append(Channel(id=radio_up(index), sender=SIM, receiver=FLEET, latency_ticks=RADIO_TICKS))
        table.append(Channel(id=radio_down(index), sender=FLEET, receiver=SIM, latency_ticks=RADIO_TICKS))
    for number in streams(scenario, eyes).values():
        table.append(Channel(id=number, sender=SIM, receiver=PERCEPTION, latency_ticks=VIDEO_TICKS))
    for role, number in BUS_UP.items():
        latency = DETECTOR_TICKS if role == PERCEPTION else BUS_TICKS
        table.append(Channel(id=number, sender=role, receiver=HUB, latency_ticks=latency))
        table.append(Channel(id=number + 1, sender=HUB, receiver=role, latency_ticks=BUS_TICKS))
    return table
