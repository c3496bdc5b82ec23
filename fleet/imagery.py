"""What a camera component says: images taken, each once, lenses declared, and what it found in an image by itself."""

import math
from collections import deque

from fleet.model import CameraLens, ImageBox, ImageCaptured, ImageDetections
from fleet.wire.message import Message, octets
from fleet.wire.readings import CameraLens as WireLens
from fleet.wire.readings import OnboardDetections, PixelBox, Spectrum
from fleet.wire.tunnel import TunnelCounters, unpack
from world.attitude import Quaternion
from world.ids import StreamId, VehicleId
from world.position import Geodetic

CAPTURED = 1
REMEMBERED_IMAGES = 64
UNFINISHED_IMAGES = 8
"""Of which some messages of boxes came and others did not."""
_SPECTRUM_NAME = {Spectrum.VISIBLE: "rgb", Spectrum.THERMAL: "thermal"}


class Imagery:
    """Camera news of one vehicle; an announcement repeated by the network is told once."""

    def __init__(self, vehicle: VehicleId) -> None:
        self._vehicle = vehicle
        self._told: deque[tuple[int, int, int]] = deque(maxlen=REMEMBERED_IMAGES)
        self._lenses: dict[StreamId, CameraLens] = {}
        self._parts: dict[tuple[int, int], dict[int, OnboardDetections]] = {}
        self.tunnel = TunnelCounters()

    def captured(self, message: Message, mission_item: int | None) -> ImageCaptured | None:
        """CAMERA_IMAGE_CAPTURED as an event, None for failed, repeated or unaimed ones."""
        # with its time: a camera that restarts counts from 0 again
        key = (message.camera_id, message.image_index, message.time_utc)
        w, x, y, z = message.q
        if message.capture_result != CAPTURED or key in self._told or not math.isfinite(w + x + y + z):
            return None
        self._told.append(key)
        return ImageCaptured(
            vehicle=self._vehicle,
            index=message.image_index,
            utc_ns=message.time_utc * 1000,
            position=Geodetic(lat_deg=message.lat / 1e7, lon_deg=message.lon / 1e7, height_m=message.alt / 1000.0),
            attitude=Quaternion(w=w, x=x, y=y, z=z),
            mission_item=mission_item,
        )

    def tunnelled(self, message: Message) -> CameraLens | ImageDetections | None:
        """News in a TUNNEL message: a lens that is new or changed, or all that was found in one image."""
        reading = unpack(message.payload_type, octets(message, "payload")[: message.payload_length], self.tunnel)
        match reading:
            case WireLens():
                return self._lens(reading)
            case OnboardDetections():
                return self._detections(reading)
            case _:
                return None

    def _lens(self, reading: WireLens) -> CameraLens | None:
        spectrum = _SPECTRUM_NAME[reading.spectrum]
        stream = StreamId(f"{self._vehicle}/{spectrum}")
        lens = CameraLens(
            stream=stream,
            vehicle=self._vehicle,
            width_px=reading.width_px,
            height_px=reading.height_px,
            hfov_deg=reading.hfov_deg,
            pitch_deg=reading.pitch_deg,
            spectrum=spectrum,
        )
        if self._lenses.get(stream) == lens:
            return None
        self._lenses[stream] = lens
        return lens

    def _detections(self, reading: OnboardDetections) -> ImageDetections | None:
        """The whole once its last message is there; each further message of an image told already begins anew."""
        if reading.time_utc_us is None:
            return None  # no image has that time: it will be missed with its reason
        key = (reading.image_index, reading.time_utc_us)
        parts = self._parts.setdefault(key, {})
        number, of = reading.part
        parts[number] = reading
        if len(parts) < of:
            while len(self._parts) > UNFINISHED_IMAGES:
                del self._parts[next(iter(self._parts))]
            return None
        del self._parts[key]
        boxes = [box for number in sorted(parts) for box in parts[number].boxes]
        return ImageDetections(
            vehicle=self._vehicle,
            index=reading.image_index,
            utc_ns=reading.time_utc_us * 1000,
            boxes=tuple(_image_box(box) for box in boxes),
        )


def _image_box(box: PixelBox) -> ImageBox:
    return ImageBox(
        left_px=box.left_px, top_px=box.top_px, right_px=box.right_px, bottom_px=box.bottom_px, score=box.score
    )
