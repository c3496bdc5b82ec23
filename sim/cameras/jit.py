"""One typed door to numba: compiled on first call, cached beside the source, no fast-math so that bytes repeat."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def jit(function: F) -> F:
    return cast(F, njit(cache=True, error_model="numpy", nogil=True)(function))
