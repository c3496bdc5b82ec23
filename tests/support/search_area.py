"""A seeded mountain, a concave search area of 0.9 km2 and eight copters: the shape of the demo, for tests without a
scenario."""

import numpy as np
from scipy import ndimage

from fleet.model import VehicleKind
from missions.model import PatrolRequest, SearchIntent, VehicleOffer
from world.ids import IntentId, MissionId, OperatorId, VehicleId
from world.position import Enu, Geodetic, LocalFrame
from world.terrain import Terrain

ORIGIN = Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=800.0)
CONCAVE = (
    (-520.0, -420.0),
    (480.0, -470.0),
    (560.0, 120.0),
    (140.0, 60.0),
    (60.0, 560.0),
    (-560.0, 480.0),
)
"""0.90 km2, with a notch in the north-east."""


def frame() -> LocalFrame:
    return LocalFrame(ORIGIN)


def mountain(seed: int = 7, *, relief_m: float = 120.0, half_m: float = 1500.0, cell_m: float = 10.0) -> Terrain:
    """Smoothed noise scaled to the relief: hills some 300 m across."""
    count = int(2 * half_m / cell_m) + 1
    noise = np.random.Generator(np.random.Philox(seed)).normal(size=(count, count))
    smooth = ndimage.gaussian_filter(noise, sigma=20.0)
    low, high = smooth.min(), smooth.max()
    heights = (smooth - low) / (high - low) * relief_m
    return Terrain(west_m=-half_m, south_m=-half_m, cell_m=cell_m, heights_m=heights.astype(np.float32))


def copter(k: int, terrain: Terrain, at: LocalFrame, *, pads: tuple[float, float] = (-48.0, -760.0)) -> VehicleOffer:
    """Pads 12 m apart, 300 m south of the area."""
    east_m, north_m = pads[0] + 12.0 * k, pads[1]
    home = Enu(east_m=east_m, north_m=north_m, up_m=terrain.height_m(east_m, north_m))
    return VehicleOffer(
        vehicle=VehicleId(f"U{k + 1:02d}"),
        kind=VehicleKind.COPTER,
        home=at.to_geodetic(home),
        cruise_m_s=8.0,
        climb_m_s=3.0,
        endurance_s=1500.0,
        camera_hfov_deg=35.0,
        camera_width_px=640,
        camera_height_px=512,
        camera_pitch_deg=-45.0,
    )


def robot(name: str, kind: VehicleKind, home: Enu, at: LocalFrame, *, speed_m_s: float) -> VehicleOffer:
    return VehicleOffer(
        vehicle=VehicleId(name),
        kind=kind,
        home=at.to_geodetic(home),
        cruise_m_s=speed_m_s,
        climb_m_s=0.5,
        endurance_s=3600.0,
    )


def demo_intent(
    terrain: Terrain, at: LocalFrame, *, copters: int = 8, with_robots: bool = False, scale: float = 1.0
) -> SearchIntent:
    offers = tuple(copter(k, terrain, at) for k in range(copters))
    patrols: tuple[PatrolRequest, ...] = ()
    if with_robots:
        rover_home = Enu(east_m=100.0, north_m=-780.0, up_m=terrain.height_m(100.0, -780.0))
        sub_home = Enu(east_m=700.0, north_m=-700.0, up_m=40.0)
        offers += (
            robot("G01", VehicleKind.ROVER, rover_home, at, speed_m_s=1.5),
            robot("W01", VehicleKind.SUB, sub_home, at, speed_m_s=1.0),
        )
        drive = tuple(at.to_geodetic(Enu(east_m=e, north_m=n, up_m=0.0)) for e, n in ((160.0, -740.0), (220.0, -700.0)))
        dive = tuple(at.to_geodetic(Enu(east_m=e, north_m=n, up_m=35.0)) for e, n in ((730.0, -700.0), (730.0, -660.0)))
        patrols = (
            PatrolRequest(vehicle=VehicleId("G01"), points=drive),
            PatrolRequest(vehicle=VehicleId("W01"), points=dive),
        )
    return SearchIntent(
        id=IntentId("intent-1"),
        mission=MissionId("mission-1"),
        asked_by=OperatorId("pilot"),
        area=tuple(at.to_geodetic(Enu(east_m=scale * e, north_m=scale * n, up_m=0.0)) for e, n in CONCAVE),
        last_known_point=at.to_geodetic(Enu(east_m=-100.0, north_m=100.0, up_m=0.0)),
        subjects=5,
        offers=offers,
        patrols=patrols,
    )
