"""Draws docs/pictures/hazard_*.png from the real models: PYTHONPATH=. python scripts/hazard_pictures.py [NAME ...]."""

import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.hazards.building import Building
from sim.hazards.gallery import CH4, Gallery
from sim.hazards.hazard import NS, Blow, Conditions, Floats, Water
from sim.hazards.plume import Plume
from sim.hazards.rubble import Rubble
from sim.hazards.waters import Stir, Waters
from sim.hazards.wildfire import Wildfire
from sim.hazards.winds import Winds
from sim.people.crowd import Crowd
from sim.scenarios import hazards as spec
from sim.scenarios.model import ReservoirSpec
from sim.worlds.field import fractal_field
from sim.worlds.model import Water as Lake
from world.position import Enu
from world.terrain import Terrain

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"


def hills(size_m: float, relief_m: float, seed: int = 5) -> Terrain:
    nodes = round(size_m / 10.0) + 1
    chance = np.random.Generator(np.random.Philox(seed))
    field = fractal_field(chance, (nodes, nodes), cell_m=10.0, longest_m=0.6 * size_m, roughness=2.0)
    heights = (field * relief_m / np.ptp(field)).astype(np.float32)
    return Terrain(west_m=-size_m / 2, south_m=-size_m / 2, cell_m=10.0, heights_m=heights)


def points_over(axes: Floats, up: Floats | float) -> Floats:
    east, north = (each.ravel() for each in np.meshgrid(axes, axes))
    return np.column_stack([east, north, np.broadcast_to(up, east.shape)])


def save(figure: plt.Figure, name: str) -> None:
    figure.tight_layout()
    figure.savefig(FOLDER / f"hazard_{name}.png", dpi=80)
    plt.close(figure)


def wildfire() -> None:
    terrain = hills(1200.0, 160.0)
    winds = Winds.of(5.0, 250.0, [spec.WindSpec(at_s=1200.0, wind_m_s=6.0, wind_from_deg=180.0)])
    road = spec.FuelPatch(fuel="NB1", area_m=((180.0, -600.0), (200.0, -600.0), (260.0, 600.0), (240.0, 600.0)))
    values = spec.WildfireSpec(
        ignitions_m=((-380.0, -180.0),), fuel="SH5", patches=(road,), dead_1h_pct=5.0, live_woody_pct=70.0,
        brands_per_cell=0.3, brand_kindles_s=300.0,
    )
    fire = Wildfire(values, terrain, winds, seed=3, air_c=28.0)
    for second in range(0, 900, 10):
        fire.step(second * NS)
        for k in range(24):
            at = Enu(east_m=-60.0 + 8.0 * k, north_m=240.0, up_m=0.0)
            fire.act(Water(at=at, litres=60.0, radius_m=6.0))
    fire.step(1800 * NS)
    grid = fire.grid
    half, extent = 600.0, (-600.0, 600.0, -600.0, 600.0)
    figure, at = plt.subplots(figsize=(9.0, 7.2))
    at.contour(grid.up_m.reshape(grid.rows, grid.cols), 14, extent=extent, colors="0.75", linewidths=0.6)
    minutes = np.ma.masked_invalid(fire.arrival_s / 60.0)
    shown = at.imshow(minutes, origin="lower", extent=extent, cmap="inferno_r", vmin=0.0, vmax=30.0)
    flames = fire.is_burning()
    at.plot(grid.east_m[flames], grid.north_m[flames], "r.", markersize=3, label="flames now")
    wet = fire._wet > 0.2
    at.plot(grid.east_m[wet], grid.north_m[wet], "c.", markersize=4, label="wet fuel")
    at.add_patch(plt.Polygon(road.area_m, color="0.3", label="road, NB1"))
    at.set_xlim(-half, half)
    at.set_ylim(-half, half)
    figure.colorbar(shown, label="minutes to arrival")
    at.set(title="SH5 brush after 30 min; wind turns from 250 to 180 degrees at 20 min")
    at.set(xlabel="east, m", ylabel="north, m")
    at.legend(loc="lower right")
    save(figure, "wildfire")


def mine() -> Gallery:
    nodes = (
        spec.NodeSpec(id="adit", at_m=(0.0, 0.0), is_open=True),
        spec.NodeSpec(id="A", at_m=(80.0, 0.0), up_m=-20.0),
        spec.NodeSpec(id="B", at_m=(220.0, 0.0), up_m=-22.0),
        spec.NodeSpec(id="fan", at_m=(290.0, 0.0), is_open=True),
        spec.NodeSpec(id="C", at_m=(150.0, 60.0), up_m=-34.0),
        spec.NodeSpec(id="face", at_m=(240.0, 100.0), up_m=-31.0),
    )
    pairs = (("adit", "A"), ("A", "B"), ("B", "fan"), ("A", "C"), ("C", "B"), ("C", "face"))
    roads = tuple(spec.RoadSpec(between=pair, fan_pa=60.0 if "fan" in pair else 0.0) for pair in pairs)
    return Gallery(spec.GallerySpec(
        nodes=nodes, roads=roads, inflows=(spec.InflowSpec(node="A", m3_h=1500.0, halves_s=1800.0),),
        gas=(spec.GasSpec(node="face", ch4_m3_min=2.0),),
        roof_falls=(spec.RoofFallSpec(at_s=600.0, between=("A", "C"), along=0.5, length_m=12.0),),
    ))


def gallery() -> None:
    working = mine()
    working.step(2400 * NS)
    plan, cells = working.mine, working.mine.at
    figure, (above, aside) = plt.subplots(2, 1, figsize=(9.0, 7.2), height_ratios=(3, 2))
    methane = np.minimum(100.0 * working.share(CH4), 6.0)
    shown = above.scatter(cells[:, 0], cells[:, 1], c=methane, s=60, cmap="YlOrRd", edgecolors="0.4", linewidths=0.4)
    figure.colorbar(shown, ax=above, label="CH4, %")
    fallen = working._fallen > 0
    above.plot(cells[fallen, 0], cells[fallen, 1], "kx", markersize=10, label="roof fall")
    for name, number in plan.nodes.items():
        above.annotate(name, plan.node_at[number, :2], xytext=(4, 8), textcoords="offset points")
    for road in range(len(plan.road_m)):
        at = plan.along(road, 0.5)
        air = f"{abs(working._air[road]):.1f} m3/s"
        above.annotate(air, at[:2], xytext=(-16, -16), textcoords="offset points", fontsize=8)
    above.set(title="40 min after the inrush: gas behind the water and the fall; air in each road", ylabel="north, m")
    above.legend()
    for k, ends in enumerate(plan.road_ends.tolist()):
        one, other = plan.node_at[ends[0]], plan.node_at[ends[1]]
        aside.fill_between([one[0], other[0]], [one[2], other[2]], [one[2] + 3, other[2] + 3], color="0.85", zorder=k)
    wet = working.depth_m() > 0.05
    aside.vlines(cells[wet, 0], plan.floor_up[wet], working.level_up_m()[wet], color="tab:blue", linewidth=6, zorder=20)
    books = f"water {working.water_m3:.0f} m3, unaccounted {working.lost_m3:.0e}"
    aside.set(xlabel="east, m", ylabel="height, m", title=books)
    save(figure, "gallery")


def house() -> Building:
    rooms = (
        spec.RoomSpec(id="kitchen", at_m=(0.0, 0.0), size_m=(4.0, 5.0), growth=spec.Growth.FAST),
        spec.RoomSpec(id="hall", at_m=(4.0, 0.0), size_m=(4.0, 5.0)),
        spec.RoomSpec(id="bedroom", at_m=(8.0, 0.0), size_m=(4.0, 5.0)),
    )
    openings = (
        spec.OpeningSpec(room="kitchen", to="hall", at_m=(4.0, 2.5), is_open=True),
        spec.OpeningSpec(room="hall", to="outside", at_m=(6.0, 0.0), is_open=True),
        spec.OpeningSpec(room="hall", to="bedroom", at_m=(8.0, 2.5)),
        spec.OpeningSpec(room="kitchen", to="outside", at_m=(0.0, 2.5), height_m=1.2, sill_m=0.8, breach_j=20000.0),
    )
    return Building(spec.BuildingSpec(rooms=rooms, openings=openings, fires=(spec.RoomFireSpec(room="kitchen"),)))


def building() -> None:
    burning, rows = house(), []
    for second in range(0, 900, 5):
        if second == 480:
            burning.act(Blow(at=Enu(east_m=-0.5, north_m=2.5, up_m=1.4), joules=20000.0))
        if second >= 600:
            burning.act(Water(at=Enu(east_m=2.0, north_m=2.5, up_m=0.5), litres=40.0))
        burning.step(second * NS)
        rows.append((second / 60.0, *burning._power / 1000.0, *burning.layer_c(), *burning.clear_m()))
    table = np.array(rows)
    figure, axes = plt.subplots(3, 1, figsize=(9.0, 7.2), sharex=True)
    for n, (at, what) in enumerate(zip(axes, ("power, MW", "hot layer, C", "air under smoke, m"), strict=True)):
        for k, room in enumerate(burning.plan.rooms):
            at.plot(table[:, 0], table[:, 1 + 3 * n + k], label=room)
        at.set_ylabel(what)
        at.axvline(8.0, color="0.6", linestyle=":")
        at.axvline(10.0, color="tab:cyan", linestyle=":")
    axes[0].legend()
    axes[0].set_title("kitchen burns; wall breached at 8 min, 8 l/s of water from 10 min; the bedroom's door is shut")
    axes[2].set_xlabel("minutes")
    save(figure, "building")


def rubble() -> None:
    cavities = (
        spec.CavitySpec(id="stair", at_m=(-4.0, 0.0), up_m=0.8), spec.CavitySpec(id="table", at_m=(3.0, 0.0), up_m=1.6),
    )
    pile = Rubble(spec.RubbleSpec(at_m=(0.0, 0.0), size_m=(16.0, 10.0), cavities=cavities))
    for _ in range(12):
        pile.act(Blow(at=Enu(east_m=3.0, north_m=0.0, up_m=4.2), joules=12000.0))
    pile.act(Blow(at=Enu(east_m=-4.0, north_m=0.0, up_m=4.2), joules=60000.0))
    east, up = np.linspace(-9.0, 9.0, 361), np.linspace(-0.2, 5.0, 105)
    grid = np.meshgrid(east, up)
    solid = pile.is_solid(np.column_stack([grid[0].ravel(), np.zeros(grid[0].size), grid[1].ravel()]))
    figure, at = plt.subplots(figsize=(9.0, 3.6))
    at.imshow(solid.reshape(grid[0].shape), origin="lower", extent=(-9.0, 9.0, -0.2, 5.0), cmap="Greys", vmax=1.6)
    for name, (x, _, z) in zip(pile.cavities, pile.at.tolist(), strict=True):
        part = f"{pile.dug_m(name):.1f} m of {pile.cover_m[pile.cavities[name]]:.1f} m dug"
        state = "open" if pile.is_open(name) else part
        at.annotate(f"{name}: {state}", (x, z), xytext=(x - 1.0, 4.5), arrowprops={"arrowstyle": "-"})
    at.set_title("section through rubble: a cavity with its shaft open, and one not yet reached")
    at.set(xlabel="east, m", ylabel="height, m")
    save(figure, "rubble")


def plume() -> None:
    winds = Winds.of(3.0, 270.0, [spec.WindSpec(at_s=600.0, wind_m_s=3.0, wind_from_deg=200.0)])
    values = spec.PlumeSpec(
        at_m=(-400.0, -200.0), substance="chlorine", molar_g=70.9, danger_mg_m3=29.0, rate_kg_s=0.5, stability="D"
    )
    cloud = Plume(values, winds)
    axis = np.linspace(-500.0, 900.0, 141)
    figure, axes = plt.subplots(1, 2, figsize=(10.0, 4.4), sharey=True, layout="constrained")
    for at, second in zip(axes, (590, 760), strict=True):
        cloud.step(second * NS)
        dense = cloud.mg_m3(points_over(axis, 1.5)).reshape(len(axis), len(axis))
        shown = at.contourf(axis, axis, np.log10(np.maximum(dense, 1e-3)), np.arange(-1.0, 4.5, 0.5), cmap="YlGn")
        at.contour(axis, axis, dense, [values.danger_mg_m3], colors="r")
        at.plot(*values.at_m, "k^")
        at.set(title=f"{second} s", xlabel="east, m", aspect="equal")
    axes[0].set_ylabel("north, m")
    figure.colorbar(shown, ax=axes, label="log10 mg/m3 at 1.5 m; red: 29 mg/m3 (10 ppm)", shrink=0.8)
    figure.suptitle("0.5 kg/s of chlorine, class D, 3 m/s; the wind turns from 270 to 200 degrees at 600 s")
    figure.savefig(FOLDER / "hazard_plume.png", dpi=80)
    plt.close(figure)


def waters() -> None:
    flat = Terrain(west_m=-300.0, south_m=-300.0, cell_m=20.0, heights_m=np.zeros((31, 31), np.float32))
    lake = Lake(spec=ReservoirSpec(at_m=(60.0, 40.0), half_axes_m=(180.0, 120.0), depth_m=14.0), surface_m=0.0)
    river = spec.RiverSpec(line_m=((-280.0, 290.0), (-220.0, 40.0), (-260.0, -290.0)), width_m=40.0, speed_m_s=0.8)
    values = spec.WatersSpec(river=river, gyre_m_s=0.25, sediment_mg_l=5.0)
    water = Waters(values, flat, Winds.of(6.0, 250.0), lake=lake)
    people = [spec.SubjectSpec(id=f"S{n}", kind=spec.PersonKind.SWIMMER, at_m=at, sinks_s=float(900 - 300 * (n == 1)))
              for n, at in enumerate(((100.0, 60.0), (0.0, 0.0), (-235.0, 120.0)))]
    starts = np.array([(*person.at_m, 0.0) for person in people if person.at_m])

    def felt(points: Floats) -> Conditions:
        air = Conditions.fresh(len(points))
        water.feel(points, air)
        return air

    crowd = Crowd(people, starts, flat, Winds.of(6.0, 250.0), seed=1, conditions=felt, waters=water)
    water.act(Stir(at=Enu(east_m=150.0, north_m=20.0, up_m=-5.0), kg=60.0))
    tracks = []
    for second in range(0, 900, 10):
        water.step(second * NS)
        crowd.step(second * NS)
        tracks.append(crowd._at.copy())
    _draw_waters(water, np.array(tracks))


def _draw_waters(water: Waters, tracks: Floats) -> None:
    axis = np.linspace(-295.0, 295.0, 60)
    points = points_over(axis, 0.0)
    flow, mud = water.current_m_s(points), water.sediment_mg_l(points)
    wet = water.in_water(points)
    figure, at = plt.subplots(figsize=(8.2, 7.2))
    depth = np.ma.masked_less_equal(water.depth_m(points).reshape(60, 60), 0.0)
    at.imshow(depth, origin="lower", extent=(-300, 300, -300, 300), cmap="Blues", vmin=-4.0, vmax=20.0)
    size = np.where(mud[wet] > 6.0, 40, 0)
    shown = at.scatter(points[wet, 0], points[wet, 1], c=mud[wet], s=size, cmap="copper_r", alpha=0.6)
    figure.colorbar(shown, label="sediment, mg/l")
    at.quiver(points[wet, 0], points[wet, 1], flow[wet, 0], flow[wet, 1], scale=22.0, width=0.002)
    for n in range(tracks.shape[1]):
        at.plot(tracks[:, n, 0], tracks[:, n, 1], "r-", linewidth=2)
        at.plot(*tracks[-1, n, :2], "ro", markersize=8, fillstyle="full" if tracks[-1, n, 2] < -0.1 else "none")
    at.set_title("river and reservoir; three swimmers in 15 min (full: on the bed)")
    at.set(xlabel="east, m", ylabel="north, m")
    save(figure, "waters")


def party(people: list[spec.SubjectSpec], starts: Floats, terrain: Terrain) -> Crowd:
    """People in fresh air."""
    calm = Winds.of(0.0, 0.0)
    return Crowd(people, starts, terrain, calm, seed=2, conditions=lambda at: Conditions.fresh(len(at)))


def people() -> None:
    terrain = hills(12_000.0, 300.0)
    many = [spec.SubjectSpec(id=f"H{n}", kind=spec.PersonKind.HIKER, at_m=(0.0, 0.0)) for n in range(400)]
    up = terrain.height_m(0.0, 0.0)
    lost = party(many, np.tile([0.0, 0.0, up], (400, 1)), terrain)
    figure, (at, knock) = plt.subplots(2, 1, figsize=(8.0, 9.0), height_ratios=(4, 1))
    at.contour(terrain.heights_m, 12, extent=(-6, 6, -6, 6), colors="0.8", linewidths=0.6)
    at.plot(*(lost._goal.T / 1000.0), ".", markersize=4, label="where 400 hikers would end")
    few = party(many[:6], np.tile([0.0, 0.0, up], (6, 1)), terrain)
    tracks = []
    for second in range(0, 5400, 60):
        few.step(second * NS)
        tracks.append(few._at.copy())
    for n in range(6):
        at.plot(*(np.array(tracks)[:, n, :2].T / 1000.0), linewidth=1.4)
    for km, share in zip((1.1, 3.1, 5.8), (25, 50, 75), strict=True):
        at.add_patch(plt.Circle((0.0, 0.0), km, fill=False, linestyle="--"))
        at.annotate(f"{share} %", (0.0, km), ha="center", va="bottom")
    at.set(xlim=(-6, 6), ylim=(-6, 6), aspect="equal", xlabel="east, km", ylabel="north, km")
    at.set(title="hikers from the last known point: circles of the table, six of them 90 minutes on their way")
    at.legend(loc="lower right")
    _draw_knocks(knock)
    save(figure, "people")


def _draw_knocks(at: Axes) -> None:
    flat = Terrain(west_m=-50.0, south_m=-50.0, cell_m=10.0, heights_m=np.zeros((11, 11), np.float32))
    miners = [spec.SubjectSpec(id=name, kind=spec.PersonKind.TRAPPED, inside="C") for name in ("M1", "M2")]
    crowd = party(miners, np.zeros((2, 3)), flat)
    crowd.step(100 * NS)
    before = crowd.tremors(0, 100 * NS, 0)
    crowd.hear_knocks(4, Enu(east_m=20.0, north_m=0.0, up_m=0.0))
    times = [knock.utc_us / 1e6 for knock in (*before, *crowd.tremors(100 * NS, 150 * NS, 0))]
    at.eventplot(times, lineoffsets=0.5, linelengths=0.8)
    at.add_patch(Rectangle((99.0, 0.0), 2.0, 1.0, color="tab:orange"))
    at.set(xlim=(0, 150), yticks=[])
    at.set_xlabel("seconds: two miners seek contact by fives; asked how many (4) at 100 s, each answers 2")


PICTURES: dict[str, Callable[[], None]] = {
    draw.__name__: draw for draw in (wildfire, gallery, building, rubble, plume, waters, people)
}

if __name__ == "__main__":
    for name in sys.argv[1:] or PICTURES:
        PICTURES[name]()
