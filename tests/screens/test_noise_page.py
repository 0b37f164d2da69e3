"""The page of noise without a browser: what each part says, making, switching, suggestions, and who may what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inbox.noise.index import Kind
from inbox.noise.marking import Scope
from inbox.noise.views import NoiseDraft
from inbox.views import View
from screens import dossier, events
from tests.screens import sample
from tests.screens.conftest import House
from tests.screens.test_rules_page import html, page

App = Callable[..., Any]


def add(house: House, kind: Kind, text: str, **parts: Any) -> int:
    return house.inbox.noise.save(house.token("sanne"), NoiseDraft(kind, text, **parts))


def test_without_rules_the_page_says_where_they_are_made(app: App) -> None:
    test = page(app, "sanne", "noise_page")
    assert not test.exception
    assert "No noise rules yet" in html(test)
    test.button(key="noise_part_aside").click().run()
    assert "Nothing was set aside" in html(test)
    test.button(key="noise_part_suggestions").click().run()
    assert "No suggestions" in html(test)


def test_a_rule_stands_with_what_it_did_and_what_came_back(app: App, house: House) -> None:
    number = add(house, Kind.WORD, "<b>korting</b> actie", why="<i>reclame</i>")
    sample.customer_writes(house.store, "Zie onze b korting b actie", thread=991, author="<script>x</script>")
    test = page(app, "sanne", "noise_page", rule=str(number))
    told = html(test)
    assert not test.exception
    assert "&lt;b&gt;korting&lt;/b&gt; actie" in told
    assert "1 set aside" in told
    assert "<script>" not in told
    assert "<i>" not in told.replace('<i style="height', "")
    test.button(key="noise_part_aside").click().run()
    test.button(key=next(one.key for one in test.button if one.key.endswith("_back"))).click().run()
    assert "the rule leaves it alone from now on" in html(test)
    (row,) = house.inbox.noise.listing(house.token("sanne"))
    assert row.brought_back == 1


def test_the_timeline_tells_what_a_noise_rule_did_and_where_it_is_read(house: House) -> None:
    number = add(house, Kind.WORD, "korting actie")
    sample.customer_writes(house.store, "Zie onze korting actie", thread=991, author="Reclame")
    token = house.token("sanne")
    (aside,) = house.inbox.noise.set_aside(token).rows
    now = house.store.clock()
    detail = house.inbox.detail(token, aside.conversation_id)
    told = dossier.build(detail, now, event_text=lambda event: events.line(event, now), works=True)["events"][0]
    assert (told["who"], told["href"]) == ("A noise rule", f"/noise?rule={number}")
    assert told["text"] == "spam (noise: words in it) (Words: korting actie)"
    house.inbox.rules.take_back(token, aside.event_id or 0)
    line = events.line(house.inbox.detail(token, aside.conversation_id).events[-1], now)
    assert line == "took back what a noise rule did"


def test_a_rule_is_switched_off_and_taken_back(app: App, house: House) -> None:
    number = add(house, Kind.SITE, "casino.example")
    test = page(app, "sanne", "noise_page", rule=str(number))
    test.toggle(key=f"noise_on_{number}_True").set_value(False).run()
    assert [one.active for one in house.inbox.noise.listing(house.token("sanne"))] == [False]
    test.button(key=f"noise_back_{number}").click().run()
    assert house.inbox.noise.listing(house.token("sanne")) == ()
    assert "The rule is gone" in html(test)


def test_what_is_suggested_shows_its_price_and_is_made_or_declined(app: App, house: House) -> None:
    token = house.token("sanne")
    for number in range(3):
        sample.customer_writes(house.store, f"Koop nu {number}", thread=992 + number, author="Reclame")
    for card in house.inbox.listing(token, View.NEW, limit=200).cards:
        if card.author_name == "Reclame":
            house.inbox.mark_spam(token, card.id)
    test = page(app, "sanne", "noise_page")
    test.button(key="noise_part_suggestions").click().run()
    assert "@reclame" in html(test)
    assert "3 marked as noise, 0 kept" in html(test)
    test.button(key="noise_accept_0").click().run()
    assert [one.origin for one in house.inbox.noise.listing(token)] == ["suggestion"]


def test_an_agent_reads_the_page_and_changes_only_own_rules(app: App, house: House) -> None:
    other, agent = add(house, Kind.SITE, "casino.example"), house.token("daan")
    card = house.inbox.listing(agent, View.NEW).cards[0]
    house.inbox.noise.mark(agent, card.id, Scope.AUTHOR)
    mine = next(one.id for one in house.inbox.noise.listing(agent) if one.kind is Kind.AUTHOR)
    test = page(app, "daan", "noise_page")
    assert not test.exception
    keys = {one.key for one in test.button}
    assert not keys & {"noise_make", "noise_part_suggestions", "noise_import"}
    assert test.toggle(key=f"noise_on_{other}_True").disabled
    assert not test.toggle(key=f"noise_on_{mine}_True").disabled
