"""A disaster that cannot be is refused with line, field and remedy before anything starts."""

import pytest

from sim.hazards.fuels import standard_fuels
from sim.scenario import ScenarioError, parse
from tests.sim.hazards.scene import FILE, TEXT, scenario

# What is replaced, by what, the field named, part of the remedy.
_FIRE, _MINE, _HOUSE = "hazard.wildfire", "hazard.gallery", "hazard.building"
MISTAKES = [
    ("ignitions_m = [[-300, 330]]", "ignitions_m = [[300, -300]]", f"{_FIRE}.ignitions_m[0]", "does not burn; move"),
    ("ignitions_m = [[-300, 330]]", "ignitions_m = [[900, 0]]", f"{_FIRE}.ignitions_m[0]", "outside the terrain"),
    ('fuel = "GR2"', 'fuel = "GR22"', "hazard.wildfire.fuel", "is no fuel model; use FM1"),
    ('fuel = "NB8"', 'fuel = "WATER"', "hazard.wildfire.patches[0].fuel", "is no fuel model"),
    ("area_m = [[180, -400], [420, -400], [420, -200], [180, -200]]", "area_m = [[0, 0], [9, 9]]",
     "hazard.wildfire.patches[0].area_m", "3 or more corners"),
    ("dead_1h_pct = 4", "dead_1h_pct = 400", "hazard.wildfire.dead_1h_pct", "between 1 and 60"),
    ("wind_from_deg = 180", "wind_from_deg = 1800", "hazard.wind[0].wind_from_deg", "between 0 and 360"),
    ('between = ["adit", "station"]', 'between = ["adit", "statoin"]', "hazard.gallery.roads[0].between", "to nowhere"),
    ('between = ["adit", "station"]', 'between = ["adit", "adit"]', "hazard.gallery.roads[0].between", "to itself"),
    ('between = ["adit", "station"]', 'between = ["face", "station"]', f"{_MINE}.roads[1].between", "there already"),
    ('[[hazard.gallery.roads]]\nbetween = ["adit", "station"]\n', "", f"{_MINE}.nodes[1].id", "to a mouth; join it"),
    ("is_open = true\n\n[[hazard.gallery.nodes]]", "\n[[hazard.gallery.nodes]]", f"{_MINE}.nodes", "has no mouth"),
    ('id = "face"', 'id = "station"', "hazard.gallery.nodes[2].id", "is taken"),
    ('node = "face"\nm3_h', 'node = "sump"\nm3_h', "hazard.gallery.inflows[0].node", "is no node; use one of adit"),
    ('at_s = 30\nbetween = ["station", "face"]', 'at_s = 30\nbetween = ["adit", "face"]',
     "hazard.gallery.roof_falls[0].between", "no road joins adit and face"),
    ("cell_m = 10\n", "cell_m = 0\n", "hazard.gallery.cell_m", "between 1 and 50"),
    ("at_m = [-90, 304]", "at_m = [-95, 304]", "hazard.building.openings[1].at_m", "is not in a wall of store"),
    ("width_m = 3\nheight_m = 3", "width_m = 3\nheight_m = 5", f"{_HOUSE}.openings[0].height_m", "give at most 4"),
    ('room = "store"\nat_s', 'room = "shop"\nat_s', "hazard.building.fires[0].room", "is no room; use one of store"),
    ('to = "outside"', 'to = "yard"', "hazard.building.openings[0].to", 'use "outside" or one of store'),
    ('growth = "fast"', 'growth = "rapid"', "hazard.building.rooms[0].growth", "use one of slow"),
    ("[hazard.rubble]", '[[hazard.building.rooms]]\nid = "b"\nat_m = [-95, 300]\nsize_m = [9, 9]\n\n[hazard.rubble]',
     "hazard.building.rooms[1].at_m", "lies over store"),
    ("up_m = 1\n", "up_m = 9\n", "hazard.rubble.cavities[0]", "does not fit into the pile"),
    ('burns_in = "store"', 'burns_in = "shed"', "hazard.plume.burns_in", "is no room"),
    ("kg_per_mj = 0.01", "kg_per_mj = 0", "hazard.plume.rate_kg_s", "nothing is let go"),
    ("kg_per_mj = 0.01", 'kg_per_mj = 0.01\nstability = "G"', "hazard.plume.stability", "one of A, B"),
    ("kg_per_mj = 0.01", "kg_per_mj = 0.01\nfrom_s = 60\nuntil_s = 50", "hazard.plume.until_s", "give more than 60"),
    ('inside = "face"', 'inside = "wall"', "hazard.people[0].inside", "would be inside rock"),
    ('id = "buried"', 'id = "miner"', "hazard.people[1].id", "is taken"),
    ('at_m = [300, -300]\nsinks_s', 'at_m = [0, 0]\nsinks_s', "hazard.people[3].at_m", "is on land"),
    ('at_m = [0, 60]\ncategory', 'at_m = [300, -300]\ncategory', "hazard.people[2].at_m", "is in the water"),
    ('at_m = [0, 60]\ncategory', 'at_m = [-60, 330]\ncategory', "hazard.people[2].at_m", "inside the rubble"),
    ('category = "child_1_3"', 'category = "climber"', "hazard.people[2].category", "use one of child_1_3"),
    ('category = "child_1_3"', 'behaviour = "no.toml"', "hazard.people[2].category", "cannot be read as TOML"),
    ('inside = "face"', 'inside = "face"\npose = "running"', "hazard.people[0].pose", "use one of standing"),
]


def broken(old: str, new: str) -> ScenarioError:
    assert old in TEXT
    with pytest.raises(ScenarioError) as caught:
        parse(TEXT.replace(old, new, 1), file=FILE)
    return caught.value


@pytest.mark.parametrize(("old", "new", "field", "remedy"), MISTAKES)
def test_every_mistake_names_file_line_field_and_remedy(old: str, new: str, field: str, remedy: str) -> None:
    error = broken(old, new)
    assert error.field == field
    assert remedy in error.remedy
    assert str(error).startswith(f"place.toml, line {error.line}, {field}: ")
    assert "\n" not in str(error)


def test_the_line_is_the_one_to_change() -> None:
    changed = TEXT.replace('inside = "face"', 'inside = "wall"', 1)
    line = broken('inside = "face"', 'inside = "wall"').line
    assert changed.splitlines()[line - 1] == 'inside = "wall"'
    changed = TEXT.replace('between = ["adit", "station"]', 'between = ["adit", "pit"]', 1)
    line = broken('between = ["adit", "station"]', 'between = ["adit", "pit"]').line
    assert changed.splitlines()[line - 1] == 'between = ["adit", "pit"]'


def test_too_fine_a_grid_says_how_coarse() -> None:
    fine = "dead_1h_pct = 4\ncell_m = 2"
    big = ("size_m = 900", "size_m = 3000")
    with pytest.raises(ScenarioError, match=r"makes too many cells; give at least 10\.0"):
        scenario(("dead_1h_pct = 4", fine), big)


def test_all_tables_read_as_they_are_written() -> None:
    hazard = scenario().hazard
    assert hazard.wildfire is not None
    assert hazard.wildfire.patches[0].fuel in standard_fuels().names
    assert hazard.gallery is not None
    assert [node.id for node in hazard.gallery.nodes] == ["adit", "station", "face"]
    assert hazard.building is not None
    assert hazard.building.openings[1].breach_j == 20000.0
    assert len(hazard.people) == 4
