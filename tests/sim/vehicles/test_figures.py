"""Every physical figure has a source, and none is nonsense."""

import pytest

from sim.vehicles.figures import boat_figures, copter_figures, plane_figures, rover_figures, sub_figures


def test_all_figures_read_and_are_positive() -> None:
    for figures in (copter_figures(), rover_figures(), sub_figures(), plane_figures(), boat_figures()):
        assert all(value > 0 for value in figures)


def test_a_copter_can_hover_for_a_search() -> None:
    figures = copter_figures()
    assert 30 * 60 < figures.battery_j / (figures.hover_w + figures.idle_w) < 60 * 60


def test_a_plane_flies_level_at_its_cruise_with_power_to_spare() -> None:
    f, cruise, g = plane_figures(), 17.0, 9.81
    drag = f.parasite_per_m * cruise**2 + f.induced_m3_s4 / cruise**2
    has = min(f.thrust_max_m_s2, f.power_max_w * f.drive_efficiency / (f.mass_kg * cruise))
    assert f.stall_m_s < f.slow_m_s < cruise
    assert 2.0 < (has - drag) * cruise / g < 5.0, "climb, m/s"
    assert 3600 < f.battery_j / (f.idle_w + f.mass_kg * drag * cruise / f.drive_efficiency) < 3 * 3600


def test_a_boat_reaches_three_metres_a_second() -> None:
    f = boat_figures()
    assert (f.thrust_max_m_s2 / f.drag_ahead_per_m) ** 0.5 == pytest.approx(3.0, abs=0.2)
