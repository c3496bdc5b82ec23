"""Rubble hides, yields to work, and buries what a second collapse meets."""

import numpy as np
import pytest

from sim.hazards.hazard import Blow, Collapse, Conditions
from sim.hazards.rubble import Rubble
from sim.scenarios.hazards import CavitySpec, RubbleSpec
from world.position import Enu


def pile() -> Rubble:
    cavities = (
        CavitySpec(id="north", at_m=(0.0, 6.0), up_m=1.0), CavitySpec(id="south", at_m=(0.0, -6.0), up_m=2.0),
    )
    return Rubble(RubbleSpec(at_m=(0.0, 0.0), size_m=(20.0, 24.0), height_m=4.0, cavities=cavities), ground_up_m=100.0)


VICTIM, ABOVE = np.array([0.0, 6.0, 101.0]), np.array([0.0, 6.0, 104.5])


def test_a_cavity_is_hollow_and_out_of_sight() -> None:
    rubble = pile()
    felt = Conditions.fresh(3)
    rubble.feel(np.array([VICTIM, [5.0, 5.0, 102.0], ABOVE]), felt)
    assert felt.is_blocked.tolist() == [False, True, False]
    assert rubble.blocks(VICTIM, ABOVE)
    assert not rubble.blocks(ABOVE, np.array([0.0, -6.0, 104.5]))


def test_the_work_of_a_shaft_is_its_length_times_the_work_of_a_metre() -> None:
    rubble = pile()
    top = Enu(east_m=0.3, north_m=6.0, up_m=104.0)
    assert rubble.cover_m[0] == pytest.approx(2.65)
    assert rubble.act(Blow(at=top, joules=60000.0))
    assert rubble.dug_m("north") == pytest.approx(1.0)
    rubble.act(Blow(at=top, joules=1.64 * 60000.0))
    assert not rubble.is_open("north")
    rubble.act(Blow(at=top, joules=0.02 * 60000.0))
    assert rubble.is_open("north")
    assert not rubble.blocks(VICTIM, ABOVE)
    assert not rubble.is_open("south")
    assert not rubble.act(Blow(at=Enu(east_m=9.0, north_m=0.0, up_m=104.0), joules=1.0))


def test_a_second_collapse_crushes_and_a_snapshot_remembers() -> None:
    rubble, again = pile(), pile()
    assert rubble.act(Collapse(at=Enu(east_m=0.0, north_m=-6.0, up_m=103.0), length_m=6.0))
    assert rubble.is_crushed("south")
    assert not rubble.is_crushed("north")
    again.resume(rubble.snapshot())
    assert again.is_crushed("south")
    assert again.digest() == rubble.digest() != pile().digest()
