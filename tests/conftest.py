"""Whole incidents first: two workers share the files, and one that starts a long one last lets the other wait."""

from pathlib import Path

import pytest

FIRST = ("test_onboard_search.py", "test_quick_search.py", "test_rough_days.py", "test_killed.py", "test_up.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {name: rank for rank, name in enumerate(FIRST)}
    items.sort(key=lambda item: ranks.get(Path(item.path).name, len(FIRST)))
