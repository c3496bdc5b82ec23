"""Renders one exposure of the twin camera: ground, shadows, trees and rocks, people, fire, then sensor noise."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.cameras import bodies, crowns, puffs, rays, soil
from sim.cameras.figures import figure
from sim.cameras.model import Annotation, Bytes, CameraPose, Floats, Lens, Pair, Shot
from sim.cameras.noise import add_noise
from sim.worlds.ground import COLDEST_C, WARMEST_C, counts_of
from sim.worlds.model import Person, World

Depths = npt.NDArray[np.float32]

_BUCKET_M = 40.0
_MOST_SHAPES = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """The part of the frame that is drawn, in its pixels."""

    left: int = 0
    top: int = 0
    right: int
    bottom: int


@dataclass(slots=True, kw_only=True)
class _Canvas:
    """The pictures of one exposure while they are drawn."""

    window: _Window
    origin: Floats
    axes: Floats
    lens: Floats
    """Focal length and middle, in the window's pixels."""
    coarse: Floats
    depth: Depths
    rgb: Bytes
    thermal: Bytes
    view: Floats
    """(4, 3): the camera's axes, then its origin."""
    annotations: list[Annotation] = field(default_factory=list)


class Renderer:
    """Cameras over one place. Reuses its buffers: one renderer per process is enough, and calls must not overlap."""

    def __init__(self, world: World, lens: Lens) -> None:
        self.world, self.lens = world, lens
        terrain = world.terrain
        self._heights = terrain.heights_m
        self._grid = np.array([terrain.west_m, terrain.south_m, terrain.cell_m])
        self._top = float(terrain.heights_m.max()) + 0.01
        self._ground = np.array([world.ground.west_m, world.ground.south_m, world.ground.cell_m])
        self._shapes = _shape_rows(world)
        self._buckets = _Buckets(self._shapes)
        spec = world.scenario.camera
        self._rgb_noise = spec.rgb_noise
        self._thermal_noise = spec.netd_k * 255.0 / (WARMEST_C - COLDEST_C)

    def render_pair(self, pose: CameraPose, shot: Shot, *, annotate: bool = False) -> Pair:
        """Both pictures of one instant; the same arguments give the same bytes."""
        canvas = self._canvas(pose, _Window(right=self.lens.width_px, bottom=self.lens.height_px))
        elapsed_s = self.world.elapsed_s(shot.utc_ns)
        self._draw_ground(canvas)
        people = [person for person in self.world.people if self._in_view(canvas, person)]
        figures = [(person, *_figure(person, elapsed_s)) for person in people]
        for _, parts, body in figures:
            bodies.draw_shadow(parts, body, canvas.view, canvas.lens, self.world.sun, canvas.depth, canvas.rgb)
        self._draw_shapes(canvas)
        for person, parts, body in figures:
            self._draw_person(canvas, person, parts, body)
        if self.world.fire:
            smoke = puffs.puffs_of(self.world, self.world.fire, elapsed_s)
            puffs.blend(smoke, canvas.origin, canvas.axes, canvas.lens, canvas.depth, canvas.rgb, canvas.thermal)
        return Pair(
            rgb=self._noisy(canvas.rgb, self._rgb_noise, "rgb", shot),
            thermal=self._noisy(canvas.thermal, self._thermal_noise, "thermal", shot),
            annotations=tuple(canvas.annotations) if annotate else (),
        )

    def annotate(self, pose: CameraPose, utc_ns: int) -> tuple[Annotation, ...]:
        """What `render_pair` would say of a picture that nobody needs: only a window around each person is drawn.

        One person does not hide another here.
        """
        elapsed_s = self.world.elapsed_s(utc_ns)
        whole = self._canvas(pose, _Window(right=self.lens.width_px, bottom=self.lens.height_px))
        found: list[Annotation] = []
        for person in self.world.people:
            if self._in_view(whole, person):
                parts, body = _figure(person, elapsed_s)
                found += self._annotate_one(pose, whole, person, parts, body)
        return tuple(found)

    def _annotate_one(
        self, pose: CameraPose, whole: _Canvas, person: Person, parts: Floats, body: Floats
    ) -> list[Annotation]:
        box = bodies.box_of(bodies.discs_of(parts, body, whole.view, whole.lens, self.world.sun, False))
        left, top = max(int(np.floor(box[0])), 0), max(int(np.floor(box[1])), 0)
        window = _Window(
            left=left, top=top, right=min(int(np.ceil(box[2])), self.lens.width_px),
            bottom=min(int(np.ceil(box[3])), self.lens.height_px),
        )
        if window.right <= left or window.bottom <= top:
            return []
        canvas = self._canvas(pose, window)
        self._measure_ground(canvas)
        self._draw_shapes(canvas)
        self._draw_person(canvas, person, parts, body)
        return canvas.annotations

    def _canvas(self, pose: CameraPose, window: _Window) -> _Canvas:
        lens = self.lens
        shape = (window.bottom - window.top, window.right - window.left)
        rows, cols = (-(-size // rays.STEP_PX) + 1 for size in shape)
        origin, axes = pose.origin(), pose.axes()
        return _Canvas(
            window=window,
            origin=origin,
            axes=axes,
            view=np.vstack([axes, origin]),
            lens=np.array([lens.focal_px, lens.width_px / 2 - window.left, lens.height_px / 2 - window.top]),
            coarse=np.empty((rows, cols)),
            depth=np.empty(shape, np.float32),
            rgb=np.empty((*shape, 3), np.uint8),
            thermal=np.empty(shape, np.uint8),
        )

    def _measure_ground(self, canvas: _Canvas) -> None:
        place = (self._heights, self._grid, self._top, self.world.steepest, canvas.origin, canvas.axes, canvas.lens)
        rays.inverse_depths(*place, canvas.coarse)
        rays.fill_depths(*place, canvas.coarse, canvas.depth)

    def _draw_ground(self, canvas: _Canvas) -> None:
        self._measure_ground(canvas)
        soil.shade_ground(
            canvas.origin, canvas.axes, canvas.lens, canvas.depth, self.world.ground.texture, self._ground,
            soil.grain_tile(), canvas.rgb, canvas.thermal,
        )

    def _draw_shapes(self, canvas: _Canvas) -> None:
        rows = self._buckets.rows_in(_seen_rectangle(canvas))
        size = np.array(canvas.depth.shape[::-1], float)
        boxes = np.empty((_MOST_SHAPES, 5), np.int64)
        count = crowns.select(self._shapes, rows, canvas.origin, canvas.axes, canvas.lens, size, boxes)
        crowns.draw(
            self._shapes, boxes, count, canvas.origin, canvas.axes, canvas.lens, self.world.sun,
            canvas.depth, canvas.rgb, canvas.thermal,
        )

    def _in_view(self, canvas: _Canvas, person: Person) -> bool:
        """Whether any of a ball that holds the person and the shadow may lie in the frame."""
        depth, right, down = canvas.axes @ (_place(person) - canvas.origin)
        slack = 4.0 * canvas.lens[0]
        if depth < 1.0:
            return False
        return bool(
            abs(right) * canvas.lens[0] < depth * canvas.lens[1] + slack
            and abs(down) * canvas.lens[0] < depth * canvas.lens[2] + slack
        )

    def _draw_person(self, canvas: _Canvas, person: Person, parts: Floats, body: Floats) -> None:
        truth = np.zeros(10)
        warm = parts.copy()
        warm[:, 10] = counts_of(parts[:, 10])
        bodies.draw_body(
            warm, body, canvas.view, canvas.lens, self.world.sun, canvas.depth, canvas.rgb, canvas.thermal, truth
        )
        if truth[2] > truth[0]:
            left, top, right, bottom = _edges(truth[0:4], canvas.window)
            canvas.annotations.append(
                Annotation(
                    person=person.id,
                    left_px=left,
                    top_px=top,
                    right_px=right,
                    bottom_px=bottom,
                    visible=float(truth[4] / truth[5]),
                    shown_px=_edges(truth[6:10], canvas.window) if truth[4] > 0 else None,
                )
            )

    def _noisy(self, picture: Bytes, sigma: float, sensor: str, shot: Shot) -> Bytes:
        return add_noise(
            picture, sigma=sigma, seed=self.world.seed, vehicle=shot.vehicle, sensor=sensor, frame=shot.frame
        )


def render_pair(world: World, pose: CameraPose, lens: Lens, shot: Shot, *, annotate: bool = False) -> Pair:
    """One exposure without keeping a Renderer: for tests and single pictures."""
    return Renderer(world, lens).render_pair(pose, shot, annotate=annotate)


def _edges(rays_px: Floats, window: _Window) -> tuple[float, float, float, float]:
    """Of the rays' places, in the frame's pixels."""
    left, top, right, bottom = (float(value) for value in rays_px)
    half = 0.5 / bodies.RAYS
    return left - half + window.left, top - half + window.top, right + half + window.left, bottom + half + window.top


class _Buckets:
    """Rows of shapes by 40 m squares, so that a picture asks only for what may be in it."""

    def __init__(self, shapes: Floats) -> None:
        self._low = shapes[:, :2].min(axis=0) if len(shapes) else np.zeros(2)
        cells = ((shapes[:, :2] - self._low) // _BUCKET_M).astype(int)
        self._columns = int(cells[:, 0].max()) + 1 if len(shapes) else 1
        self._rows = int(cells[:, 1].max()) + 1 if len(shapes) else 1
        keys = cells[:, 1] * self._columns + cells[:, 0]
        self._order = np.argsort(keys, kind="stable")
        self._starts = np.searchsorted(keys[self._order], np.arange(self._rows * self._columns + 1))

    def rows_in(self, rectangle: Floats) -> npt.NDArray[np.int64]:
        """Rows of shapes in (west, south, east, north)."""
        west, south = np.maximum(((rectangle[:2] - self._low) // _BUCKET_M).astype(int), 0)
        east, north = ((rectangle[2:] - self._low) // _BUCKET_M).astype(int)
        east, north = min(int(east), self._columns - 1), min(int(north), self._rows - 1)
        found = [
            self._order[self._starts[row * self._columns + west] : self._starts[row * self._columns + east + 1]]
            for row in range(south, north + 1)
            if west <= east
        ]
        return np.concatenate(found) if found else np.zeros(0, np.int64)


def _seen_rectangle(canvas: _Canvas) -> Floats:
    """(west, south, east, north) that holds the camera and all ground it sees, with a tall tree's margin."""
    coarse = canvas.coarse
    sampled = np.array([0, coarse.shape[0] // 2, coarse.shape[0] - 1])
    rows, cols = np.meshgrid(sampled, np.arange(0, coarse.shape[1]), indexing="ij")
    inverse = np.maximum(coarse[rows, cols], 1.0 / crowns.FARTHEST_M)
    x = (cols * rays.STEP_PX - canvas.lens[1]) / canvas.lens[0]
    y = (rows * rays.STEP_PX - canvas.lens[2]) / canvas.lens[0]
    step = canvas.axes[0] + x[..., None] * canvas.axes[1] + y[..., None] * canvas.axes[2]
    hits = (canvas.origin + step / inverse[..., None])[..., :2].reshape(-1, 2)
    hits = np.vstack([hits, canvas.origin[:2]])
    return np.concatenate([hits.min(axis=0) - 12.0, hits.max(axis=0) + 12.0])


def _shape_rows(world: World) -> Floats:
    """One row per blob: x, y, z, radius, half height, trunk, holes, r, g, b, thermal count, ground."""
    blobs = world.blobs
    return np.ascontiguousarray(
        np.column_stack([
            blobs.centre_m, blobs.radius_m, blobs.half_height_m, blobs.trunk_m, _hole_threshold(blobs.holes), blobs.rgb,
            counts_of(blobs.warm_c), blobs.ground_m,
        ])
    )


def _figure(person: Person, elapsed_s: float) -> tuple[Floats, Floats]:
    """Parts in the body frame, and (4, 3): the frame's axes in ENU, then the spot it stands on."""
    parts, axes = figure(person, elapsed_s)
    return parts, np.vstack([axes, _place(person)])


def _hole_threshold(holes: Floats) -> Floats:
    """Below which leaf noise is a hole, so that `holes` of all rays pass both shells of a crown.

    The noise is the mean of two uniform ones: its distribution function is 2 x**2 up to 1/2 and mirrored above.
    """
    one_shell = np.sqrt(holes)
    below, above = np.sqrt(one_shell / 2), 1.0 - np.sqrt((1.0 - one_shell) / 2)
    return np.asarray(np.where(one_shell <= 0.5, below, above))


def _place(person: Person) -> Floats:
    return np.array([person.at.east_m, person.at.north_m, person.at.up_m])
