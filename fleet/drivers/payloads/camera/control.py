"""How the camera is told: camera protocol v2, and asked what it does until it shows it."""

from fleet.drivers.mavlink.step import perform
from fleet.drivers.payloads.camera.image import SAID, TakeImage, ask
from fleet.drivers.payloads.camera.state import (
    FOLD,
    IN_PROGRESS,
    INTERVAL_IDLE,
    INTERVAL_IN_PROGRESS,
    UNKNOWN,
    CameraState,
)
from fleet.drivers.payloads.camera.values import CAPABILITIES, INTERVAL, ZOOM
from fleet.drivers.payloads.settled import Lines, by_commands
from fleet.drivers.payloads.shape import Action, Asked, PayloadDriver
from fleet.drivers.payloads.tool import Tool
from fleet.wire.enums import CameraCapability, CameraMode, CameraZoom, Component
from fleet.wire.enums import Command as MavCommand

TOOL: Tool[CameraState] = Tool(
    title=CAPABILITIES.title, unknown=UNKNOWN, fold=FOLD, faults=CAPABILITIES.faults, component=Component.CAMERA
)
_STATUS, _SETTINGS = (ask("CAMERA_CAPTURE_STATUS"),), (ask("CAMERA_SETTINGS"),)
_DESCRIPTION = tuple(ask(name) for name in SAID)
_STREAMS = (ask("CAMERA_INFORMATION"), ask("VIDEO_STREAM_INFORMATION"))


def _start_images(asked: Asked) -> Lines:
    line = (0.0, asked.setpoints["interval_s"], asked.setpoints["images"], 0.0)
    return [(MavCommand.IMAGE_START_CAPTURE, line)]


def _takes_images(state: CameraState, asked: Asked) -> bool:
    wanted, interval_s = asked.setpoints["interval_s"], state.interval_s
    is_set = state.image_status in (INTERVAL_IDLE, INTERVAL_IN_PROGRESS)
    return is_set and interval_s is not None and abs(interval_s - wanted) <= INTERVAL[0].tolerance


def _takes_none(state: CameraState, asked: Asked) -> bool:
    return state.image_status in (0, IN_PROGRESS)


def _records(state: CameraState, asked: Asked) -> bool:
    return state.is_recording is True


def _records_not(state: CameraState, asked: Asked) -> bool:
    return state.is_recording is False


def _rests(state: CameraState, asked: Asked) -> bool:
    return _takes_none(state, asked) and _records_not(state, asked)


def _zoom(asked: Asked) -> Lines:
    return [(MavCommand.SET_CAMERA_ZOOM, (float(CameraZoom.RANGE), asked.setpoints["zoom_pct"]))]


def _is_zoomed(state: CameraState, asked: Asked) -> bool:
    zoom_pct = state.zoom_pct
    return zoom_pct is not None and abs(zoom_pct - asked.setpoints["zoom_pct"]) <= ZOOM.tolerance


def _in_mode(mode: CameraMode) -> Action:
    return Action(programme=by_commands(
        TOOL, lambda asked: [(MavCommand.SET_CAMERA_MODE, (0.0, float(mode)))],
        lambda state, asked: state.mode == mode, _SETTINGS,
    ))


def _is_described(state: CameraState, asked: Asked) -> bool:
    return state.abilities is not None and state.image_status is not None and state.storage is not None


def _has_streams(state: CameraState, asked: Asked) -> bool:
    has_none = state.abilities is not None and CameraCapability.HAS_VIDEO_STREAM not in state.abilities
    return bool(state.streams) or has_none


_STOP_IMAGES: Lines = [(MavCommand.IMAGE_STOP_CAPTURE, (0.0,))]
_STOP_VIDEO: Lines = [(MavCommand.VIDEO_STOP_CAPTURE, (0.0,))]
_STOP = Action(programme=by_commands(TOOL, lambda asked: [*_STOP_IMAGES, *_STOP_VIDEO], _rests, _STATUS))
ACTIONS = {
    "image": Action(programme=lambda talk, asked: perform(TakeImage(talk, asked))),
    "start_images": Action(
        programme=by_commands(TOOL, _start_images, _takes_images, _STATUS), setpoints=INTERVAL
    ),
    "stop_images": Action(programme=by_commands(TOOL, lambda asked: _STOP_IMAGES, _takes_none, _STATUS)),
    "start_video": Action(programme=by_commands(
        TOOL, lambda asked: [(MavCommand.VIDEO_START_CAPTURE, (0.0, 0.0))], _records, _STATUS
    )),
    "stop_video": Action(programme=by_commands(TOOL, lambda asked: _STOP_VIDEO, _records_not, _STATUS)),
    "photo_mode": _in_mode(CameraMode.IMAGE),
    "video_mode": _in_mode(CameraMode.VIDEO),
    "zoom": Action(programme=by_commands(TOOL, _zoom, _is_zoomed, _SETTINGS), setpoints=(ZOOM,)),
    "describe": Action(programme=by_commands(TOOL, lambda asked: _DESCRIPTION[:1], _is_described, _DESCRIPTION)),
    "streams": Action(programme=by_commands(TOOL, lambda asked: _DESCRIPTION[:1], _has_streams, _STREAMS)),
    "stop": _STOP,
    "safe": _STOP,
}
DRIVER = PayloadDriver(name="camera", capabilities=CAPABILITIES, actions=ACTIONS, unknown=UNKNOWN, fold=FOLD)
