"""All disasters of one scenario together: fixed order, effects between them, one history, shelter where shelter is."""

from dataclasses import replace

import numpy as np
import pytest

from sim.hazards.deeds import action_of
from sim.hazards.hazard import NS, Action, Blow, Collapse, Ignite, Pumped, Water, point
from sim.hazards.world import HazardWorld, Misplaced
from sim.payloads.breaching_tool import Breach
from sim.payloads.pump import Drain
from sim.payloads.twin import Effect, PowerCut
from sim.payloads.water_monitor import WaterJet
from sim.scenarios.hazards import HazardSpec
from sim.worlds.hills import synthesise
from tests.sim.hazards.scene import scenario, world
from world.position import Enu


def place(one: HazardWorld, east: float, north: float, above_m: float = 1.0) -> Enu:
    return Enu(east_m=east, north_m=north, up_m=one._terrain.height_m(east, north) + above_m)


def underground(one: HazardWorld, node: str) -> Enu:
    assert one.gallery is not None
    east, north, up = one.gallery.mine.node_at[one.gallery.mine.nodes[node]].tolist()
    return Enu(east_m=east, north_m=north, up_m=up + 0.5)


def test_a_scenario_without_disasters_is_calm() -> None:
    text_only = scenario()
    calm = HazardWorld(replace(text_only, hazard=HazardSpec()), synthesise(text_only))
    calm.step(10 * NS)
    felt = calm.at(place(calm, 0.0, 0.0))
    assert felt.air_c[0] == text_only.weather.air_c
    assert not felt.is_blocked[0]
    assert calm.surroundings(place(calm, 0.0, 0.0), 0, 0).tremors == ()


def test_one_history_whatever_the_stride_and_over_a_snapshot() -> None:
    """Same seed: same hash; another deed: another hash."""
    whole, other, again, deed = world(), world(), world(), world()
    whole.step(70 * NS)
    for second in (0, 1, 29, 30, 31, 70):
        other.step(second * NS)
        other.step(second * NS + 3)
    first = world()
    first.step(35 * NS)
    again.resume(first.snapshot())
    again.step(70 * NS)
    assert whole.digest() == other.digest() == again.digest()
    deed.step(35 * NS)
    assert deed.act(Collapse(at=underground(deed, "station"))) == ("gallery",)
    deed.step(70 * NS)
    assert deed.digest() != whole.digest()


def test_the_order_is_fixed_and_names_are_their_own() -> None:
    names = [hazard.name for hazard in world().hazards]
    assert names == ["waters", "wildfire", "building", "rubble", "gallery", "plume", "people"]


def test_rock_shelters_from_the_fire_above_and_walls_from_the_cloud() -> None:
    burning = world()
    burning.step(120 * NS)
    assert burning.plume is not None
    cloud = burning.plume._at[len(burning.plume._at) // 2]
    outside = burning.at(place(burning, float(cloud[0]), float(cloud[1]), 2.0))
    assert outside.toxic_mg_m3[0] > 1.0
    miner = burning.at(underground(burning, "face"))
    assert miner.toxic_mg_m3[0] == 0.0
    assert miner.ch4_pct[0] > 0.1
    assert burning.at(place(burning, -200.0, -300.0, -30.0)).is_blocked[0]


def test_a_deed_reaches_only_what_is_where_it_is_done() -> None:
    still = world()
    assert still.act(Ignite(at=underground(still, "face"))) == ()
    assert still.act(Water(at=underground(still, "face"), litres=100.0)) == ()
    assert still.act(Ignite(at=place(still, -95.0, 304.0))) == ("building",)
    assert still.act(Ignite(at=place(still, 0.0, 0.0))) == ("wildfire",)
    assert still.act(Collapse(at=place(still, 0.0, 0.0))) == ()
    assert still.act(Collapse(at=place(still, -60.0, 330.0), length_m=5.0)) == ("rubble",)
    assert still.act(Water(at=place(still, 0.0, 0.0), litres=10.0)) == ("wildfire",)


def test_water_does_not_burn_whatever_the_fuel() -> None:
    patch = 'area_m = [[180, -400], [420, -400], [420, -200], [180, -200]]'
    dry = world(scenario((patch, "area_m = [[0, -440], [9, -440], [9, -430]]")))
    assert dry.wildfire is not None
    lake = place(dry, 300.0, -300.0)
    assert dry.act(Ignite(at=lake)) == ()
    assert dry.at(lake).water_up_m[0] == pytest.approx(lake.up_m - 1.0, abs=0.01)


def test_a_burning_store_feeds_its_cloud_and_water_starves_it() -> None:
    burning, cooled = world(), world()
    for one, litres in ((burning, 0.0), (cooled, 15.0)):
        for second in range(1, 91):
            if litres:
                one.act(Water(at=place(one, -95.0, 304.0, 1.5), litres=litres))
            one.step(second * NS)
    assert burning.plume is not None
    assert cooled.plume is not None
    assert burning.plume.rate_kg_s() > 0.002
    assert cooled.plume.rate_kg_s() == 0.0


def test_a_burning_store_lights_the_grass_and_burning_grass_a_store() -> None:
    quick = ('growth = "fast"', 'growth = "ultrafast"')
    out = world(scenario(("ignitions_m = [[-300, 330]]", "ignitions_m = []"), quick))
    out.step(300 * NS)
    assert out.wildfire is not None
    assert out.wildfire.area_ha() > 0.0
    no_fire = ('[[hazard.building.fires]]\nroom = "store"\nat_s = 10\n', "")
    near = ("ignitions_m = [[-300, 330]]", "ignitions_m = [[-115, 304]]")
    into = world(scenario(no_fire, near, ('fuel = "GR2"', 'fuel = "SH5"')))
    into.step(120 * NS)
    assert into.building is not None
    assert into.building.power_kw("store") > 0.0


def test_people_feel_what_comes_to_them() -> None:
    """The miner sits where water breaks in: its rise silences the tag, then the knocks."""
    flooding = world(scenario(("m3_h = 300", "m3_h = 20000")))
    start = flooding.surroundings(underground(flooding, "face"), 0, 0)
    assert [tag.id for tag in start.tags] == [7]
    flooding.step(60 * NS)
    assert flooding.surroundings(underground(flooding, "face"), 0, 0).tremors
    flooding.step(240 * NS)
    states = {person.id: person for person in flooding.people.everybody()}
    assert states["miner"].is_under_water
    assert not states["miner"].is_awake
    assert states["buried"].is_awake
    later = flooding.surroundings(underground(flooding, "face"), 180 * NS, 0)
    assert later.tags == ()
    assert later.intake_depth_m > 0.8
    assert all(abs(tremor.at.east_m + 60.0) < 1.0 for tremor in later.tremors)
    assert states["swimmer"].is_under_water


def test_a_second_collapse_kills_whom_it_meets() -> None:
    pile = world()
    pile.step(20 * NS)
    assert pile.act(Collapse(at=place(pile, -60.0, 330.0), length_m=5.0)) == ("rubble",)
    pile.step(30 * NS)
    alive = {person.id: person.is_alive for person in pile.people.everybody()}
    assert alive == {"miner": True, "buried": False, "walker": True, "swimmer": True}


def test_payloads_effects_reach_the_disasters() -> None:
    still = world()
    beside = place(still, -89.0, 304.0)
    terrain = still._terrain

    def deed(effect: Effect, before: Effect | None = None) -> Action | None:
        return action_of(effect, before, beside, 0.0, 0.1, still, terrain)

    assert deed(PowerCut()) is None
    assert still.surroundings(beside, 0, 0).yields_at_n == 20_000.0
    first, second = Breach(force_n=25_000.0, depth_m=0.10), Breach(force_n=25_000.0, depth_m=0.12)
    blow = deed(second, first)
    assert isinstance(blow, Blow)
    assert blow.joules == pytest.approx(500.0)
    assert deed(first, second) is None
    for _ in range(41):
        still.act(blow)
    assert still.building is not None
    assert still.building.is_open(1)
    assert still.surroundings(place(still, -60.0, 330.0, 4.0), 0, 0).yields_at_n == 15_000.0
    pumped = deed(Drain(flow_m3_h=360.0))
    assert isinstance(pumped, Pumped)
    assert pumped.cubic_m == pytest.approx(0.01)


def test_a_jet_lands_behind_an_open_gate_and_before_a_shut_wall() -> None:
    still = world()
    jet = WaterJet(flow_l_s=40.0, azimuth_deg=0.0, elevation_deg=10.0, spread_deg=0.0, reach_m=34.0, recoil_n=0.0)
    assert still.building is not None
    through = action_of(jet, None, place(still, -130.0, 304.0, 0.0), np.pi / 2, 0.1, still, still._terrain)
    assert isinstance(through, Water)
    assert through.litres == pytest.approx(4.0)
    assert still.building.plan.room_of(point(through.at)[None])[0] == 0
    stopped = action_of(jet, None, place(still, -95.0, 280.0, 0.0), 0.0, 0.1, still, still._terrain)
    assert isinstance(stopped, Water)
    assert 294.0 < stopped.at.north_m <= 300.0


def test_sight_ends_at_rock_walls_and_rubble() -> None:
    still = world()
    assert still.blocks(place(still, -280.0, -300.0), underground(still, "station"))
    assert not still.blocks(place(still, 0.0, 0.0, 30.0), place(still, 100.0, 0.0, 30.0))
    assert still.blocks(place(still, -95.0, 280.0), place(still, -95.0, 304.0))


def test_a_node_in_the_air_is_named_with_its_remedy() -> None:
    with pytest.raises(Misplaced, match=r"face would come out of the ground, .* give up_m = -?\d+ or less"):
        world(scenario(("up_m = -70", "up_m = 90")))
