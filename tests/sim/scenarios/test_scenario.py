"""A broken scenario names file, line, field and remedy in one sentence, and starts nothing."""

from pathlib import Path

import pytest

from sim.scenario import ScenarioError, load, parse, shipped

FILE = Path("place.toml")
GOOD = shipped("mountain_search").read_text(encoding="utf-8")


def broken(old: str, new: str) -> ScenarioError:
    assert old in GOOD
    with pytest.raises(ScenarioError) as caught:
        parse(GOOD.replace(old, new, 1), file=FILE)
    return caught.value


def line_with(text: str, source: str = GOOD) -> int:
    return next(n for n, line in enumerate(source.splitlines(), start=1) if text in line)


@pytest.mark.parametrize("name", ["mountain_search", "quick_search"])
def test_shipped_scenarios_load(name: str) -> None:
    scenario = load(shipped(name))
    assert scenario.name == name
    assert len({vehicle.sysid for vehicle in scenario.vehicles}) == len(scenario.vehicles)


def test_seed_on_the_command_line_wins() -> None:
    assert load(shipped("mountain_search"), seed=99).seed == 99


# What is replaced, by what, the field named, part of the remedy.
MISTAKES = [
    ("relief_m = 120", "relif_m = 120", "terrain.relif_m", "did you mean relief_m?"),
    ("relief_m = 120", "relief_m = 9000", "terrain.relief_m", "between 0 and 400"),
    ("relief_m = 120", 'relief_m = "high"', "terrain.relief_m", "a number"),
    ("relief_m = 120", "relief_m = true", "terrain.relief_m", "a number"),
    ("relief_m = 120", "relief_m = nan", "terrain.relief_m", "finite"),
    ("lat_deg = 35.49\n", "", "origin.lat_deg", "is missing; add lat_deg"),
    ('kind = "motor"', 'kind = "moter"', "events[0].kind", "did you mean motor?"),
    ('vehicle = "U05"', 'vehicle = "U15"', "events[0].vehicle", "is no vehicle"),
    ("last_known_point_m = [60, 20]", "last_known_point_m = [60]", "search.last_known_point_m", "give 2"),
    ("last_known_point_m = [60, 20]", "last_known_point_m = [600, 600]", "search.last_known_point_m", "outside search"),
    ("at_m = [0, -680]", "at_m = [0, -6800]", "launch.at_m", "outside the terrain"),
    ("at_m = [-820, 800]", "at_m = [0, 0]", "fire.at_m", "burns inside"),
    ("home_m = [740, -740]", "home_m = [0, -600]", "vehicles[9].home_m", "move it into the reservoir"),
    ("home_m = [0, -715]", "home_m = [820, -740]", "vehicles[8].home_m", "move it on land"),
    ("home_m = [-10, -670]", "home_m = [-28, -670]", "vehicles[1].home_m", "keep pads 12 m apart"),
    ('id = "U02"', 'id = "U01"', "vehicles[1].id", "is taken by"),
    ("sysid = 3", "sysid = 2", "vehicles[2].sysid", "is taken by U02"),
    ("sysid = 3", "sysid = 3.5", "vehicles[2].sysid", "a whole number"),
    ("apart_max_m = 25", "apart_max_m = 7", "people.apart_max_m", "at least 12"),
    ("groups = 2", "groups = 0", "people.groups", "between 1 and 4"),
    ("schema = 1", "schema = 2", "schema", "update Taihang"),
    ("schema = 1", "schema = 0", "schema", "give 1"),
    ("starts = 2026-09-12T06:30:00Z", "starts = 2026-09-12T06:30:00", "starts", "end it with Z"),
    ("[weather]", "[wether]", "wether", "did you mean weather?"),
    ("depth_m = 15", 'depth_m = 15\nshape = "round"', "reservoir.shape", "is not known here"),
]


@pytest.mark.parametrize(("old", "new", "field", "remedy"), MISTAKES)
def test_every_mistake_names_file_line_field_and_remedy(old: str, new: str, field: str, remedy: str) -> None:
    error = broken(old, new)
    assert error.field == field
    assert remedy in error.remedy
    assert str(error).startswith(f"place.toml, line {error.line}, {field}: ")
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("relief_m = 120", "relief_m = 9000", "relief_m = 9000"),
        ('id = "U02"', 'id = "U01"', None),
        ("home_m = [740, -740]", "home_m = [0, -600]", "home_m = [0, -600]"),
    ],
)
def test_line_is_that_of_the_field(old: str, new: str, shown: str | None) -> None:
    changed = GOOD.replace(old, new, 1)
    line = changed.splitlines()[broken(old, new).line - 1]
    assert line == (shown or new)


def test_missing_field_points_at_its_table() -> None:
    error = broken("amsl_m = 750\n", "")
    assert error.line == line_with("[origin]")


def test_corner_of_a_long_list_points_at_its_key() -> None:
    error = broken("area_m = [\n", "area_m = [\n  [6500, -60],\n")
    assert error.field == "search.area_m[0]"
    assert error.line == line_with("area_m = [")


def test_crossing_edges_are_refused() -> None:
    error = broken("area_m = [\n", "area_m = [\n  [1000, 1000],\n  [-1000, -1000],\n  [-1000, 1000],\n")
    assert error.field == "search.area_m"
    assert "simple polygon" in error.remedy


def test_no_toml_names_the_line() -> None:
    error = broken("[origin]", "[origin")
    assert error.line == line_with("[origin]")
    assert "is no TOML" in str(error)


def test_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read"):
        load(tmp_path / "absent.toml")


def test_binary_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match="UTF-8"):
        load(tmp_path / "x.toml")


def test_a_boat_stands_and_sails_on_the_reservoir_and_a_plane_starts_on_land() -> None:
    afloat = GOOD.replace('kind = "sub"', 'kind = "boat"').replace("depth_m = 4\n", "")
    assert [v.id for v in parse(afloat, file=FILE).vehicles if v.kind.swims] == ["W01"]
    with pytest.raises(ScenarioError, match="is for subs only"):
        parse(GOOD.replace('kind = "sub"', 'kind = "boat"'), file=FILE)
    with pytest.raises(ScenarioError, match="is on land, but G01 is a boat; move it into the reservoir"):
        parse(GOOD.replace('kind = "rover"', 'kind = "boat"'), file=FILE)
    with pytest.raises(ScenarioError, match="is in the reservoir, but W01 is a plane; move it on land"):
        parse(GOOD.replace('kind = "sub"', 'kind = "plane"').replace("depth_m = 4\n", ""), file=FILE)
    over = 'kind = "plane"\nsysid = 9\nhome_m = [0, -715]\nheading_deg = 90\npatrol_m = [[740, -740]]\n'
    start, end = GOOD.index('kind = "rover"'), GOOD.index('[[vehicles]]\nid = "W01"')
    planes = parse(GOOD[:start] + over + "\n" + GOOD[end:], file=FILE)
    assert {vehicle.kind.value for vehicle in planes.vehicles} == {"copter", "plane", "sub"}
