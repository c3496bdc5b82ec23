"""The report needs nothing but itself, says the same in two languages, and is no place for somebody's script."""

from base64 import b64decode
from dataclasses import replace
from pathlib import Path

from lxml import html

from command.runs.page import write_index, write_page
from tests.command.runs.conftest import Flown


def test_the_page_of_a_run(fallen: Flown) -> None:
    page = html.fromstring(write_page(fallen.folder, fallen.asked, fallen.verdict).read_bytes())
    assert page.xpath("//script | //link | //iframe") == []
    pictures = page.xpath("//img/@src")
    assert len(pictures) == 3
    for picture in pictures:
        assert b64decode(picture.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
    rows = [row.text_content() for row in page.xpath("//table[1]//tr")]
    assert sum("MISSED" in row for row in rows) == sum(not one.is_met for one in fallen.verdict.findings)
    told = page.text_content()
    for said in ("未达成", "expected: battery_pct", "复现", fallen.verdict.reproduce, "Timeline"):
        assert said in told
    assert "U01 is lost" in told


def test_a_run_that_ended_early_has_a_page(fallen: Flown, tmp_path: Path) -> None:
    verdict = replace(fallen.verdict, outcome=None, fault="<script>alert(1)</script>")
    page = html.fromstring(write_page(tmp_path, fallen.asked, verdict).read_bytes())
    assert page.xpath("//script") == []
    assert "<script>alert(1)</script>" in page.text_content()


def test_many_seeds_are_on_one_page(sound: Flown, fallen: Flown, tmp_path: Path) -> None:
    runs = [replace(sound.verdict, seed=4, findings=()), replace(fallen.verdict, seed=3)]
    page = html.fromstring(write_index(tmp_path, runs).read_bytes())
    assert page.xpath("//a/@href") == ["seed-3/index.html", "seed-4/index.html"]
    assert "1 / 2" in page.text_content()
