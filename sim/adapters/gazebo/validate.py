"""Checks an exported world without any Gazebo: the part of the SDF grammar that we write, and what it refers to."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from sim.adapters.gazebo.xml import Element

_VALUES: Final = {
    **dict.fromkeys(("pose",), 6), **dict.fromkeys(("direction", "linear_velocity", "size", "xyz"), 3),
    **dict.fromkeys(("ambient", "diffuse", "specular", "emissive", "background"), 4),
    **dict.fromkeys(("radius", "length", "mass", "ixx", "ixy", "ixz", "iyy", "iyz", "izz", "mu", "mu2", "near", "far",
                     "horizontal_fov", "update_rate", "max_step_size", "real_time_factor", "real_time_update_rate",
                     "latitude_deg", "longitude_deg", "elevation", "heading_deg", "lower", "upper", "transparency",
                     "metalness", "roughness", "width", "height", "iters", "sor"), 1),
}
"""Elements that hold so many finite numbers."""
_FLAGS: Final = frozenset({"static", "kinematic", "cast_shadows", "always_on", "shadows"})
_TEXTS: Final = frozenset({"uri", "albedo_map", "parent", "child", "type", "format", "surface_model",
                           "world_frame_orientation"})
_CHILDREN: Final = {
    "sdf": "world",
    "world": "plugin* physics gravity scene wind spherical_coordinates light+ model*",
    "physics": "max_step_size real_time_factor real_time_update_rate? ode?",
    "solver": "type iters sor",
    "scene": "ambient background shadows",
    "wind": "linear_velocity",
    "spherical_coordinates": "surface_model world_frame_orientation latitude_deg longitude_deg elevation heading_deg",
    "light": "cast_shadows pose diffuse specular direction",
    "model": "static? pose link+ joint* plugin*",
    "link": "pose? inertial? gravity? kinematic? visual* collision* sensor*",
    "inertial": "pose? mass inertia",
    "inertia": "ixx ixy ixz iyy iyz izz",
    "visual": "cast_shadows? transparency? pose? geometry material?",
    "collision": "pose? geometry surface?",
    "geometry": "mesh? box? sphere? cylinder?",
    "mesh": "uri", "box": "size", "sphere": "radius", "cylinder": "radius length",
    "surface": "friction", "friction": "ode",
    "material": "ambient? diffuse specular? pbr? emissive?", "pbr": "metal", "metal": "albedo_map metalness roughness",
    "sensor": "pose? update_rate always_on camera?",
    "camera": "horizontal_fov image clip", "image": "width height format", "clip": "near far",
    "joint": "parent child axis", "axis": "xyz limit", "limit": "lower upper",
}
_BY_PARENT: Final = {("physics", "ode"): "solver", ("friction", "ode"): "mu mu2"}
_NAMED: Final = frozenset({"world", "physics", "light", "model", "link", "visual", "collision", "sensor", "joint",
                           "camera", "plugin"})
_SINCE_1_9: Final = frozenset({"pbr"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Where and what: `at` is the path of names to the element."""

    at: str
    what: str

    def __str__(self) -> str:
        return f"{self.at}: {self.what}"


def faults_of(world: Path) -> list[Fault]:
    """Everything that is wrong with an exported world and its meshes; empty when nothing is."""
    try:
        root = ElementTree.fromstring(world.read_bytes())
    except ElementTree.ParseError as reason:
        return [Fault(at=world.name, what=f"is no XML ({reason})")]
    if root.tag != "sdf" or root.get("version") not in ("1.6", "1.9"):
        return [Fault(at=world.name, what="is no SDF 1.6 or 1.9 document")]
    faults = [*_check(root, "", "sdf", root.get("version") == "1.9")]
    faults += _check_joints(root)
    for element in root.iter():
        if element.tag in ("uri", "albedo_map"):
            faults += _check_file(world.parent / (element.text or ""))
    return faults


def _check(element: Element, parent: str, at: str, is_new: bool) -> Iterator[Fault]:
    tag = element.tag
    if tag == "plugin":
        if not (element.get("name") and element.get("filename")):
            yield Fault(at=at, what="a plugin needs name and filename")
        return
    if tag in _SINCE_1_9 and not is_new:
        yield Fault(at=at, what=f"{tag} is for SDF 1.9")
    if tag in _NAMED and not element.get("name"):
        yield Fault(at=at, what="has no name")
    children = _BY_PARENT.get((parent, tag), _CHILDREN.get(tag))
    if children is None:
        yield from _check_value(element, parent, at)
        return
    yield from _check_children(element, children, at)
    for child in element:
        yield from _check(child, tag, f"{at}/{child.get('name') or child.tag}", is_new)


def _check_children(element: Element, grammar: str, at: str) -> Iterator[Fault]:
    counts = Counter(child.tag for child in element)
    for rule in grammar.split():
        name, mark = (rule[:-1], rule[-1]) if rule[-1] in "?*+" else (rule, "")
        count = counts.pop(name, 0)
        if mark in ("", "+") and count == 0:
            yield Fault(at=at, what=f"{name} is missing")
        if mark in ("", "?") and count > 1:
            yield Fault(at=at, what=f"{name} stands here {count} times")
    for name in counts:
        yield Fault(at=at, what=f"{name} does not belong here")
    if element.tag == "geometry" and len(element) != 1:
        yield Fault(at=at, what="a geometry is one shape")
    names = Counter(child.get("name") for child in element if child.tag != "plugin" and child.get("name"))
    for twice in (name for name, count in names.items() if count > 1):
        yield Fault(at=at, what=f"two things are called {twice!r}")


def _check_value(element: Element, parent: str, at: str) -> Iterator[Fault]:
    tag, text = element.tag, (element.text or "").strip()
    if tag in _FLAGS or (tag == "gravity" and parent == "link"):
        if text not in ("true", "false"):
            yield Fault(at=at, what=f"{text!r} is neither true nor false")
    elif tag in _TEXTS:
        if not text:
            yield Fault(at=at, what="is empty")
    elif (count := 3 if tag == "gravity" else _VALUES.get(tag)) is None:
        yield Fault(at=at, what=f"{tag} is no element that we write")
    elif len(values := _numbers(text)) != count:
        yield Fault(at=at, what=f"{text!r} are not {count} finite numbers")
    elif tag == "mass" and values[0] <= 0.0:
        yield Fault(at=at, what="a mass must be positive")


def _numbers(text: str) -> list[float]:
    try:
        return [value for value in map(float, text.split()) if math.isfinite(value)]
    except ValueError:
        return []


def _check_joints(root: Element) -> Iterator[Fault]:
    for model in root.iter("model"):
        links = {link.get("name") for link in model.findall("link")}
        for joint in model.findall("joint"):
            for end in ("parent", "child"):
                if joint.findtext(end) not in links:
                    yield Fault(at=f"{model.get('name')}/{joint.get('name')}", what=f"its {end} is no link of it")
    for inertia in root.iter("inertia"):
        x, y, z = (float(inertia.findtext(name) or 0) for name in ("ixx", "iyy", "izz"))
        if min(x, y, z) <= 0.0 or x + y < z or y + z < x or z + x < y:
            yield Fault(at="inertia", what=f"{x:g} {y:g} {z:g} is no body's")


def _check_file(path: Path) -> Iterator[Fault]:
    if not path.is_file():
        yield Fault(at=path.name, what="is not there")
    elif path.suffix == ".obj":
        yield from check_obj(path)


def check_obj(path: Path) -> Iterator[Fault]:
    """Finite vertices, a unit normal each, faces that point at what is there, materials with Ka and Kd."""
    vertices = normals = 0
    wanted: set[str] = set()
    for line in path.read_text("ascii").splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices += 1
            if len(_numbers(rest)) != 3:
                yield Fault(at=path.name, what=f"vertex {vertices} is not three finite numbers")
        elif kind == "vn":
            normals += 1
            if abs(math.hypot(*_numbers(rest)) - 1.0) > 1e-3:
                yield Fault(at=path.name, what=f"normal {normals} is no unit vector")
        elif kind == "usemtl":
            wanted.add(rest)
        elif kind == "f":
            corners = [corner.split("/") for corner in rest.split()]
            if len(corners) != 3 or not all(
                0 < int(corner[0]) <= vertices and 0 < int(corner[2]) <= normals for corner in corners
            ):
                yield Fault(at=path.name, what=f"face {rest!r} points at nothing")
    blocks = path.with_suffix(".mtl").read_text("ascii").split("newmtl ")[1:]
    made = {block.split("\n")[0] for block in blocks if "\nKa " in block and "\nKd " in block}
    for name in sorted(wanted - made):
        yield Fault(at=path.name, what=f"material {name!r} has no Ka and Kd")
