"""The real page in a real browser on the real server: it shows, it says what is old, and it never sends by accident."""

import queue
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fleet.commands import Ack, AckResult, Command, Verb
from fleet.model import FlightMode
from missions.model import Order, OrderVerb, Phase
from perception.model import ContactState
from tests.support import story
from tests.support.screen import START_S, Screen
from world.ids import CommandId, OperatorId, VehicleId


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    with Screen(tmp_path) as served:
        served.begin()
        yield served


def opened(page: Page, screen: Screen, lang: str = "en", theme: str = "dark") -> Page:
    page.goto(f"{screen.url}&lang={lang}&theme={theme}")
    page.wait_for_selector("#overlay[data-vehicles='10']")
    return page


def next_order(screen: Screen) -> Order:
    topic, value = screen.hub.received.get(timeout=10)
    assert topic == "mission/order"
    assert isinstance(value, Order)
    return value


def assert_nothing_was_sent(screen: Screen) -> None:
    with pytest.raises(queue.Empty):
        screen.hub.received.get(timeout=0.6)


def pixels(page: Page, selector: str) -> list[int]:
    """How many pixels of a canvas are painted, and a sum that changes with the picture."""
    script = """canvas => {
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        let painted = 0, sum = 0;
        for (let i = 3; i < data.length; i += 4) {
            if (data[i] > 0) { painted++; sum = (sum * 31 + data[i - 1] + i) % 1e9; }
        }
        return [painted, sum];
    }"""
    found: Any = page.eval_on_selector(selector, script)
    return [int(value) for value in found]


def test_vehicles_appear_and_move(page: Page, screen: Screen) -> None:
    opened(page, screen)
    expect(page.locator("[data-vehicle]")).to_have_count(10)
    assert "token" not in page.url
    before = pixels(page, "#overlay")
    assert before[0] > 5000
    screen.tell(START_S + 60)
    expect(page.locator(".clock")).to_have_text("06:31:20")
    assert pixels(page, "#overlay")[1] != before[1]


def test_a_lost_vehicle_is_said_to_be_lost(page: Page, screen: Screen) -> None:
    opened(page, screen)
    screen.publish("alarm", story.link_lost(100.0))
    screen.tell(150.0, lost_at_s=80.0)
    row = page.locator(f"[data-vehicle={story.LOST}]")
    expect(row).to_contain_text("No link")
    expect(row).to_contain_text("▲ 70 s")
    expect(page.locator("header")).to_contain_text("U05 link lost")
    expect(page.locator("header")).to_contain_text("9/10")


def test_holding_stop_names_its_targets_and_sends_them(page: Page, screen: Screen) -> None:
    opened(page, screen)
    page.click("[data-vehicle=U03]")
    page.click("[data-vehicle=W01]", modifiers=["Shift"])
    page.hover("[data-verb=stop]")
    page.mouse.down()
    expect(page.locator("[data-target]")).to_have_count(2)
    expect(page.locator("[data-target=U03]")).to_contain_text("brake and hover")
    order = next_order(screen)
    page.mouse.up()
    assert (order.verb, order.vehicles, order.by) == (OrderVerb.STOP, ("U03", "W01"), "commander")

    stop = Command(
        id=CommandId("c1"),
        vehicle=VehicleId("U03"),
        verb=Verb.STOP,
        issued_by=OperatorId("commander"),
        deadline=story.at(30.0),
    )
    screen.publish("fleet/command", stop)
    expect(page.locator("[data-target=U03]")).to_contain_text("commanded")
    done = Ack(
        command=stop.id,
        vehicle=stop.vehicle,
        verb=Verb.STOP,
        result=AckResult.ACCEPTED,
        reason="hovers",
        at=story.at(21.0),
    )
    screen.publish("fleet/ack", done)
    expect(page.locator("[data-target=U03]")).to_contain_text("✓ accepted")
    expect(page.locator("[data-target=W01]")).to_contain_text("sent")


def test_letting_go_early_sends_nothing(page: Page, screen: Screen) -> None:
    opened(page, screen)
    page.click("[data-vehicle=U03]")
    page.hover("[data-verb=return]")
    page.mouse.down()
    expect(page.locator(".conf")).to_have_attribute("data-stage", "holding")
    page.mouse.up()
    expect(page.locator(".conf")).to_have_attribute("data-stage", "cancelled")
    assert_nothing_was_sent(screen)


def test_a_click_is_not_a_hold(page: Page, screen: Screen) -> None:
    opened(page, screen).click("[data-verb=stop]")
    assert_nothing_was_sent(screen)


def test_keys_hold_too_and_enter_asks_first(page: Page, screen: Screen) -> None:
    opened(page, screen)
    page.keyboard.down("Escape")
    assert next_order(screen).vehicles == story.ALL
    page.keyboard.up("Escape")
    page.click("[data-vehicle=U07]")
    page.focus("[data-verb=hold]")
    page.keyboard.press("Enter")
    expect(page.locator(".conf")).to_have_attribute("data-stage", "asked")
    assert_nothing_was_sent(screen)
    page.keyboard.press("Enter")
    order = next_order(screen)
    assert (order.verb, order.vehicles) == (OrderVerb.HOLD, ("U07",))


def test_a_plan_is_approved_by_its_digest_and_launched_by_name(page: Page, screen: Screen) -> None:
    opened(page, screen)
    screen.publish("mission/progress", story.progress(START_S, Phase.PLANNED))
    expect(page.locator("#digest")).to_contain_text(story.DIGEST[:4])
    expect(page.locator("#launch")).to_contain_text("93 % of the proven best")
    page.hover("[data-act=approve]")
    page.mouse.down()
    topic, approval = screen.hub.received.get(timeout=10)
    page.mouse.up()
    assert (topic, approval.digest, approval.by) == ("mission/approval", story.DIGEST, "commander")

    screen.publish("mission/progress", story.progress(START_S + 1, Phase.APPROVED))
    page.hover("[data-act=launch]")
    page.mouse.down()
    order = next_order(screen)
    page.mouse.up()
    assert (order.verb, order.vehicles) == (OrderVerb.LAUNCH, tuple(sorted(story.ALL)))


def test_a_vehicle_on_hold_is_sent_on_by_name(page: Page, screen: Screen) -> None:
    opened(page, screen)
    fleet = story.fleet(START_S + 1)
    held = tuple(replace(s, mode=FlightMode.HOLD) if s.vehicle == "U02" else s for s in fleet.vehicles)
    screen.publish("fleet/state", replace(fleet, vehicles=held))
    page.click("[data-vehicle=U02]")
    page.hover("[data-act=resume]")
    page.mouse.down()
    order = next_order(screen)
    page.mouse.up()
    assert (order.verb, order.vehicles) == (OrderVerb.RESUME, ("U02",))


def test_a_contact_is_accepted_by_a_person(page: Page, screen: Screen) -> None:
    opened(page, screen)
    screen.publish("perception/contact", story.contact(1, ContactState.CONFIRMED, START_S))
    page.click("[data-contact=C-01]")
    card = page.locator("[data-card=C-01]")
    expect(card).to_contain_text("± 21.5 × 6.8 m (95 %)")
    card.get_by_role("button", name="Accept").click()
    order = next_order(screen)
    assert (order.verb, order.contact) == (OrderVerb.ACCEPT_CONTACT, "C-01")


def test_language_and_theme_switch_without_reload(page: Page, screen: Screen) -> None:
    opened(page, screen, lang="zh")
    expect(page.locator("[data-verb=stop]")).to_contain_text("停止")
    expect(page.locator("header")).to_contain_text("演练")
    page.click("#language")
    expect(page.locator("[data-verb=stop]")).to_contain_text("STOP")
    expect(page.locator("header")).to_contain_text("Lost hikers")
    page.click("#theme")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert "lang=en" in page.url
    assert "theme=light" in page.url


SCALE_IS_DARK = """() => {
    const canvas = document.querySelector("#overlay"), ratio = devicePixelRatio;
    const [x, y] = [canvas.width - 40 * ratio, canvas.height - 16 * ratio];
    const [red, green, blue, alpha] = canvas.getContext("2d").getImageData(x, y, 1, 1).data;
    return alpha > 40 && red + green + blue < 3 * 128;
}"""


def test_the_map_is_drawn_in_the_inks_of_the_theme_that_was_just_chosen(page: Page, screen: Screen) -> None:
    opened(page, screen, theme="dark")
    assert page.evaluate(SCALE_IS_DARK) is False
    page.click("#theme")
    page.wait_for_function(SCALE_IS_DARK)


def test_a_phone_shows_one_part_at_a_time_and_the_commands_always(page: Page, screen: Screen) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, screen)
    screen.publish("mission/progress", story.progress(START_S, Phase.PLANNED))
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    row, approve, stop = map(page.locator, ("[data-vehicle=U03]", "[data-act=approve]", "[data-verb=stop]"))
    for part in ("map", "mission", "details"):
        page.click(f"[data-show={part}]")
        expect(row).to_be_visible(visible=part == "mission")
        expect(approve).to_be_visible(visible=part == "details")
        expect(stop).to_be_in_viewport(ratio=1)
    expect(approve).to_be_in_viewport(ratio=1)
    page.click("[data-show=mission]")
    screen.publish("perception/contact", story.contact(1, ContactState.CONFIRMED, START_S))
    page.click("[data-contact=C-01]")
    expect(page.locator("[data-card=C-01]")).to_be_in_viewport(ratio=1)


def test_a_simulated_run_that_has_ended_sends_nobody_to_a_radio(page: Page, screen: Screen) -> None:
    opened(page, screen)
    screen.publish("mission/progress", story.progress(START_S, Phase.DONE))
    expect(page.locator(".rail")).to_contain_text("Done")
    screen.wait(screen.hub.close())
    expect(page.locator(".frozen-bar")).to_contain_text("The run has ended")
    expect(page.locator(".frozen-bar")).not_to_contain_text("radio")
    expect(page.locator("[data-verb=stop]")).to_be_disabled()


def test_a_lost_hub_is_said_across_the_page_and_commands_go_off(page: Page, screen: Screen) -> None:
    opened(page, screen)
    screen.wait(screen.hub.close())
    expect(page.locator(".frozen-bar")).to_contain_text("Command hub offline")
    expect(page.locator("[data-verb=stop]")).to_be_disabled()
    screen.wait(screen.hub.open())
    expect(page.locator(".frozen-bar")).to_have_count(0)
    expect(page.locator("[data-verb=stop]")).to_be_disabled()
    screen.tell(START_S + 5)
    expect(page.locator("[data-verb=stop]")).to_be_enabled()


def test_without_a_survey_the_map_still_says_where_it_is(page: Page, tmp_path: Path) -> None:
    with Screen(tmp_path, has_terrain=False) as screen:
        screen.begin()
        opened(page, screen)
        expect(page.locator(".nobase")).to_be_visible()
        assert pixels(page, "#overlay")[0] > 5000
