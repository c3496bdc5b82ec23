"""The offered vehicles as the planner needs them: searchers with cameras, their workers, their homes."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.model import VehicleKind
from missions.model import SearchIntent, VehicleOffer
from missions.planners.camera import Camera, camera_of
from missions.planners.errors import NoSearchers
from missions.planners.partition import Worker
from missions.planners.routes import TAKE_OFF_M
from missions.planners.timing import Pace
from world.ids import VehicleId
from world.position import Enu, LocalFrame

ENDURANCE_SHARE = 0.9
"""The rest stays in reserve for wind and waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searcher:
    """A copter with a camera, in the local frame."""

    offer: VehicleOffer
    camera: Camera
    home: Enu
    pace: Pace

    @property
    def vehicle(self) -> VehicleId:
        return self.offer.vehicle


def searchers_of(intent: SearchIntent, frame: LocalFrame) -> tuple[Searcher, ...]:
    """In order of call sign; raises NoSearchers."""
    found = [
        Searcher(offer=offer, camera=camera, home=frame.to_enu(offer.home), pace=pace_of(offer))
        for offer in sorted(intent.offers, key=lambda offer: offer.vehicle)
        if offer.kind is VehicleKind.COPTER and (camera := camera_of(offer)) is not None
    ]
    if not found:
        raise NoSearchers(
            "no offered copter has a camera that looks forward and down", "可用的多旋翼都没有朝前下方的相机"
        )
    return tuple(found)


def pace_of(offer: VehicleOffer) -> Pace:
    return Pace(cruise_m_s=offer.cruise_m_s, climb_m_s=offer.climb_m_s)


def weakest(searchers: Sequence[Searcher]) -> Camera:
    """The camera with the narrowest view: what suffices for it suffices for all."""
    return min((searcher.camera for searcher in searchers), key=lambda camera: (camera.half_width, camera.half_height))


def fresh_worker(searcher: Searcher) -> Worker:
    """A worker on its pad with a full battery."""
    home = (searcher.home.east_m, searcher.home.north_m)
    return Worker(
        vehicle=searcher.vehicle,
        pace=searcher.pace,
        start=home,
        home=home,
        free_s=TAKE_OFF_M / searcher.pace.climb_m_s,
        landing_s=searcher.pace.landing_s(TAKE_OFF_M),
        must_end_by_s=ENDURANCE_SHARE * searcher.offer.endurance_s,
    )
