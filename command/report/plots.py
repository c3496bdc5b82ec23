"""Pictures of a run: the map of what was searched and found, and the fleet over time."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LightSource
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, Polygon
from scipy.ndimage import gaussian_filter

from command.report.truth import Truth
from command.store.record import Event
from fleet.model import FleetState
from missions.model import MissionProgress, Plan, SearchIntent
from perception.model import Contact, ContactState
from world.position import LocalFrame
from world.terrain import Terrain

mpl.use("Agg")
CHI2_95 = 5.991
"""95 % quantile of chi-square with two degrees of freedom."""
SMOOTHING_CELLS = 2.0
"""The survey's errors would drown the hills in a shaded picture."""
CONTOUR_M = 10
MARGIN_M = 60.0


@dataclass(slots=True, kw_only=True)
class Story:
    """Everything that the pictures show, from the record and the telemetry."""

    frame: LocalFrame
    terrain: Terrain
    truth: Truth
    intent: SearchIntent | None
    plan: Plan | None
    progress: list[MissionProgress]
    contacts: dict[str, Contact]
    tracks: dict[str, list[tuple[float, float, float, float]]]
    """Per vehicle: seconds, east, north, up."""
    batteries: dict[str, list[tuple[float, float]]]


def gather(
    frame: LocalFrame, terrain: Terrain, truth: Truth, events: Iterable[Event], samples: Iterable[Event]
) -> Story:
    story = Story(
        frame=frame,
        terrain=terrain,
        truth=truth,
        intent=None,
        plan=None,
        progress=[],
        contacts={},
        tracks={},
        batteries={},
    )
    for event in events:
        match value := event.value():
            case SearchIntent():
                story.intent = value
            case Plan():
                story.plan = value
            case Contact():
                story.contacts[value.id] = value
            case _:
                pass
    for sample in samples:
        match value := sample.value():
            case FleetState():
                _follow(story, value)
            case MissionProgress():
                story.progress.append(value)
            case _:
                pass
    return story


def _follow(story: Story, fleet: FleetState) -> None:
    second = fleet.at.mono_ns / 1e9
    for vehicle in fleet.vehicles:
        if vehicle.position is not None:
            at = story.frame.to_enu(vehicle.position)
            story.tracks.setdefault(vehicle.vehicle, []).append((second, at.east_m, at.north_m, at.up_m))
        if vehicle.battery_pct is not None:
            story.batteries.setdefault(vehicle.vehicle, []).append((second, vehicle.battery_pct))


def draw_map(story: Story, path: Path) -> None:
    figure = Figure(figsize=(11, 11), layout="constrained")
    axes = figure.add_subplot()
    _ground(axes, story.terrain)
    if story.plan and story.progress:
        _cells(axes, story.plan, story.progress[-1])
    if story.intent:
        corners = [story.frame.to_enu(corner) for corner in story.intent.area]
        outline = [(c.east_m, c.north_m) for c in corners]
        axes.add_patch(Polygon(outline, fill=False, linestyle="-.", linewidth=1.5, label="search area"))
    for index, (vehicle, track) in enumerate(story.tracks.items()):
        t = np.array(track)
        axes.plot(t[:, 1], t[:, 2], linewidth=0.9, color=f"C{index % 10}", label=vehicle)
        if vehicle in story.truth.lost:
            axes.plot(t[-1, 1], t[-1, 2], "kX", markersize=11, label=f"{vehicle} lost")
    for place in story.truth.people:
        axes.plot(place.east_m, place.north_m, "o", color="none", markeredgecolor="k", markersize=12)
    _contacts(axes, story)
    axes.set_aspect("equal")
    _frame(axes, story)
    axes.set_xlabel("east of the origin, m")
    axes.set_ylabel("north of the origin, m")
    axes.set_title("Tracks, cells by looks, contacts (95 %) and, as rings, where people really were")
    axes.legend(loc="upper left", fontsize=7)
    figure.savefig(path, dpi=110)


def _ground(axes: Axes, terrain: Terrain) -> None:
    smooth = gaussian_filter(np.asarray(terrain.heights_m, float), SMOOTHING_CELLS)
    shade = LightSource(azdeg=315, altdeg=40).hillshade(smooth, vert_exag=2, dx=terrain.cell_m, dy=terrain.cell_m)
    extent = (terrain.west_m, terrain.east_m, terrain.south_m, terrain.north_m)
    axes.imshow(shade, extent=extent, origin="lower", cmap="gray", alpha=0.45, vmin=0, vmax=1)
    east = np.linspace(terrain.west_m, terrain.east_m, smooth.shape[1])
    north = np.linspace(terrain.south_m, terrain.north_m, smooth.shape[0])
    axes.contour(east, north, smooth, levels=range(-500, 1500, CONTOUR_M), colors="0.5", linewidths=0.4)


def _frame(axes: Axes, story: Story) -> None:
    """Show what was flown, with a margin."""
    spots = [(t[1], t[2]) for track in story.tracks.values() for t in track]
    if not spots:
        return
    low, high = np.min(spots, axis=0) - MARGIN_M, np.max(spots, axis=0) + MARGIN_M
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])


def _cells(axes: Axes, plan: Plan, progress: MissionProgress) -> None:
    at = np.array([[cell.centre.east_m, cell.centre.north_m] for cell in plan.cells]).reshape(-1, 2)
    looks = np.array(progress.looks_per_cell[: len(at)])
    if len(looks) == len(at) and len(at):
        shade = np.minimum(looks, 6)
        dots = axes.scatter(at[:, 0], at[:, 1], c=shade, s=14, marker="s", cmap="Purples", vmin=0, vmax=6)
        axes.figure.colorbar(dots, ax=axes, label="looks (6 = 6 or more)", shrink=0.6)


def _contacts(axes: Axes, story: Story) -> None:
    colours = {ContactState.CONFIRMED: "red", ContactState.CANDIDATE: "orange", ContactState.REJECTED: "grey"}
    for contact in story.contacts.values():
        at, c = story.frame.to_enu(contact.position), contact.covariance
        values, vectors = np.linalg.eigh(np.array([[c.ee_m2, c.en_m2], [c.en_m2, c.nn_m2]]))
        width, height = 2 * np.sqrt(CHI2_95 * np.maximum(values, 0))
        angle = float(np.degrees(np.arctan2(vectors[1, 0], vectors[0, 0])))
        colour = colours[contact.state]
        axes.add_patch(Ellipse((at.east_m, at.north_m), width, height, angle=angle, fill=False, color=colour))
        axes.plot(at.east_m, at.north_m, "+", color=colour)


def draw_timeline(story: Story, path: Path) -> None:
    figure = Figure(figsize=(11, 7), layout="constrained")
    heights, charge, searched = figure.subplots(3, 1, sharex=True)
    for vehicle, track in story.tracks.items():
        t = np.array(track)
        heights.plot(t[:, 0], t[:, 3], linewidth=0.9, label=vehicle)
    for vehicle, levels in story.batteries.items():
        b = np.array(levels)
        charge.plot(b[:, 0], b[:, 1], linewidth=0.9, label=vehicle)
    seconds = [progress.at.mono_ns / 1e9 for progress in story.progress]
    searched.plot(seconds, [progress.area_searched_km2 for progress in story.progress])
    heights.set_ylabel("height, m")
    charge.set_ylabel("battery, %")
    searched.set_ylabel("searched, km²")
    searched.set_xlabel("simulated seconds")
    heights.legend(fontsize=7, ncol=5)
    figure.savefig(path, dpi=110)
