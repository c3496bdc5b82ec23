"""Vehicles as SDF models: one body each with its mass, its feet, its camera, and whose autopilot moves it."""

from dataclasses import dataclass
from math import radians
from typing import Final

from sim.adapters.gazebo.model import Flavour, Hooks
from sim.adapters.gazebo.xml import Element, fields, node, numbers
from sim.scenarios.model import CameraSpec, VehicleKind
from sim.vehicles.figures import rover_figures

COPTER_KG: Final = 3.6
"""As sim/vehicles/copter.toml says in its first line."""
LENS_M: Final = (0.25, 0.0, 0.1)
"""Ahead of the frame, so that it does not see itself."""
ARM_M: Final = 0.27
"""From the middle to each motor: 15 inch rotors (0.38 m) side by side."""
ROTOR_M: Final = 0.19
_HOVER_RAD_S: Final = 420.0
"""About 4,000 turns a minute, usual for 15 inch rotors at hover; an estimate that only sets the motor constant."""
_FULL_RAD_S: Final = 850.0
_ROTOR_KG: Final = 0.02
_GRIP: Final = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A solid box of this mass whose bottom is `clear_m` above the ground; `feet_m`: radius of its four round feet."""

    size_m: tuple[float, float, float]
    clear_m: float
    mass_kg: float
    feet_m: float
    rgb: tuple[float, float, float]
    weightless: bool = False
    """Carried by water, or parked by whoever moves it: gravity is left off."""
    slides: bool = False
    """Feet without friction: traction comes from who moves it."""

    @property
    def inertia(self) -> tuple[float, float, float]:
        """kg m2 around x, y, z of a solid box."""
        x, y, z = (side * side for side in self.size_m)
        return self.mass_kg / 12 * (y + z), self.mass_kg / 12 * (x + z), self.mass_kg / 12 * (x + y)

    @property
    def middle_m(self) -> float:
        """Height of the centre of mass above the model's origin on the ground."""
        return self.clear_m + self.size_m[2] / 2


SHAPES: Final = {
    VehicleKind.COPTER: Shape(
        size_m=(0.42, 0.42, 0.14), clear_m=0.06, mass_kg=COPTER_KG, feet_m=0.03, rgb=(0.15, 0.15, 0.18)
    ),
    VehicleKind.ROVER: Shape(
        size_m=(1.6, 1.0, 0.7), clear_m=0.15, mass_kg=rover_figures().mass_kg, feet_m=0.25, rgb=(0.75, 0.12, 0.1),
        slides=True,
    ),
    VehicleKind.SUB: Shape(
        size_m=(0.6, 0.45, 0.3), clear_m=0.0, mass_kg=12.0, feet_m=0.05, rgb=(0.9, 0.7, 0.1), weightless=True
    ),
    VehicleKind.BOAT: Shape(
        size_m=(1.6, 0.8, 0.4), clear_m=-0.15, mass_kg=45.0, feet_m=0.1, rgb=(0.9, 0.45, 0.1), weightless=True
    ),
    VehicleKind.PLANE: Shape(
        size_m=(1.1, 0.16, 0.16), clear_m=0.08, mass_kg=5.0, feet_m=0.05, rgb=(0.9, 0.9, 0.9), weightless=True
    ),
}
"""Masses: the figures' where they have one (copter, rover), else the class's data sheets, from memory."""
_MOTORS: Final = ((ARM_M, -ARM_M, "ccw"), (-ARM_M, ARM_M, "ccw"), (ARM_M, ARM_M, "cw"), (-ARM_M, -ARM_M, "cw"))
"""x ahead, y left, turning: the order of ArduPilot's and PX4's quad X."""


def vehicle_model(
    name: str, kind: VehicleKind, at: tuple[float, float, float], yaw_rad: float, flavour: Flavour, *,
    camera: CameraSpec | None = None, hooks: Hooks = Hooks.NONE, number: int = 0, is_linked: bool = False,
) -> Element:
    """`at` is the ground point below; `yaw_rad` counter-clockwise from east. `number`: of its autopilot's ports."""
    shape = SHAPES[kind]
    is_flown = kind is VehicleKind.COPTER and hooks is not Hooks.NONE
    sensors = [] if camera is None else [camera_sensor("camera", camera, LENS_M, radians(-camera.pitch_deg))]
    if is_flown:
        sensors += _feeling(hooks)
    model = node(
        "model",
        node("pose", text=numbers([*at, 0.0, 0.0, yaw_rad])),
        _body(shape, kind, sensors, with_rotors=not is_flown),
        name=name,
    )
    if is_flown:
        _fit_rotors(model)
        model.extend(_ardupilot(number) if hooks is Hooks.ARDUPILOT else _px4(name))
    elif flavour is Flavour.GZ_SIM and not is_linked:
        name = "gz::sim::systems::VelocityControl"
        model.append(node("plugin", filename="gz-sim-velocity-control-system", name=name))
    return model


def _body(shape: Shape, kind: VehicleKind, sensors: list[Element], *, with_rotors: bool) -> Element:
    box = node("geometry", node("box", node("size", text=numbers(shape.size_m))))
    link = node(
        "link",
        node(
            "inertial", node("pose", text=numbers([0, 0, shape.middle_m, 0, 0, 0])),
            node("mass", text=shape.mass_kg), _inertia(shape.inertia),
        ),
        node("gravity", text=not shape.weightless),
        node("visual", node("pose", text=numbers([0, 0, shape.middle_m, 0, 0, 0])), box, paint(shape.rgb), name="body"),
        *_feet(shape),
        *(_trimmings(kind, shape) if kind is not VehicleKind.COPTER or with_rotors else ()),
        *sensors,
        name="base_link",
    )
    return link


def _inertia(around: tuple[float, float, float]) -> Element:
    x, y, z = around
    return fields("inertia", {
        "ixx": f"{x:.9f}", "ixy": 0.0, "ixz": 0.0, "iyy": f"{y:.9f}", "iyz": 0.0, "izz": f"{z:.9f}",
    })


def _feet(shape: Shape) -> list[Element]:
    """Four balls: what rests on triangles most quietly."""
    reach = (shape.size_m[0] / 2 - shape.feet_m / 2, shape.size_m[1] / 2 - shape.feet_m / 2)
    mu = "0" if shape.slides else _GRIP
    corners = [(x, y) for x in (reach[0], -reach[0]) for y in (reach[1], -reach[1])]
    return [
        node(
            "collision",
            node("pose", text=numbers([x, y, shape.feet_m, 0, 0, 0])),
            node("geometry", node("sphere", node("radius", text=shape.feet_m))),
            node("surface", node("friction", node("ode", node("mu", text=mu), node("mu2", text=mu)))),
            name=f"foot_{number}",
        )
        for number, (x, y) in enumerate(corners)
    ]


def _trimmings(kind: VehicleKind, shape: Shape) -> list[Element]:
    """What makes it look like what it is."""
    if kind is VehicleKind.COPTER:
        return [_disc(f"rotor_{number}", (x, y, 0.21)) for number, (x, y, _) in enumerate(_MOTORS)]
    if kind is VehicleKind.PLANE:
        wing = node("geometry", node("box", node("size", text="0.25 2.1 0.03")))
        return [node("visual", node("pose", text="0.05 0 0.2 0 0 0"), wing, paint(shape.rgb), name="wing")]
    if kind is VehicleKind.ROVER:
        barrel = node("geometry", node("cylinder", node("radius", text=0.06), node("length", text=0.9)))
        return [
            *(_block(f"track_{side}", (1.7, 0.24, 0.42), (0.0, y, 0.22), (0.1, 0.1, 0.1))
              for side, y in (("left", 0.5), ("right", -0.5))),
            _block("turret", (0.5, 0.4, 0.25), (0.2, 0.0, 0.97), (0.85, 0.85, 0.8)),
            node("visual", node("pose", text="0.65 0 1.1 0 1.3 0"), barrel, paint((0.85, 0.85, 0.8)), name="monitor"),
        ]
    return []


def _block(
    name: str, size_m: tuple[float, float, float], at: tuple[float, float, float], rgb: tuple[float, float, float]
) -> Element:
    geometry = node("geometry", node("box", node("size", text=numbers(size_m))))
    return node("visual", node("pose", text=numbers([*at, 0, 0, 0])), geometry, paint(rgb), name=name)


def _disc(name: str, at: tuple[float, float, float]) -> Element:
    geometry = node("geometry", node("cylinder", node("radius", text=ROTOR_M), node("length", text=0.01)))
    return node("visual", node("pose", text=numbers([*at, 0, 0, 0])), geometry, paint((0.5, 0.5, 0.55)), name=name)


def paint(rgb: tuple[float, float, float], opacity: float = 1.0) -> Element:
    colour = numbers([*rgb, opacity])
    return fields("material", {"ambient": colour, "diffuse": colour, "specular": "0.05 0.05 0.05 1"})


def camera_sensor(name: str, spec: CameraSpec, at: tuple[float, float, float], down_rad: float) -> Element:
    """A colour camera, x ahead and y left as SDF has it; `down_rad` lowers its axis."""
    return lens_sensor(
        name, (*at, 0.0, down_rad, 0.0), spec.width_px, spec.height_px, spec.hfov_deg, float(spec.live_fps)
    )


def lens_sensor(
    name: str, pose: tuple[float, ...], width_px: int, height_px: int, hfov_deg: float, rate_hz: float
) -> Element:
    image = fields("image", {"width": str(width_px), "height": str(height_px), "format": "R8G8B8"})
    lens = node("camera", node("horizontal_fov", text=radians(hfov_deg)), image,
                fields("clip", {"near": 0.1, "far": 3000.0}), name=name)
    return node(
        "sensor", node("pose", text=numbers(pose)), node("update_rate", text=rate_hz), node("always_on", text=True),
        lens, name=name, type="camera",
    )


def _fit_rotors(model: Element) -> None:
    """Rotors as links of their own on free joints."""
    for number, (x, y, _) in enumerate(_MOTORS):
        spin = _ROTOR_KG * (2 * ROTOR_M) ** 2 / 12
        model.append(node(
            "link",
            node("pose", text=numbers([x, y, 0.21, 0, 0, 0])),
            node("inertial", node("mass", text=_ROTOR_KG), _inertia((0.55 * spin, 0.55 * spin, spin))),
            _disc("disc", (0.0, 0.0, 0.0)),
            name=f"rotor_{number}",
        ))
        model.append(node(
            "joint", node("parent", text="base_link"), node("child", text=f"rotor_{number}"),
            node("axis", node("xyz", text="0 0 1"), fields("limit", {"lower": "-1e16", "upper": "1e16"})),
            name=f"rotor_{number}_joint", type="revolute",
        ))


def _feeling(hooks: Hooks) -> list[Element]:
    """Sensors by the names that the autopilots' bridges look for."""
    wanted = [("imu_sensor", "imu", 1000.0 if hooks is Hooks.ARDUPILOT else 250.0)]
    if hooks is Hooks.PX4:
        wanted += [("air_pressure_sensor", "air_pressure", 50.0), ("magnetometer_sensor", "magnetometer", 100.0),
                   ("navsat_sensor", "navsat", 30.0)]
    return [
        node("sensor", node("always_on", text=True), node("update_rate", text=rate_hz), name=name, type=kind)
        for name, kind, rate_hz in wanted
    ]


def _px4(name: str) -> list[Element]:
    weight_n = (COPTER_KG + 4 * _ROTOR_KG) * 9.80665
    plugins = []
    for number, (_, _, turning) in enumerate(_MOTORS):
        plugins.append(fields("plugin", {
            "robotNamespace": name, "jointName": f"rotor_{number}_joint", "linkName": f"rotor_{number}",
            "turningDirection": turning, "timeConstantUp": 0.0125, "timeConstantDown": 0.025,
            "maxRotVelocity": _FULL_RAD_S, "motorConstant": f"{weight_n / 4 / _HOVER_RAD_S**2:.6e}",
            "momentConstant": 0.016, "commandSubTopic": "command/motor_speed", "motorNumber": str(number),
            "rotorDragCoefficient": "8.06428e-05", "rollingMomentCoefficient": "1e-06", "motorType": "velocity",
        }, filename="gz-sim-multicopter-motor-model-system", name="gz::sim::systems::MulticopterMotorModel"))
    return plugins


def _ardupilot(number: int) -> list[Element]:
    """As ardupilot_gazebo's own iris: joints by speed, two lifting blades a rotor."""
    made = []
    for rotor, (_, _, turning) in enumerate(_MOTORS):
        made.append(fields("plugin", {"joint_name": f"rotor_{rotor}_joint"},
                           filename="gz-sim-apply-joint-force-system", name="gz::sim::systems::ApplyJointForce"))
        sign = 1 if turning == "ccw" else -1
        for side in (1, -1):
            made.append(fields("plugin", {
                "a0": 0.3, "alpha_stall": 1.4, "cla": 4.25, "cda": 0.1, "cma": 0.0, "cla_stall": -0.025,
                "cda_stall": 0.0, "cma_stall": 0.0, "area": 0.004, "air_density": 1.2041,
                "cp": numbers([side * 0.44 * ROTOR_M, 0, 0]), "forward": numbers([0, side * sign, 0]),
                "upward": "0 0 1", "link_name": f"rotor_{rotor}",
            }, filename="gz-sim-lift-drag-system", name="gz::sim::systems::LiftDrag"))
    controls = [
        fields("control", {
            "jointName": f"rotor_{rotor}_joint", "useForce": "1",
            "multiplier": _FULL_RAD_S if turning == "ccw" else -_FULL_RAD_S, "offset": "0", "servo_min": "1100",
            "servo_max": "1900", "type": "VELOCITY", "p_gain": 0.2, "i_gain": "0", "d_gain": "0", "i_max": "0",
            "i_min": "0", "cmd_max": 2.5, "cmd_min": -2.5, "controlVelocitySlowdownSim": "1",
        }, channel=str(rotor))
        for rotor, (_, _, turning) in enumerate(_MOTORS)
    ]
    made.append(node(
        "plugin",
        *(node(key, text=value) for key, value in {
            "fdm_addr": "127.0.0.1", "fdm_port_in": str(9002 + 10 * number), "connectionTimeoutMaxCount": "5",
            "lock_step": "1", "have_32_channels": "0",
        }.items()),
        node("modelXYZToAirplaneXForwardZDown", text="0 0 0 180 0 0", degrees="true"),
        node("gazeboXYZToNED", text="0 0 0 180 0 90", degrees="true"),
        node("imuName", text="base_link::imu_sensor"),
        *controls,
        name="ArduPilotPlugin", filename="ArduPilotPlugin",
    ))
    return made
