"""Traces people ray by ray: 3 x 3 rays a pixel, sunlight on clothes, a shadow on the ground, truth about what shows."""

import numpy as np
import numpy.typing as npt

from sim.cameras.jit import jit

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Depths = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

RAYS = 3
"""Rays across one pixel."""
_SLACK_M = 0.04
"""Feet stand in the grass: a body is not hidden by ground this much nearer."""
_SHADOW_SLACK_M = 0.3
"""Shadows are boxed on level ground but fall on slopes."""
_CONTACT_M2 = 0.2
"""Squared radius of the dim ground about the feet."""


@jit
def first_part(
    parts: Floats, near: Rows, count: int, origin: Floats, ray: Floats, normal: Floats
) -> tuple[int, float]:
    """Nearest of the first `count` parts in `near` met by a ray, -1 for none, with its depth; fills `normal` (3,)."""
    best, nearest = -1, np.inf
    for k in range(count):
        n = near[k]
        if parts[n, 6] > 0.0:
            t = _meet_capsule(parts[n], origin, ray)
        else:
            t = _meet_ellipsoid(parts[n], origin, ray)
        if 0.0 < t < nearest:
            best, nearest = n, t
    if best >= 0:
        _normal(parts[best], origin, ray, nearest, normal)
    return best, nearest


@jit
def _meet_ellipsoid(part: Floats, origin: Floats, ray: Floats) -> float:
    a, b, c = 0.0, 0.0, -1.0
    for k in range(3):
        o, d = (origin[k] - part[k]) / part[3 + k], ray[k] / part[3 + k]
        a += d * d
        b += o * d
        c += o * o
    inside = b * b - a * c
    if inside <= 0.0:
        return -1.0
    return float((-b - np.sqrt(inside)) / a)


@jit
def _meet_capsule(part: Floats, origin: Floats, ray: Floats) -> float:
    """Inigo Quilez' capsule intersection, for a ray of any length."""
    baba, bard, baoa, rdoa, oaoa, rdrd = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(3):
        ba, oa = part[3 + k] - part[k], origin[k] - part[k]
        baba += ba * ba
        bard += ba * ray[k]
        baoa += ba * oa
        rdoa += ray[k] * oa
        oaoa += oa * oa
        rdrd += ray[k] * ray[k]
    r2 = part[6] * part[6]
    a = baba * rdrd - bard * bard
    b = baba * rdoa - baoa * bard
    c = baba * oaoa - baoa * baoa - r2 * baba
    h = b * b - a * c
    if h < 0.0:
        return -1.0
    t = (-b - np.sqrt(h)) / a
    along = baoa + t * bard
    if 0.0 < along < baba:
        return float(t)
    end = 0 if along <= 0.0 else 3
    b, c = 0.0, -r2
    for k in range(3):
        oc = origin[k] - part[end + k]
        b += ray[k] * oc
        c += oc * oc
    h = b * b - rdrd * c
    return float((-b - np.sqrt(h)) / rdrd) if h > 0.0 else -1.0


@jit
def _normal(part: Floats, origin: Floats, ray: Floats, t: float, normal: Floats) -> None:
    if part[6] > 0.0:
        along, length = 0.0, 0.0
        for k in range(3):
            ba = part[3 + k] - part[k]
            along += ba * (origin[k] + t * ray[k] - part[k])
            length += ba * ba
        share = min(max(along / length, 0.0), 1.0)
        for k in range(3):
            normal[k] = (origin[k] + t * ray[k] - part[k] - share * (part[3 + k] - part[k])) / part[6]
        return
    size = 0.0
    for k in range(3):
        normal[k] = (origin[k] + t * ray[k] - part[k]) / (part[3 + k] * part[3 + k])
        size += normal[k] * normal[k]
    for k in range(3):
        normal[k] /= np.sqrt(size)


@jit
def discs_of(parts: Floats, body: Floats, view: Floats, lens: Floats, sun: Floats, as_shadow: bool) -> Floats:
    """(n, 3) pixel middle and radius that hold each part, or its shadow on level ground; radius < 0 behind the camera.

    body: (4, 3) axes in ENU, then the spot; view: (4, 3) camera axes, then its origin.
    """
    discs = np.empty((parts.shape[0], 3))
    point = np.empty(3)
    for n in range(parts.shape[0]):
        middle, size = _ball_around(parts[n])
        for k in range(3):
            point[k] = middle[0] * body[0, k] + middle[1] * body[1, k] + middle[2] * body[2, k]
        if as_shadow:
            drop = point[2] / sun[2]
            for k in range(3):
                point[k] -= drop * sun[k]
            size = size / sun[2] + _SHADOW_SLACK_M
        z, x, y = 0.0, 0.0, 0.0
        for k in range(3):
            away = point[k] + body[3, k] - view[3, k]
            z += away * view[0, k]
            x += away * view[1, k]
            y += away * view[2, k]
        discs[n, 2] = lens[0] * size / (z - size) + 1.0 if z > size + 0.5 else -1.0
        discs[n, 0], discs[n, 1] = lens[1] + lens[0] * x / z, lens[2] + lens[0] * y / z
    return discs


@jit
def _ball_around(part: Floats) -> tuple[tuple[float, float, float], float]:
    if part[6] == 0.0:
        return (part[0], part[1], part[2]), max(part[3], part[4], part[5])
    x, y, z = 0.5 * (part[0] + part[3]), 0.5 * (part[1] + part[4]), 0.5 * (part[2] + part[5])
    half = np.sqrt((part[0] - x) ** 2 + (part[1] - y) ** 2 + (part[2] - z) ** 2)
    return (x, y, z), half + part[6]


@jit
def box_of(discs: Floats) -> Floats:
    """(left, top, right, bottom) that holds every disc, unclipped; all 0 when any lies behind the camera."""
    box = np.array([np.inf, np.inf, -np.inf, -np.inf])
    for n in range(discs.shape[0]):
        u, v, reach = discs[n]
        if reach < 0.0:
            return np.zeros(4)
        box[0], box[1] = min(box[0], u - reach), min(box[1], v - reach)
        box[2], box[3] = max(box[2], u + reach), max(box[3], v + reach)
    return box


@jit
def _near(discs: Floats, px: int, py: int, rows: Rows) -> int:
    """Which parts may show in a pixel: fills `rows`, returns how many."""
    count = 0
    for n in range(discs.shape[0]):
        du, dv = discs[n, 0] - px - 0.5, discs[n, 1] - py - 0.5
        if du * du + dv * dv < discs[n, 2] * discs[n, 2]:
            rows[count] = n
            count += 1
    return count


@jit
def _into_body(body: Floats, vector: Floats, out: Floats) -> None:
    for j in range(3):
        out[j] = body[j, 0] * vector[0] + body[j, 1] * vector[1] + body[j, 2] * vector[2]


@jit
def draw_body(parts: Floats, body: Floats, view: Floats, lens: Floats, sun: Floats, depth: Depths, rgb: Bytes,
              thermal: Bytes, truth: Floats) -> None:
    """One person into both pictures; truth = (left, top, right, bottom in the frame, rays seen, rays met), then the
    left, top, right, bottom of the rays seen.
    """
    height, width = depth.shape
    discs = discs_of(parts, body, view, lens, sun, False)
    box = box_of(discs)
    truth[:] = np.array([np.inf, np.inf, -np.inf, -np.inf, 0.0, 0.0, np.inf, np.inf, -np.inf, -np.inf])
    eye, light, colour = np.empty(3), np.empty(3), np.empty(4)
    rows = np.empty(parts.shape[0], np.int64)
    _into_body(body, view[3] - body[3], eye)
    _into_body(body, sun, light)
    for py in range(int(np.floor(box[1])), int(np.ceil(box[3]))):
        for px in range(int(np.floor(box[0])), int(np.ceil(box[2]))):
            count = _near(discs, px, py, rows)
            if count == 0:
                continue
            is_inside = 0 <= px < width and 0 <= py < height
            limit = depth[py, px] + _SLACK_M if is_inside else -1.0
            seen, nearest = _trace_pixel(parts, rows, count, body, view, lens, eye, light, px, py, limit, colour, truth)
            if seen == 0:
                continue
            truth[4] += seen
            rest = 1.0 - seen / (RAYS * RAYS)
            for k in range(3):
                rgb[py, px, k] = np.uint8(rgb[py, px, k] * rest + colour[k] + 0.5)
            thermal[py, px] = np.uint8(min(thermal[py, px] * rest + colour[3] + 0.5, 255.0))
            if 2 * seen >= RAYS * RAYS:
                depth[py, px] = nearest


@jit
def _trace_pixel(parts: Floats, rows: Rows, count: int, body: Floats, view: Floats, lens: Floats, eye: Floats,
                 light: Floats, px: int, py: int, limit: float, colour: Floats, truth: Floats) -> tuple[int, float]:
    """Rays seen nearer than `limit` (< 0 outside the frame) and the nearest depth; fills colour = (r, g, b, count)."""
    vector, ray, normal = np.empty(3), np.empty(3), np.empty(3)
    seen, nearest = 0, np.inf
    colour[:] = 0.0
    for s in range(RAYS * RAYS):
        u, v = px + (s % RAYS + 0.5) / RAYS, py + (s // RAYS + 0.5) / RAYS
        for k in range(3):
            vector[k] = view[0, k] + (u - lens[1]) / lens[0] * view[1, k] + (v - lens[2]) / lens[0] * view[2, k]
        _into_body(body, vector, ray)
        n, t = first_part(parts, rows, count, eye, ray, normal)
        if n < 0:
            continue
        truth[5] += 1.0
        if limit < 0.0:
            continue
        truth[0], truth[1] = min(truth[0], u), min(truth[1], v)
        truth[2], truth[3] = max(truth[2], u), max(truth[3], v)
        if t > limit:
            continue
        seen += 1
        truth[6], truth[7] = min(truth[6], u), min(truth[7], v)
        truth[8], truth[9] = max(truth[8], u), max(truth[9], v)
        nearest = min(nearest, t)
        up = body[0, 2] * normal[0] + body[1, 2] * normal[1] + body[2, 2] * normal[2]
        sunlit = max(normal[0] * light[0] + normal[1] * light[1] + normal[2] * light[2], 0.0)
        gain = 0.42 + 0.14 * up + 0.62 * sunlit
        for k in range(3):
            colour[k] += min(parts[n, 7 + k] * gain, 255.0) / (RAYS * RAYS)
        colour[3] += parts[n, 10] / (RAYS * RAYS)
    return seen, nearest


@jit
def draw_shadow(
    parts: Floats, body: Floats, view: Floats, lens: Floats, sun: Floats, depth: Depths, rgb: Bytes
) -> None:
    """Takes the sun from ground that the body stands before, and sky light from the ground at its feet."""
    height, width = depth.shape
    discs = discs_of(parts, body, view, lens, sun, True)
    box = box_of(discs)
    light = np.empty(3)
    rows = np.empty(parts.shape[0], np.int64)
    _into_body(body, sun, light)
    for py in range(max(int(box[1]), 0), min(int(box[3]) + 1, height)):
        for px in range(max(int(box[0]), 0), min(int(box[2]) + 1, width)):
            count = _near(discs, px, py, rows)
            if count == 0 or depth[py, px] == np.inf:
                continue
            taken = _taken_light(parts, rows, count, body, view, lens, light, px, py, depth[py, px])
            if taken > 0.0:
                for k in range(3):
                    rgb[py, px, k] = np.uint8(rgb[py, px, k] * (1.0 - min(taken, 0.65)))


@jit
def _taken_light(parts: Floats, rows: Rows, count: int, body: Floats, view: Floats, lens: Floats, light: Floats,
                 px: int, py: int, t: float) -> float:
    """Part of the light of a ground pixel that the body takes: half of it is the sun's, seen by four rays."""
    spot, foot, normal = np.empty(3), np.empty(3), np.empty(3)
    taken = 0.0
    for s in range(4):
        a = (px + 0.25 + 0.5 * (s % 2) - lens[1]) / lens[0]
        b = (py + 0.25 + 0.5 * (s // 2) - lens[2]) / lens[0]
        for k in range(3):
            spot[k] = view[3, k] + t * (view[0, k] + a * view[1, k] + b * view[2, k]) - body[3, k]
        _into_body(body, spot, foot)
        if first_part(parts, rows, count, foot, light, normal)[0] >= 0:
            taken += 0.125
        away = spot[0] * spot[0] + spot[1] * spot[1]
        if away < _CONTACT_M2:
            taken += 0.075 * (1.0 - away / _CONTACT_M2)
    return taken
