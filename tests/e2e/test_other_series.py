"""`LAB_PYTHON=3.14t ./workshop up`: the same lab in the same browser, on another Python."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from provisioning.here.place import Place
from tests.conftest import OTHER_SERIES
from tests.driven_workshop import driven_workshop
from tests.e2e.test_follow_one_attendee import PATIENCE_MS, VERDICT, cell_with


def test_an_attendees_verdict_names_the_python_that_was_asked_for(
    tmp_path: Path, other_place: Place, chromium: Browser
) -> None:
    with driven_workshop(tmp_path, LAB_PYTHON=OTHER_SERIES) as workshop:
        page = chromium.new_page(viewport={"width": 1300, "height": 1000})
        page.set_default_timeout(PATIENCE_MS)
        page.goto(workshop.up())
        page.get_by_role("link", name="01 Is the GIL on?").click()
        expect(page.locator(".jp-NotebookPanel-toolbar")).to_contain_text("Free-threaded Python, GIL off")
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        verdict = cell_with(page, "%check").locator(VERDICT)
        expect(verdict).to_contain_text(f"Python {OTHER_SERIES.removesuffix('t')}.", timeout=PATIENCE_MS)
        expect(verdict).to_contain_text("GIL off")
