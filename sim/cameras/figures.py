"""People as jointed figures of true size: 20 capsules and ellipsoids in a body frame (x ahead, y left, z up).

Segment lengths as fractions of stature after Drillis and Contini (1966), for a stature of 1.72 m.
"""

from dataclasses import dataclass
from math import cos, pi, radians, sin
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.scenarios.model import Pose
from sim.worlds.model import Person

Floats = npt.NDArray[np.float64]
Vector = tuple[float, float, float]

STATURE_M: Final = 1.72
PARTS: Final = 24
COLUMNS: Final = 12
_WAVE_HZ: Final = 0.8

SKIN: Final = (214.0, 160.0, 128.0)
_SHOE: Final = (44.0, 40.0, 40.0)
_HAIRS: Final = ((34.0, 26.0, 22.0), (52.0, 36.0, 26.0), (28.0, 26.0, 28.0))
_JACKETS: Final = (
    (206.0, 44.0, 40.0),
    (44.0, 92.0, 190.0),
    (232.0, 140.0, 36.0),
    (232.0, 226.0, 216.0),
    (150.0, 50.0, 140.0),
    (236.0, 206.0, 60.0),
)
_TROUSERS: Final = ((42.0, 46.0, 62.0), (30.0, 30.0, 34.0), (58.0, 66.0, 96.0), (66.0, 58.0, 50.0))
_PACKS: Final = ((38.0, 62.0, 84.0), (70.0, 76.0, 52.0), (60.0, 30.0, 34.0))
SKIN_C: Final = 33.0
_JACKET_C: Final = 28.0
_TROUSERS_C: Final = 27.0
_PACK_C: Final = 21.0
_SHOE_C: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clothes:
    """Colours of one person."""

    jacket: Vector
    trousers: Vector
    hair: Vector
    pack: Vector
    has_pack: bool


def clothes_of(look: int) -> Clothes:
    return Clothes(
        jacket=_JACKETS[look % len(_JACKETS)],
        trousers=_TROUSERS[look % len(_TROUSERS)],
        hair=_HAIRS[look % len(_HAIRS)],
        pack=_PACKS[look % len(_PACKS)],
        has_pack=look % 3 == 1,
    )


@dataclass(slots=True)
class _Body:
    """Collects parts; a row is (x, y, z, x', y', z' or radii, radius or 0 for an ellipsoid, r, g, b, celsius, 0)."""

    rows: list[tuple[float, ...]]

    def limb(self, start: Vector, end: Vector, radius: float, rgb: Vector, celsius: float) -> None:
        self.rows.append((*start, *end, radius, *rgb, celsius, 0.0))

    def ball(self, centre: Vector, radii: Vector, rgb: Vector, celsius: float) -> None:
        self.rows.append((*centre, *radii, 0.0, *rgb, celsius, 0.0))


def figure(person: Person, elapsed_s: float) -> tuple[Floats, Floats]:
    """Parts (n, 12) in the body frame and the (3, 3) rotation whose rows are the body's axes in ENU."""
    clothes = clothes_of(person.look)
    body = _Body(rows=[])
    scale = person.height_m / STATURE_M
    if person.pose is Pose.SITTING:
        _torso(body, clothes, hip_m=0.36, lean=0.05)
        _seated_limbs(body, clothes)
    else:
        _torso(body, clothes, hip_m=0.90, lean=0.0)
        _straight_legs(body, clothes)
        if person.pose is Pose.WAVING:
            _waving_arms(body, clothes, elapsed_s)
        else:
            _hanging_arms(body, clothes)
    parts = np.array(body.rows)
    parts[:, :7] *= scale
    if person.pose is Pose.LYING:
        _lay_down(parts, person.height_m)
    return parts, _axes(person)


def _lay_down(parts: Floats, height_m: float) -> None:
    """The body's middle over the spot, its back on the ground."""
    is_limb = parts[:, 6] > 0.0
    parts[:, 2] -= 0.5 * height_m
    parts[is_limb, 5] -= 0.5 * height_m
    parts[:, 0] += 0.14
    parts[is_limb, 3] += 0.14


def _axes(person: Person) -> Floats:
    heading = radians(person.heading_deg)
    ahead = np.array([sin(heading), cos(heading), 0.0])
    left = np.array([-cos(heading), sin(heading), 0.0])
    if person.pose is not Pose.LYING:
        return np.array([ahead, left, [0.0, 0.0, 1.0]])
    # On the back, along the slope: the body's up points along the heading, its front to the sky.
    ahead[2] = ahead[0] * person.slope[0] + ahead[1] * person.slope[1]
    left[2] = left[0] * person.slope[0] + left[1] * person.slope[1]
    ahead /= np.linalg.norm(ahead)
    front = np.cross(ahead, left)
    front /= np.linalg.norm(front)
    return np.array([front, np.cross(ahead, front), ahead])


def _torso(body: _Body, clothes: Clothes, *, hip_m: float, lean: float) -> None:
    z = hip_m
    body.ball((0.0, 0.0, z + 0.06), (0.13, 0.175, 0.14), clothes.trousers, _TROUSERS_C)
    body.ball((lean * 0.4, 0.0, z + 0.22), (0.125, 0.165, 0.20), clothes.jacket, _JACKET_C)
    body.ball((lean * 0.8, 0.0, z + 0.40), (0.13, 0.20, 0.17), clothes.jacket, _JACKET_C)
    body.limb((lean, -0.14, z + 0.50), (lean, 0.14, z + 0.50), 0.075, clothes.jacket, _JACKET_C)
    body.limb((lean, 0.0, z + 0.52), (lean + 0.01, 0.0, z + 0.62), 0.055, SKIN, SKIN_C)
    body.ball((lean + 0.025, 0.0, z + 0.70), (0.095, 0.078, 0.118), SKIN, SKIN_C)
    body.ball((lean + 0.0, 0.0, z + 0.725), (0.100, 0.086, 0.110), clothes.hair, SKIN_C - 3.0)
    if clothes.has_pack:
        body.ball((lean - 0.20, 0.0, z + 0.33), (0.11, 0.15, 0.24), clothes.pack, _PACK_C)


def _straight_legs(body: _Body, clothes: Clothes) -> None:
    for side in (-1.0, 1.0):
        hip, knee, ankle = (0.0, 0.095 * side, 0.90), (0.03, 0.13 * side, 0.49), (-0.02, 0.16 * side, 0.09)
        body.limb(hip, knee, 0.078, clothes.trousers, _TROUSERS_C)
        body.limb(knee, ankle, 0.056, clothes.trousers, _TROUSERS_C)
        body.limb((-0.03, 0.16 * side, 0.05), (0.14, 0.18 * side, 0.045), 0.048, _SHOE, _SHOE_C)


def _hanging_arms(body: _Body, clothes: Clothes) -> None:
    for side in (-1.0, 1.0):
        elbow, wrist = (-0.02, 0.30 * side, 1.13), (0.09, 0.33 * side, 0.90)
        _arm(body, clothes, (0.0, 0.19 * side, 1.39), elbow, wrist, (0.12, 0.33 * side, 0.83))


def _waving_arms(body: _Body, clothes: Clothes, elapsed_s: float) -> None:
    """Both arms up, swung over the head: the distress sign that hikers are taught."""
    for side in (-1.0, 1.0):
        swing = radians(22.0) * sin(2 * pi * _WAVE_HZ * elapsed_s) * side
        raised = radians(38.0) + swing
        elbow = (0.03, side * (0.21 + 0.29 * sin(raised)), 1.42 + 0.29 * cos(raised))
        bent = radians(14.0) + 1.6 * swing
        wrist = (0.05, elbow[1] + side * 0.25 * sin(bent), elbow[2] + 0.25 * cos(bent))
        hand = (0.06, wrist[1] + side * 0.07 * sin(bent), wrist[2] + 0.08 * cos(bent))
        _arm(body, clothes, (0.0, 0.19 * side, 1.41), elbow, wrist, hand)


def _seated_limbs(body: _Body, clothes: Clothes) -> None:
    """On the ground or a low stone, knees drawn up, hands on them."""
    body.ball((-0.04, 0.0, 0.12), (0.26, 0.26, 0.24), (120.0, 116.0, 108.0), 16.0)
    for side in (-1.0, 1.0):
        hip, knee, ankle = (0.04, 0.10 * side, 0.40), (0.46, 0.15 * side, 0.50), (0.56, 0.17 * side, 0.10)
        body.limb(hip, knee, 0.080, clothes.trousers, _TROUSERS_C)
        body.limb(knee, ankle, 0.056, clothes.trousers, _TROUSERS_C)
        body.limb((0.55, 0.17 * side, 0.05), (0.72, 0.19 * side, 0.045), 0.048, _SHOE, _SHOE_C)
        _arm(body, clothes, (0.05, 0.19 * side, 0.86), (0.14, 0.30 * side, 0.62), (0.36, 0.20 * side, 0.62),
             (0.43, 0.17 * side, 0.60))


def _arm(body: _Body, clothes: Clothes, shoulder: Vector, elbow: Vector, wrist: Vector, hand: Vector) -> None:
    body.limb(shoulder, elbow, 0.055, clothes.jacket, _JACKET_C)
    body.limb(elbow, wrist, 0.045, clothes.jacket, _JACKET_C)
    body.limb(wrist, hand, 0.042, SKIN, SKIN_C)
