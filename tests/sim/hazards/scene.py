"""One scenario with every disaster in it, in a text that tests bend."""

from pathlib import Path

from sim.hazards.world import HazardWorld
from sim.scenario import parse, shipped
from sim.scenarios.model import Scenario
from sim.worlds.build import water_of
from sim.worlds.hills import synthesise

FILE = Path("place.toml")
TABLES = """
[[hazard.wind]]
at_s = 600
wind_m_s = 6
wind_from_deg = 180

[hazard.wildfire]
fuel = "GR2"
ignitions_m = [[-300, 330]]
dead_1h_pct = 4
live_herbs_pct = 30

[[hazard.wildfire.patches]]
fuel = "NB8"
area_m = [[180, -400], [420, -400], [420, -200], [180, -200]]

[hazard.gallery]
cell_m = 10

[[hazard.gallery.nodes]]
id = "adit"
at_m = [-300, -300]
is_open = true

[[hazard.gallery.nodes]]
id = "station"
at_m = [-240, -300]
up_m = -60

[[hazard.gallery.nodes]]
id = "face"
at_m = [-160, -300]
up_m = -70

[[hazard.gallery.roads]]
between = ["adit", "station"]

[[hazard.gallery.roads]]
between = ["station", "face"]

[[hazard.gallery.inflows]]
node = "face"
m3_h = 300

[[hazard.gallery.gas]]
node = "face"
ch4_m3_min = 2

[[hazard.gallery.roof_falls]]
at_s = 30
between = ["station", "face"]

[[hazard.building.rooms]]
id = "store"
at_m = [-100, 300]
size_m = [10, 8]
height_m = 4
growth = "fast"

[[hazard.building.openings]]
room = "store"
to = "outside"
at_m = [-100, 304]
width_m = 3
height_m = 3
is_open = true

[[hazard.building.openings]]
room = "store"
to = "outside"
at_m = [-90, 304]
height_m = 0.9
breach_j = 20000

[[hazard.building.fires]]
room = "store"
at_s = 10

[hazard.rubble]
at_m = [-60, 330]
size_m = [12, 12]

[[hazard.rubble.cavities]]
id = "void"
at_m = [-60, 330]
up_m = 1

[hazard.plume]
at_m = [-95, 304]
substance = "chlorine"
molar_g = 70.9
danger_mg_m3 = 29
burns_in = "store"
kg_per_mj = 0.01

[hazard.waters]
gyre_m_s = 0.2

[[hazard.people]]
id = "miner"
kind = "trapped"
inside = "face"
tag = 7

[[hazard.people]]
id = "buried"
kind = "trapped"
inside = "void"

[[hazard.people]]
id = "walker"
kind = "hiker"
at_m = [0, 60]
category = "child_1_3"

[[hazard.people]]
id = "swimmer"
kind = "swimmer"
at_m = [300, -300]
sinks_s = 60
"""
TEXT = shipped("quick_search").read_text(encoding="utf-8") + TABLES


def scenario(*changes: tuple[str, str]) -> Scenario:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse(text, file=FILE)


def world(what: Scenario | None = None) -> HazardWorld:
    chosen = what or scenario()
    terrain = synthesise(chosen)
    return HazardWorld(chosen, terrain, lake=water_of(chosen, terrain))
