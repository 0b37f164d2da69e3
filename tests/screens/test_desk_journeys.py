"""Journeys through the list, the sidebar and the keyboard in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inbox.views import View
from tests.screens.conftest import Served
from tests.screens.test_browser_journeys import opened, ready, wait_for_other

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]


def statuses(served: Served, numbers: list[int]) -> list[str]:
    box, who = served.house.inbox, served.house.token("sanne")
    return [box.detail(who, number).card.status for number in numbers]


def picked(page: Any) -> list[int]:
    return [
        int(one.removeprefix("c")) for one in page.locator(".card.picked").evaluate_all("all => all.map(n => n.id)")
    ]


def test_rows_are_picked_and_done_by_keyboard_and_all_taken_back(served: Served, visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    page.keyboard.press("x")
    page.keyboard.press("Shift+J")
    page.keyboard.press("Shift+J")
    page.get_by_text("3 selected").wait_for()
    rows = picked(page)
    page.keyboard.press("s")
    page.get_by_text("Done for 3 conversations.").wait_for()
    page.keyboard.press("u")
    page.get_by_text("3 conversations are as they were.").wait_for()
    assert statuses(served, rows) == ["new"] * 3
    box, who = served.house.inbox, served.house.token("sanne")
    for number in rows:
        assert [one.code for one in box.detail(who, number).events[-2:]] == ["spam", "undone"]


def test_a_range_is_picked_and_escape_lets_go(visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    page.keyboard.press("x")
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    page.get_by_text("4 selected").wait_for()
    page.keyboard.press("Escape")
    page.locator(".bulk").wait_for(state="hidden")
    assert picked(page) == []


def test_the_whole_view_is_done_only_after_saying_yes(served: Served, visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    whole = len(served.house.inbox.listing(served.house.token("daan"), View.NEW, limit=500).cards)
    page.keyboard.press("*")
    page.get_by_role("button", name=f"Select all {whole} of this view").click()
    page.keyboard.press("m")
    page.get_by_text(f"Do this to all {whole}?").wait_for()
    page.get_by_role("button", name="Yes, do it").click()
    page.get_by_text(f"Done for {whole} conversations.").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text(f"{whole} conversations are as they were.").wait_for()


def test_who_looks_and_who_writes_is_seen_in_the_list_of_the_other(served: Served, visit: Visit) -> None:
    one, other = visit("daan"), visit("sanne")
    ready(one)
    ready(other)
    one.keyboard.press("j")
    chosen = wait_for_other(one, opened(other))
    row = other.locator(f"#c{chosen}")
    row.get_by_role("img", name="Daan Mulder is looking at this").wait_for()
    served.house.inbox.presence.touch(served.house.token("daan"), tab="another", conversation_id=chosen, writing=True)
    row.get_by_text("Daan Mulder is writing").wait_for()
    row.click()
    other.locator("#kb-around").get_by_text("Daan Mulder is writing").wait_for()


def test_everything_is_a_few_letters_away(served: Served, visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    page.keyboard.press("Control+k")
    page.locator("dialog .row", has_text="Snoozed").first.wait_for()
    page.keyboard.type("storingskaart")
    page.keyboard.press("Enter")
    page.locator(".kb-head", has_text="Femke Hoekstra").wait_for()
    found = opened(page)
    page.keyboard.press("Control+k")
    page.locator("dialog .row", has_text="Take it").first.wait_for()
    page.keyboard.type("risk")
    page.locator("dialog .row", has_text="Priority: Risk").first.wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("Priority changed.").wait_for()
    assert served.house.inbox.detail(served.house.token("daan"), found).card.priority == 0
    page.keyboard.press("Control+k")
    page.locator("dialog .row", has_text="Snoozed").first.wait_for()
    page.keyboard.type("sources")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sources").wait_for()


def test_focus_view_shows_one_at_a_time_and_goes_on_by_itself(visit: Visit) -> None:
    page = visit("daan")
    first = ready(page)
    page.keyboard.press("f")
    page.locator("#kb-focus").wait_for()
    assert not page.locator(".card.on").is_visible()
    assert page.locator("#kb-focus").inner_text().startswith("1 of ")
    page.keyboard.press("e")
    wait_for_other(page, first)
    page.get_by_text("2 of ").wait_for()
    page.keyboard.press("Escape")
    page.locator(".card.on").wait_for()


def test_a_view_is_kept_renamed_and_deleted(served: Served, visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    page.get_by_placeholder("Search words").fill("verbinding")
    page.keyboard.press("Enter")
    page.locator(".card mark").first.wait_for()
    page.get_by_role("button", name="Keep what is shown").click()
    page.get_by_label("Name of the view").fill("Valt weg")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Valt weg", exact=False).first.wait_for()
    page.get_by_role("button", name="Mine").click()
    page.get_by_text("Nothing is assigned to you").wait_for()
    page.wait_for_function("() => document.querySelector('.st-key-searchbox input')?.value === ''")
    page.locator(".saved .view").click()
    page.locator(".card mark").first.wait_for()
    page.wait_for_function("() => document.querySelector('.st-key-searchbox input')?.value === 'verbinding'")
    page.get_by_role("button", name="Manage Valt weg").click()
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name of the view").fill("Verbindingen")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Manage Verbindingen").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    page.locator(".saved .view").wait_for(state="detached")
    assert served.house.inbox.saved_views.all(served.house.token("daan")) == ()


def test_the_keys_and_the_tour_are_always_near(visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    page.keyboard.press("?")
    page.get_by_role("heading", name="Many at once").wait_for()
    page.get_by_role("button", name="Show me around").click()
    page.get_by_role("heading", name="Your queues").wait_for()
    for _ in range(5):
        page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_role("button", name="To work").click()
    page.get_by_role("button", name="To work").wait_for(state="detached")


def test_the_tour_begins_by_itself_the_first_time_and_once(served: Served, visit: Visit) -> None:
    from store.schema import user_account

    with served.house.store.write() as conn:
        conn.execute(user_account.update().where(user_account.c.id == served.house.ids["iris"]).values(toured_at=None))
    page = visit("iris")
    page.get_by_role("heading", name="Your queues").wait_for()
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("heading", name="Your queues").wait_for(state="detached")
    page.reload()
    page.locator(".card.on").wait_for()
    assert not served.house.inbox.tour.wanted(served.house.token("iris"))


def test_a_highlight_follows_the_key_within_a_frame(visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    took = page.evaluate(
        """() => {
          const times = [];
          for (let n = 0; n < 20; n += 1) {
            const from = performance.now();
            const key = n < 10 ? "j" : "k";
            document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true }));
            times.push(performance.now() - from);
          }
          return times.sort((a, b) => a - b)[10];
        }"""
    )
    assert took < 16


def test_many_rows_on_a_phone(visit: Visit) -> None:
    page = visit("daan", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.locator(".card").first.wait_for()
    for number in range(2):
        page.locator(".card .src").nth(number).tap()
    page.get_by_text("2 selected").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Select none").tap()
    page.locator(".bulk").wait_for(state="hidden")
