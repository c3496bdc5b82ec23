"""Every physical figure has a source, and none is nonsense."""

from sim.vehicles.figures import copter_figures, rover_figures, sub_figures


def test_all_figures_read_and_are_positive() -> None:
    for figures in (copter_figures(), rover_figures(), sub_figures()):
        assert all(value > 0 for value in figures)


def test_a_copter_can_hover_for_a_search() -> None:
    figures = copter_figures()
    assert 30 * 60 < figures.battery_j / (figures.hover_w + figures.idle_w) < 60 * 60
