"""One detection image from pixels to people on the ground."""

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
    """What was seen in one image, and which ground it covered."""

    bgr: Bgr
    footprint: tuple[Enu, ...]
    gsd_m: float
    people: tuple[tuple[Box, GroundPoint], ...]


class Examiner:
    """Holds what does not change from image to image."""

    def __init__(
        self, *, terrain: Terrain, frame: LocalFrame, detector: PictureDetector, budget: ErrorBudget | None = None
    ) -> None:
        self._terrain, self._frame, self._detector = terrain, frame, detector
        self._budget = budget or ErrorBudget()

    def examine(
        self, image: CapturedImage, lens: Lens, pixels: dict[str, DecodedFrame]
    ) -> Examination | None:
        """None when the view is not wholly on known terrain."""
        pose = CameraPose(position=self._frame.to_enu(image.position), attitude=image.attitude)
        corners = footprint(lens, pose, self._terrain)
        if corners is None:
            return None
        top_m, bottom_m = slant_ranges_m(pose, corners)
        thermal = pixels.get("thermal")
        bgr = pixels["rgb" if "rgb" in pixels else "thermal"].bgr()
        picture = Picture(
            bgr=bgr,
            thermal=thermal.grey() if thermal is not None else None,
            gsd_top_m=top_m / lens.focal_px,
            gsd_bottom_m=bottom_m / lens.focal_px,
        )
        people: list[tuple[Box, GroundPoint]] = []
        for box in self._detector.examine(picture):
            point = locate(lens, pose, self._terrain, foot_point(box), self._budget)
            if point is not None:
                people.append((box, point))
        gsd_m = (top_m + bottom_m) / 2 / lens.focal_px
        return Examination(bgr=bgr, footprint=corners, gsd_m=gsd_m, people=tuple(people))

    def ground_height_m(self, east_m: float, north_m: float) -> float:
        """Of the terrain, or of its nearest edge: a fused point may end a hair beyond the outermost sighting."""
        ground = self._terrain
        inside_east_m = min(max(east_m, ground.west_m), ground.east_m)
        return ground.height_m(inside_east_m, min(max(north_m, ground.south_m), ground.north_m))
