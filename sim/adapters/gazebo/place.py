"""A built place as SDF models and meshes: ground, forest, rocks, water, fire, people, launch pads."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from sim.adapters.gazebo.bodies import paint
from sim.adapters.gazebo.mesh import (
    BALL,
    Paint,
    Rgb,
    Surface,
    disc,
    ellipsoids,
    grid,
    joined,
    posts,
    write_obj,
)
from sim.adapters.gazebo.model import Flavour
from sim.adapters.gazebo.xml import Element, fields, node, numbers
from sim.cameras.figures import figure
from sim.cameras.puffs import puffs_of
from sim.worlds.model import Blobs, Person, World

Floats = npt.NDArray[np.float64]
GROUND_PICTURE: Final = "ground.png"
_BARK: Final[Rgb] = (0.32, 0.25, 0.18)
_TINTS: Final = 6
"""Groups of trees of one green, and of rocks of one grey: a mesh has few materials."""
_PAD_M: Final = 0.6
_PAD_THICK_M: Final = 0.02
_WATER: Final[Rgb] = (0.15, 0.24, 0.29)
_FLAME: Final[Rgb] = (1.0, 0.6, 0.15)
_SMOKE: Final[Rgb] = (0.5, 0.5, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Models of everything that stands still, and how many trees there are among them."""

    models: tuple[Element, ...]
    trees: int
    trees_left_out: int


def furnish(world: World, meshes: Path, flavour: Flavour, *, most_trees: int) -> Place:
    """Writes the meshes into a folder beside the world file."""
    blobs, trees, left_out = _nearest(world, most_trees)
    models = [_ground(world, meshes, flavour)]
    if trees:
        models.append(_trees(blobs, meshes))
    if (blobs.trunk_m == 0.0).any():
        models.append(_rocks(blobs, meshes))
    models += [_person(person, meshes) for person in world.people]
    if world.water is not None:
        spec = world.water.spec
        water = disc(*spec.at_m, world.water.surface_m, spec.half_axes_m)
        write_obj(meshes / "water.obj", {"water": (water, Paint(rgb=_WATER, opacity=0.75))})
        models.append(_still("water", [_visual("surface", meshes, "water", paint(_WATER), clear=0.25)]))
    if world.fire is not None:
        models += _fire(world, meshes)
    models += _pads(world)
    return Place(models=tuple(models), trees=trees, trees_left_out=left_out)


def _still(name: str, parts: list[Element], at: tuple[float, ...] = (0.0,) * 6) -> Element:
    return node(
        "model", node("static", text=True), node("pose", text=numbers(at)), node("link", *parts, name="link"), name=name
    )


def _mesh(meshes: Path, stem: str) -> Element:
    return node("geometry", node("mesh", node("uri", text=f"{meshes.name}/{stem}.obj")))


def _visual(
    name: str, meshes: Path, stem: str, material: Element | None = None, *, clear: float = 0.0
) -> Element:
    transparency = node("transparency", text=clear) if clear else None
    return node("visual", node("cast_shadows", text=False), transparency, _mesh(meshes, stem), material, name=name)


def _ground(world: World, meshes: Path, flavour: Flavour) -> Element:
    """The lake's bed instead of its surface; the picture of the ground laid over it."""
    terrain = world.solid()
    surface = grid(terrain.heights_m.astype(float), terrain.west_m, terrain.south_m, terrain.cell_m)
    write_obj(meshes / "ground.obj", {"ground": (surface, Paint(picture=GROUND_PICTURE))})
    picture = np.ascontiguousarray(world.ground.texture[::-1, :, 2::-1])
    (meshes / GROUND_PICTURE).write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    material = None
    if flavour is Flavour.GZ_SIM:
        metal = fields("metal", {"albedo_map": f"{meshes.name}/{GROUND_PICTURE}", "metalness": 0.0, "roughness": 1.0})
        material = node("material", node("diffuse", text="1 1 1 1"), node("pbr", metal))
    grip = node("surface", node("friction", node("ode", node("mu", text=1.0), node("mu2", text=1.0))))
    return _still("ground", [
        _visual("ground", meshes, "ground", material), node("collision", _mesh(meshes, "ground"), grip, name="solid"),
    ])


def _nearest(world: World, most: int) -> tuple[Blobs, int, int]:
    """All rocks, and the trees nearest to the launch site."""
    blobs = world.blobs
    is_tree = blobs.trunk_m > 0.0
    away = np.hypot(*(blobs.centre_m[:, :2] - np.array(world.scenario.launch.at_m)).T)
    trees = np.flatnonzero(is_tree)
    kept = np.sort(trees[np.argsort(away[trees], kind="stable")[:most]])
    rows = np.concatenate([kept, np.flatnonzero(~is_tree)])
    chosen = Blobs(**{name: getattr(blobs, name)[rows] for name in Blobs.__dataclass_fields__})
    return chosen, len(kept), len(trees) - len(kept)


def _trees(blobs: Blobs, meshes: Path) -> Element:
    """Crowns are only seen; trunks are run into as well."""
    rows = np.flatnonzero(blobs.trunk_m > 0.0)
    crowns = {f"crowns_{k}": (_shell(blobs, own), Paint(rgb=rgb)) for k, (own, rgb) in enumerate(_tinted(blobs, rows))}
    write_obj(meshes / "crowns.obj", crowns)
    feet = np.column_stack([blobs.centre_m[rows, :2], blobs.ground_m[rows] - 0.3])
    trunks = posts(feet, blobs.centre_m[rows], blobs.trunk_m[rows])
    write_obj(meshes / "trunks.obj", {"bark": (trunks, Paint(rgb=_BARK))})
    return _still("forest", [
        _visual("crowns", meshes, "crowns"), _visual("trunks", meshes, "trunks"),
        node("collision", _mesh(meshes, "trunks"), name="solid"),
    ])


def _rocks(blobs: Blobs, meshes: Path) -> Element:
    rows = np.flatnonzero(blobs.trunk_m == 0.0)
    parts = {f"rocks_{k}": (_shell(blobs, own), Paint(rgb=rgb)) for k, (own, rgb) in enumerate(_tinted(blobs, rows))}
    write_obj(meshes / "rocks.obj", parts)
    return _still("rocks", [
        _visual("rocks", meshes, "rocks"), node("collision", _mesh(meshes, "rocks"), name="solid"),
    ])


def _shell(blobs: Blobs, rows: npt.NDArray[np.int64]) -> Surface:
    radii = np.column_stack([blobs.radius_m, blobs.radius_m, blobs.half_height_m])[rows]
    return ellipsoids(blobs.centre_m[rows], radii)


def _tinted(blobs: Blobs, rows: npt.NDArray[np.int64]) -> list[tuple[npt.NDArray[np.int64], Rgb]]:
    """Groups of like colour, each with its mean, dark to light."""
    order = rows[np.argsort(blobs.rgb[rows].sum(axis=1), kind="stable")]
    groups = [group for group in np.array_split(order, _TINTS) if len(group)]
    return [(group, _rgb(blobs.rgb[group].mean(axis=0))) for group in groups]


def _rgb(colour: Floats) -> Rgb:
    red, green, blue = (np.clip(colour, 0.0, 255.0) / 255.0).tolist()
    return red, green, blue


def _person(person: Person, meshes: Path) -> Element:
    """The figure that our own cameras draw, at the start; its arms do not wave here."""
    parts, axes = figure(person, 0.0)
    by_colour: dict[Rgb, list[Surface]] = {}
    for part in parts:
        is_limb = part[6] > 0.0
        if is_limb:
            ends = np.array([part[0:3], part[3:6]])
            radius = np.full(1, part[6])
            surfaces = [posts(ends[:1], ends[1:], radius, sides=8), ellipsoids(ends, np.full((2, 3), part[6]), BALL)]
        else:
            surfaces = [ellipsoids(part[None, 0:3], part[None, 3:6], BALL)]
        by_colour.setdefault(_rgb(part[7:10]), []).extend(surfaces)
    painted = {}
    for number, (rgb, surfaces) in enumerate(by_colour.items()):
        whole = joined(surfaces)
        turned = Surface(vertices=whole.vertices @ axes, normals=whole.normals @ axes, faces=whole.faces)
        painted[f"cloth_{number}"] = (turned, Paint(rgb=rgb))
    stem = f"person_{person.id}"
    write_obj(meshes / f"{stem}.obj", painted)
    at = (person.at.east_m, person.at.north_m, person.at.up_m, 0.0, 0.0, 0.0)
    return _still(stem, [_visual("figure", meshes, stem)], at)


def _fire(world: World, meshes: Path) -> list[Element]:
    """Flames and smoke as they stand at the start: markers, they do not move."""
    assert world.fire is not None
    puffs = puffs_of(world, world.fire, 0.0)
    is_flame = puffs[:, 4] > 0.9
    models = []
    for name, own, rgb, clear in (("flames", puffs[is_flame], _FLAME, 0.1), ("smoke", puffs[~is_flame], _SMOKE, 0.7)):
        if len(own):
            write_obj(meshes / f"{name}.obj", {
                name: (ellipsoids(own[:, :3], own[:, 3:4] * np.ones(3), BALL), Paint(rgb=rgb, opacity=1.0 - clear)),
            })
            material = paint(rgb)
            if name == "flames":
                material.append(node("emissive", text=numbers([*rgb, 1.0])))
            models.append(_still(name, [_visual(name, meshes, name, material, clear=clear)]))
    return models


def _pads(world: World) -> list[Element]:
    """A disc on the ground under everything that starts on land."""
    pads = []
    for vehicle in world.scenario.vehicles:
        if vehicle.kind.swims:
            continue
        at = world.ground_at(vehicle.home_m)
        shape = node("cylinder", node("radius", text=_PAD_M), node("length", text=_PAD_THICK_M))
        visual = node("visual", node("geometry", shape), paint((0.9, 0.9, 0.85)), name="pad")
        pads.append(_still(f"pad_{vehicle.id}", [visual], (at.east_m, at.north_m, at.up_m, 0.0, 0.0, 0.0)))
    return pads
