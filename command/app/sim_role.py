"""The simulator's process: machines and their place, MAVLink out of one UDP socket each, cameras over RTSP."""

from contextlib import closing
from pathlib import Path

from command.app.layout import FLEET, GROUND_STATION, RTSP, SIM, RunConfig, radio_down, radio_up, streams
from command.app.noise import note_noise
from command.app.party import Control, participant
from command.app.pictures import ChannelCourier
from command.app.simulation import Simulation
from command.errors import BadInput
from command.eyes import Eyes
from command.report import truth
from command.report.track import Track
from command.timing import Participant
from command.timing.udp import UdpLink
from sim.cameras.onboard import OnboardDetector
from sim.cameras.service import SENSORS, CameraService, mount_of
from sim.scenario import Scenario
from sim.scenarios.model import VehicleKind
from sim.video.server import RtspServer
from sim.worlds.build import build_world
from sim.worlds.model import World
from sim.worlds.people import NoRoomForPeople
from world.ids import StreamId, VehicleId


def run(config: RunConfig, control: Control) -> None:
    scenario = config.load_scenario()
    try:
        world = build_world(scenario)
    except NoRoomForPeople as error:
        raise BadInput(str(error)) from error
    party = participant(SIM, config, scenario, control)
    radios = {vehicle.id: party.links.udp(vehicle.id) for vehicle in scenario.vehicles}
    numbers = {mount_of(*_split(stream)): number for stream, number in streams(scenario, config.eyes).items()}
    courier = ChannelCourier(party, numbers)
    server = RtspServer(party.links, party.clock, port=party.links.known_port(RTSP), courier=courier)
    with closing(server):
        _serve(config, scenario, world, party, server, courier, radios)


def _serve(
    config: RunConfig, scenario: Scenario, world: World, party: Participant, server: RtspServer,
    courier: ChannelCourier, radios: dict[VehicleId, UdpLink],
) -> None:
    courier.serve(server)
    party.links.report_port(RTSP, server.port)
    copters = [vehicle.id for vehicle in scenario.vehicles if vehicle.kind is VehicleKind.COPTER]
    detects_on_board = config.eyes is Eyes.MODEL
    cameras = CameraService(world, server, party.clock, copters, sensors=() if detects_on_board else SENSORS)
    address = ("127.0.0.1", party.join()[FLEET][GROUND_STATION])
    for index, vehicle in enumerate(scenario.vehicles):
        radios[vehicle.id].add_peer(address, incoming=radio_down(index), outgoing=radio_up(index))
    up = {vehicle.id: radio_up(index) for index, vehicle in enumerate(scenario.vehicles)}
    track = Track(Path(config.folder))
    simulation = Simulation(
        party.clock, world, cameras, send=lambda vehicle, data: party.send(up[vehicle], data),
        onboard=OnboardDetector(world) if detects_on_board else None, on_second=track.write,
    )
    for index, vehicle in enumerate(scenario.vehicles):
        party.on(radio_down(index), simulation.receiver(vehicle.id))
    try:
        party.run(simulation.run())
    finally:
        truth.write(Path(config.sockets), simulation.truth())
        track.close()
        note_noise(
            SIM, {"datagrams from strangers": party.links.strangers, "pieces of RTSP garbage": server.counters.garbage,
                  "seconds of truth for want of room": track.seconds_lost}
        )


def _split(stream: StreamId) -> tuple[VehicleId, str]:
    vehicle, sensor = stream.split("/")
    return VehicleId(vehicle), sensor
