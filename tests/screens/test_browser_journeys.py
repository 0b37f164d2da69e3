"""Journeys of agents through the real dashboard in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from inbox.views import View
from tests.screens.conftest import Served

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]
EVERYTHING = "/?view=all"


def opened(page: Any) -> int:
    """The conversation that the detail shows."""
    return int(page.locator(".kb-head").get_attribute("data-conversation"))


def wait_for_other(page: Any, than: int) -> int:
    page.wait_for_selector(f".kb-head:not([data-conversation='{than}'])")
    return opened(page)


def ready(page: Any) -> int:
    """The list and the detail are there, and the list listens to keys."""
    page.locator(".card.on").wait_for()
    page.wait_for_selector(".kb-head")
    page.get_by_role("button", name="More", exact=True).wait_for()
    return opened(page)


def choose(served: Served, page: Any, text: str) -> int:
    """Search, and open the first that is found, reopened when an earlier journey closed it."""
    page.get_by_placeholder(re.compile("Search words|Zoek woorden")).fill(text)
    page.keyboard.press("Enter")
    # The list of before stands there until the answer comes: wait for a conversation that holds what was looked for.
    words = [word.lower() for word in re.findall(r"\w+", text) if word not in {"AND", "OR", "NOT"}]
    page.wait_for_function(
        "words => { const shown = document.querySelector('.st-key-detailpane')?.innerText.toLowerCase() ?? '';"
        " return words.some(word => shown.includes(word)) && document.querySelector('.kb-head'); }",
        arg=words,
    )
    chosen, daan = opened(page), served.house.token("daan")
    if served.house.inbox.detail(daan, chosen).card.status not in {"new", "open"}:
        served.house.inbox.reopen(daan, chosen)
        served.house.inbox.release(daan, chosen)
        page.goto(f"{served.base}{EVERYTHING}")
        ready(page)
        return choose(served, page, text)
    page.locator(".scroll").focus()
    return ready(page)


def test_ten_conversations_are_triaged_by_keyboard_only(served: Served, visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    done: list[int] = []
    for key in ("e", "z", "s", "i", "e", "e", "z", "e", "i", "e"):
        now = opened(page)
        page.wait_for_selector(f"#c{now}.on")  # the list has moved on too
        done.append(now)
        page.keyboard.press(key)
        wait_for_other(page, now)
    assert len(set(done)) == 10
    box, who = served.house.inbox, served.house.token("sanne")
    found = [box.detail(who, one).card.status for one in done]
    assert found == [
        "resolved", "snoozed", "spam", "ignored", "resolved", "resolved", "snoozed", "resolved", "ignored", "resolved",
    ]  # fmt: skip


def test_j_and_k_highlight_at_once_and_open_the_row(visit: Visit) -> None:
    page = visit("daan")
    first = ready(page)
    page.keyboard.press("j")
    second = wait_for_other(page, first)
    assert page.locator(".card.on").get_attribute("id") == f"c{second}"
    page.keyboard.press("k")
    page.wait_for_selector(f".kb-head[data-conversation='{first}']")
    assert f"c={first}" in page.url


def test_a_second_agent_is_told_who_has_it(served: Served, visit: Visit) -> None:
    one, other = visit("daan", path=EVERYTHING), visit("sanne", path=EVERYTHING)
    chosen = choose(served, one, "eSIM")
    assert choose(served, other, "eSIM") == chosen
    one.get_by_role("button", name="Take it").click()
    one.get_by_role("button", name="Give back").wait_for()
    other.keyboard.press("a")
    other.get_by_text("Daan Mulder has this").first.wait_for()
    other.get_by_role("button", name="Take over").wait_for()


def test_a_note_survives_reruns_and_reload_until_it_is_saved(served: Served, visit: Visit) -> None:
    page = visit("daan", path=EVERYTHING)
    chosen = choose(served, page, "verhuizen")
    page.keyboard.press("n")
    page.keyboard.type("Planner gebeld, ")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Take it").click()
    page.get_by_role("button", name="Give back").wait_for()
    page.goto(f"{served.base}/?view=all&c={chosen}")
    page.wait_for_selector(f".kb-head[data-conversation='{chosen}']")
    area = page.get_by_role("textbox", name="Internal note")
    assert area.input_value() == "Planner gebeld, "
    area.focus()
    page.keyboard.press("End")
    page.keyboard.type("komt morgen.")
    page.keyboard.press("Control+Enter")
    page.locator(".note").get_by_text("Planner gebeld, komt morgen.").wait_for()
    assert area.input_value() == ""
    notes = served.house.inbox.detail(served.house.token("sanne"), chosen).notes
    assert [note.text for note in notes] == ["Planner gebeld, komt morgen."]


def test_undo_brings_back_what_was_decided(served: Served, visit: Visit) -> None:
    page = visit("daan", path=EVERYTHING)
    chosen = choose(served, page, "prijzen OR storingskaart")
    page.keyboard.press("i")
    page.get_by_role("button", name="Undo").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector(f".kb-head[data-conversation='{chosen}']")
    page.get_by_text("Ignored", exact=True).wait_for(state="detached")
    assert served.house.inbox.detail(served.house.token("sanne"), chosen).card.status in {"new", "open", "archived"}


def test_a_search_that_cannot_be_read_says_what_is_wrong(visit: Visit) -> None:
    page = visit("daan", path=EVERYTHING)
    ready(page)
    page.get_by_placeholder(re.compile("Search words")).fill('"storing')
    page.keyboard.press("Enter")
    page.locator("#kb-search-problem").wait_for()
    page.get_by_placeholder(re.compile("Search words")).fill("storing")
    page.keyboard.press("Enter")
    page.locator("#kb-search-problem").wait_for(state="detached")
    page.get_by_text("Storing bij").first.wait_for()
    page.locator(".card mark", has_text="Storing").first.wait_for()


def test_a_filter_narrows_the_list(visit: Visit) -> None:
    from playwright.sync_api import expect

    page = visit("daan", path=EVERYTHING)
    ready(page)
    page.locator(".st-key-filters button").first.click()
    page.get_by_label("Source").click()
    page.get_by_role("option", name="Recensies").click()
    page.get_by_text("Filter · 1").wait_for()
    expect(page.locator(".card .src:not([title^='Recensies'])")).to_have_count(0, timeout=45_000)
    page.locator(".card").first.wait_for()
    sources = page.locator(".card .src").evaluate_all("nodes => nodes.map(node => node.title)")
    assert sources
    assert all(one.startswith("Recensies") for one in sources)


def test_a_deep_link_opens_its_conversation(served: Served, visit: Visit) -> None:
    box, who = served.house.inbox, served.house.token("sanne")
    wanted = box.listing(who, View.ALL, limit=40).cards[20].id
    page = visit("daan", path=f"/?c={wanted}")
    page.wait_for_selector(f".kb-head[data-conversation='{wanted}']")


def test_hostile_texts_are_shown_and_do_nothing(served: Served, visit: Visit) -> None:
    page = visit("daan", path=EVERYTHING)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    choose(served, page, "klik")
    shown = page.locator(".kb-msg.focus .kb-text").inner_text()
    assert "<script>document.title='taken'</script>" in shown
    assert "![pixel](https://tracker.example/pixel.png) **vet** $x^2$ :material/home:" in shown
    assert "<img src=x" in page.locator(".card.on .text").inner_text()
    assert page.title() != "taken"
    assert page.locator(".kb-msg img, .kb-msg script, .card img").count() == 0
    assert page.locator('a[href^="javascript"]').count() == 0
    assert dialogs == []
    assert page.elsewhere == []


def test_on_a_phone_one_goes_from_list_to_detail_and_back(visit: Visit) -> None:
    page = visit("daan", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    card = page.locator(".card").nth(1)
    card.wait_for()
    assert not page.locator(".kb-head").is_visible()
    card.tap()
    page.locator(".kb-head").wait_for()
    assert not page.locator(".card").first.is_visible()
    page.get_by_role("button", name="← Inbox").click()
    page.locator(".card").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_page_is_dark_where_the_computer_is(visit: Visit) -> None:
    page = visit("daan", color_scheme="dark")
    ready(page)
    colour = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert colour == "rgb(17, 19, 24)"


def test_the_whole_page_turns_dutch_and_stays_so(served: Served, visit: Visit) -> None:
    page = visit("iris")
    page.locator(".card").first.wait_for()
    page.get_by_role("button", name="NL", exact=True).click()
    page.get_by_role("heading", name="Weergaven").wait_for()
    page.get_by_placeholder(re.compile("Zoek woorden")).wait_for()
    page.wait_for_function("() => document.documentElement.lang === 'nl'")
    page.goto(served.base)
    page.get_by_role("heading", name="Weergaven").wait_for()


def test_signing_out_in_one_tab_stops_the_other(served: Served, visit: Visit) -> None:
    page = visit("daan")
    chosen = ready(page)
    second = page.context.new_page()
    second.goto(f"{served.base}/logout")
    second.get_by_role("button", name="Sign out").click()
    second.get_by_label("Password").wait_for()
    page.keyboard.press("e")
    page.locator("#kb-signed-out").wait_for()
    assert served.house.inbox.detail(served.house.token("sanne"), chosen).card.status != "resolved"


def test_who_may_only_read_gets_nothing_to_press(visit: Visit) -> None:
    page = visit("robin")
    page.wait_for_selector(".kb-head")
    page.locator(".card.on").wait_for()
    assert page.locator(".st-key-actions").count() == 0
    page.keyboard.press("e")
    page.get_by_text("does not allow this").wait_for()


def test_scrolling_down_brings_the_next_rows(visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    before = page.locator(".card").count()
    page.locator(".scroll").evaluate("node => { node.scrollTop = node.scrollHeight }")
    page.locator(".card").nth(before + 5).wait_for()
    assert page.locator(".scroll").evaluate("node => node.scrollTop") > 1000
