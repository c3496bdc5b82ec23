"""How densely to fly and photograph: strip spacing, trigger distance, and how far ahead of its ground a strip is
flown."""

from dataclasses import dataclass

from missions.planners.camera import Camera

POSITION_MARGIN_M = 1.5
"""Cross-track and heading error allowed for when looks are predicted: 1.5 m is ArduCopter's typical track error in
wind."""
AGL_TOLERANCE_M = 3.0
LEAST_INTERVAL_S = 0.6
"""Shortest time between two detection images."""
SPARE_LOOKS = 0.5
SPACING_SHARES = (1.0, 0.92, 0.84, 0.76, 0.68, 0.6, 0.5, 0.4)
TRIGGER_SHARES = (1.0, 0.8, 0.65, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A way to fly strips: a strip over ground from a to b is flown from a - lead to b - tail, in flying direction."""

    spacing_m: float
    trigger_m: float
    lead_m: float
    tail_m: float


def sweeps(camera: Camera, height_m: float, cruise_m_s: float, min_looks: int) -> list[Sweep]:
    """Candidates from the fastest to the densest; which one is good enough is for the predicted looks to say."""
    centre_m = camera.width_at_m(height_m, camera.centre_ahead_m(height_m))
    low_m = height_m - AGL_TOLERANCE_M
    least_trigger_m = LEAST_INTERVAL_S * cruise_m_s
    found: list[Sweep] = []
    for share in SPACING_SHARES:
        spacing_m = share * centre_m
        near_m, far_m = camera.window_m(low_m, spacing_m / 2 + POSITION_MARGIN_M)
        if far_m - near_m < least_trigger_m:
            continue
        widest_m = (far_m - near_m) / (min_looks + SPARE_LOOKS)
        triggers = {max(least_trigger_m, round(widest_m * part, 1)) for part in TRIGGER_SHARES}
        found += [
            Sweep(spacing_m=spacing_m, trigger_m=trigger_m, lead_m=far_m, tail_m=near_m)
            for trigger_m in sorted(triggers, reverse=True)
        ]
    return found
