"""docs/hazards.md names every key of every table, and its example runs."""

import dataclasses
import re
import textwrap
from pathlib import Path

import pytest

from sim.scenario import parse, shipped
from sim.scenarios import hazards

PAGE = (Path(__file__).parents[3] / "docs" / "hazards.md").read_text(encoding="utf-8")
SPECS = [
    spec for spec in vars(hazards).values()
    if dataclasses.is_dataclass(spec) and isinstance(spec, type) and spec.__module__ == hazards.__name__
]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_every_key_is_on_the_page(spec: type) -> None:
    missing = [field.name for field in dataclasses.fields(spec) if not re.search(rf"\b{field.name}\b", PAGE)]
    assert missing == []


def test_the_first_example_is_a_scenario() -> None:
    text = re.search(r"Append a fire to it:\n\n((?: {7}.*\n)+)", PAGE)
    assert text is not None
    fire = textwrap.dedent(text[1])
    scenario = parse(shipped("quick_search").read_text(encoding="utf-8") + "\n" + fire, file=Path("mine.toml"))
    assert scenario.hazard.wildfire is not None
    assert scenario.hazard.wildfire.fuel == "GR4"


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[\]\((pictures/[a-z_]+\.png)\)", PAGE)
    assert len(pictures) == 7
    assert all((Path(__file__).parents[3] / "docs" / name).is_file() for name in pictures)
