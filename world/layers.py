"""Heights for ways that may cross: each as low as those before it leave room."""

from collections.abc import Callable, Iterable, Sequence


def stacked(
    order: Iterable[int],
    lowest_m: Sequence[float],
    may_cross: Callable[[int, int], bool],
    apart_m: float,
    fixed: Iterable[tuple[int, float]] = (),
    must_be_over: Callable[[int, int], bool] = lambda k, j: False,
) -> dict[int, float]:
    """Height by index, in the given order. `fixed`: indices that have a height already and keep it.

    `must_be_over(k, j)`: k stays over j, which was before it, although there may be room below.
    """
    up_m = dict(fixed)
    for k in order:
        height_m = max([lowest_m[k], *(up_m[j] + apart_m for j in up_m if must_be_over(k, j))])
        for other_m in sorted(up_m[j] for j in up_m if j != k and may_cross(k, j)):
            if other_m - height_m >= apart_m:
                break
            height_m = max(height_m, other_m + apart_m)
        up_m[k] = height_m
    return up_m
