"""A fleet at bus level for mission tests: vehicles that move along routes, answer commands, take images and can be
lost."""

import asyncio
import math
from dataclasses import dataclass, field

from fleet.commands import Ack, AckResult, Command, RoutePoint, Verb
from fleet.model import (
    FailsafeAction,
    FailsafeCause,
    FailsafeSetting,
    FleetState,
    FlightMode,
    LinkState,
    VehicleKind,
    VehicleProfile,
    VehicleState,
)
from missions.model import VehicleOffer
from world.bus import Bus
from world.ids import VehicleId
from world.position import Enu, LocalFrame
from world.terrain import Terrain
from world.time import Clock, Instant

STEP_S = 0.2
STATE_EVERY = 2
LOST_AFTER_S = 3.0
ANSWER_S = {Verb.UPLOAD_ROUTE: 2.5, Verb.START_ROUTE: 2.0}
ANSWER_OTHERWISE_S = 0.4
LAND_M_S = 1.5


@dataclass(slots=True)
class Image:
    """One detection image: where the camera was and where it pointed."""

    vehicle: VehicleId
    index: int
    at: Enu
    heading_rad: float


@dataclass(slots=True)
class Craft:
    """One simulated vehicle; `up_m` AMSL differences as in Enu."""

    offer: VehicleOffer
    home: Enu
    at: Enu
    ready_at_s: float
    mode: FlightMode = FlightMode.HOLD
    is_armed: bool = False
    is_landed: bool = True
    heading_rad: float = 0.0
    points: tuple[Enu, ...] = ()
    route: tuple[RoutePoint, ...] = ()
    next: int = 0
    returns: bool = True
    take_off_up_m: float | None = None
    return_up_m: float = 60.0
    target: Enu | None = None
    look_rad: float | None = None
    trigger_m: float = 0.0
    since_image_m: float = 0.0
    images: int = 0
    heard_s: float = 0.0
    dead_since_s: float | None = None
    speed_share: float = 1.0
    """Of what it claims: head winds and heavy loads make vehicles late."""
    uploads: list[tuple[float, FlightMode, bool]] = field(default_factory=list)


class ScriptedFleet:
    """Publishes fleet/state at 2.5 Hz and answers fleet/command; `on_image` hears of every image."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        frame: LocalFrame,
        terrain: Terrain,
        offers: tuple[VehicleOffer, ...],
        *,
        ready_s: float = 5.0,
    ) -> None:
        self._bus, self._clock, self._frame, self._terrain = bus, clock, frame, terrain
        self.craft: dict[VehicleId, Craft] = {}
        for offer in offers:
            home = frame.to_enu(offer.home)
            self.craft[offer.vehicle] = Craft(offer=offer, home=home, at=home, ready_at_s=ready_s)
        self.taken: list[Image] = []
        self.commands: list[tuple[float, Command]] = []
        self.refuses: dict[VehicleId, Verb] = {}
        self.silent: set[VehicleId] = set()
        """Say nothing of their failsafes by themselves."""
        self.least_apart_m = math.inf
        self.closest_pair: tuple[float, VehicleId, VehicleId] | None = None
        bus.subscribe("fleet/command", self._on_command)

    @property
    def now_s(self) -> float:
        return self._clock.now().mono_ns / 1e9

    def kill(self, vehicle: VehicleId) -> None:
        self.craft[vehicle].dead_since_s = self.now_s

    def declare(self, vehicle: VehicleId, action: FailsafeAction = FailsafeAction.RETURN) -> None:
        """What it does on a lost link, a low battery and at its fence is read back anew."""
        settings = tuple(FailsafeSetting(cause=cause, action=action) for cause in FailsafeCause)
        self._bus.publish("fleet/profile", VehicleProfile(
            vehicle=vehicle, kind=self.craft[vehicle].offer.kind, at=self._clock.now(), failsafes=settings
        ))

    async def run(self) -> None:
        for vehicle in sorted(set(self.craft) - self.silent):
            self.declare(vehicle)
        count = 0
        while True:
            for craft in self.craft.values():
                if craft.dead_since_s is None:
                    self._move(craft)
            self._measure()
            if count % STATE_EVERY == 0:
                self._publish()
            count += 1
            await self._clock.sleep(STEP_S)

    def _measure(self) -> None:
        flying = [c for c in self.craft.values() if c.is_armed and not c.is_landed and c.dead_since_s is None]
        for k, a in enumerate(flying):
            for b in flying[k + 1 :]:
                if a.offer.kind is b.offer.kind is VehicleKind.COPTER:
                    apart_m = math.dist(_xyz(a.at), _xyz(b.at))
                    if apart_m < self.least_apart_m:
                        self.least_apart_m = apart_m
                        self.closest_pair = (self.now_s, a.offer.vehicle, b.offer.vehicle)

    def _publish(self) -> None:
        now = self._clock.now()
        vehicles = tuple(self._state(craft, now) for _, craft in sorted(self.craft.items()))
        self._bus.publish("fleet/state", FleetState(at=now, vehicles=vehicles))

    def _state(self, craft: Craft, now: Instant) -> VehicleState:
        silent_s = 0.0 if craft.dead_since_s is None else self.now_s - craft.dead_since_s
        is_ready = self.now_s >= craft.ready_at_s
        return VehicleState(
            vehicle=craft.offer.vehicle,
            kind=craft.offer.kind,
            heard=now.plus_s(-silent_s),
            link=LinkState.LOST if silent_s > LOST_AFTER_S else LinkState.FRESH,
            position=self._frame.to_geodetic(craft.at),
            height_above_home_m=craft.at.up_m - craft.home.up_m,
            heading_deg=math.degrees(craft.heading_rad) % 360.0,
            is_armed=craft.is_armed,
            mode=craft.mode,
            is_ready=is_ready,
            prearm_reasons=() if is_ready else ("EKF waits for GPS",),
            is_landed=craft.is_landed,
            battery_pct=90.0,
            mission_item=craft.next if craft.mode is FlightMode.AUTO else None,
            home=craft.offer.home,
        )

    def _on_command(self, command: Command) -> None:
        self.commands.append((self.now_s, command))
        asyncio.get_running_loop().call_later(ANSWER_S.get(command.verb, ANSWER_OTHERWISE_S), self._answer, command)

    def _answer(self, command: Command) -> None:
        craft = self.craft[command.vehicle]
        if craft.dead_since_s is not None:
            result, reason = AckResult.LINK_LOST, "nothing heard"
        elif self.refuses.get(command.vehicle) is command.verb:
            result, reason = AckResult.REFUSED_BY_VEHICLE, "PreArm: compass"
        else:
            result, reason = AckResult.ACCEPTED, ""
            self._do(craft, command)
        ack = Ack(
            command=command.id,
            vehicle=command.vehicle,
            verb=command.verb,
            result=result,
            reason=reason,
            at=self._clock.now(),
        )
        self._bus.publish("fleet/ack", ack)

    def _do(self, craft: Craft, command: Command) -> None:
        if command.verb is Verb.UPLOAD_ROUTE and command.route is not None:
            craft.uploads.append((self.now_s, craft.mode, craft.is_armed))
            craft.route = command.route.points
            craft.points = tuple(self._frame.to_enu(point.position) for point in command.route.points)
            craft.next, craft.returns = command.route.start_index, command.route.returns_at_end
            height_m = command.route.take_off_height_m
            craft.take_off_up_m = None if height_m is None or not craft.is_landed else craft.home.up_m + height_m
            in_force = [p.trigger_distance_m for p in craft.route[: craft.next] if p.trigger_distance_m is not None]
            self._set_trigger(craft, in_force[-1] if in_force else 0.0)
        elif command.verb is Verb.START_ROUTE:
            craft.is_armed, craft.is_landed, craft.mode = True, False, FlightMode.AUTO
        elif command.verb is Verb.GO_TO and command.position is not None:
            craft.mode, craft.target = FlightMode.GUIDED, self._frame.to_enu(command.position)
            craft.look_rad = None if command.heading_deg is None else math.radians(command.heading_deg)
        elif command.verb is Verb.LOOK_AT and command.heading_deg is not None:
            craft.heading_rad = math.radians(command.heading_deg)
        elif command.verb is Verb.CAPTURE:
            self._take(craft)
        elif command.verb is Verb.DISARM:
            craft.is_armed, craft.is_landed = False, True
        elif command.verb in (Verb.HOLD, Verb.STOP):
            craft.mode, craft.target = FlightMode.HOLD, None
        elif command.verb is Verb.RETURN:
            craft.mode = FlightMode.RETURN
        elif command.verb is Verb.SET_RETURN_HEIGHT and command.height_m is not None:
            craft.return_up_m = craft.home.up_m + command.height_m

    def _move(self, craft: Craft) -> None:
        if not craft.is_armed:
            return
        left_s = STEP_S
        while left_s > 1e-6:
            goal = self._goal(craft)
            if goal is None:
                return
            left_s = self._approach(craft, goal, left_s)

    def _goal(self, craft: Craft) -> Enu | None:
        if craft.mode is FlightMode.AUTO:
            if craft.take_off_up_m is not None:
                return Enu(east_m=craft.at.east_m, north_m=craft.at.north_m, up_m=craft.take_off_up_m)
            if craft.next < len(craft.points):
                return craft.points[craft.next]
            craft.mode = FlightMode.RETURN if craft.returns else FlightMode.HOLD
            self._set_trigger(craft, 0.0)
        if craft.mode is FlightMode.GUIDED:
            return (
                craft.target
                if craft.target is not None and math.dist(_xyz(craft.target), _xyz(craft.at)) > 0.01
                else None
            )
        if craft.mode is FlightMode.RETURN:
            return self._way_home(craft)
        return None

    def _way_home(self, craft: Craft) -> Enu:
        away_m = math.dist((craft.at.east_m, craft.at.north_m), (craft.home.east_m, craft.home.north_m))
        if away_m < 0.5:
            return craft.home
        up_m = max(craft.return_up_m, craft.at.up_m)
        if craft.at.up_m < up_m - 0.1 and away_m > 20.0:
            return Enu(east_m=craft.at.east_m, north_m=craft.at.north_m, up_m=up_m)
        return Enu(east_m=craft.home.east_m, north_m=craft.home.north_m, up_m=craft.at.up_m)

    def _approach(self, craft: Craft, goal: Enu, left_s: float) -> float:
        """Move towards the goal for at most `left_s`; the time that is left over."""
        east_m, north_m, rise_m = (
            goal.east_m - craft.at.east_m,
            goal.north_m - craft.at.north_m,
            goal.up_m - craft.at.up_m,
        )
        ahead_m = math.hypot(east_m, north_m)
        climb_m_s = LAND_M_S if craft.mode is FlightMode.RETURN and ahead_m < 0.5 else craft.offer.climb_m_s
        needed_s = max(ahead_m / craft.offer.cruise_m_s, abs(rise_m) / climb_m_s) / craft.speed_share
        share = 1.0 if needed_s <= left_s else left_s / needed_s
        if ahead_m > 0.5:
            craft.heading_rad = math.atan2(east_m, north_m)
        before = craft.at
        craft.at = Enu(
            east_m=before.east_m + share * east_m,
            north_m=before.north_m + share * north_m,
            up_m=before.up_m + share * rise_m,
        )
        self._photograph(craft, before, share * ahead_m)
        if share < 1.0:
            return 0.0
        self._arrive(craft)
        return left_s - needed_s

    def _arrive(self, craft: Craft) -> None:
        if craft.mode is FlightMode.AUTO:
            if craft.take_off_up_m is not None:
                craft.take_off_up_m = None
                return
            trigger_m = craft.route[craft.next].trigger_distance_m
            if trigger_m is not None:
                self._set_trigger(craft, trigger_m)
            craft.next += 1
        elif craft.mode is FlightMode.GUIDED and craft.look_rad is not None:
            craft.heading_rad = craft.look_rad
        elif craft.mode is FlightMode.RETURN and math.dist(_xyz(craft.at), _xyz(craft.home)) < 0.2:
            craft.is_armed, craft.is_landed, craft.mode = False, True, FlightMode.HOLD

    def _set_trigger(self, craft: Craft, trigger_m: float) -> None:
        craft.trigger_m, craft.since_image_m = trigger_m, 0.0

    def _photograph(self, craft: Craft, before: Enu, moved_m: float) -> None:
        if craft.trigger_m <= 0 or moved_m <= 0 or craft.mode is not FlightMode.AUTO:
            return
        craft.since_image_m += moved_m
        if craft.since_image_m >= craft.trigger_m:
            craft.since_image_m -= craft.trigger_m
            self._take(craft)

    def _take(self, craft: Craft) -> None:
        craft.images += 1
        self.taken.append(
            Image(vehicle=craft.offer.vehicle, index=craft.images, at=craft.at, heading_rad=craft.heading_rad)
        )


def _xyz(at: Enu) -> tuple[float, float, float]:
    return at.east_m, at.north_m, at.up_m
