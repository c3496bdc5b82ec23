"""One simulated vehicle put together: its row of the engine, autopilot and links, and the wall around its faults."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from fleet.wire.decode import Decoder
from sim.autopilot.arming import has_home
from sim.autopilot.autopilot import HEARD, Autopilot
from sim.autopilot.camera import Camera, Capture
from sim.autopilot.kinds import rules_of
from sim.autopilot.loadmaster import Loadmaster
from sim.autopilot.logbook import Log
from sim.autopilot.parameters import Parameters
from sim.autopilot.photographer import Detect, Photographer
from sim.autopilot.ship import Pack, Place, Ship
from sim.engine.columns import NEVER
from sim.engine.engine import Engine
from sim.engine.noise import Sensor, stream
from sim.payloads.rack import Rack
from sim.speak.keyholder import Kept, Keyholder
from sim.speak.port import Port, Voice
from sim.vehicles.spec import VehicleSpec
from world.ids import VehicleId
from world.position import Enu, LocalFrame
from world.terrain import Terrain

FAULTS: Final = (ArithmeticError, LookupError, ValueError)
"""What a vehicle's own model may raise on a state it was not made for; anything else is a fault of the simulator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleFailed:
    """A vehicle's model broke down: its motors stop and it is silent; the others go on."""

    vehicle: VehicleId
    tick: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleWrecked:
    """A vehicle hit the ground too hard and will not speak again."""

    vehicle: VehicleId
    tick: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What all machines of a place write down for whoever steps them."""

    wakes: npt.NDArray[np.int64]
    """The next tick at which each machine may have something to do."""
    events: list[VehicleFailed | VehicleWrecked] = field(default_factory=list)

    def take_events(self) -> list[VehicleFailed | VehicleWrecked]:
        """Since the last time."""
        events = self.events.copy()
        self.events.clear()
        return events


class Machine:
    """Links carry bytes both ways until the machine is wrecked, broken or out of radio."""

    def __init__(self, index: int, ship: Ship, autopilot: Autopilot, engine: Engine, ledger: Ledger) -> None:
        self.id = ship.spec.id
        self.is_alive = True
        self.has_link = True
        self._index = index
        self._ship = ship
        self._autopilot = autopilot
        self._engine = engine
        self._ledger = ledger

    def open_port(
        self, send: Callable[[bytes], None], *, is_stream: bool = False, is_trusted: bool | None = None
    ) -> Port:
        """Another link: silent but for heartbeats and texts until it asks. `is_trusted`: as a USB cable is."""
        ship = self._ship
        port = Port(
            sysid=ship.spec.sysid, send=self._gate(send), decoder=Decoder(HEARD), is_stream=is_stream,
            phase=self._autopilot.phase, seal=ship.keyholder.seal(is_trusted=is_trusted), utc_ns=lambda: ship.utc_ns,
        )
        self._ship.voice.ports.append(port)
        return port

    def boot_text(self) -> bytes:
        """What a booting autopilot prints on a stream before it speaks MAVLink; nothing once it is ready."""
        if self._ship.uptime_s >= self._ship.spec.warm_up_s:
            return b""
        return f"\n\nInit {self._ship.rules.firmware}\n\nFree RAM: 131072\n".encode()

    def close_port(self, port: Port) -> None:
        self._autopilot.drop(port)

    def hear(self, data: bytes, port: Port | None = None) -> None:
        """Bytes on a link, by default the first; answers leave at once."""
        if not (self.is_alive and self.has_link):
            return
        try:
            self._refresh(self._engine)
            self._autopilot.hear(port or self._ship.voice.ports[0], data)
            self._ship.voice.flush()
            self._look_ahead(self._engine)
        except FAULTS as fault:
            self._break_down(fault)

    def hit_ground(self) -> None:
        """The physics counted a hard impact."""
        if self.is_alive and self._ship.rules.flies:
            self._wreck()

    def step(self, engine: Engine) -> None:
        """A step of the physics at which it may have something to do (`Ledger.wakes`)."""
        try:
            self._refresh(engine)
            self._autopilot.think(engine.tick)
            self._photograph(engine)
            self._work_payloads(engine)
            self._ship.voice.flush()
            self._look_ahead(engine)
        except FAULTS as fault:
            self._break_down(fault)

    def lose_motors(self) -> None:
        self._engine.columns.health[self._index] = 0.0

    def lose_link(self) -> None:
        self.has_link = False

    def drain(self, percent: float) -> None:
        """Down to this charge."""
        energy = self._engine.columns.energy_j
        energy[self._index] = min(energy[self._index], self._ship.pack.full_j * percent / 100)

    @property
    def is_armed(self) -> bool:
        return self._ship.is_armed

    @property
    def charge_pct(self) -> float:
        """What is truly left in the battery."""
        return 100.0 * float(self._engine.columns.energy_j[self._index]) / self._ship.pack.full_j

    @property
    def parameters(self) -> Parameters:
        return self._ship.parameters

    @property
    def signing(self) -> Kept:
        """Its key and time of signatures, as they outlast being switched off."""
        return self._ship.keyholder.kept

    @property
    def logs(self) -> list[Log]:
        """What it wrote down while it was armed."""
        return self._autopilot.logbook.logs

    @property
    def camera_pitch_rad(self) -> float | None:
        return self._ship.camera.pitch_rad if self._ship.camera else None

    @property
    def payloads(self) -> Rack | None:
        loadmaster = self._autopilot.payloads
        return None if loadmaster is None else loadmaster.rack

    def mind(self) -> tuple[int, int, int, int, int]:
        """What the state hash takes of the autopilot."""
        ship = self._ship
        return ship.mode, ship.is_armed, ship.is_landed, ship.mission.seq, ship.camera.count if ship.camera else 0

    def _look_ahead(self, engine: Engine) -> None:
        self._ledger.wakes[self._index] = self._autopilot.next_thought(engine.tick)

    def _refresh(self, engine: Engine) -> None:
        self._ship.tick_now = engine.tick
        self._ship.estimate = estimate = engine.estimate(self._index)
        if not math.isfinite(estimate.up_m):
            raise ArithmeticError("the state is no longer a number")

    def _photograph(self, engine: Engine) -> None:
        photographer = self._autopilot.photographer
        if photographer is not None and photographer.is_due():
            east, north, up = engine.columns.pos[self._index].tolist()
            roll, pitch, _ = engine.senses.attitude_error_rad[self._index].tolist()
            yaw = float(engine.columns.yaw[self._index])
            photographer.shoot(Enu(east_m=east, north_m=north, up_m=up), yaw, (roll, pitch))

    def _work_payloads(self, engine: Engine) -> None:
        payloads = self._autopilot.payloads
        if payloads is not None and self._autopilot.is_beat(engine.tick):
            east, north, up = engine.columns.pos[self._index].tolist()
            speed_m_s = math.hypot(*engine.columns.vel[self._index].tolist())
            payloads.work(Enu(east_m=east, north_m=north, up_m=up), speed_m_s)

    def _wreck(self) -> None:
        self.is_alive = False
        self._ship.is_armed = False
        self._engine.retire(self._index)
        self._ledger.wakes[self._index] = NEVER
        self._ledger.events.append(VehicleWrecked(vehicle=self.id, tick=self._engine.tick))

    def _break_down(self, fault: Exception) -> None:
        self._wreck()
        reason = f"{type(fault).__name__}: {fault}"
        self._ledger.events[-1] = VehicleFailed(vehicle=self.id, tick=self._engine.tick, reason=reason)

    def _gate(self, send: Callable[[bytes], None]) -> Callable[[bytes], None]:
        def gated(data: bytes) -> None:
            if self.is_alive and self.has_link:
                send(data)

        return gated


def build_machines(
    engine: Engine, specs: Sequence[VehicleSpec], *, terrain: Terrain, frame: LocalFrame, seed: int, start_utc_ns: int,
    send: Callable[[VehicleId, bytes], None], on_capture: Callable[[int, Capture], None], detect: Detect | None = None,
    ledger: Ledger,
) -> list[Machine]:
    """One machine per spec, each with its first link on `send`."""
    place = Place(frame=frame, ground_at=_ground_reader(terrain), start_utc_ns=start_utc_ns)
    machines = []
    for index, spec in enumerate(specs):
        ship = _ship(engine, index, spec, place, seed)
        photographer = _photographer(ship, index, on_capture, detect)
        rack = Rack(spec.payloads, seed=seed, vehicle=index) if spec.payloads else None
        payloads = None if rack is None else Loadmaster(ship, rack)
        machine = Machine(index, ship, Autopilot(ship, photographer, payloads), engine, ledger)
        machine.open_port(_sender(send, spec.id))
        machines.append(machine)
    return machines


def _ship(engine: Engine, index: int, spec: VehicleSpec, place: Place, seed: int) -> Ship:
    chance = float(stream(seed, index, Sensor.ARMING).random())
    parameters = Parameters(spec.kind, {"SYSID_THISMAV": spec.sysid} | dict(spec.parameters))
    rules = rules_of(spec.kind, parameters)
    full_j, cells = engine.battery(spec.kind)
    ship = Ship(
        spec=spec, rules=rules, row=engine.row(index), place=place, voice=Voice(), parameters=parameters,
        pack=Pack(full_j=full_j, cells=cells),
        refuses_first_arm=chance < spec.refuses_first_arm, estimate=engine.estimate(index), mode=rules.first_mode,
        camera=Camera(spec.camera) if spec.camera else None, keyholder=Keyholder(spec.signing),
    )
    ship.row.use_rotors(rules.rotors)
    ship.apply_limits()
    if has_home(ship):
        ship.home = ship.estimate.at
    return ship


def _photographer(
    ship: Ship, index: int, on_capture: Callable[[int, Capture], None], detect: Detect | None
) -> Photographer | None:
    if ship.camera is None:
        return None
    return Photographer(ship, ship.camera, lambda capture: on_capture(index, capture), detect)


def _sender(send: Callable[[VehicleId, bytes], None], vehicle: VehicleId) -> Callable[[bytes], None]:
    return lambda data: send(vehicle, data)


def _ground_reader(terrain: Terrain) -> Callable[[float, float], float]:
    """Heights of the terrain, of its edge beyond it."""

    def ground_at(east_m: float, north_m: float) -> float:
        east = min(max(east_m, terrain.west_m), terrain.east_m)
        return terrain.height_m(east, min(max(north_m, terrain.south_m), terrain.north_m))

    return ground_at
