"""Draws docs/pictures/formation.png: fifty copters from dense pads into a circle, and how near the plan brings them."""

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from fleet.together.spacing import Floats, Spacing  # noqa: E402
from fleet.together.weave import Weave  # noqa: E402
from tests.support.swarm import entering, over, pads, shape  # noqa: E402
from world.position import Enu  # noqa: E402

COUNT, EVERY_S = 50, 0.5


def main(target: Path) -> None:
    """Paths from above, heights over time, and least distances over time."""
    plan = entering(over(pads(COUNT, 1), 1), shape("circle", COUNT), Enu(east_m=42.0, north_m=150.0, up_m=40.0))
    times = np.arange(0.0, plan.makespan_s + EVERY_S, EVERY_S)
    at = np.stack([_track(plan, k, times) for k in range(len(plan.strands))], axis=1)
    figure, (above, heights, apart) = plt.subplots(1, 3, figsize=(16.0, 5.2), layout="constrained")
    colours = plt.get_cmap("viridis")(np.linspace(0.0, 0.95, COUNT))
    order = np.argsort([strand.starts_s[0] for strand in plan.strands])
    for colour, k in zip(colours, order.tolist(), strict=True):
        above.plot(at[:, k, 0], at[:, k, 1], color=colour, lw=0.9)
        heights.plot(times, at[:, k, 2], color=colour, lw=0.7)
    above.plot(at[0, :, 0], at[0, :, 1], "k.", ms=4, label="over pads, 12 m apart")
    above.plot(at[-1, :, 0], at[-1, :, 1], "rs", ms=4, mfc="none", label="slots, 20 m apart")
    above.set(xlabel="east, m", ylabel="north, m", aspect="equal", title=f"{COUNT} copters into a circle")
    above.legend(loc="center", fontsize=8)
    heights.set(xlabel="s", ylabel="height, m", title="Layers: early ones dark, late ones light")
    spacing = Spacing()
    apart.plot(times, _least(at, spacing.layer_m), color="tab:blue", label="least distance of two within 5 m of height")
    for metres, text in (
        (plan.proven.apart_m, "proven, whoever is late"), (spacing.horizontal_m, "declared for true positions"),
    ):
        colour = "k" if "proven" in text else "tab:red"
        apart.axhline(metres, color=colour, ls="--", lw=1.0, label=f"{metres:.1f} m {text}")
    apart.set(xlabel="s", ylabel="distance on the ground, m", ylim=(0.0, 30.0), title="Separation by the plan's clock")
    apart.legend(loc="lower right", fontsize=8)
    figure.savefig(target, dpi=80)


def _track(plan: Weave, number: int, times: Floats) -> Floats:
    strand = plan.strands[number]
    knots, spots = [0.0], [strand.points[0]]
    for k, way in enumerate(strand.ways()):
        knots += [strand.starts_s[k], strand.ends_s[k]]
        spots += [way.start, way.end]
    rows = np.array([(p.east_m, p.north_m, p.up_m) for p in spots])
    return np.stack([np.interp(times, knots, rows[:, axis]) for axis in range(3)], axis=1)


def _least(at: Floats, layer_m: float) -> Floats:
    """At every moment."""
    i, j = np.triu_indices(at.shape[1], 1)
    rel = at[:, i] - at[:, j]
    flat_m = np.where(np.abs(rel[..., 2]) < layer_m, np.hypot(rel[..., 0], rel[..., 1]), np.inf)
    return np.asarray(flat_m.min(axis=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/pictures/formation.png")
