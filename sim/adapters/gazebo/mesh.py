"""Triangle meshes with smooth normals, and the Wavefront files that every Gazebo reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """vertices and normals (n, 3); faces (k, 3), counter-clockwise from outside; uv (n, 2) under a picture."""

    vertices: Floats
    normals: Floats
    faces: Indices
    uv: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint:
    """Colour 0 to 1, or a picture beside the mesh; `opacity` 0 is clear."""

    rgb: Rgb = (1.0, 1.0, 1.0)
    picture: str | None = None
    opacity: float = 1.0


def grid(heights: Floats, west_m: float, south_m: float, cell_m: float) -> Surface:
    """Rows from south to north, columns from west to east, two triangles a cell; normals by central differences."""
    rows, columns = heights.shape
    east, north = np.meshgrid(west_m + np.arange(columns) * cell_m, south_m + np.arange(rows) * cell_m)
    slope_n, slope_e = np.gradient(heights, cell_m)
    normals = np.dstack([-slope_e, -slope_n, np.ones_like(heights)]).reshape(-1, 3)
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).reshape(-1)
    east_of, north_of, across = corner + 1, corner + columns, corner + columns + 1
    faces = np.stack([corner, east_of, across, corner, across, north_of], axis=1).reshape(-1, 3)
    u, v = np.meshgrid(np.linspace(0.0, 1.0, columns), np.linspace(0.0, 1.0, rows))
    return Surface(
        vertices=np.dstack([east, north, heights]).reshape(-1, 3), faces=faces,
        normals=normals / np.linalg.norm(normals, axis=1, keepdims=True), uv=np.dstack([u, v]).reshape(-1, 2),
    )


def _octahedron() -> tuple[Floats, Indices]:
    points = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], float)
    faces = [[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]]
    return points, np.array(faces, np.int64)


def _rounded(times: int) -> tuple[Floats, Indices]:
    """The octahedron, each triangle cut in four so many times and blown up to the unit ball."""
    points, faces = _octahedron()
    for _ in range(times):
        corners = points[faces]
        middles = (corners + np.roll(corners, -1, axis=1)) / 2
        a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
        ab, bc, ca = middles[:, 0], middles[:, 1], middles[:, 2]
        loose = np.stack([a, ab, ca, ab, b, bc, ca, bc, c, ab, bc, ca], axis=1).reshape(-1, 3)
        points, inverse = np.unique(loose.round(9), axis=0, return_inverse=True)
        points = points / np.linalg.norm(points, axis=1, keepdims=True)
        faces = inverse.reshape(-1, 3)
    return points, faces


OCTAHEDRON: Final = _rounded(0)
BALL: Final = _rounded(2)


def ellipsoids(centres: Floats, radii: Floats, shape: tuple[Floats, Indices] = OCTAHEDRON) -> Surface:
    """centres (n, 3), radii (n, 3); one surface for all of them."""
    points, faces = shape
    vertices = centres[:, None, :] + radii[:, None, :] * points
    normals = points / radii[:, None, :]
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    shift = np.arange(len(centres))[:, None, None] * len(points)
    return Surface(
        vertices=vertices.reshape(-1, 3), normals=normals.reshape(-1, 3), faces=(faces + shift).reshape(-1, 3)
    )


def posts(feet: Floats, heads: Floats, radii: Floats, *, sides: int = 4) -> Surface:
    """Upright or leaning prisms from `feet` (n, 3) to `heads`, without caps."""
    axis = heads - feet
    axis = axis / np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-9)
    helper = np.where(np.abs(axis[:, 2:]) < 0.9, np.array([[0.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.0]]))
    first = np.cross(helper, axis)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(axis, first)
    turn = 2 * np.pi * np.arange(sides) / sides
    out = first[:, None] * np.cos(turn)[None, :, None] + second[:, None] * np.sin(turn)[None, :, None]
    ring = radii[:, None, None] * out
    vertices = np.concatenate([feet[:, None] + ring, heads[:, None] + ring], axis=1)
    k = np.arange(sides)
    following = (k + 1) % sides
    faces = np.stack([k, following, following + sides, k, following + sides, k + sides], axis=1).reshape(-1, 3)
    shift = np.arange(len(feet))[:, None, None] * 2 * sides
    return Surface(
        vertices=vertices.reshape(-1, 3), normals=np.concatenate([out, out], axis=1).reshape(-1, 3),
        faces=(faces + shift).reshape(-1, 3),
    )


def disc(east_m: float, north_m: float, up_m: float, half_axes_m: tuple[float, float], *, sides: int = 48) -> Surface:
    """A flat ellipse that faces up."""
    turn = 2 * np.pi * np.arange(sides) / sides
    rim = np.column_stack([
        east_m + half_axes_m[0] * np.cos(turn), north_m + half_axes_m[1] * np.sin(turn), np.full(sides, up_m),
    ])
    k = np.arange(sides)
    return Surface(
        vertices=np.vstack([rim, [[east_m, north_m, up_m]]]), normals=np.tile([0.0, 0.0, 1.0], (sides + 1, 1)),
        faces=np.column_stack([np.full(sides, sides), k, (k + 1) % sides]),
    )


def joined(surfaces: list[Surface]) -> Surface:
    """One surface of many, without pictures."""
    shifts = np.cumsum([0, *(len(surface.vertices) for surface in surfaces)])
    return Surface(
        vertices=np.concatenate([surface.vertices for surface in surfaces]),
        normals=np.concatenate([surface.normals for surface in surfaces]),
        faces=np.concatenate([surface.faces + shift for surface, shift in zip(surfaces, shifts, strict=False)]),
    )


def write_obj(path: Path, parts: Mapping[str, tuple[Surface, Paint]]) -> None:
    """The mesh and its materials (`<stem>.mtl`, with Ka and Kd: without Ka Gazebo 11 paints black)."""
    lines = [f"mtllib {path.stem}.mtl"]
    at = picture_at = 1
    for name, (surface, _) in parts.items():
        lines += [f"o {name}", *(f"v {x:.4f} {y:.4f} {z:.4f}" for x, y, z in surface.vertices.tolist())]
        lines += [f"vn {x:.4f} {y:.4f} {z:.4f}" for x, y, z in surface.normals.tolist()]
        faces = surface.faces + at
        lines.append(f"usemtl {name}")
        if surface.uv is None:
            lines += [f"f {a}//{a} {b}//{b} {c}//{c}" for a, b, c in faces.tolist()]
        else:
            lines += [f"vt {u:.6f} {v:.6f}" for u, v in surface.uv.tolist()]
            off = picture_at - at
            lines += [f"f {a}/{a + off}/{a} {b}/{b + off}/{b} {c}/{c + off}/{c}" for a, b, c in faces.tolist()]
            picture_at += len(surface.uv)
        at += len(surface.vertices)
    path.write_text("\n".join(lines) + "\n", "ascii")
    path.with_suffix(".mtl").write_text("".join(_material(name, paint) for name, (_, paint) in parts.items()), "ascii")


def _material(name: str, paint: Paint) -> str:
    colour = " ".join(f"{part:.4f}" for part in paint.rgb)
    picture = f"map_Kd {paint.picture}\n" if paint.picture else ""
    return f"newmtl {name}\nKa {colour}\nKd {colour}\nKs 0 0 0\nd {paint.opacity:.3f}\nillum 1\n{picture}\n"
