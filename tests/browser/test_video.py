"""A camera's pictures reach the screen, dated, and a picture that no longer moves is not shown as now."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.camera import Camera
from tests.support.screen import Screen


def test_video_is_painted_with_its_latency_and_freezes_visibly(page: Page, tmp_path: Path) -> None:
    watched: list[tuple[str, float]] = []

    def watch(vehicle: str, fps: float) -> None:
        watched.append((vehicle, fps))

    with Camera("/U01/rgb", "/U03/rgb") as camera, Screen(tmp_path, rtsp_base=camera.base, watch=watch) as screen:
        screen.begin()
        page.goto(f"{screen.url}&lang=en")
        page.click("[data-vehicle=U03]")
        page.wait_for_function("() => Number(document.querySelector('#video').dataset.painted) > 40")
        expect(page.locator(".vt")).to_contain_text("capture → screen")
        latency_ms = float(page.locator("#video").get_attribute("data-latency-ms") or "nan")
        print(f"capture to screen, median of 30 pictures: {latency_ms} ms")
        assert 0 < latency_ms < 1000
        colour = page.eval_on_selector("#video", "c => [...c.getContext('2d').getImageData(600, 10, 1, 1).data]")
        assert colour != [0, 0, 0, 0]
        assert ("U03", 10.0) in watched
        camera.stop()
        expect(page.locator(".vt")).to_contain_text("do not act on it", timeout=10_000)
