"""What time does on the page, with a clock that the test moves: the ring, and the end of a snooze."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from inbox import clockwork
from inbox.views import View
from tests.screens import sample
from tests.screens.conftest import BROWSER, Served, make_house, serve

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose clock is moved."""
    if not BROWSER.exists():
        pytest.skip(f"no browser at {BROWSER} (set KLANKBORD_CHROMIUM)")
    folder = tmp_path_factory.mktemp("clocked")
    house = make_house(folder)
    yield from serve(folder, house, clocked=True)
    house.store.close()


def reread(page: Any, conversation: int) -> Any:
    """The card of a conversation after the page was loaded again, as a person sees it later in the day."""
    page.reload()
    card = page.locator(f"#c{conversation}")
    card.wait_for()
    return card


def test_the_ring_turns_orange_and_then_red(served: Served, visit: Visit) -> None:
    token = served.house.token("daan")
    newest = max(served.house.inbox.listing(token, View.NEW, limit=100).cards, key=lambda card: card.sla.due_at)
    assert newest.sla.due_at is not None
    assert newest.sla.orange_at is not None
    page = visit("daan", "/?view=new")
    page.locator(f"#c{newest.id} .sla.green").wait_for()
    served.move(newest.sla.orange_at - served.now() + timedelta(seconds=90))
    reread(page, newest.id).locator(".sla.orange").wait_for()
    served.move(newest.sla.due_at - served.now() + timedelta(seconds=90))
    reread(page, newest.id).locator(".sla.red").wait_for()


def test_the_ring_counts_down_in_the_browser_without_asking_the_server(served: Served, visit: Visit) -> None:
    token = served.house.token("daan")
    page = visit("daan", "/?view=new")
    card = served.house.inbox.listing(token, View.NEW).cards[0]
    page.clock.install()
    page.goto(f"{served.base}/?view=new")
    chip = page.locator(f"#c{card.id} .sla")
    chip.wait_for()
    before = chip.inner_text()
    page.clock.fast_forward("02:00:00")
    page.wait_for_function(
        "([id, before]) => document.querySelector('[class*=st-key-mention_list] > *') !== null && "
        "[...document.querySelectorAll('*')].some(node => node.shadowRoot?.getElementById(id)"
        "?.querySelector('.sla')?.innerText !== before && node.shadowRoot?.getElementById(id))",
        arg=[f"c{card.id}", before],
    )


def test_what_was_snoozed_comes_back_when_its_time_has_come(served: Served, visit: Visit) -> None:
    daan = served.house.token("daan")
    chosen = served.house.inbox.listing(daan, View.NEW).cards[0].id
    served.house.inbox.snooze(daan, chosen, until=served.now() + timedelta(hours=3))
    page = visit("daan", "/?view=snoozed")
    page.locator(f"#c{chosen}").wait_for()
    later = served.move(timedelta(hours=3, minutes=1))
    clockwork.tick(served.house.store, sample.SETTINGS, later)
    page.goto(f"{served.base}/?view=mine")
    page.locator(f"#c{chosen}").wait_for()
    assert served.house.inbox.detail(daan, chosen).card.status == "open"
