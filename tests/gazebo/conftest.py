"""The folder of Gazebo 11; without it these tests are left out, and say so."""

import pytest

from sim.adapters.gazebo.house import GazeboMissing, House, find


@pytest.fixture(scope="session")
def house() -> House:
    try:
        return find()
    except GazeboMissing as reason:
        pytest.skip(str(reason))
