"""Searching an archive whose newest messages do not fill the list, in a real browser: it looks on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from benchmarks.corpus import fill
from inbox.desk import Desk
from inbox.permissions import Role
from inbox.service import Inbox
from store.engine import open_store
from tests.screens import sample
from tests.screens.conftest import BROWSER, House, Served, serve

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A dashboard on an archive of 19,000 messages, of which a page of a search judges a part."""
    if not BROWSER.exists():
        pytest.skip(f"no browser at {BROWSER} (set KLANKBORD_CHROMIUM)")
    folder = tmp_path_factory.mktemp("archive")
    url = f"sqlite:///{folder / 'klankbord.db'}"
    store = open_store(url)
    store.migrate()
    fill(store, 15_000)
    house = House(store, url, Inbox(store, sample.SETTINGS), Desk(store, sample.SETTINGS))
    house.person("sanne", "Sanne de Wit", Role.ADMINISTRATOR)
    yield from serve(folder, house)
    store.close()


def test_a_page_without_a_hit_is_not_taken_for_the_end(visit: Visit, served: Served) -> None:
    with served.house.store.read() as conn:
        oldest = conn.exec_driver_sql("SELECT min(id) FROM mention").scalar_one()
    with served.house.store.write() as conn:
        conn.exec_driver_sql(
            "UPDATE mention SET platform = 'mastodon', url = 'https://far.example/' WHERE id = ?", (oldest,)
        )
    page = visit("sanne", "/?view=all")
    box = page.get_by_role("textbox", name="Search")
    box.fill("site:far.example")
    box.press("Enter")
    page.wait_for_selector("text=Nothing was found so far among the newest messages.")
    assert not page.get_by_text("Nothing matches").is_visible()
    page.get_by_role("button", name="Look further back").click()
    page.wait_for_selector(f"#c{oldest}")
    assert page.elsewhere == []


PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


def test_on_a_phone_the_list_under_an_opened_conversation_loads_nothing_by_itself(visit: Visit) -> None:
    page = visit("sanne", "/?view=all", **PHONE)
    cards = page.locator(".card")
    cards.first.wait_for()
    a_page = cards.count()
    cards.first.tap()
    page.locator(".kb-head").wait_for()
    for number in range(4):  # each is drawn by the server, and so is the list beside it
        shown = page.locator(".kb-head").get_attribute("data-conversation")
        page.keyboard.press("j")
        page.wait_for_selector(f".kb-head:not([data-conversation='{shown}'])")
        assert cards.count() == a_page, f"after {number + 1} conversations"
    assert not cards.first.is_visible()

    page.get_by_role("button", name="← Inbox").click()
    cards.first.wait_for()
    page.locator(".scroll").evaluate("node => { node.scrollTop = node.scrollHeight; }")
    cards.nth(a_page).wait_for(state="attached")
    assert page.elsewhere == []


def test_on_a_phone_a_search_looks_on_once_its_list_is_shown(visit: Visit, served: Served) -> None:
    with served.house.store.read() as conn:
        chosen = conn.exec_driver_sql("SELECT max(id) FROM conversation").scalar_one()
    page = visit("sanne", f"/?view=all&q=site:nowhere.example&c={chosen}", **PHONE)
    page.locator(f".kb-head[data-conversation='{chosen}']").wait_for()
    page.get_by_role("button", name="← Inbox").click()
    page.wait_for_selector("text=Nothing was found so far among the newest messages.")
    assert page.elsewhere == []
