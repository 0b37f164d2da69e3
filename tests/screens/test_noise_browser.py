"""Noise in a real browser: one more key in the inbox, what comes in next is set aside, and one press brings it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inbox.noise.index import Kind
from inbox.views import Filters, View
from tests.screens import sample
from tests.screens.conftest import Served

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]


def test_an_agent_marks_an_author_as_noise_with_two_keys_and_a_lead_takes_it_back(visit: Visit, served: Served) -> None:
    house, who = served.house, served.house.token("sanne")
    page = visit("daan", "/?view=new")
    page.locator(".card.on").wait_for()
    number = int(page.locator(".card.on").get_attribute("id").removeprefix("c"))
    page.keyboard.press("s")
    page.locator(".toast .more button").first.wait_for()
    page.keyboard.press("1")
    page.wait_for_selector("text=so is this author from now on")
    (rule,) = house.inbox.noise.listing(who)
    assert (rule.kind, rule.by.name if rule.by else "", rule.conversation_id) == (Kind.AUTHOR, "Daan Mulder", number)
    assert house.inbox.detail(who, number).card.status == "spam"
    assert page.elsewhere == []

    lead = visit("sanne", "/noise")
    lead.get_by_role("button", name="Look").first.click()
    lead.get_by_role("button", name="Take back").click()
    lead.wait_for_selector("text=The rule is gone")
    assert house.inbox.noise.listing(who) == ()
    assert lead.elsewhere == []


def test_a_lead_tries_a_word_makes_it_a_rule_and_brings_one_conversation_back(visit: Visit, served: Served) -> None:
    house, who = served.house, served.house.token("sanne")
    page = visit("sanne", "/noise")
    page.get_by_text("New noise rule").click()
    page.get_by_label("What is noise").click()
    page.get_by_role("option", name="Words").click()
    page.get_by_role("textbox", name="Which").fill("zonnebril actie")
    page.get_by_role("textbox", name="Which").press("Enter")
    page.get_by_role("button", name="Try it on the last 30 days").click()
    page.wait_for_selector("text=it would have set aside 0")
    page.get_by_role("button", name="Make the rule").click()
    page.wait_for_selector("text=it holds for what comes in from now on")

    sample.customer_writes(house.store, "Nu 80% korting: zonnebril actie!", thread=990, author="Reclamebureau")
    (aside,) = house.inbox.noise.set_aside(who).rows
    page.get_by_role("button", name="Set aside").click()
    page.get_by_role("button", name="Bring back").click()
    page.wait_for_selector("text=the rule leaves it alone from now on")
    assert house.inbox.detail(who, aside.conversation_id).card.status == "new"
    assert page.elsewhere == []
    for one in house.inbox.noise.listing(who):
        house.inbox.noise.take_back(who, one.id)
    assert house.inbox.noise.listing(who) == ()


@pytest.mark.parametrize(
    ("language", "author", "told"),
    [
        ("en", "This author", "2 more open ones went with it"),
        ("nl", "Deze auteur", "Nog 2 openstaande gesprekken gingen mee"),
    ],
)
def test_everything_open_of_an_author_goes_with_its_number_told_before_and_comes_back_as_one(
    visit: Visit, served: Served, language: str, author: str, told: str
) -> None:
    house, who = served.house, served.house.token("daan")
    name = f"Pillenboer {language}"
    for number in range(3):
        thread = 8_000 + number + (10 if language == "nl" else 0)
        sample.customer_writes(house.store, f"Groter, sterker, {number}!", thread=thread, author=name)
    search = Filters(search=f'author:"{name}"')
    first, *others = [card.id for card in house.inbox.listing(who, View.NEW, search).cards]
    assert len(others) == 2
    house.inbox.set_language(who, language)
    page = visit("daan", f"/?c={first}")
    page.locator(".card").first.wait_for()
    page.get_by_text("Groter, sterker").last.wait_for()
    page.keyboard.press("s")
    page.locator(".toast .more button").last.wait_for()
    page.keyboard.press("5")
    page.get_by_role("button", name=f"{author}, @").click()
    page.wait_for_selector(f"text={told}")
    assert house.inbox.detail(who, others[0]).card.status == "spam"
    page.keyboard.press("u")
    page.wait_for_selector(f"text={told}", state="hidden")
    assert [house.inbox.detail(who, each).card.status for each in others] == ["new"] * 2
    house.inbox.set_language(who, "en")
    assert page.elsewhere == []
