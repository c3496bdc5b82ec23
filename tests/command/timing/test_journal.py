"""The journal gives back what was written, and a record torn by a crash is as if never written."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.timing.journal import Entry, Journal

ENTRY = Entry(begin=0, until=5, taken={7: 2}, arrivals=[(1, 3, b"one"), (9, None, b"outside")])
NEXT = Entry(begin=5, until=9, taken={}, arrivals=[], begin_counts={1: 4})


def test_it_gives_back_ports_and_entries(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.begin({"mavlink": 14550})
    journal.append(ENTRY)
    journal.append(NEXT)
    journal.close()
    again = Journal(tmp_path / "j")
    assert again.header is not None
    assert again.header.ports == {"mavlink": 14550}
    assert list(again.entries()) == [ENTRY, NEXT]
    again.close()


@given(cut=st.integers(1, 10**6))
def test_a_torn_record_is_cut_off_and_written_anew(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("torn") / "j"
    journal = Journal(path)
    journal.begin({})
    journal.append(ENTRY)
    whole = path.stat().st_size
    journal.append(NEXT)
    journal.close()
    last_bytes = path.stat().st_size - whole
    path.write_bytes(path.read_bytes()[: -1 - cut % last_bytes])
    again = Journal(path)
    assert list(again.entries()) == [ENTRY]
    again.append(NEXT)
    again.close()
    third = Journal(path)
    assert list(third.entries()) == [ENTRY, NEXT]
    third.close()
