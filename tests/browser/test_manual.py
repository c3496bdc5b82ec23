"""The way a person goes at the screen, on a real incident: read the plan, approve its digest, launch, see them fly."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from command.store.record import Record
from missions.model import Approval, Order, OrderVerb
from perception.detectors.weights import WeightsUnavailable, cache_folder, ensure_nanodet
from tests.support.command_line import taihang, tiny

COMES_MS = 90_000
"""Processes start and a plan is made, on a machine that does other things too."""


@pytest.fixture(scope="module", autouse=True)
def weights() -> None:
    try:
        ensure_nanodet(cache_folder())
    except WeightsUnavailable as reason:
        pytest.skip(f"no detector weights: {reason}")


def hold(page: Page, act: str, until: str) -> None:
    """Presses until something else has come of it."""
    page.hover(f"[data-act={act}]")
    page.mouse.down()
    page.wait_for_selector(until, timeout=COMES_MS)
    page.mouse.up()


def test_a_plan_is_approved_by_its_digest_launched_and_flown(page: Page, tmp_path: Path) -> None:
    report = tmp_path / "out"
    with taihang(*tiny(report, "--manual", "--port", "0", "--speed", "4")) as run:
        page.goto(f"{run.screen(within_s=COMES_MS / 1000)}&lang=en")
        digest = page.locator("#digest").inner_text(timeout=COMES_MS)
        expect(page.locator("#launch")).to_contain_text("U01")
        expect(page.locator("[data-vehicle=U01]")).to_contain_text("Ready", timeout=COMES_MS)
        hold(page, "approve", "[data-act=launch]")
        expect(page.locator("#launch")).to_contain_text("approved by commander")
        hold(page, "launch", ".app:not(:has(#launch))")
        run.until(lambda watcher: watcher.walls.airborne_s is not None)
        expect(page.locator("[data-vehicle=U01]")).to_contain_text("On task", timeout=COMES_MS)
        page.click("[data-vehicle=U01]")
        expect(page.locator(".dock")).to_contain_text("over ground")
    record = Record(report / "events.db", read_only=True)
    said = [event.value() for event in record.events() if event.topic in ("mission/approval", "mission/order")]
    record.close()
    approvals = [value for value in said if isinstance(value, Approval)]
    launches = [value for value in said if isinstance(value, Order) and value.verb is OrderVerb.LAUNCH]
    assert [(approval.by, approval.digest) for approval in approvals] == [("commander", "".join(digest.split()))]
    assert [(order.by, order.vehicles) for order in launches] == [("commander", ("U01",))]
