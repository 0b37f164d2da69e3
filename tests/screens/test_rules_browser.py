"""Rules in a real browser: written, tried, run over open work, seen in the timeline and taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inbox.rules.language import written
from inbox.views import View
from tests.screens.conftest import Served
from tests.screens.test_accessible import settled, violations

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]


def test_a_lead_writes_a_rule_and_an_agent_takes_one_hit_back_from_the_timeline(visit: Visit, served: Served) -> None:
    who = served.house.token("sanne")
    page = visit("sanne", "/rules")
    page.get_by_role("button", name="New rule").click()
    page.get_by_label("Name of the rule").fill("Lage cijfers")
    page.get_by_label("Name of the rule").press("Enter")
    page.get_by_label("Value 1").click()
    page.get_by_role("option", name="Recensies").click()
    page.keyboard.press("Escape")
    page.get_by_label("Set priority").click()
    page.get_by_role("option", name="Risk").click()
    page.wait_for_function(
        "() => document.querySelector('.kb-sentence')?.textContent"
        " === 'When the source is Recensies, give it priority Risk.'"
    )
    page.get_by_role("button", name="Try it on the past").click()
    page.wait_for_selector(".kb-dry li a")
    page.get_by_role("button", name="Keep this rule").click()
    page.get_by_role("button", name="Run it over what is open now").click()
    page.wait_for_selector("text=open conversations were changed")
    (row,) = served.house.inbox.rules.listing(who)
    assert row.hits.total > 0
    assert page.elsewhere == []

    card = next(
        one
        for one in served.house.inbox.listing(who, View.ALL, limit=200).cards
        if one.source_id == "reviews" and one.priority == 0 and one.claimed_by is None
    )
    agent = visit("daan", f"/?c={card.id}")
    line = agent.locator(".event", has_text="Rule “Lage cijfers”")
    assert "/rules?rule=" in line.locator("a").get_attribute("href")
    line.get_by_role("button", name="Take back").click()
    agent.wait_for_selector(".event.undone")
    assert served.house.inbox.detail(who, card.id).card.priority == 2
    assert agent.elsewhere == []


def test_a_tag_of_the_page_leads_to_its_conversations(visit: Visit, served: Served) -> None:
    who = served.house.token("sanne")
    card = served.house.inbox.listing(who, View.NEW).cards[0]
    served.house.inbox.add_tag(who, card.id, "wegwijs")
    page = visit("sanne", "/tags")
    page.get_by_role("button", name="Show the conversations with wegwijs").click()
    page.wait_for_selector("[data-conversation]")
    page.wait_for_function(f"() => document.querySelector('[data-conversation=\"{card.id}\"]') !== null")


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_form_of_a_rule_has_no_barriers(visit: Visit, served: Served, look: str) -> None:
    who = served.house.token("sanne")
    conditions = {"all_of": [{"test": "text", "query": "storing"}], "any_of": [{"test": "rating", "at_most": 0.4}]}
    draft = written(name=f"Storing {look}", conditions=conditions, actions={"tags": ["storing"]})
    number = served.house.inbox.rules.save(who, draft)
    page = visit("sanne", f"/rules?rule={number}", **({"color_scheme": "dark"} if look == "dark" else {}))
    page.get_by_role("button", name="Try it on the past").click()
    page.wait_for_selector(".kb-dry")
    settled(page)
    assert violations(page) == []
