"""Trends in a real browser: a click on a bar lists as many messages as it says; a chart is saved as a picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.screens.conftest import Served
from tests.screens.test_accessible import LOOKS, settled, violations

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]
_BARS = ".st-key-trends_volume_part svg .mark-rect.role-mark path"
_CHIPS = ".st-key-clockterms .stTooltipHoverTarget button"


def drawn(page: Any) -> None:
    """Wait until the charts stand there."""
    settled(page)
    page.locator(".st-key-trends_week_part svg .mark-rect").first.wait_for()


def test_a_bar_leads_to_as_many_messages_as_it_says_and_the_address_to_the_same(visit: Visit, served: Served) -> None:
    page = visit("sanne", "/trends?by=none&period=7d")
    drawn(page)
    page.locator(_BARS).last.click()
    page.locator("#kb-behind").wait_for()
    n = int(page.locator("#kb-behind").get_attribute("data-n"))
    assert n > 100
    settled(page)
    while page.locator(".st-key-trends_more button").count():
        rows = page.locator(".st-key-trends_listed ol li").count()
        page.locator(".st-key-trends_more button").click()
        page.wait_for_function("n => document.querySelectorAll('.st-key-trends_listed ol li').length > n", arg=rows)
        settled(page)
    assert page.locator(".st-key-trends_listed ol li").count() == n
    assert "pick=volume" in page.url
    again = visit("sanne", page.url.removeprefix(served.base))
    again.locator(f'#kb-behind[data-n="{n}"]').wait_for()
    assert page.elsewhere == again.elsewhere == []


def test_what_is_behind_a_figure_opens_in_the_inbox(visit: Visit) -> None:
    page = visit("sanne", "/trends?source=forum&period=7d")
    drawn(page)
    page.locator(".st-key-trends_show_all button").click()
    page.locator(".st-key-trends_inbox button").click()
    page.locator(".card").first.wait_for()
    settled(page)
    assert "source:forum" in page.get_by_label("Search", exact=True).input_value()
    assert page.locator(".card").count() == 4


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_chart_is_saved_as_a_picture(visit: Visit, ending: str) -> None:
    page = visit("sanne", "/trends?period=7d")
    drawn(page)
    page.locator(".st-key-trends_volume_part .vega-embed svg").wait_for()
    button = page.get_by_role("button", name=f"Save as {ending.upper()}").first
    button.wait_for()
    with page.expect_download() as saved:
        button.press("Enter")
    assert saved.value.suggested_filename == f"klankbord-volume.{ending}"
    assert saved.value.path().stat().st_size > 2_000


@pytest.mark.parametrize("look", LOOKS)
def test_the_page_with_its_tables_and_lists_open_has_no_barriers(visit: Visit, look: str) -> None:
    page = visit("sanne", "/trends?by=source&period=30d&pick=tile~all&top=authors", **LOOKS[look])
    drawn(page)
    for place in range(page.locator(".st-key-trendspage summary:has-text('As a table')").count()):
        page.locator(".st-key-trendspage summary:has-text('As a table')").nth(place).click()
    page.locator(".kb-figures table").last.wait_for()
    assert violations(page) == []
    assert page.elsewhere == []


def test_a_filter_is_kept_in_the_address_through_a_reload(visit: Visit) -> None:
    page = visit("sanne", "/trends")
    drawn(page)
    page.get_by_text("90 days").click()
    page.wait_for_url("**period=90d**")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("combobox", name="Language").click()
    page.get_by_role("option", name="English").click()
    page.wait_for_url("**lang=en**")
    page.locator("#kb-figure-all b", has_text=re.compile("^[1-9]$")).wait_for()
    n = page.locator("#kb-figure-all b").inner_text()
    page.reload()
    drawn(page)
    assert page.locator("#kb-figure-all b").inner_text() == n
    page.get_by_role("button", name="Filter · 1").wait_for()


def test_a_cell_of_the_week_opens_in_the_inbox_in_words_that_can_be_taken_off(visit: Visit) -> None:
    page = visit("sanne", "/trends?period=7d")
    drawn(page)
    page.locator(".st-key-trends_week_part svg .mark-rect path").nth(5).click()
    page.locator("#kb-behind").wait_for()
    assert "pick=week" in page.url
    page.locator(".st-key-trends_inbox button").click()
    chips = page.locator(_CHIPS)
    chips.first.wait_for()
    settled(page)
    n = chips.count()
    assert n == 4
    chips.nth(3).click()
    fewer = "([chips, n]) => document.querySelectorAll(chips).length === n - 1"
    page.wait_for_function(fewer, arg=[_CHIPS, n])
    assert "hour=" not in page.get_by_label("Search", exact=True).input_value()
