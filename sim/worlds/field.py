"""Seeded smooth random fields: what hills, clumps of trees and patches of soil are made of."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def fractal_field(
    chance: np.random.Generator, shape: tuple[int, int], *, cell_m: float, longest_m: float, roughness: float
) -> Floats:
    """(rows, cols) of mean 0 and deviation 1; amplitude grows as wavelength ** roughness up to `longest_m`.

    White noise shaped in the spectrum; the grid is padded to twice its size so that opposite edges do not match.
    """
    rows, cols = 2 * shape[0], 2 * shape[1]
    waves = np.hypot(np.fft.fftfreq(rows, cell_m)[:, None], np.fft.rfftfreq(cols, cell_m)[None, :])
    amplitude = (waves**2 + (1.0 / longest_m) ** 2) ** (-(roughness + 1.0) / 2)
    amplitude[0, 0] = 0.0
    white = np.fft.rfft2(chance.standard_normal((rows, cols)))
    field = np.fft.irfft2(white * amplitude, s=(rows, cols))[: shape[0], : shape[1]]
    return np.asarray((field - field.mean()) / field.std())


def smooth_step(low: float, high: float, value: Floats) -> Floats:
    """0 below `low`, 1 above `high`, with zero slope at both."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))
