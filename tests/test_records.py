"""The fast `replace` gives what dataclasses.replace gives, and names a field that is not there."""

import dataclasses

import pytest

from fleet.drivers.mavlink.known import Vitals
from world.records import replace


def test_it_equals_the_standard_one() -> None:
    old = Vitals(component=7)
    assert replace(old, ekf_flags=3, is_crashed=True) == dataclasses.replace(old, ekf_flags=3, is_crashed=True)
    assert old == Vitals(component=7)


def test_a_field_that_is_not_there_is_named() -> None:
    with pytest.raises(TypeError, match="Vitals has no field 'gps_fixx'"):
        replace(Vitals(), gps_fixx=3)


def test_the_copy_is_as_frozen_as_the_original() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(replace(Vitals(), gps_fix=3), "gps_fix", 4)  # noqa: B010
