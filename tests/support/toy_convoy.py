"""Points that fly straight legs with failures thrown in: what properties of convoys are searched with, fast."""

import math
from dataclasses import dataclass, field

from fleet.commands import Ack, AckResult, Verb
from fleet.model import LinkState, VehicleKind, VehicleState
from fleet.together.conductor import Manoeuvre
from fleet.together.convoy import Wish
from fleet.together.sight import Sight
from fleet.together.traveller import Leg
from world.ids import CommandId, VehicleId
from world.position import Enu, Geodetic, Ned
from world.time import NS_PER_S, Instant

STEP_S = 1.0
SPEED_M_S, CLIMB_M_S, FALL_M_S = 5.0, 2.5, 1.5
NOWHERE = Geodetic(lat_deg=0.0, lon_deg=0.0, height_m=0.0)


@dataclass(slots=True)
class Toy:
    """One point. `refuses`: never leaves the ground; `silent_from_s`: is not heard any more, flies on or falls."""

    at: Enu
    home: Enu
    is_armed: bool = False
    refuses: bool = False
    silent_from_s: float = math.inf
    dies_when_silent: bool = False
    slow: float = 1.0
    leg: Leg | None = None
    heard: Sight | None = None

    @property
    def is_up(self) -> bool:
        return self.is_armed and self.at.up_m > self.home.up_m + 0.5

    def move(self, now_s: float) -> None:
        if self.dies_when_silent and now_s >= self.silent_from_s:
            self.is_armed, self.leg = False, None
            self.at = _towards(self.at, _ground(self.at, self.home), 9.0)
        elif self.leg is not None:
            lands = self.leg.verb in (Verb.RETURN, Verb.LAND)
            speed = FALL_M_S if lands else (CLIMB_M_S if self.leg.end.up_m != self.at.up_m else SPEED_M_S)
            self.at = _towards(self.at, self.leg.end, speed * self.slow * STEP_S)
            if lands and self.at == self.leg.end:
                self.is_armed, self.leg = False, None


@dataclass(slots=True)
class ToyFleet:
    """Time passes by `run`; `least_m` is the least distance on the ground of two in the air within a layer."""

    toys: dict[VehicleId, Toy]
    layer_m: float = 5.0
    now_s: float = 0.0
    least_m: float = math.inf
    acks: list[Ack] = field(default_factory=list)

    def now(self) -> Instant:
        ns = round(self.now_s * NS_PER_S)
        return Instant(mono_ns=ns, utc_ns=ns)

    def run(self, manoeuvre: Manoeuvre, for_s: float) -> None:
        """Until it is over, or that long."""
        end_s = self.now_s + for_s
        while not manoeuvre.is_over and self.now_s < end_s:
            for ack in self.acks:
                manoeuvre.hear(ack, self.now())
            self.acks = []
            for wish in manoeuvre.look(self.sights(), self.now()):
                self.obey(wish)
            for toy in self.toys.values():
                toy.move(self.now_s)
            self.now_s += STEP_S
            self._measure()

    def obey(self, wish: Wish) -> None:
        toy = self.toys[wish.vehicle]
        result = AckResult.ACCEPTED
        if self.now_s >= toy.silent_from_s:
            result = AckResult.LINK_LOST
        elif wish.leg.verb is Verb.TAKE_OFF and toy.refuses:
            result = AckResult.REFUSED_BY_VEHICLE
        else:
            toy.is_armed, toy.leg = True, wish.leg
        self.acks.append(Ack(
            command=CommandId("c"), vehicle=wish.vehicle, verb=wish.leg.verb, result=result, reason="", at=self.now()
        ))

    def sights(self) -> dict[VehicleId, Sight]:
        """As last heard: the silent ones grow old."""
        seen = {}
        for vehicle, toy in self.toys.items():
            if self.now_s < toy.silent_from_s or toy.heard is None:
                toy.heard = self._sight(vehicle, toy, LinkState.FRESH, self.now())
            age_s = toy.heard.state.heard.age_s(self.now())
            link = LinkState.FRESH if age_s < 2.0 else (LinkState.LATE if age_s < 5.0 else LinkState.STALE)
            old = toy.heard.state
            state = VehicleState(
                vehicle=vehicle, kind=old.kind, heard=old.heard, link=link, velocity=old.velocity,
                is_armed=old.is_armed, is_landed=old.is_landed, position=NOWHERE,
            )
            seen[vehicle] = Sight(state=state, at=toy.heard.at, home=toy.home)
        return seen

    def _sight(self, vehicle: VehicleId, toy: Toy, link: LinkState, heard: Instant) -> Sight:
        is_moving = toy.leg is not None and toy.at != toy.leg.end
        state = VehicleState(
            vehicle=vehicle, kind=VehicleKind.COPTER, heard=heard, link=link,
            velocity=Ned(north=0.0, east=0.0, down=1.0 if is_moving else 0.0),
            is_armed=toy.is_armed, is_landed=not toy.is_up,
        )
        return Sight(state=state, at=toy.at, home=toy.home)

    def _measure(self) -> None:
        up = [toy.at for toy in self.toys.values() if toy.is_up]
        for k, a in enumerate(up):
            for b in up[k + 1:]:
                if abs(a.up_m - b.up_m) < self.layer_m:
                    self.least_m = min(self.least_m, math.hypot(a.east_m - b.east_m, a.north_m - b.north_m))


def _ground(at: Enu, home: Enu) -> Enu:
    return Enu(east_m=at.east_m, north_m=at.north_m, up_m=home.up_m)


def _towards(at: Enu, end: Enu, by_m: float) -> Enu:
    d = (end.east_m - at.east_m, end.north_m - at.north_m, end.up_m - at.up_m)
    length_m = math.hypot(*d)
    if length_m <= by_m:
        return end
    k = by_m / length_m
    return Enu(east_m=at.east_m + k * d[0], north_m=at.north_m + k * d[1], up_m=at.up_m + k * d[2])
