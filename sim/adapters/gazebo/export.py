"""A scenario as an SDF world: `export(world, folder, flavour)` writes one `.sdf` file and its meshes."""

from math import cos, pi, radians, sin
from pathlib import Path
from typing import Final

from sim.adapters.gazebo.bodies import LENS_M, lens_sensor, vehicle_model
from sim.adapters.gazebo.model import Exported, Flavour, Hooks, Link, NotExported, Pictures
from sim.adapters.gazebo.place import furnish
from sim.adapters.gazebo.xml import Element, document, fields, node, numbers
from sim.engine.columns import TICK_S
from sim.scenarios.model import VehicleKind, VehicleSpec
from sim.worlds.model import World

MOST_TREES: Final = 8000
LINK_PLUGIN: Final = "libtaihang_link.so"
_SYSTEMS: Final = (
    ("physics", "Physics"), ("user-commands", "UserCommands"), ("scene-broadcaster", "SceneBroadcaster"),
    ("contact", "Contact"), ("imu", "Imu"), ("navsat", "NavSat"), ("air-pressure", "AirPressure"),
    ("magnetometer", "Magnetometer"),
)
"""What gz-sim loads by default only for worlds that name no plugin at all."""
_NEVER_RUN: Final = "written for gz-sim (Harmonic and later) and checked as SDF 1.9 only: gz-sim itself has not run it"


def export(
    world: World, folder: Path, flavour: Flavour, *, hooks: Hooks = Hooks.NONE, link: Link | None = None,
    most_trees: int = MOST_TREES,
) -> Exported:
    """Raises NotExported for what this flavour cannot hold, OSError for a folder that cannot be written."""
    if flavour is Flavour.CLASSIC and hooks is not Hooks.NONE:
        raise NotExported(f"{hooks.value} hooks are gz-sim plugins: export {Flavour.GZ_SIM.value}, or leave them out")
    if flavour is Flavour.GZ_SIM and link is not None:
        raise NotExported("the lockstep plugin is for Gazebo 11: export sdf1.6")
    meshes = folder / f"{world.scenario.name}_meshes"
    meshes.mkdir(parents=True, exist_ok=True)
    place = furnish(world, meshes, flavour, most_trees=most_trees)
    parts = [*_frame(world, flavour), *place.models, *_vehicles(world, flavour, hooks, link)]
    if link is not None:
        parts += [*(_gimbal(camera) for camera in link.cameras), _plugin(link)]
    root = node("sdf", node("world", *parts, name=world.scenario.name), version=flavour.version)
    path = folder / f"{world.scenario.name}.sdf"
    path.write_bytes(document(root))
    files = (path, *sorted(each for each in meshes.iterdir() if each.is_file()))
    return Exported(
        world=path, files=files, trees=place.trees, trees_left_out=place.trees_left_out,
        notes=(_NEVER_RUN,) if flavour is Flavour.GZ_SIM else (),
    )


def _frame(world: World, flavour: Flavour) -> list[Element]:
    """Physics, light, air and where on earth this is."""
    physics = fields("physics", {"max_step_size": TICK_S, "real_time_factor": 1.0}, name="ticks", type="ode")
    plugins = []
    if flavour is Flavour.CLASSIC:
        physics.append(node("real_time_update_rate", text=0.0))
        solver = fields("solver", {"type": "quick", "iters": "20", "sor": 1.0})
        physics.append(node("ode", solver))
    else:
        plugins = [
            node("plugin", filename=f"gz-sim-{name}-system", name=f"gz::sim::systems::{title}")
            for name, title in _SYSTEMS
        ]
        engine = node("render_engine", text="ogre2")
        plugins.append(node("plugin", engine, filename="gz-sim-sensors-system", name="gz::sim::systems::Sensors"))
    origin, weather = world.scenario.origin, world.scenario.weather
    blows = radians(weather.wind_from_deg + 180.0)
    wind = [weather.wind_m_s * sin(blows), weather.wind_m_s * cos(blows), 0.0]
    return [
        *plugins,
        physics,
        node("gravity", text="0 0 -9.80665"),
        fields("scene", {"ambient": "0.6 0.6 0.6 1", "background": "0.68 0.78 0.88 1", "shadows": False}),
        node("wind", node("linear_velocity", text=numbers(wind))),
        fields("spherical_coordinates", {
            "surface_model": "EARTH_WGS84", "world_frame_orientation": "ENU", "latitude_deg": f"{origin.lat_deg:.9f}",
            "longitude_deg": f"{origin.lon_deg:.9f}", "elevation": origin.amsl_m, "heading_deg": 0.0,
        }),
        fields("light", {
            "cast_shadows": False, "pose": "0 0 500 0 0 0", "diffuse": "0.7 0.7 0.66 1", "specular": "0.1 0.1 0.1 1",
            "direction": numbers((-world.sun).tolist()),
        }, name="sun", type="directional"),
    ]


def _vehicles(world: World, flavour: Flavour, hooks: Hooks, link: Link | None) -> list[Element]:
    own_cameras = {camera.vehicle for camera in link.cameras} if link else set()
    made = []
    for number, vehicle in enumerate(world.scenario.vehicles):
        has_lens = vehicle.kind in (VehicleKind.COPTER, VehicleKind.PLANE) and vehicle.id not in own_cameras
        made.append(vehicle_model(
            vehicle.id, vehicle.kind, _start(world, vehicle), pi / 2 - radians(vehicle.heading_deg), flavour,
            camera=world.scenario.camera if has_lens and link is None else None, hooks=hooks, number=number,
            is_linked=link is not None,
        ))
    return made


def _start(world: World, vehicle: VehicleSpec) -> tuple[float, float, float]:
    at = world.ground_at(vehicle.home_m)
    if vehicle.kind.swims and world.water is not None:
        dive = vehicle.depth_m if vehicle.kind is VehicleKind.SUB else 0.0
        return at.east_m, at.north_m, world.water.surface_m - dive
    return at.east_m, at.north_m, at.up_m


def _gimbal(camera: Pictures) -> Element:
    """A body that nothing touches, which the plugin holds level at the vehicle's lens."""
    sensor = lens_sensor(
        "camera", (0.0,) * 6, camera.width_px, camera.height_px, camera.hfov_deg, camera.rate_hz
    )
    link = node("link", node("gravity", text=False), node("kinematic", text=True), sensor, name="lens")
    return node("model", node("pose", text="0 0 100 0 0 0"), link, name=f"{camera.vehicle}_camera")


def _plugin(link: Link) -> Element:
    held = [
        fields("camera", {
            "model": f"{camera.vehicle}_camera", "vehicle": camera.vehicle, "lens": numbers(LENS_M),
            "down_rad": radians(-camera.pitch_deg),
        })
        for camera in link.cameras
    ]
    return node(
        "plugin", node("port", text=str(link.port)), node("image_port", text=str(link.image_port)),
        node("timeout_ms", text=str(round(link.timeout_s * 1000))),
        *(node("vehicle", text=vehicle) for vehicle in link.vehicles), *held,
        name="taihang_link", filename=LINK_PLUGIN,
    )
