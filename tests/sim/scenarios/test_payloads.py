"""Payloads in a scenario file: named after their twins, on vehicles that can carry them."""

from pathlib import Path

import pytest

from sim.scenario import ScenarioError, parse, shipped

FILE = Path("place.toml")
GOOD = shipped("quick_search").read_text(encoding="utf-8")


def with_payloads(vehicle: str, payloads: str) -> str:
    return GOOD.replace(f'id = "{vehicle}"', f'id = "{vehicle}"\npayloads = {payloads}', 1)


def test_without_the_key_there_are_none() -> None:
    assert all(vehicle.payloads == () for vehicle in parse(GOOD, file=FILE).vehicles)


def test_payloads_are_read_in_order_and_may_be_there_twice() -> None:
    scenario = parse(with_payloads("G01", '["water_monitor", "speaker", "speaker"]'), file=FILE)
    assert scenario.vehicles[3].payloads == ("water_monitor", "speaker", "speaker")


@pytest.mark.parametrize(
    ("vehicle", "payloads", "field", "remedy"),
    [
        ("U01", '["sprayer"]', "vehicles[0].payloads[0]", "'sprayer' is no payload; use one of water_monitor"),
        ("U01", '["light", "water_monitor"]', "vehicles[0].payloads[1]", "is not carried by a copter"),
        ("W01", '["geophone"]', "vehicles[4].payloads[0]", "geophone is not carried by a sub"),
        ("G01", '["winch", "winch"]', "vehicles[3].payloads[1]", "winch is there twice"),
        ("G01", '"winch"', "vehicles[3].payloads", "write a list in brackets"),
        ("G01", "[7]", "vehicles[3].payloads[0]", "give a text"),
    ],
)
def test_a_mistake_names_line_field_and_remedy(vehicle: str, payloads: str, field: str, remedy: str) -> None:
    text = with_payloads(vehicle, payloads)
    with pytest.raises(ScenarioError) as caught:
        parse(text, file=FILE)
    assert caught.value.field == field
    assert remedy in caught.value.remedy
    line = next(n for n, line in enumerate(text.splitlines(), start=1) if line.startswith("payloads ="))
    assert caught.value.line == line
