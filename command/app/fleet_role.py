"""The fleet's process: every vehicle's radio line, the guard in front of it, the service behind it."""

from collections.abc import Callable
from pathlib import Path

from shapely.geometry import Polygon

from command.app.hub_role import POLICY
from command.app.layout import FLEET, GROUND_STATION, SIM, RunConfig, radio_down, radio_up
from command.app.noise import note_noise
from command.app.party import Control, bus_of, participant
from command.bus.stream_bus import StreamBus
from command.site.names import MISSION_EXECUTOR
from command.survey import load_survey
from fleet.authority import Authority
from fleet.guard import LIMITS, Fence, Guard, GuardedVehicle, Site
from fleet.model import VehicleKind
from fleet.roster import Roster, RosterEntry
from fleet.service import FleetService
from fleet.switchboard import Switchboard
from sim.scenario import Scenario
from world.ids import OperatorId, VehicleId
from world.position import Enu
from world.terrain import Terrain

COMMANDER = OperatorId("commander")
"""Who sits at the screen."""
FENCE_MARGIN_M = 150.0
"""The fence holds the search area, every home and every drawn route, this much wider."""


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
            v.id: GuardedVehicle(sysid=v.sysid, limits=LIMITS[VehicleKind(v.kind.value)]) for v in scenario.vehicles
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


async def _serve(bus: StreamBus, service: FleetService) -> None:
    bus.announce()
    await service.run()


def fence_of(scenario: Scenario, terrain: Terrain) -> Fence:
    """Convex hull of everything the incident uses, with a margin, clipped to the known terrain."""
    points = [*scenario.search.area_m, *(v.home_m for v in scenario.vehicles)]
    points += [point for v in scenario.vehicles for point in v.patrol_m]
    known = Polygon.from_bounds(terrain.west_m, terrain.south_m, terrain.east_m, terrain.north_m)
    area = Polygon(points).convex_hull.buffer(FENCE_MARGIN_M, quad_segs=2).intersection(known.buffer(-5.0))
    frame = scenario.frame()
    corners = [Enu(east_m=east_m, north_m=north_m, up_m=0.0) for east_m, north_m in area.exterior.coords[:-1]]
    return Fence(inclusion=tuple(frame.to_geodetic(corner) for corner in corners))
