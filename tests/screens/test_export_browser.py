"""Exports in a real browser: asked for, ready without a reload, downloaded whole; looked at in dark and on a phone."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inbox.desk import Desk
from inbox.export_jobs.making import make_next
from inbox.export_jobs.starting import shelf_of
from inbox.settings import ExportSettings
from tests.screens import sample
from tests.screens.conftest import Served
from tests.screens.test_accessible import settled, violations

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]


def work(served: Served) -> int:
    """Make what waits, as the worker does, in the folder that the served dashboard reads."""
    folder = Path(served.house.url.removeprefix("sqlite:///")).parent / "exports"
    settings = sample.SETTINGS.model_copy(update={"exports": ExportSettings(folder=folder, spare_gb=0)})
    desk = Desk(served.house.store, settings)
    made = 0
    until = time.monotonic() + 30
    while not made and time.monotonic() < until:
        while make_next(desk, shelf_of(desk), owner="worker"):
            made += 1
    return made


def test_an_export_is_made_and_downloaded_while_the_page_stays_open(visit: Visit, served: Served) -> None:
    page = visit("sanne", "/export")
    settled(page)
    page.get_by_role("button", name="Make the export").click()
    page.wait_for_selector("text=you may close this page")
    page.wait_for_selector("text=waits")
    assert violations(page) == []
    assert work(served) == 1
    with page.expect_download() as download:
        page.locator(".kb-get").click()
    body = Path(download.value.path()).read_bytes()
    assert download.value.suggested_filename.endswith(".xlsx")
    page.get_by_text("Checksum, manifest").click()
    page.wait_for_selector(f"text={hashlib.sha256(body).hexdigest()}")
    page.get_by_text("First rows").click()
    page.wait_for_selector("[data-testid=stDataFrame]")
    assert violations(page) == []
    assert page.elsewhere == []


def test_it_can_be_used_on_a_phone_and_in_the_dark(visit: Visit, served: Served) -> None:
    page = visit("sanne", "/export", viewport={"width": 390, "height": 844}, color_scheme="dark", locale="nl-NL")
    settled(page)
    page.get_by_role("button", name="Plan in").click()
    page.get_by_label("Naam").fill("Elke dag")
    page.get_by_label("Naam").press("Enter")
    page.get_by_role("button", name="Bewaar de planning").click()
    page.wait_for_selector("text=Geplande exports")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    saving = page.get_by_role("button", name="Bewaar de planning")
    for at_it in (saving.hover, page.get_by_label("Naam").focus):
        at_it()
        assert violations(page) == []
    assert served.house.inbox.exports.schedules(served.house.token("sanne"))[0].name == "Elke dag"
