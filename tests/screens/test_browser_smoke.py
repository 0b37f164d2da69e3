"""One short journey through the real dashboard in a real browser: in by one-time link, one decision, undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inbox.permissions import Role
from inbox.views import View
from tests.screens.conftest import PASSWORD, Served


def test_from_a_one_time_link_to_a_decision_and_back(served: Served, visit: Callable[..., Any]) -> None:
    token = served.house.person("vera", "Vera Dam", Role.AGENT)
    page = visit(path=f"/welcome/{token}")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Set password and start").click()
    first = page.locator(".card").first
    page.wait_for_selector(".kb-head")
    page.locator(".card.on").wait_for()
    chosen = int(page.locator(".kb-head").get_attribute("data-conversation"))
    assert first.get_attribute("id") == f"c{chosen}", "the first of the queue is open"
    page.keyboard.press("e")
    page.get_by_text("Resolved.").first.wait_for()
    page.wait_for_selector(f".kb-head:not([data-conversation='{chosen}'])")
    card = served.house.inbox.detail(served.house.token("daan"), chosen).card
    assert card.status == "resolved"
    page.keyboard.press("u")
    page.wait_for_selector(f".kb-head[data-conversation='{chosen}']")
    listing = served.house.inbox.listing(served.house.token("daan"), View.NEW)
    assert listing.cards[0].id == chosen
    assert page.elsewhere == []
