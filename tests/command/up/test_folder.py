"""One process writes a record, and only its user reaches its socket."""

import tempfile
from pathlib import Path

import pytest

from command.errors import BadInput, EnvironmentLacks
from command.up.folder import RecordInUse, held, newest_socket, socket_of


def test_a_record_is_held_by_one_and_keeps_what_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "record"
    with held(folder):
        (folder / "events.db").write_text("of before")
        with pytest.raises(RecordInUse, match="another taihang up writes to"), held(folder):
            pass
    with held(folder):
        assert (folder / "events.db").read_text() == "of before"


def test_a_record_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match=r"name another in \[site\]"), held(tmp_path / "file" / "record"):
        pass


def test_sockets_are_found_again_and_lie_where_nobody_else_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert newest_socket() is None
    path = socket_of(tmp_path / "record")
    assert path == socket_of(tmp_path / "." / "record")
    assert path != socket_of(tmp_path / "other")
    path.touch()
    assert newest_socket() == path
    path.parent.chmod(0o755)
    with pytest.raises(EnvironmentLacks, match="is not this user's alone"):
        newest_socket()
