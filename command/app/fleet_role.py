"""The fleet's process: every vehicle's radio line, the guard in front of it, the service behind it."""

from collections.abc import Callable
from pathlib import Path

from command.app.fences import fence_of
from command.app.hub_role import POLICY
from command.app.layout import FLEET, GROUND_STATION, SIM, RunConfig, radio_down, radio_up
from command.app.noise import note_noise
from command.app.party import Control, bus_of, participant
from command.bus.stream_bus import StreamBus
from command.site.names import MISSION_EXECUTOR
from command.survey import load_survey
from fleet.authority import Authority
from fleet.guard import LIMITS, Guard, GuardedVehicle, Site
from fleet.model import UNANSWERED, VehicleKind
from fleet.roster import Roster, RosterEntry
from fleet.service import FleetService
from fleet.switchboard import Switchboard
from world.ids import OperatorId, VehicleId

COMMANDER = OperatorId("commander")
"""Who sits at the screen."""


def run(config: RunConfig, control: Control) -> None:
    scenario = config.load_scenario()
    party = participant(FLEET, config, scenario, control)
    bus = bus_of(FLEET, config, party)
    radio = party.links.udp(GROUND_STATION)
    ports = party.join()
    down: dict[VehicleId, int] = {}
    for index, vehicle in enumerate(scenario.vehicles):
        down[vehicle.id] = radio_down(index)
        address = ("127.0.0.1", ports[SIM][vehicle.id])
        radio.add_peer(address, incoming=radio_up(index), outgoing=radio_down(index))
    terrain = load_survey(Path(config.folder) / "terrain.npz").terrain
    authority = Authority(commanders=(POLICY, COMMANDER, MISSION_EXECUTOR))
    board = Switchboard(lambda link, peer, data: party.send(down[VehicleId(link)], data))
    guard = Guard(
        send=board.carry,
        authority=authority,
        vehicles={
            v.id: _guarded(v.sysid, VehicleKind(v.kind.value)) for v in scenario.vehicles
        },
        site=Site(frame=scenario.frame(), terrain=terrain, fence=fence_of(scenario, terrain)),
    )
    entries = [RosterEntry(vehicle=v.id, kind=VehicleKind(v.kind.value), sysid=v.sysid) for v in scenario.vehicles]
    service = FleetService(
        bus=bus, clock=party.clock, roster=Roster(entries), guard=guard, board=board, authority=authority
    )
    for index, vehicle in enumerate(scenario.vehicles):
        party.on(radio_up(index), _receiver(service, vehicle.id))
    try:
        party.run(_serve(bus, service))
    finally:
        note_noise(FLEET, {"datagrams from strangers": party.links.strangers})


def _receiver(service: FleetService, vehicle: VehicleId) -> Callable[[bytes], None]:
    return lambda data: service.receive(vehicle, data)


def _guarded(sysid: int, kind: VehicleKind) -> GuardedVehicle:
    return GuardedVehicle(
        sysid=sysid, limits=LIMITS[kind], needs_failsafes=True, accepts_none=UNANSWERED.get(kind, frozenset())
    )


async def _serve(bus: StreamBus, service: FleetService) -> None:
    bus.announce()
    await service.run()
