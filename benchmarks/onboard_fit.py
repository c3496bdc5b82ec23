"""Fits of the on-board detection model: a logistic curve, and how alike two looks at one thing end."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt
from scipy.special import expit, log_ndtr, logsumexp, ndtri

from sim.cameras.onboard import LEVELS

Floats = npt.NDArray[np.float64]

_RIDGE = 0.05
_STEPS = 60
_NODES, _NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
_LOG_WEIGHTS = np.log(_NODE_WEIGHTS / _NODE_WEIGHTS.sum())
_SHARES = np.arange(0.0, 0.96, 0.05)
_MOST_SHARED = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at one thing. `is_first`: it is there because it hit, and says nothing by itself."""

    thing: str
    side: int
    features: tuple[float, ...]
    is_hit: bool
    is_first: bool = False


def logistic(features: Floats, hits: npt.NDArray[np.bool_]) -> Floats:
    """Weights, the constant first, by Newton's method; a little ridge keeps rare features finite."""
    x = np.column_stack([np.ones(len(features)), features])
    weights = np.zeros(x.shape[1])
    ridge = np.full(x.shape[1], _RIDGE)
    ridge[0] = 0.0
    for _ in range(_STEPS):
        p = expit(x @ weights)
        slope = x.T @ (hits - p) - ridge * weights
        bend = (x * (p * (1 - p))[:, None]).T @ x + np.diag(ridge + 1e-9)
        weights = weights + np.linalg.solve(bend, slope)
    return weights


def quantiles(values: Sequence[float] | Floats) -> list[float]:
    """At the model's levels."""
    return [round(float(value), 4) for value in np.quantile(np.asarray(values, float), LEVELS)]


def correlations(looks: Sequence[Look], weights: Floats) -> tuple[float, float]:
    """Of a look's latent normal: the share that belongs to the thing, and to the side of it one looks from.

    Greatest likelihood over a grid; a look hits where thing's, side's and its own part together stay below ndtri(p).
    """
    groups = [_arranged(list(group), weights) for _, group in groupby(sorted(looks, key=_order), key=lambda k: k.thing)]
    best, answer = -np.inf, (0.0, 0.0)
    for of_thing in _SHARES:
        for of_side in _SHARES:
            if of_thing + of_side > _MOST_SHARED:
                continue
            total = sum(_log_likelihood(group, of_thing, of_side) for group in groups)
            if total > best:
                best, answer = total, (round(float(of_thing), 2), round(float(of_side), 2))
    return answer


@dataclass(frozen=True, slots=True)
class _Group:
    thresholds: Floats
    hits: npt.NDArray[np.bool_]
    sides: npt.NDArray[np.int64]
    first: float | None
    """Log probability of what the group is there for."""


def _order(look: Look) -> tuple[str, int]:
    return look.thing, look.side


def _arranged(looks: list[Look], weights: Floats) -> _Group:
    x = np.array([(1.0, *look.features) for look in looks])
    thresholds = ndtri(np.clip(expit(x @ weights), 1e-6, 1 - 1e-6))
    firsts = [k for k, look in enumerate(looks) if look.is_first]
    return _Group(
        thresholds=thresholds,
        hits=np.array([look.is_hit for look in looks]),
        sides=np.array([look.side for look in looks]),
        first=float(log_ndtr(thresholds[firsts[0]])) if firsts else None,
    )


def _log_likelihood(group: _Group, of_thing: float, of_side: float) -> float:
    own = np.sqrt(1.0 - of_thing - of_side)
    shift = np.sqrt(of_thing) * _NODES[:, None] + np.sqrt(of_side) * _NODES[None, :]
    z = (group.thresholds[:, None, None] - shift) / own
    each = np.where(group.hits[:, None, None], log_ndtr(z), log_ndtr(-z))
    by_side = [
        logsumexp(each[group.sides == side].sum(axis=0) + _LOG_WEIGHTS[None, :], axis=1)
        for side in np.unique(group.sides)
    ]
    whole = float(logsumexp(np.sum(by_side, axis=0) + _LOG_WEIGHTS))
    return whole - (group.first or 0.0)
