"""How a run sees: by pixels that are rendered, coded and examined, or by a model of that; every result says which."""

from enum import StrEnum


class Eyes(StrEnum):
    PIXELS = "pixels"
    MODEL = "model"


LABEL = {
    Eyes.PIXELS: "detections from rendered pixels",
    Eyes.MODEL: "detections by a model calibrated on pixels",
}
