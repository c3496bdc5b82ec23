"""The picture of what truly happened over time: heights, charge, distances, and the place's own figures."""

from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from command.report.track import Second


def draw_quantities(seconds: list[Second]) -> bytes:
    """A PNG; one panel per quantity, simulated seconds along."""
    names = sorted({name for second in seconds for name in second.place})
    figure = Figure(figsize=(11, 2.1 * (3 + len(names))), layout="constrained")
    heights, charge, apart, *places = figure.subplots(3 + len(names), 1, sharex=True)
    t_s = [second.t_s for second in seconds]
    for row, vehicle in enumerate(seconds[0].vehicles if seconds else ()):
        home_m = seconds[0].position(row).up_m
        heights.plot(t_s, [one.position(row).up_m - home_m for one in seconds], linewidth=0.9, label=vehicle)
        charge.plot(t_s, [one.value(row, "charge_e2pct") / 100 for one in seconds], linewidth=0.9, label=vehicle)
    pairs = [(second.t_s, second.separation_m) for second in seconds if second.separation_m is not None]
    apart.plot([at for at, _ in pairs], [metres for _, metres in pairs], linewidth=0.9)
    _name(heights, "height over home, m")
    _name(charge, "charge, %")
    _name(apart, "closest pair, m")
    for axes, name in zip(places, names, strict=True):
        axes.plot(t_s, [second.place.get(name, float("nan")) for second in seconds], linewidth=0.9)
        _name(axes, name.replace("_", " "))
    if seconds and seconds[0].vehicles:
        heights.legend(fontsize=7, ncol=5)
    (places or [apart])[-1].set_xlabel("simulated seconds")
    written = BytesIO()
    figure.savefig(written, format="png", dpi=90)
    return written.getvalue()


def _name(axes: Axes, name: str) -> None:
    axes.set_ylabel(name, fontsize=8)
    axes.grid(alpha=0.3)
