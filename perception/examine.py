"""One detection image from pixels, or from boxes found on board, to people on the ground."""

from dataclasses import dataclass

from perception.detectors.picture import Bgr, Picture, PictureDetector
from perception.georeference import (
    CameraPose,
    ErrorBudget,
    GroundPoint,
    Lens,
    foot_point,
    footprint,
    locate,
    slant_ranges_m,
)
from perception.ingest.decoder import DecodedFrame
from perception.model import Box
from perception.pairing import CapturedImage
from world.position import Enu, LocalFrame
from world.terrain import Terrain


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was seen in one image, and which ground it covered. `bgr` None: it was examined on board."""

    bgr: Bgr | None
    footprint: tuple[Enu, ...]
    gsd_m: float
    people: tuple[tuple[Box, GroundPoint], ...]


@dataclass(frozen=True, slots=True)
class _View:
    """The ground an image shows."""

    lens: Lens
    pose: CameraPose
    corners: tuple[Enu, ...]
    gsd_m: tuple[float, float]
    """Metres a pixel at the upper and the lower edge."""


class Examiner:
    """Holds what does not change from image to image. `detector` None: every vehicle detects on board."""

    def __init__(
        self,
        *,
        terrain: Terrain,
        frame: LocalFrame,
        detector: PictureDetector | None = None,
        budget: ErrorBudget | None = None,
    ) -> None:
        self._terrain, self._frame, self._detector = terrain, frame, detector
        self._budget = budget or ErrorBudget()

    def examine(
        self, image: CapturedImage, lens: Lens, pixels: dict[str, DecodedFrame]
    ) -> Examination | None:
        """None when the view is not wholly on known terrain."""
        view = self._view(image, lens)
        if view is None:
            return None
        thermal = pixels.get("thermal")
        bgr = pixels["rgb" if "rgb" in pixels else "thermal"].bgr()
        picture = Picture(
            bgr=bgr,
            thermal=thermal.grey() if thermal is not None else None,
            gsd_top_m=view.gsd_m[0],
            gsd_bottom_m=view.gsd_m[1],
        )
        assert self._detector is not None, "pixels need a detector"
        return self._on_the_ground(view, self._detector.examine(picture), bgr)

    def place(self, image: CapturedImage, lens: Lens, boxes: tuple[Box, ...]) -> Examination | None:
        """The same for an image that was examined on board."""
        view = self._view(image, lens)
        return None if view is None else self._on_the_ground(view, boxes, None)

    def _view(self, image: CapturedImage, lens: Lens) -> _View | None:
        pose = CameraPose(position=self._frame.to_enu(image.position), attitude=image.attitude)
        corners = footprint(lens, pose, self._terrain)
        if corners is None:
            return None
        top_m, bottom_m = slant_ranges_m(pose, corners)
        return _View(lens, pose, corners, (top_m / lens.focal_px, bottom_m / lens.focal_px))

    def _on_the_ground(self, view: _View, boxes: tuple[Box, ...], bgr: Bgr | None) -> Examination:
        people: list[tuple[Box, GroundPoint]] = []
        for box in boxes:
            point = locate(view.lens, view.pose, self._terrain, foot_point(box), self._budget)
            if point is not None:
                people.append((box, point))
        return Examination(bgr=bgr, footprint=view.corners, gsd_m=sum(view.gsd_m) / 2, people=tuple(people))

    def ground_height_m(self, east_m: float, north_m: float) -> float:
        """Of the terrain, or of its nearest edge: a fused point may end a hair beyond the outermost sighting."""
        ground = self._terrain
        inside_east_m = min(max(east_m, ground.west_m), ground.east_m)
        return ground.height_m(inside_east_m, min(max(north_m, ground.south_m), ground.north_m))
