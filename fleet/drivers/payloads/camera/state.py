"""What the camera says, by CAMERA_*, STORAGE_ and VIDEO_STREAM_INFORMATION. Messages name no camera: only the first."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from fleet.drivers.payloads.shape import Fold
from fleet.drivers.payloads.tool import ToolState
from fleet.wire.enums import CameraCapability, StorageStatus
from fleet.wire.message import Message
from world.time import Instant

OVERTAKEN_MS = 10_000
"""A message so much older than the newest was overtaken on its way; one older still comes after a reboot."""
IN_PROGRESS, INTERVAL_IDLE, INTERVAL_IN_PROGRESS = 1, 2, 3
"""CAMERA_CAPTURE_STATUS.image_status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One video stream that the camera offers."""

    number: int
    name: str
    uri: str
    width_px: int
    height_px: int
    is_thermal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraState(ToolState):
    """As it last said."""

    vendor: str | None = None
    model: str | None = None
    abilities: CameraCapability | None = None
    width_px: int | None = None
    height_px: int | None = None
    mode: int | None = None
    zoom_pct: float | None = None
    storage: StorageStatus | None = None
    free_mib: float | None = None
    image_status: int | None = None
    interval_s: float | None = None
    is_recording: bool | None = None
    recorded_s: float | None = None
    image_count: int | None = None
    """Images taken since it was switched on."""
    newest_image: int | None = None
    streams: tuple[Stream, ...] = ()
    newest_ms: Mapping[str, int] | None = None
    """By message: the camera's time of the newest."""


def _first(state: CameraState, message: Message) -> bool:
    """Whether to take it: of the first camera, and not overtaken by a newer one."""
    newest = (state.newest_ms or {}).get(message.SPEC.name)
    is_late = newest is not None and newest - OVERTAKEN_MS < message.time_boot_ms < newest
    return state.instance == 0 and not is_late


def _timed(take: Callable[[CameraState, Message], CameraState]) -> Fold[CameraState]:
    def fold(state: CameraState, message: Message, now: Instant) -> CameraState:
        if not _first(state, message):
            return state
        newest = dict(state.newest_ms or {}) | {message.SPEC.name: int(message.time_boot_ms)}
        return replace(take(state, message), at=now, newest_ms=newest)

    return fold


def _information(state: CameraState, message: Message) -> CameraState:
    return replace(
        state, vendor=_text(message.vendor_name), model=_text(message.model_name),
        abilities=CameraCapability(message.flags & 0x7FFF), width_px=message.resolution_h or None,
        height_px=message.resolution_v or None,
    )


def _settings(state: CameraState, message: Message) -> CameraState:
    return replace(state, mode=int(message.mode_id), zoom_pct=_number(message.zoomLevel))


def _storage(state: CameraState, message: Message) -> CameraState:
    known = message.status in set(StorageStatus)
    storage = StorageStatus(message.status) if known else None
    return replace(state, storage=storage, free_mib=_number(message.available_capacity))


def _capture(state: CameraState, message: Message) -> CameraState:
    return replace(
        state, image_status=int(message.image_status), is_recording=message.video_status == 1,
        interval_s=_number(message.image_interval), recorded_s=message.recording_time_ms / 1000.0,
        image_count=int(message.image_count), free_mib=_number(message.available_capacity),
    )


def _stream(state: CameraState, message: Message, now: Instant) -> CameraState:
    if state.instance != 0:
        return state
    stream = Stream(
        number=message.stream_id, name=message.name, uri=message.uri, width_px=message.resolution_h,
        height_px=message.resolution_v, is_thermal=bool(message.flags & 2),
    )
    others = (other for other in state.streams if other.number != stream.number)
    return replace(state, at=now, streams=tuple(sorted((*others, stream), key=lambda each: each.number)))


def _image(state: CameraState, message: Message, now: Instant) -> CameraState:
    if state.instance != 0 or message.capture_result != 1:
        return state
    return replace(state, at=now, newest_image=max(int(message.image_index), state.newest_image or 0))


def _text(raw: bytes) -> str | None:
    return bytes(raw).partition(b"\0")[0].decode("utf-8", "replace") or None


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


UNKNOWN = CameraState()
FOLD: Mapping[str, Fold[CameraState]] = {
    "CAMERA_INFORMATION": _timed(_information),
    "CAMERA_SETTINGS": _timed(_settings),
    "STORAGE_INFORMATION": _timed(_storage),
    "CAMERA_CAPTURE_STATUS": _timed(_capture),
    "VIDEO_STREAM_INFORMATION": _stream,
    "CAMERA_IMAGE_CAPTURED": _image,
}
