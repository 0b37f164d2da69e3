"""Service levels in a real browser: a figure opened to a conversation, an hour of a chart, own dates, saving, axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from inbox.views import View
from tests.screens.conftest import BROWSER, Served, make_house, serve
from tests.screens.test_accessible import settled, violations

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A house in which six conversations were answered and three of them resolved."""
    if not BROWSER.exists():
        pytest.skip(f"no browser at {BROWSER} (set KLANKBORD_CHROMIUM)")
    folder = tmp_path_factory.mktemp("levels")
    house = make_house(folder)
    who = house.token("daan")
    cards = [one for one in house.inbox.listing(who, View.ALL, limit=50).cards if one.unanswered_since][:6]
    for place, card in enumerate(cards):
        house.inbox.answered_by_hand(who, card.id, text="We kijken het na.")
        if place % 2:
            house.inbox.resolve(who, card.id, reason="answered")
    yield from serve(folder, house)
    house.store.close()


def test_a_figure_is_followed_to_a_conversation_and_the_way_back_shows_it_again(visit: Visit) -> None:
    page = visit("sanne", "/levels?period=7d")
    settled(page)
    page.get_by_role("button", name="Open First response time").click()
    page.locator(".kb-talks li a").first.wait_for()
    assert "figure=first_response_time" in page.url
    assert "period=7d" in page.url
    page.get_by_text("How it is counted").click()
    page.get_by_text("to the first answer by a person").wait_for()
    page.get_by_text("always open").first.wait_for()
    assert violations(page) == []
    with page.context.expect_page() as opened:
        page.locator(".kb-talks li a").first.click()
    opened.value.locator(".kb-head").wait_for()
    opened.value.close()
    page.get_by_role("button", name="All figures").click()
    page.get_by_role("button", name="Open Deadlines met").wait_for()
    assert "figure=" not in page.url
    page.go_back()
    page.locator(".kb-talks li a").first.wait_for()
    assert page.elsewhere == []


def test_an_hour_of_promised_times_opens_its_rows_alone(visit: Visit) -> None:
    page = visit("sanne", "/levels?section=promised")
    settled(page)
    page.get_by_text("By hour").click()
    first = page.locator(".st-key-promised_0")
    first.wait_for()
    page.locator(".st-key-chart_levels_promised_hour svg.marks").wait_for()
    n = int(first.locator(".kb-soft").inner_text().split(" of ")[1].split(" ")[0])
    first.get_by_role("button").click()
    page.get_by_role("button", name=":00: show all").wait_for()
    said = "; ".join(page.locator(".kb-talks li b").all_inner_texts())
    assert said.count("in time") + said.count("missed") == n
    page.get_by_role("button", name=":00: show all").click()
    page.locator(".st-key-levels_only").wait_for(state="detached")
    assert violations(page) == []


def test_dates_of_ones_own_that_are_impossible_are_told_and_can_be_mended(visit: Visit) -> None:
    page = visit("sanne", "/levels?period=own&from=2026-03-09&to=2026-03-01")
    page.get_by_text("ends before it begins").wait_for()
    assert page.get_by_role("spinbutton", name="day, First day").inner_text() == "09"
    page.get_by_text("30 days").click()
    page.get_by_role("button", name="Open First response time").wait_for()
    assert page.get_by_text("ends before it begins").count() == 0


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_curve_is_saved_as_a_picture(visit: Visit, ending: str) -> None:
    page = visit("sanne", "/levels?section=answers", color_scheme="dark")
    settled(page)
    page.locator(".st-key-chart_levels_curve svg.marks").wait_for()
    with page.expect_download() as saved:
        page.locator(f'[data-kb-chart="chart_levels_curve"][data-kb-save="{ending}"]').click()
    assert saved.value.suggested_filename == f"klankbord-first-answers.{ending}"
    assert saved.value.path().stat().st_size > 2_000


def test_a_number_of_now_and_an_hour_of_the_load_open_as_many_as_they_say(visit: Visit) -> None:
    page = visit("sanne", "/levels?section=backlog")
    settled(page)
    link = page.locator(".kb-live dd a").nth(1)
    n = int(link.inner_text())
    with page.context.expect_page() as opened:
        link.click()
    opened.value.locator(".card").first.wait_for()
    assert opened.value.locator(".card").count() == n
    assert "·" in opened.value.get_by_role("button", name="Filter").inner_text()
    page.goto(page.url.replace("section=backlog", "section=load"))
    page.locator(".kb-heat td a").first.click()
    page.locator("#kb-behind").wait_for()
    assert int(page.locator("#kb-behind").get_attribute("data-n")) == page.locator(".st-key-trends_listed li").count()


@pytest.mark.parametrize("section", ["answers", "promised", "backlog", "load", "people"])
def test_no_part_of_the_page_has_barriers(visit: Visit, section: str) -> None:
    page = visit("sanne", f"/levels?section={section}")
    settled(page)
    assert violations(page) == []
