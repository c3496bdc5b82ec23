"""Draws trees and rocks: ellipsoids with leafy holes, trunks below them, depth-tested against the ground."""

import numpy as np
import numpy.typing as npt

from sim.cameras.jit import jit

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Depths = npt.NDArray[np.float32]

LEAF_M = 0.24
FARTHEST_M = 500.0
_NEAREST_M = 0.4


@jit
def leaf_noise(x: int, y: int, z: int) -> float:
    """A hash of a lattice point in 0..1 (integer mixing after Wang)."""
    h = (x * 73856093) ^ (y * 19349663) ^ (z * 83492791)
    h = (h ^ (h >> 13)) * 1274126177
    h = (h ^ (h >> 16)) & 0xFFFF
    return h / 65536.0


@jit
def select(shapes: Floats, rows: npt.NDArray[np.int64], origin: Floats, axes: Floats, lens: Floats, size: Floats,
           boxes: npt.NDArray[np.int64]) -> int:
    """Pixel boxes (n, 5: row, left, top, right, bottom) of the shapes in view; returns how many there are."""
    count = 0
    for n in rows:
        dx, dy = shapes[n, 0] - origin[0], shapes[n, 1] - origin[1]
        foot, top = shapes[n, 11], shapes[n, 2] + shapes[n, 4]
        middle, half = 0.5 * (foot + top), 0.5 * (top - foot)
        dz = middle - origin[2]
        z = dx * axes[0, 0] + dy * axes[0, 1] + dz * axes[0, 2]
        # Half extents along the picture's axes of the upright cylinder that holds crown and trunk.
        wide = shapes[n, 3] + half * abs(axes[1, 2])
        tall = shapes[n, 3] + half * abs(axes[2, 2])
        deep = shapes[n, 3] + half * abs(axes[0, 2])
        if z - deep < _NEAREST_M or z > FARTHEST_M:
            continue
        x = dx * axes[1, 0] + dy * axes[1, 1] + dz * axes[1, 2]
        y = dx * axes[2, 0] + dy * axes[2, 1] + dz * axes[2, 2]
        near, far = z - deep, z + deep
        left = lens[1] + lens[0] * min((x - wide) / near, (x - wide) / far)
        right = lens[1] + lens[0] * max((x + wide) / near, (x + wide) / far)
        up = lens[2] + lens[0] * min((y - tall) / near, (y - tall) / far)
        down = lens[2] + lens[0] * max((y + tall) / near, (y + tall) / far)
        if right <= 0.0 or down <= 0.0 or left >= size[0] or up >= size[1]:
            continue
        boxes[count, 0] = n
        boxes[count, 1], boxes[count, 2] = max(int(left), 0), max(int(up), 0)
        boxes[count, 3], boxes[count, 4] = min(int(right) + 1, int(size[0])), min(int(down) + 1, int(size[1]))
        count += 1
        if count == boxes.shape[0]:
            break
    return count


@jit
def draw(shapes: Floats, boxes: npt.NDArray[np.int64], count: int, origin: Floats, axes: Floats, lens: Floats,
         sun: Floats, depth: Depths, rgb: Bytes, thermal: Bytes) -> None:
    """Every selected shape into both pictures and the depth map."""
    for k in range(count):
        shape = shapes[boxes[k, 0]]
        if shape[5] > 0.0:
            _trunk(shape, boxes[k], origin, axes, lens, depth, rgb, thermal)
        _crown(shape, boxes[k], origin, axes, lens, sun, depth, rgb, thermal)


@jit
def _crown(shape: Floats, box: npt.NDArray[np.int64], origin: Floats, axes: Floats, lens: Floats, sun: Floats,
           depth: Depths, rgb: Bytes, thermal: Bytes) -> None:
    flat, tall, holes = 1.0 / shape[3], 1.0 / shape[4], shape[6]
    ox, oy, oz = (origin[0] - shape[0]) * flat, (origin[1] - shape[1]) * flat, (origin[2] - shape[2]) * tall
    c = ox * ox + oy * oy + oz * oz - 1.0
    if c <= 0.0:
        return
    is_rock = shape[5] == 0.0
    for py in range(box[2], box[4]):
        y = (py + 0.5 - lens[2]) / lens[0]
        ax, ay, az = axes[0, 0] + y * axes[2, 0], axes[0, 1] + y * axes[2, 1], axes[0, 2] + y * axes[2, 2]
        for px in range(box[1], box[3]):
            x = (px + 0.5 - lens[1]) / lens[0]
            dx, dy, dz = (ax + x * axes[1, 0]) * flat, (ay + x * axes[1, 1]) * flat, (az + x * axes[1, 2]) * tall
            a = dx * dx + dy * dy + dz * dz
            b = ox * dx + oy * dy + oz * dz
            inside = b * b - a * c
            if inside <= 0.0:
                continue
            root = np.sqrt(inside)
            t = (-b - root) / a
            if t >= depth[py, px]:
                continue
            nx, ny, nz = ox + t * dx, oy + t * dy, oz + t * dz
            if is_rock:
                _paint(shape, nx, ny, nz, 1.0, sun, rgb[py, px])
                lit = max(nx * sun[0] + ny * sun[1] + nz * sun[2], 0.0)
                thermal[py, px] = np.uint8(min(max(shape[10] - 12.0 * (1.0 - lit), 0.0), 255.0))
                depth[py, px] = t
                continue
            rim = 0.3 * (1.0 - min(root / np.sqrt(a), 1.0)) ** 2
            leaf = _leaf(shape, nx, ny, nz)
            if leaf < holes + rim:
                t = (-b + root) / a
                if t >= depth[py, px]:
                    continue
                nx, ny, nz = ox + t * dx, oy + t * dy, oz + t * dz
                leaf = _leaf(shape, nx, ny, nz)
                if leaf < holes + rim:
                    continue
                leaf = 0.5 * leaf
            _paint(shape, nx, ny, nz, 0.55 + 0.6 * leaf, sun, rgb[py, px])
            thermal[py, px] = np.uint8(min(max(shape[10] + 4.0 * (leaf - 0.6), 0.0), 255.0))
            depth[py, px] = t


@jit
def _leaf(shape: Floats, nx: float, ny: float, nz: float) -> float:
    """Branches and leaves: two lattices of hashed cells fixed to the crown."""
    x, y, z = (nx * shape[3]) / LEAF_M + shape[0], (ny * shape[3]) / LEAF_M + shape[1], (nz * shape[4]) / LEAF_M
    fine = leaf_noise(int(np.floor(x)), int(np.floor(y)), int(np.floor(z)))
    rough = leaf_noise(int(np.floor(0.37 * x)) + 911, int(np.floor(0.37 * y)), int(np.floor(0.37 * z)))
    return 0.5 * fine + 0.5 * rough


@jit
def _paint(shape: Floats, nx: float, ny: float, nz: float, gain: float, sun: Floats, out: Bytes) -> None:
    light = 0.5 + 0.2 * nz + 0.55 * max(nx * sun[0] + ny * sun[1] + nz * sun[2], 0.0)
    for k in range(3):
        out[k] = np.uint8(min(max(shape[7 + k] * light * gain, 0.0), 255.0))


@jit
def _trunk(shape: Floats, box: npt.NDArray[np.int64], origin: Floats, axes: Floats, lens: Floats, depth: Depths,
           rgb: Bytes, thermal: Bytes) -> None:
    """An upright cylinder from the ground to the crown's middle."""
    ox, oy = origin[0] - shape[0], origin[1] - shape[1]
    c = ox * ox + oy * oy - shape[5] * shape[5]
    foot, top = shape[11], shape[2]
    for py in range(box[2], box[4]):
        y = (py + 0.5 - lens[2]) / lens[0]
        for px in range(box[1], box[3]):
            x = (px + 0.5 - lens[1]) / lens[0]
            dx = axes[0, 0] + x * axes[1, 0] + y * axes[2, 0]
            dy = axes[0, 1] + x * axes[1, 1] + y * axes[2, 1]
            a, b = dx * dx + dy * dy, ox * dx + oy * dy
            inside = b * b - a * c
            if inside <= 0.0:
                continue
            t = (-b - np.sqrt(inside)) / a
            z = origin[2] + t * (axes[0, 2] + x * axes[1, 2] + y * axes[2, 2])
            if t <= 0.0 or t >= depth[py, px] or z < foot or z > top:
                continue
            shade = 0.6 + 0.4 * (ox + t * dx) / shape[5] * 0.5
            rgb[py, px, 0], rgb[py, px, 1] = np.uint8(92 * shade), np.uint8(74 * shade)
            rgb[py, px, 2] = np.uint8(58 * shade)
            thermal[py, px] = np.uint8(min(max(shape[10] + 2.0, 0.0), 255.0))
            depth[py, px] = t
