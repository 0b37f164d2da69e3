"""Themes in a real browser: made with a try of the query, suggested by a chip, taken back, and found in the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from inbox.themes import background
from inbox.themes.views import Draft
from inbox.views import Filters, View
from tests.screens import sample
from tests.screens.conftest import Served
from tests.screens.test_accessible import settled, violations

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]


def choose(page: Any, label: str, option: str) -> None:
    """Choose from a menu, which closes again when it is opened while the page is drawn."""
    wanted = page.get_by_role("option", name=option)
    while True:
        page.get_by_role("combobox", name=label).click()
        try:
            wanted.click(timeout=2_000)
        except PlaywrightTimeout:
            continue
        return


def test_a_theme_is_made_with_its_query_tried_and_opened(visit: Visit, served: Served) -> None:
    house = served.house
    page = visit("sanne", "/themes")
    settled(page)
    page.get_by_text("Make a theme").click()
    page.get_by_label("Name", exact=True).fill("Monteur komt niet")
    page.get_by_label("Query", exact=True).fill("monteur")
    page.get_by_label("Query", exact=True).press("Enter")
    page.wait_for_selector(".kb-tried li a")
    choose(page, "Link older conversations too", "Of the last 30 days")
    page.get_by_role("button", name="Make it").click()
    page.wait_for_selector("text=The theme is made.")
    assert background.link(house.store, sample.SETTINGS, house.desk.clock()) > 0
    page.reload()
    page.get_by_role("button", name="Open Monteur komt niet").click()
    page.wait_for_selector(".kb-talks li a")
    page.wait_for_selector("[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas")
    assert violations(page) == []
    assert page.elsewhere == []


def test_a_chip_is_accepted_and_taken_back_and_the_list_is_narrowed(visit: Visit, served: Served) -> None:
    house = served.house
    who = house.token("sanne")
    theme = house.inbox.themes.make(who, Draft("Dekking eSIM", query="eSIM"))
    card = next(one for one in house.inbox.listing(who, View.ALL, limit=200).cards if "eSIM" in one.snippet)
    page = visit("daan", f"/?c={card.id}")
    page.locator(".st-key-themesrow").get_by_role("button", name="Dekking eSIM?").click()
    page.wait_for_selector("text=Linked to the theme Dekking eSIM.")
    assert [one.id for one in house.inbox.themes.of(who, card.id).linked] == [theme]
    page.locator(".card .chip.theme", has_text="Dekking eSIM").first.wait_for()
    page.get_by_role("button", name="Undo").click()
    page.locator(".st-key-themesrow").get_by_role("button", name="Dekking eSIM?").wait_for()
    assert house.inbox.themes.of(who, card.id).linked == ()
    page.locator(".card").first.focus()
    page.keyboard.press("h")
    page.wait_for_selector("text=Linked to the theme Dekking eSIM.")
    found = house.inbox.listing(who, View.ALL, Filters(theme_ids=(theme,))).cards
    assert [one.id for one in found] == [card.id]
    assert page.elsewhere == []


def test_a_theme_is_made_of_a_phrase_that_stands_out(visit: Visit, served: Served) -> None:
    house = served.house
    while background.count(house.store, sample.SETTINGS, house.desk.clock()):
        pass
    page = visit("sanne", "/themes")
    settled(page)
    page.get_by_role("tab", name="Discover phrases").click()
    page.get_by_role("combobox", name="Compare").click()
    page.get_by_role("option", name="A source against others").click()
    page.locator(".st-key-phrase_source").get_by_role("combobox").click()
    page.get_by_role("option", name="Mastodon").click()
    first = page.locator(".st-key-phraserow_0")
    first.get_by_role("button", name="Make a theme of this").click()
    name = page.get_by_label("Name", exact=True)
    name.wait_for()
    phrase = name.input_value()
    page.wait_for_selector(".kb-tried li a")
    assert violations(page) == []
    page.get_by_role("button", name="Make it").click()
    page.wait_for_selector("text=The theme is made.")
    (made,) = [one for one in house.inbox.themes.listing(house.token("sanne")) if one.name == phrase]
    assert made.query.strip('"') == phrase
