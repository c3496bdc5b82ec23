"""What a camera component says: images taken, each once, and lenses declared."""

import math
from collections import deque

from fleet.model import CameraLens, ImageCaptured
from fleet.wire.message import Message, octets
from fleet.wire.readings import CameraLens as WireLens
from fleet.wire.readings import Spectrum
from fleet.wire.tunnel import TunnelCounters, unpack
from world.attitude import Quaternion
from world.ids import StreamId, VehicleId
from world.position import Geodetic

CAPTURED = 1
REMEMBERED_IMAGES = 64
_SPECTRUM_NAME = {Spectrum.VISIBLE: "rgb", Spectrum.THERMAL: "thermal"}


class Imagery:
    """Camera news of one vehicle; an announcement repeated by the network is told once."""

    def __init__(self, vehicle: VehicleId) -> None:
        self._vehicle = vehicle
        self._told: deque[tuple[int, int, int]] = deque(maxlen=REMEMBERED_IMAGES)
        self._lenses: dict[StreamId, CameraLens] = {}
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

    def lens(self, message: Message) -> CameraLens | None:
        """The lens a TUNNEL message declares when it is new or changed."""
        reading = unpack(message.payload_type, octets(message, "payload")[: message.payload_length], self.tunnel)
        if not isinstance(reading, WireLens):
            return None
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
