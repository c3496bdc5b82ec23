"""The map shows where things are, or says why it cannot be written."""

from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from sim.worlds.preview import SIZE_PX, NoPreview, draw, preview
from tests.sim.cameras.place import quick
from tests.sim.hazards.scene import scenario


def test_preview_is_a_square_picture(tmp_path: Path) -> None:
    preview(quick(), tmp_path / "map.png")
    image = cv2.imread(str(tmp_path / "map.png"))
    assert image is not None
    assert image.shape == (SIZE_PX, SIZE_PX, 3)
    red = (image[:, :, 2] == 255) & (image[:, :, 0] == 60)
    assert red.sum() > 20


def test_disasters_are_on_the_map() -> None:
    """The ignition, the node of a gallery and the person in it."""
    calm = quick()
    image = draw(replace(calm, scenario=scenario()))
    scale = SIZE_PX / calm.scenario.terrain.size_m

    for east, north, colour in ((-300.0, 330.0, (0, 90, 255)), (-270.0, -300.0, (40, 40, 40))):
        pixel = image[round((450.0 - north) * scale), round((east + 450.0) * scale)]
        assert tuple(pixel.tolist()) == colour


def test_absent_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoPreview, match="choose another folder"):
        preview(quick(), tmp_path / "absent" / "map.png")
