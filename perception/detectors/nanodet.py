"""NanoDet (COCO) in onnxruntime: people in one BGR picture."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from perception.model import Box

Bgr = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

OUTPUTS = tuple("Identity" if k == 0 else f"Identity_{k}" for k in range(6))
"""Class scores at strides 8, 16, 32, then box distributions at the same strides."""
_MEAN = np.array([103.53, 116.28, 123.675], np.float32)
_DEVIATION = np.array([57.375, 57.12, 58.395], np.float32)
"""ImageNet statistics in BGR order (NanoDet's own configuration files)."""
_STRIDES = (8, 16, 32)
_BINS = 11
_PERSON = 0
_FILL = 114


def open_network(path: Path) -> onnxruntime.InferenceSession:
    """One thread and sequential execution: the same picture gives the same numbers, and cores stay free."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class NanoDet:
    """Scores are the network's own class probabilities, not calibrated."""

    def __init__(self, path: Path, *, min_score: float = 0.35, overlap: float = 0.5) -> None:
        self._session = open_network(path)
        self.side_px = int(self._session.get_inputs()[0].shape[-1])
        self._min_score = min_score
        self._overlap = overlap

    def detect(self, bgr: Bgr) -> tuple[Box, ...]:
        """People in a (height, width, 3) picture of any size, best first; small ones need crops or tiles."""
        scale = self.side_px / max(bgr.shape[:2])
        canvas = np.full((self.side_px, self.side_px, 3), _FILL, np.uint8)
        size = (max(1, round(bgr.shape[1] * scale)), max(1, round(bgr.shape[0] * scale)))
        canvas[: size[1], : size[0]] = cv2.resize(bgr, size, interpolation=cv2.INTER_LINEAR)
        boxes, scores = self._run(canvas)
        kept = cv2.dnn.NMSBoxes(_corner_and_size(boxes), scores.tolist(), self._min_score, self._overlap)
        limit = np.array([bgr.shape[1], bgr.shape[0]] * 2, np.float32)
        clipped = np.clip(boxes / scale, 0, limit)
        return tuple(_box(clipped[k], scores[k]) for k in np.array(kept, int).reshape(-1))

    def _run(self, canvas: Bgr) -> tuple[Floats, Floats]:
        """(n, 4) corners in canvas pixels and (n,) scores above the least score, before suppression."""
        blob = ((canvas.astype(np.float32) - _MEAN) / _DEVIATION).transpose(2, 0, 1)[None]
        outputs = self._session.run(list(OUTPUTS), {"input": np.ascontiguousarray(blob)})
        found = [
            self._decode(scores[0, :, _PERSON], sides[0], stride)
            for scores, sides, stride in zip(outputs[:3], outputs[3:], _STRIDES, strict=True)
        ]
        return np.concatenate([boxes for boxes, _ in found]), np.concatenate([scores for _, scores in found])

    def _decode(self, scores: Floats, sides: Floats, stride: int) -> tuple[Floats, Floats]:
        """A side's distance is the mean of a distribution over whole strides (arXiv 2006.04388)."""
        cells = self.side_px // stride
        chosen = np.flatnonzero(scores > self._min_score)
        logits = sides[chosen].reshape(len(chosen), 4, _BINS)
        weights = np.exp(logits - logits.max(axis=2, keepdims=True))
        distance = weights @ np.arange(_BINS, dtype=np.float32) / weights.sum(axis=2) * stride
        x = (chosen % cells + 0.5) * stride
        y = (chosen // cells + 0.5) * stride
        corners = np.stack(
            [x - distance[:, 0], y - distance[:, 1], x + distance[:, 2], y + distance[:, 3]], axis=1
        )
        return corners.astype(np.float32), scores[chosen]


def _corner_and_size(boxes: Floats) -> list[list[float]]:
    rows: list[list[float]] = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1).tolist()
    return rows


def _box(corners: Floats, score: float) -> Box:
    left, top, right, bottom = (float(value) for value in corners)
    return Box(left_px=left, top_px=top, right_px=right, bottom_px=bottom, score=float(score))
