"""Traces people ray by ray: 3 x 3 rays a pixel, sunlight on clothes, a shadow on the ground, truth about what shows."""

import numpy as np
import numpy.typing as npt

from sim.cameras.jit import jit

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Depths = npt.NDArray[np.float32]

RAYS = 3
"""Rays across one pixel."""
_SLACK_M = 0.04
"""Feet stand in the grass: a body is not hidden by ground this much nearer."""


@jit
def first_part(parts: Floats, origin: Floats, ray: Floats, normal: Floats) -> tuple[int, float]:
    """Nearest part met by a ray in the body frame, -1 for none, with its depth; `normal` (3,) is filled."""
    best, nearest = -1, np.inf
    for n in range(parts.shape[0]):
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
    return (-b - np.sqrt(inside)) / a if inside > 0.0 else -1.0


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
        return t
    end = 0 if along <= 0.0 else 3
    b, c = 0.0, -r2
    for k in range(3):
        oc = origin[k] - part[end + k]
        b += ray[k] * oc
        c += oc * oc
    h = b * b - rdrd * c
    return (-b - np.sqrt(h)) / rdrd if h > 0.0 else -1.0


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
def pixel_box(parts: Floats, frame: Floats, at: Floats, origin: Floats, axes: Floats, lens: Floats) -> Floats:
    """(left, top, right, bottom) that holds every part, unclipped; right <= left when behind the camera."""
    box = np.array([np.inf, np.inf, -np.inf, -np.inf])
    point = np.empty(3)
    for n in range(parts.shape[0]):
        is_limb = parts[n, 6] > 0.0
        for end in range(2 if is_limb else 1):
            size = parts[n, 6] if is_limb else max(parts[n, 3], parts[n, 4], parts[n, 5])
            for k in range(3):
                point[k] = at[k] - origin[k]
                for j in range(3):
                    point[k] += frame[j, k] * parts[n, 3 * end + j]
            z = axes[0, 0] * point[0] + axes[0, 1] * point[1] + axes[0, 2] * point[2]
            if z < 0.5:
                return np.zeros(4)
            x = axes[1, 0] * point[0] + axes[1, 1] * point[1] + axes[1, 2] * point[2]
            y = axes[2, 0] * point[0] + axes[2, 1] * point[1] + axes[2, 2] * point[2]
            reach = lens[0] * size / z + 1.0
            u, v = lens[1] + lens[0] * x / z, lens[2] + lens[0] * y / z
            box[0], box[1] = min(box[0], u - reach), min(box[1], v - reach)
            box[2], box[3] = max(box[2], u + reach), max(box[3], v + reach)
    return box


@jit
def _into_body(frame: Floats, vector: Floats, out: Floats) -> None:
    for j in range(3):
        out[j] = frame[j, 0] * vector[0] + frame[j, 1] * vector[1] + frame[j, 2] * vector[2]


@jit
def draw_body(parts: Floats, frame: Floats, at: Floats, origin: Floats, axes: Floats, lens: Floats, sun: Floats,
              depth: Depths, rgb: Bytes, thermal: Bytes, truth: Floats) -> None:
    """One person into both pictures; truth = (left, top, right, bottom in the frame, rays seen, rays met)."""
    height, width = depth.shape
    box = pixel_box(parts, frame, at, origin, axes, lens)
    truth[:] = np.array([np.inf, np.inf, -np.inf, -np.inf, 0.0, 0.0])
    eye, ray, normal, light, vector = np.empty(3), np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    _into_body(frame, origin - at, eye)
    _into_body(frame, sun, light)
    for py in range(int(np.floor(box[1])), int(np.ceil(box[3]))):
        for px in range(int(np.floor(box[0])), int(np.ceil(box[2]))):
            in_frame = 0 <= px < width and 0 <= py < height
            seen, red, green, blue, warm, nearest = 0, 0.0, 0.0, 0.0, 0.0, np.inf
            for s in range(RAYS * RAYS):
                u, v = px + (s % RAYS + 0.5) / RAYS, py + (s // RAYS + 0.5) / RAYS
                for k in range(3):
                    vector[k] = axes[0, k] + (u - lens[1]) / lens[0] * axes[1, k] + (v - lens[2]) / lens[0] * axes[2, k]
                _into_body(frame, vector, ray)
                n, t = first_part(parts, eye, ray, normal)
                if n < 0:
                    continue
                truth[5] += 1.0
                if not in_frame:
                    continue
                truth[0], truth[1] = min(truth[0], u), min(truth[1], v)
                truth[2], truth[3] = max(truth[2], u), max(truth[3], v)
                if t > depth[py, px] + _SLACK_M:
                    continue
                seen += 1
                nearest = min(nearest, t)
                up = frame[0, 2] * normal[0] + frame[1, 2] * normal[1] + frame[2, 2] * normal[2]
                sunlit = max(normal[0] * light[0] + normal[1] * light[1] + normal[2] * light[2], 0.0)
                gain = 0.42 + 0.14 * up + 0.62 * sunlit
                red += min(parts[n, 7] * gain, 255.0)
                green += min(parts[n, 8] * gain, 255.0)
                blue += min(parts[n, 9] * gain, 255.0)
                warm += parts[n, 10]
            if seen == 0:
                continue
            truth[4] += seen
            rest = 1.0 - seen / (RAYS * RAYS)
            rgb[py, px, 0] = np.uint8(rgb[py, px, 0] * rest + red / (RAYS * RAYS) + 0.5)
            rgb[py, px, 1] = np.uint8(rgb[py, px, 1] * rest + green / (RAYS * RAYS) + 0.5)
            rgb[py, px, 2] = np.uint8(rgb[py, px, 2] * rest + blue / (RAYS * RAYS) + 0.5)
            thermal[py, px] = np.uint8(min(thermal[py, px] * rest + warm / (RAYS * RAYS) + 0.5, 255.0))
            if 2 * seen >= RAYS * RAYS:
                depth[py, px] = nearest


@jit
def draw_shadow(parts: Floats, frame: Floats, at: Floats, reach: float, origin: Floats, axes: Floats, lens: Floats,
                sun: Floats, depth: Depths, rgb: Bytes) -> None:
    """Takes the sun from ground within `reach` metres that the body stands before, and sky light at its feet."""
    height, width = depth.shape
    dx, dy, dz = at[0] - origin[0], at[1] - origin[1], at[2] - origin[2]
    z = dx * axes[0, 0] + dy * axes[0, 1] + dz * axes[0, 2]
    if z < reach + 0.5:
        return
    x = dx * axes[1, 0] + dy * axes[1, 1] + dz * axes[1, 2]
    y = dx * axes[2, 0] + dy * axes[2, 1] + dz * axes[2, 2]
    u, v, wide = lens[1] + lens[0] * x / z, lens[2] + lens[0] * y / z, lens[0] * reach / (z - reach)
    spot, foot, normal, light = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    _into_body(frame, sun, light)
    for py in range(max(int(v - wide), 0), min(int(v + wide) + 1, height)):
        for px in range(max(int(u - wide), 0), min(int(u + wide) + 1, width)):
            t = depth[py, px]
            if t == np.inf:
                continue
            taken = 0.0
            for s in range(4):
                a = (px + 0.25 + 0.5 * (s % 2) - lens[1]) / lens[0]
                b = (py + 0.25 + 0.5 * (s // 2) - lens[2]) / lens[0]
                for k in range(3):
                    spot[k] = origin[k] + t * (axes[0, k] + a * axes[1, k] + b * axes[2, k]) - at[k]
                away = spot[0] * spot[0] + spot[1] * spot[1]
                if away > reach * reach:
                    continue
                _into_body(frame, spot, foot)
                if first_part(parts, foot, light, normal)[0] >= 0:
                    taken += 0.125
                if away < 0.2:
                    taken += 0.075 * (1.0 - away / 0.2)
            if taken > 0.0:
                for k in range(3):
                    rgb[py, px, k] = np.uint8(rgb[py, px, k] * (1.0 - min(taken, 0.65)))
