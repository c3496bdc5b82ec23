"""Simulated vehicles for any ground station: UDP out and TCP servers as ArduPilot's SITL has them, in live time."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from sim.engine.weather import Weather
from sim.pace import FasterClock
from sim.service import SimEvent, SimService
from sim.speak.keyholder import NO_KEY, Kept
from sim.speak.port import Port
from sim.vehicles.spec import CameraSpec, Kind, VehicleSpec
from world.ids import VehicleId
from world.position import Enu, Geodetic, LocalFrame
from world.terrain import Terrain
from world.time import Clock

MOST_UNSENT_BYTES = 1 << 20
"""A TCP client that reads slower than this is cut off: it must not hold up the others' memory."""
_SPACING_M = 10.0
_WATER_DEPTH_M = 30.0
_LETTERS = {Kind.COPTER: "U", Kind.ROVER: "G", Kind.SUB: "W", Kind.PLANE: "P", Kind.BOAT: "B"}
_SWIM = frozenset({Kind.SUB, Kind.BOAT})


class PortTaken(OSError):
    """A port the simulator should serve on is in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """What `taihang sim serve` is asked for: vehicle i talks to UDP `udp_port` + i, serves TCP `tcp_port` + 10 i."""

    vehicles: int = 1
    kind: Kind = Kind.COPTER
    host: str = "127.0.0.1"
    udp_port: int | None = 14540
    tcp_port: int | None = 5760
    """0 takes any free ports."""
    speed: float = 1.0
    seed: int = 1
    warm_up_s: float = 42.0
    booted_s: float = 0.0
    signing: Kept = NO_KEY
    """Key of all vehicles. The first link is UDP where there is that, and then what `has_cable` speaks of."""
    trusts_tcp: bool = False
    """TCP clients are as good as a USB cable: unsigned frames are let in, and signing keys taken."""
    origin: Geodetic = field(default_factory=lambda: Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=900.0))
    weather: Weather = field(default_factory=lambda: Weather(wind_m_s=3.0, wind_from_deg=250.0, gust_m_s=0.8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Where each vehicle can be reached, once everything is bound."""

    vehicles: tuple[VehicleId, ...]
    udp_targets: tuple[tuple[str, int], ...]
    tcp_ports: tuple[int, ...]


def specs_of(options: ServeOptions) -> list[VehicleSpec]:
    """Vehicles in a row, ten metres apart, system ids from 1."""
    letter, swims = _LETTERS[options.kind], options.kind in _SWIM
    return [
        VehicleSpec(
            id=VehicleId(f"{letter}{i + 1:02d}"), sysid=i + 1, kind=options.kind,
            home=Enu(east_m=_SPACING_M * i, north_m=0.0, up_m=0.0), booted_s=options.booted_s,
            warm_up_s=options.warm_up_s, water_up_m=0.0 if swims else None,
            camera=CameraSpec() if options.kind is Kind.COPTER else None, signing=options.signing,
        )
        for i in range(options.vehicles)
    ]


async def serve(
    options: ServeOptions, clock: Clock, *, on_ready: Callable[[Serving], None] = lambda serving: None,
    on_event: Callable[[SimEvent], None] = lambda event: None,
) -> None:
    """Until cancelled; everything is closed then. Raises PortTaken before anything flies."""
    specs = specs_of(options)

    def make(send: Callable[[VehicleId, bytes], None]) -> SimService:
        return SimService(
            clock=FasterClock(clock, options.speed), specs=specs, terrain=plain_terrain(options.kind),
            frame=LocalFrame(options.origin), seed=options.seed, send=send, on_event=on_event, weather=options.weather,
        )

    await serve_made(make, specs, options, on_ready=on_ready)


async def serve_made(
    make: Callable[[Callable[[VehicleId, bytes], None]], SimService], specs: Sequence[VehicleSpec],
    options: ServeOptions, *, on_ready: Callable[[Serving], None] = lambda serving: None,
) -> None:
    """As `serve`, for the simulator that `make(send)` gives; of the options only host, ports and trust count."""
    routes: dict[VehicleId, asyncio.DatagramTransport] = {}

    def send(vehicle: VehicleId, data: bytes) -> None:
        if vehicle in routes:
            routes[vehicle].sendto(data)

    service = make(send)
    servers: list[asyncio.Server] = []
    try:
        targets = await _open_udp(options, specs, service, routes)
        ports = await _open_tcp(options, specs, service, servers)
        on_ready(Serving(vehicles=tuple(spec.id for spec in specs), udp_targets=targets, tcp_ports=ports))
        await service.run()
    finally:
        for transport in routes.values():
            transport.close()
        for server in servers:
            server.close()


class _Datagrams(asyncio.DatagramProtocol):
    """One vehicle's UDP link. Nobody listening yet is no error."""

    def __init__(self, receive: Callable[[bytes], None]) -> None:
        self._receive = receive

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._receive(data)

    def error_received(self, exc: Exception) -> None:
        """ICMP refusals come for as long as no ground station listens."""


class _Stream(asyncio.Protocol):
    """One TCP client of one vehicle: its own port, silent until it asks, greeted as by a booting autopilot."""

    def __init__(self, service: SimService, vehicle: VehicleId, is_trusted: bool) -> None:
        self._machine = service.machine(vehicle)
        self._is_trusted = is_trusted
        self._port: Port | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(f"a TCP server hands out streams, not {type(transport).__name__}")
        self._transport = transport
        transport.write(self._machine.boot_text())
        self._port = self._machine.open_port(self._send, is_stream=True, is_trusted=self._is_trusted)

    def data_received(self, data: bytes) -> None:
        self._machine.hear(data, self._port)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._port is not None:
            self._machine.close_port(self._port)

    def _send(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > MOST_UNSENT_BYTES:
            self._transport.abort()
            return
        self._transport.write(data)


async def _open_udp(
    options: ServeOptions, specs: Sequence[VehicleSpec], service: SimService,
    routes: dict[VehicleId, asyncio.DatagramTransport],
) -> tuple[tuple[str, int], ...]:
    if options.udp_port is None:
        return ()
    loop, targets = asyncio.get_running_loop(), []
    for i, spec in enumerate(specs):
        target = (options.host, options.udp_port + i)
        transport, _ = await loop.create_datagram_endpoint(
            partial(_Datagrams, partial(service.receive, spec.id)), remote_addr=target,
        )
        routes[spec.id] = transport
        targets.append(target)
    return tuple(targets)


async def _open_tcp(
    options: ServeOptions, specs: Sequence[VehicleSpec], service: SimService, servers: list[asyncio.Server],
) -> tuple[int, ...]:
    if options.tcp_port is None:
        return ()
    loop, bound = asyncio.get_running_loop(), []
    for i, spec in enumerate(specs):
        port = options.tcp_port + 10 * i if options.tcp_port else 0
        try:
            made = partial(_Stream, service, spec.id, options.trusts_tcp)
            server = await loop.create_server(made, options.host, port)
        except OSError as reason:
            raise PortTaken(f"TCP port {port} on {options.host} cannot be used: {reason.strerror}") from reason
        servers.append(server)
        bound.append(int(server.sockets[0].getsockname()[1]))
    return tuple(bound)


def plain_terrain(kind: Kind) -> Terrain:
    """Flat ground 6 km across; the bed of a lake for what swims."""
    height = -_WATER_DEPTH_M if kind in _SWIM else 0.0
    return Terrain(west_m=-3000.0, south_m=-3000.0, cell_m=100.0, heights_m=np.full((61, 61), height, np.float32))
