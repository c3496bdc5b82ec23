"""The map shows where things are, or says why it cannot be written."""

from pathlib import Path

import cv2
import pytest

from sim.worlds.preview import SIZE_PX, NoPreview, preview
from tests.sim.cameras.place import quick


def test_preview_is_a_square_picture(tmp_path: Path) -> None:
    preview(quick(), tmp_path / "map.png")
    image = cv2.imread(str(tmp_path / "map.png"))
    assert image is not None
    assert image.shape == (SIZE_PX, SIZE_PX, 3)
    red = (image[:, :, 2] == 255) & (image[:, :, 0] == 60)
    assert red.sum() > 20


def test_absent_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoPreview, match="choose another folder"):
        preview(quick(), tmp_path / "absent" / "map.png")
