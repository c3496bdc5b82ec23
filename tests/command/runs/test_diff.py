"""Two runs of one seed are equal; a motor that fails in one of them is found to the second."""

from dataclasses import replace
from pathlib import Path
from shutil import copytree

import msgspec
import pytest
from typer.testing import CliRunner

from command.cli.main import app_of
from command.report import track
from command.runs.diff import PLACE, FieldDiff, _compared, compare, draw_apart
from tests.command.runs.conftest import Flown
from tests.support.broken_worlds import MOTOR_AT_S


def test_a_run_equals_itself(sound: Flown, tmp_path: Path) -> None:
    found = compare(sound.folder, Path(copytree(sound.folder, tmp_path / "copy")))
    assert found.is_equal
    assert found.hash_a == found.hash_b == track.read(sound.folder)[-1].digest


def test_the_failed_motor_is_found_to_the_second(sound: Flown, fallen: Flown) -> None:
    """Events count from the first take-off, which is the first second off the ground."""
    took_off_s = next(one.t_s for one in track.read(sound.folder) if not one.value(0, "on_ground"))
    found = compare(sound.folder, fallen.folder)
    assert not found.is_equal
    assert found.first_s is not None
    assert 0.0 <= found.first_s - (took_off_s + MOTOR_AT_S) <= 2.0
    assert {one.vehicle for one in found.fields} == {"U01"}
    assert "up_mm" in {one.field for one in found.fields}
    assert found.event is not None
    assert found.event.t_s >= found.first_s


def test_one_value_of_one_vehicle_is_named(sound: Flown) -> None:
    seconds = track.read(sound.folder)
    other = list(seconds)
    row = list(other[40].rows[0])
    row[track.COLUMNS.index("yaw_e4rad")] += 1
    other[40] = replace(other[40], rows=(tuple(row),), digest="0" * 32, place={**other[40].place, "fire_area_m2": 0.0})
    found = _compared(seconds, other, None)
    assert found.first_s == 41.0
    assert [(one.vehicle, one.field) for one in found.fields] == [("U01", "yaw_e4rad"), (PLACE, "fire_area_m2")]
    assert found.fields[0] == FieldDiff(vehicle="U01", field="yaw_e4rad", a=row[6] - 1, b=row[6])


def test_a_shorter_run_is_not_equal(sound: Flown) -> None:
    seconds = track.read(sound.folder)
    found = _compared(seconds, seconds[:20], None)
    assert (found.is_equal, found.first_s, found.seconds_b) == (False, None, 20)


def test_people_read_it_and_programs_too(sound: Flown, fallen: Flown, tmp_path: Path) -> None:
    app, runs = app_of(["sim"]), [str(sound.folder), str(fallen.folder)]
    said = CliRunner().invoke(app, ["sim", "diff", *runs, "--out", str(tmp_path / "apart.png")])
    assert said.exit_code == 1, said.output
    assert "the truth differs first at" in said.output
    assert "U01" in said.output
    assert (tmp_path / "apart.png").read_bytes().startswith(b"\x89PNG")
    equal = CliRunner().invoke(app, ["sim", "diff", runs[0], runs[0], "--json"])
    assert equal.exit_code == 0
    assert msgspec.json.decode(equal.output)["is_equal"] is True


def test_a_folder_without_a_run_is_named(sound: Flown, tmp_path: Path) -> None:
    with pytest.raises(track.TrackUnreadable, match="name the report folder"):
        compare(sound.folder, tmp_path)
    (tmp_path / track.FILE).write_bytes(b"something else")
    with pytest.raises(track.TrackUnreadable, match="no track"):
        draw_apart(sound.folder, tmp_path, tmp_path / "apart.png")
