"""The fast `replace` gives what dataclasses.replace gives, and names a field that is not there."""

import dataclasses

import pytest

from fleet.drivers.mavlink.known import Vitals
from world.records import replace
from world.time import Instant


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


def test_classes_without_slots_are_copied_alike() -> None:
    old = Vitals(component=7)
    assert not hasattr(Vitals, "__slots__")
    assert replace(old, gps_fix=3) == dataclasses.replace(old, gps_fix=3)


def test_a_field_that_is_not_there_is_named_by_slotted_classes_too() -> None:
    with pytest.raises(TypeError, match="Instant has no field 'monoo_ns'"):
        replace(Instant(mono_ns=1, utc_ns=2), monoo_ns=3)
    assert replace(Instant(mono_ns=1, utc_ns=2), mono_ns=3) == Instant(mono_ns=3, utc_ns=2)
