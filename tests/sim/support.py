"""A ground station for tests: it knows a simulated vehicle by bytes only, and simulated time by stepping it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.enums import Command, MavResult, MissionResult
from fleet.wire.frame import parse_datagram
from fleet.wire.message import Message
from sim.engine.backends import Backend
from sim.engine.engine import Engine
from sim.engine.weather import Weather
from sim.service import SimEvent, SimService
from sim.vehicles.spec import CameraSpec, Kind, VehicleSpec
from world.ids import VehicleId
from world.position import Enu, Geodetic, LocalFrame
from world.terrain import Terrain
from world.time import Instant

ORIGIN = Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=900.0)
FRAME = LocalFrame(ORIGIN)
STATION, STATION_COMPONENT = 255, 190


class StillClock:
    """Simulated time only ever moves by steps here."""

    def now(self) -> Instant:
        return Instant(mono_ns=0, utc_ns=1_800_000_000_000_000_000)

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()

    async def sleep_until(self, mono_ns: int) -> None:
        await asyncio.Event().wait()


def flat_terrain(height_m: float = 0.0) -> Terrain:
    return Terrain(west_m=-3000.0, south_m=-3000.0, cell_m=100.0, heights_m=np.full((61, 61), height_m, np.float32))


def hilly_terrain() -> Terrain:
    nodes = np.arange(121) * 25.0
    heights = 6.0 * np.sin(nodes[None, :] / 60.0) + 4.0 * np.cos(nodes[:, None] / 45.0)
    return Terrain(west_m=-1500.0, south_m=-1500.0, cell_m=25.0, heights_m=heights.astype(np.float32))


def spec(kind: Kind = Kind.COPTER, number: int = 1, **changes: Any) -> VehicleSpec:
    """Booted and ready unless asked otherwise."""
    letter = {Kind.COPTER: "U", Kind.ROVER: "G", Kind.SUB: "W", Kind.PLANE: "P", Kind.BOAT: "B"}[kind]
    made = VehicleSpec(
        id=VehicleId(f"{letter}{number:02d}"), sysid=number, kind=kind, booted_s=60.0, refuses_first_arm=0.0,
        home=Enu(east_m=12.0 * number, north_m=0.0, up_m=0.0), camera=CameraSpec() if kind is Kind.COPTER else None,
        water_up_m={Kind.SUB: 20.0, Kind.BOAT: 1.0}.get(kind),
    )
    if kind is Kind.SUB:
        made = replace(made, home=Enu(east_m=12.0 * number, north_m=0.0, up_m=20.0))
    return replace(made, **changes)


class Place:
    """A service with one station per vehicle."""

    def __init__(self, specs: Sequence[VehicleSpec], *, seed: int = 7, terrain: Terrain | None = None,
                 weather: Weather | None = None, backend: Backend = Backend.COMPILED,
                 make_engine: Callable[..., Engine] = Engine) -> None:
        self.events: list[SimEvent] = []
        self.captures: list[Any] = []
        self.stations: dict[VehicleId, Station] = {}
        self.service = SimService(
            clock=StillClock(), specs=specs, terrain=terrain or flat_terrain(), frame=FRAME, seed=seed,
            send=lambda vehicle, data: self.stations[vehicle].take(data),
            on_capture=lambda row, capture: self.captures.append((row, capture)), on_event=self.events.append,
            weather=weather or Weather(wind_m_s=3.0, wind_from_deg=250.0, gust_m_s=0.8), backend=backend,
            make_engine=make_engine,
        )
        for made in specs:
            self.stations[made.id] = Station(self, made)

    def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds * 50)):
            self.service.step()

    def wait(self, is_so: Callable[[], bool], within_s: float) -> float:
        """Seconds of simulated time until it is so; fails past the deadline."""
        for step in range(round(within_s * 50)):
            if is_so():
                return step / 50
            self.service.step()
        raise AssertionError(f"not so within {within_s} simulated seconds")


class Station:
    """Talks to one vehicle; `heard` are the messages in order, with the component that spoke."""

    def __init__(self, place: Place, made: VehicleSpec) -> None:
        self.place, self.spec = place, made
        self.heard: list[tuple[int, Message]] = []
        self.raw = bytearray()
        self._encoder = Encoder(STATION, STATION_COMPONENT)
        self._decoder = Decoder()

    def take(self, data: bytes) -> None:
        self.raw += data
        for frame in parse_datagram(data):
            message = self._decoder.decode(frame)
            assert message is not None
            assert frame.sysid == self.spec.sysid
            self.heard.append((frame.compid, message))

    def say(self, name: str, **fields: Any) -> None:
        self.place.service.receive(self.spec.id, self._encoder.encode(name, **fields))

    def all(self, name: str) -> list[Message]:
        return [message for _, message in self.heard if message.SPEC.name == name]

    def last(self, name: str) -> Message:
        return self.all(name)[-1]

    def texts(self) -> list[str]:
        return [message.text for message in self.all("STATUSTEXT")]

    def command(self, command: int, *p: float, component: int = 1) -> MavResult:
        """COMMAND_LONG; the result of its acknowledgement."""
        padded = [*p, *[0.0] * (7 - len(p))]
        before = len(self.all("COMMAND_ACK"))
        self.say(
            "COMMAND_LONG", target_system=self.spec.sysid, target_component=component, command=command, confirmation=0,
            **{f"param{n}": value for n, value in enumerate(padded, 1)},
        )
        acks = self.all("COMMAND_ACK")[before:]
        assert [ack.command for ack in acks] == [command]
        assert (acks[0].target_system, acks[0].target_component) == (STATION, STATION_COMPONENT)
        return MavResult(acks[0].result)

    def beat(self) -> None:
        self.say("HEARTBEAT", type=6, autopilot=8, base_mode=0, custom_mode=0, system_status=4)

    def mode(self, number: int) -> MavResult:
        return self.command(Command.DO_SET_MODE, 1, number)

    def arm(self) -> MavResult:
        return self.command(Command.COMPONENT_ARM_DISARM, 1)

    def stream(self, msgid: int, rate_hz: float) -> MavResult:
        return self.command(Command.SET_MESSAGE_INTERVAL, msgid, 1e6 / rate_hz)

    def is_armed(self) -> bool:
        """By its heartbeat."""
        return bool([m for c, m in self.heard if m.SPEC.name == "HEARTBEAT" and c == 1][-1].base_mode & 128)

    def upload(self, items: Sequence[dict[str, Any]], mission_type: int = 0, *, floats: bool = False) -> MissionResult:
        """The whole handshake; what the final acknowledgement says."""
        me = {"target_system": self.spec.sysid, "target_component": 1, "mission_type": mission_type}
        self.heard = [pair for pair in self.heard if pair[1].SPEC.name != "MISSION_ACK"]
        asked = len(self.all("MISSION_REQUEST"))
        self.say("MISSION_COUNT", count=len(items), **me)
        while len(self.all("MISSION_REQUEST")) > asked and not self.all("MISSION_ACK"):
            asked += 1
            seq = self.last("MISSION_REQUEST").seq
            fields = {"seq": seq, "current": 0, "autocontinue": 1, **items[seq], **me}
            if floats:
                self.say("MISSION_ITEM", **fields | {"x": fields["x"] / 1e7, "y": fields["y"] / 1e7})
            else:
                self.say("MISSION_ITEM_INT", **fields)
        return MissionResult(self.last("MISSION_ACK").type)

    def download(self, mission_type: int = 0) -> list[Message]:
        me = {"target_system": self.spec.sysid, "target_component": 1, "mission_type": mission_type}
        self.say("MISSION_REQUEST_LIST", **me)
        items = []
        for seq in range(self.last("MISSION_COUNT").count):
            self.say("MISSION_REQUEST_INT", seq=seq, **me)
            items.append(self.last("MISSION_ITEM_INT"))
        return items


def item(command: int, east_m: float = 0.0, north_m: float = 0.0, height_m: float = 0.0, *p: float,
         frame: int = 6) -> dict[str, Any]:
    """A mission item at a place of the local frame."""
    at = FRAME.to_geodetic(Enu(east_m=east_m, north_m=north_m, up_m=0.0))
    p1, p2, p3, p4 = [*p, *[0.0] * (4 - len(p))]
    return {
        "frame": frame, "command": command, "param1": p1, "param2": p2, "param3": p3, "param4": p4,
        "x": round(at.lat_deg * 1e7), "y": round(at.lon_deg * 1e7), "z": height_m,
    }


def bare(command: int, *p: float) -> dict[str, Any]:
    """A mission item without a place."""
    p1, p2, p3, p4 = [*p, *[0.0] * (4 - len(p))]
    params = {"param1": p1, "param2": p2, "param3": p3, "param4": p4}
    return {"frame": 2, "command": command, **params, "x": 0, "y": 0, "z": 0.0}


def fly_off(station: Station, height_m: float = 20.0) -> None:
    """A ready copter, armed in GUIDED and standing at a height."""
    place = station.place
    assert station.mode(4) is MavResult.ACCEPTED
    assert station.arm() is MavResult.ACCEPTED
    assert station.command(Command.NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, height_m) is MavResult.ACCEPTED
    row = place.service.engine.columns
    while row.pos[0, 2] < height_m - 1.0:
        station.beat()
        place.pass_time(0.5)
        assert place.service.elapsed_s < 60
