"""How real autopilots are started on these bodies: command, environment and parameters of one instance. Starts nothing.

ArduPilot's options: `libraries/AP_HAL_SITL/SITL_cmdline.cpp`; PX4's: `platforms/posix/src/px4/common/main.cpp` and
`ROMFS/px4fmu_common/init.d-posix/` rcS, px4-rc.mavlinksim. Written from their sources; none has been run here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sim.adapters.ardupilot import server as ardupilot
from sim.adapters.bodies.columns import Model
from sim.adapters.bodies.frames import Autopilot, Frame, model_of
from world.position import Geodetic

_ARDUPILOT: Final[Mapping[Frame, tuple[str, Mapping[str, float]]]] = {
    Frame.QUAD_X: ("arducopter", {"FRAME_CLASS": 1, "FRAME_TYPE": 1}),
    Frame.HEXA_X: ("arducopter", {"FRAME_CLASS": 2, "FRAME_TYPE": 1}),
    Frame.OCTO_X: ("arducopter", {"FRAME_CLASS": 3, "FRAME_TYPE": 1}),
    Frame.PLANE: ("arduplane", {
        "SERVO1_FUNCTION": 4, "SERVO2_FUNCTION": 19, "SERVO3_FUNCTION": 70, "SERVO4_FUNCTION": 21, "ARSPD_TYPE": 100,
    }),
    Frame.WHEELS: ("ardurover", {
        "SERVO1_FUNCTION": 26, "SERVO3_FUNCTION": 70, "CRUISE_SPEED": 1.5, "CRUISE_THROTTLE": 60,
    }),
    Frame.TRACKS: ("ardurover", {
        "SERVO1_FUNCTION": 73, "SERVO3_FUNCTION": 74, "CRUISE_SPEED": 1.5, "CRUISE_THROTTLE": 60,
    }),
    Frame.BOAT: ("ardurover", {
        "FRAME_CLASS": 2, "SERVO1_FUNCTION": 73, "SERVO3_FUNCTION": 74, "CRUISE_SPEED": 2, "CRUISE_THROTTLE": 60,
    }),
    Frame.SUB: ("ardusub", {"FRAME_CONFIG": 1}),
    Frame.SUB_HEAVY: ("ardusub", {"FRAME_CONFIG": 2}),
}
"""Which program, and what it must know of its body."""
_PX4: Final[Mapping[Frame, str]] = {
    Frame.QUAD_X: "none_iris", Frame.HEXA_X: "gazebo-classic_typhoon_h480", Frame.PLANE: "gazebo-classic_plane",
    Frame.WHEELS: "gazebo-classic_rover", Frame.TRACKS: "gazebo-classic_r1_rover", Frame.BOAT: "gazebo-classic_boat",
    Frame.SUB_HEAVY: "gazebo-classic_uuv_bluerov2_heavy",
}
"""PX4_SIM_MODEL: airframes of simulator_mavlink with outputs as `bodies.frames` reads them, Gazebo or not."""


class BadBinary(ValueError):
    """What was named as the autopilot's program cannot be it; says what to name instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One instance: where it runs, what with, and the files it wants there first."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    files: Mapping[str, str]
    mavlink: str
    """Where a ground station finds it."""


def program_of(frame: Frame, autopilot: Autopilot) -> str:
    return "px4" if autopilot is Autopilot.PX4 else _ARDUPILOT[frame][0]


def start_of(
    frame: Frame, autopilot: Autopilot, instance: int, *, binary: str, home: Geodetic, heading_deg: float, speed: float,
    body_port: int, defaults: Path | None = None,
) -> Start:
    """`body_port` is where this instance's body listens; PX4 knows no other than 4560 + instance."""
    if autopilot is Autopilot.PX4:
        return _px4(frame, instance, binary)
    parameters = "".join(f"{name} {value:g}\n" for name, value in _ARDUPILOT[frame][1].items())
    # ArduSub's model of its depth sensor counts from the level of the sea (its own SITL starts at 0 m), recalled
    height_m = 0.0 if model_of(frame) is Model.SUB else home.height_m
    start = f"{home.lat_deg:.7f},{home.lon_deg:.7f},{height_m:.2f},{heading_deg:.1f}"
    command = [
        binary, "--model", "JSON:127.0.0.1", "-I", str(instance), "--sysid", str(instance + 1), "--home", start,
        "--speedup", f"{speed:g}", "--defaults", "frame.parm" + (f",{defaults}" if defaults else ""),
        "--serial0", "tcp:0",
    ]
    if body_port != ardupilot.FIRST_PORT + ardupilot.PORT_STEP * instance:
        command += ["--sim-port-out", str(body_port)]
    return Start(
        command=tuple(command), environment={}, files={"frame.parm": parameters},
        mavlink=f"tcpout://127.0.0.1:{5760 + 10 * instance}",
    )


def _px4(frame: Frame, instance: int, binary: str) -> Start:
    romfs = Path(binary).parent.parent / "etc"
    return Start(
        command=(binary, "-i", str(instance), "-d", str(romfs)),
        environment={"PX4_SIM_MODEL": _PX4[frame], "PX4_SIM_HOSTNAME": "127.0.0.1"}, files={},
        mavlink=f"udpin://0.0.0.0:{14540 + instance}",
    )


def checked_binary(binary: Path, frame: Frame, autopilot: Autopilot) -> Path:
    """The program's full path. Raises BadBinary when there is none, or what it needs is not beside it."""
    name, path = program_of(frame, autopilot), binary.absolute()
    built = f"build/sitl/bin/{name} of ArduPilot"
    if autopilot is Autopilot.PX4:
        built = "build/px4_sitl_default/bin/px4 of PX4"
    if not path.is_file() or path.stat().st_mode & 0o111 == 0:
        raise BadBinary(f"{binary} is no program that can be run: name {built} with --binary")
    if autopilot is Autopilot.PX4 and not (path.parent.parent / "etc").is_dir():
        raise BadBinary(f"{binary} has no folder etc beside its bin: name {built} where it was built, with --binary")
    return path
