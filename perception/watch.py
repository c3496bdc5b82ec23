"""`taihang perception watch`: people in any live stream, picture by picture."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2

from perception.detectors.picture import Bgr
from perception.detectors.plain import PlainPersonDetector
from perception.ingest.live import LiveFrame, live_frames
from perception.model import Box

_GREEN = (80, 220, 80)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One picture and the people in it."""

    frame: LiveFrame
    people: tuple[Box, ...]

    def facts(self) -> dict[str, object]:
        """What `--json` prints, one line a picture."""
        return {
            "frame": self.frame.number,
            "time_s": self.frame.time_s,
            "people": [
                {
                    "left_px": round(box.left_px, 1),
                    "top_px": round(box.top_px, 1),
                    "right_px": round(box.right_px, 1),
                    "bottom_px": round(box.bottom_px, 1),
                    "score": round(box.score, 3),
                }
                for box in self.people
            ],
        }


def watch(url: str, detector: PlainPersonDetector) -> Iterator[Watched]:
    """Until the stream ends. Raises CameraUnreachable."""
    for frame in live_frames(url):
        yield Watched(frame=frame, people=detector.detect(frame.bgr))


def annotated(watched: Watched) -> Bgr:
    """The picture with a box and a score for every person."""
    picture = watched.frame.bgr.copy()
    for box in watched.people:
        left, top, right, bottom = (round(v) for v in (box.left_px, box.top_px, box.right_px, box.bottom_px))
        cv2.rectangle(picture, (left, top), (right, bottom), _GREEN, 2)
        cv2.putText(picture, f"{box.score:.2f}", (left, max(10, top - 4)), cv2.FONT_HERSHEY_SIMPLEX, 0.4, _GREEN)
    return picture


def save_annotated(watched: Watched, folder: Path) -> Path:
    """Writes `frame-000123.png`; raises OSError when the folder cannot be written."""
    path = folder / f"frame-{watched.frame.number:06d}.png"
    _, encoded = cv2.imencode(".png", annotated(watched))
    path.write_bytes(encoded.tobytes())
    return path
