"""The perception service: access units and announced images in; looks, detections, contacts and statistics out."""

import hashlib
from collections.abc import Callable

import cv2
import numpy as np

from perception.announced import DeclaredLens, OnboardFindings
from perception.detectors.picture import Bgr, PictureDetector
from perception.examine import Examination, Examiner
from perception.georeference import Lens
from perception.ingest.decoder import DecodedFrame, H264Decoder
from perception.ingest.unit import AccessUnit
from perception.model import Box, Contact, ContactState, GroundDetection, Look, MissedLook, PerceptionStats
from perception.pairing import Boxed, CapturedImage, Paired, Pairing, Unpaired
from perception.track import Area, Sighting, Track
from perception.tracker import Tracker, Update
from world.bus import Bus
from world.ids import StreamId, VehicleId
from world.position import Enu, LocalFrame
from world.terrain import Terrain
from world.time import Clock

_TICK_S = 1.0
_CROP_MARGIN_PX = 24
_JPEG_QUALITY = 85


class PerceptionService:
    """No sockets, threads or clocks of its own: units come through `on_access_unit`, everything else over the bus.

    `detector` None: every vehicle detects on board. `keep(digest, jpeg)` stores the best picture of a contact;
    `cpu_s()` reads a counter of CPU seconds.
    """

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        *,
        terrain: Terrain,
        frame: LocalFrame,
        detector: PictureDetector | None,
        keep: Callable[[str, bytes], None],
        cpu_s: Callable[[], float] = lambda: 0.0,
        pairing: Pairing[DecodedFrame] | None = None,
        tracker: Tracker | None = None,
    ) -> None:
        self._bus, self._clock, self._frame = bus, clock, frame
        self._examiner = Examiner(terrain=terrain, frame=frame, detector=detector)
        self._keep, self._cpu_s = keep, cpu_s
        self._pairing = pairing or Pairing()
        self._tracker = tracker or Tracker()
        self._lenses: dict[StreamId, DeclaredLens] = {}
        self._decoders: dict[StreamId, H264Decoder] = {}
        self._received = self._detected = self._missed = self._damaged = 0
        self._detector_cpu_s = 0.0
        bus.subscribe("fleet/lens", self.on_lens)
        bus.subscribe("fleet/image", self.on_image)
        bus.subscribe("fleet/detections", self.on_detections)

    async def run(self) -> None:
        """Ticks once a second until cancelled."""
        while True:
            await self._clock.sleep(_TICK_S)
            self.tick()

    def tick(self) -> None:
        """Gives up on late pixels and publishes statistics."""
        for missed in self._pairing.expire(self._clock.now()):
            self._miss(missed)
        self._bus.publish("perception/stats", self.stats())

    def stats(self) -> PerceptionStats:
        return PerceptionStats(
            at=self._clock.now(),
            frames_received=self._received,
            frames_detected=self._detected,
            missed_looks=self._missed,
            damaged_units=self._damaged,
            detector_cpu_s=self._detector_cpu_s,
        )

    def on_lens(self, lens: DeclaredLens) -> None:
        self._lenses[lens.stream] = lens
        self._pairing.declare(lens.vehicle, lens.spectrum)

    def on_image(self, image: CapturedImage) -> None:
        for outcome in self._pairing.announce(image, self._clock.now()):
            self._conclude(outcome)

    def on_detections(self, found: OnboardFindings) -> None:
        boxes = tuple(
            Box(left_px=b.left_px, top_px=b.top_px, right_px=b.right_px, bottom_px=b.bottom_px, score=b.score)
            for b in found.boxes
        )
        for outcome in self._pairing.add_boxes(found.vehicle, found.index, found.utc_ns, boxes):
            self._conclude(outcome)

    def on_access_unit(self, unit: AccessUnit) -> None:
        self._received += 1
        self._damaged += unit.is_damaged
        vehicle, _, spectrum = unit.stream.rpartition("/")
        decoder = self._decoders.setdefault(unit.stream, H264Decoder())
        frames = decoder.decode(unit)
        outcomes = [
            outcome
            for frame in frames
            for outcome in self._pairing.add(VehicleId(vehicle), spectrum, frame.utc_ns, frame)
        ]
        if not frames:
            outcomes += self._pairing.add(VehicleId(vehicle), spectrum, unit.utc_ns, None)
        for outcome in outcomes:
            self._conclude(outcome)

    def _conclude(self, outcome: Paired[DecodedFrame] | Boxed | Unpaired) -> None:
        if isinstance(outcome, Unpaired):
            self._miss(outcome)
            return
        lens = self._lens_of(outcome.image.vehicle)
        pinhole = Lens(width_px=lens.width_px, height_px=lens.height_px, hfov_deg=lens.hfov_deg)
        examined = self._examine(outcome, pinhole)
        if examined is None:
            self._miss(Unpaired(outcome.image, "part of the view lies beyond the known terrain"))
            return
        self._detected += 1
        self._publish_look(outcome.image, lens, examined)
        self._track(outcome.image, examined)

    def _examine(self, outcome: Paired[DecodedFrame] | Boxed, lens: Lens) -> Examination | None:
        if isinstance(outcome, Boxed):
            return self._examiner.place(outcome.image, lens, outcome.boxes)
        before_s = self._cpu_s()
        examined = self._examiner.examine(outcome.image, lens, outcome.pixels)
        self._detector_cpu_s += self._cpu_s() - before_s
        return examined

    def _lens_of(self, vehicle: VehicleId) -> DeclaredLens:
        """The colour camera's when there is one: both spectra look through one lens."""
        lenses = [lens for lens in self._lenses.values() if lens.vehicle == vehicle]
        return min(lenses, key=lambda lens: lens.spectrum != "rgb")

    def _miss(self, missed: Unpaired) -> None:
        self._missed += 1
        image = missed.image
        self._bus.publish(
            "perception/missed", MissedLook(vehicle=image.vehicle, image=image.index, reason=missed.reason)
        )

    def _publish_look(self, image: CapturedImage, lens: DeclaredLens, examined: Examination) -> None:
        look = Look(
            vehicle=image.vehicle,
            image=image.index,
            captured_utc_ns=image.utc_ns,
            footprint=tuple(self._frame.to_geodetic(corner) for corner in examined.footprint),
            gsd_m_px=examined.gsd_m,
            people=len(examined.people),
        )
        self._bus.publish("perception/look", look)
        for box, point in examined.people:
            detection = GroundDetection(
                vehicle=image.vehicle,
                stream=lens.stream,
                image=image.index,
                captured_utc_ns=image.utc_ns,
                position=self._frame.to_geodetic(point.position),
                covariance=point.covariance,
                score=box.score,
                box=box,
            )
            self._bus.publish("perception/detection", detection)

    def _track(self, image: CapturedImage, examined: Examination) -> None:
        now = self._clock.now()
        corners = np.array([(corner.east_m, corner.north_m) for corner in examined.footprint])
        area = Area(vehicle=image.vehicle, image=image.index, at=now, corners=corners)
        sightings = tuple(
            Sighting(
                point=np.array([point.position.east_m, point.position.north_m]),
                noise=point.noise,
                bias=point.bias,
                score=box.score,
            )
            for box, point in examined.people
        )
        update = self._tracker.look(area, sightings)
        for track, (box, _) in zip(update.seen, examined.people, strict=True):
            self._keep_best(track, box, examined.bgr)
        self._publish_contacts(update)

    def _keep_best(self, track: Track, box: Box, bgr: Bgr | None) -> None:
        """Of an image examined on board there is nothing to keep."""
        if bgr is None or box.score <= track.best_score:
            return
        jpeg = _jpeg_around(bgr, box)
        digest = hashlib.sha256(jpeg).hexdigest()
        self._keep(digest, jpeg)
        track.best_score, track.image_digest = box.score, digest

    def _publish_contacts(self, update: Update) -> None:
        for track in update.changed:
            if track.is_announced:
                self._bus.publish("perception/contact", self._contact(track))
        for gone, kept in update.merged:
            if gone.is_announced:
                self._bus.publish("perception/contact", self._contact(gone, merged_into=kept))

    def _contact(self, track: Track, *, merged_into: Track | None = None) -> Contact:
        east_m, north_m = (float(value) for value in track.point)
        up_m = self._examiner.ground_height_m(east_m, north_m)
        return Contact(
            id=track.id,
            state=ContactState.REJECTED if merged_into else track.state,
            position=self._frame.to_geodetic(Enu(east_m=east_m, north_m=north_m, up_m=up_m)),
            covariance=track.covariance,
            probability=0.0 if merged_into else track.probability,
            looks=track.looks,
            seen_by=track.seen_by,
            first_seen=track.first_seen,
            last_seen=track.last_seen,
            image_digest=track.image_digest,
            merged_into=merged_into.id if merged_into else None,
        )


def _jpeg_around(bgr: Bgr, box: Box) -> bytes:
    """The box with a margin, enlarged so that people can judge it."""
    height, width = bgr.shape[:2]
    left, top = max(0, int(box.left_px) - _CROP_MARGIN_PX), max(0, int(box.top_px) - _CROP_MARGIN_PX)
    right, bottom = (
        min(width, int(box.right_px) + _CROP_MARGIN_PX),
        min(height, int(box.bottom_px) + _CROP_MARGIN_PX),
    )
    crop = cv2.resize(bgr[top:bottom, left:right], None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    _, encoded = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return encoded.tobytes()
