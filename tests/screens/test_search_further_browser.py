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
