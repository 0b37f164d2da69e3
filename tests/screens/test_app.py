"""The pages without a browser: what each role sees, what pressing does, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inbox.views import Filters, View
from screens import state
from tests.screens.conftest import House, decision, decisions

App = Callable[..., Any]


def html(test: Any) -> str:
    """All HTML that the page shows."""
    return "\n".join(str(one.proto.body) for one in test.get("html"))


def first(house: House) -> Any:
    return house.inbox.listing(house.token("sanne"), View.NEW).cards[0]


def test_the_first_of_the_queue_is_open(app: App, house: House) -> None:
    test = app("daan")
    assert not test.exception
    assert f'data-conversation="{first(house).id}"' in html(test)
    assert decisions(test) >= {"claim", "resolve"}


def test_without_a_session_there_is_only_the_way_to_sign_in(app: App) -> None:
    test = app("")
    assert not test.button
    assert 'href="/login"' in html(test)


def test_resolving_opens_the_next_and_offers_undo(app: App, house: House) -> None:
    card = first(house)
    test = app("daan")
    decision(test, "resolve").click().run()
    assert house.inbox.detail(house.token("sanne"), card.id).card.status == "resolved"
    tab = test.session_state["klankbord_tab"]
    assert tab.selected != card.id
    assert tab.step.done.event_id is not None


def test_taking_and_giving_back(app: App, house: House) -> None:
    card = first(house)
    test = app("daan")
    decision(test, "claim").click().run()
    taken = house.inbox.detail(house.token("sanne"), card.id).card
    assert taken.claimed_by is not None
    assert taken.claimed_by.name == "Daan Mulder"
    decision(test, "release").click().run()
    assert house.inbox.detail(house.token("sanne"), card.id).card.claimed_by is None


def test_what_a_colleague_has_is_said_in_words(app: App, house: House) -> None:
    card = first(house)
    house.inbox.claim(house.token("sanne"), card.id)
    test = app("daan", c=str(card.id))
    assert "Sanne de Wit has this since" in html(test)
    assert "claim" not in decisions(test)


def test_a_decision_on_what_changed_meanwhile_is_refused_and_shown(app: App, house: House) -> None:
    card = first(house)
    test = app("daan")
    house.inbox.set_priority(house.token("sanne"), card.id, 0)
    decision(test, "resolve").click().run()
    assert "changed since you opened it" in html(test)
    assert house.inbox.detail(house.token("sanne"), card.id).card.status == "new"


def test_a_session_that_ended_elsewhere_stops_the_next_action(app: App, house: House) -> None:
    card = first(house)
    test = app("daan")
    house.inbox.sign_out(state.token())
    decision(test, "resolve").click().run()
    assert house.inbox.detail(house.token("sanne"), card.id).card.status == "new"
    assert 'id="kb-signed-out"' in html(test) or "signed out" in html(test)


def test_reading_only_means_no_buttons_and_no_composer(app: App) -> None:
    test = app("robin")
    assert not [one.key for one in test.button if str(one.key).startswith("do_")]
    assert not test.selectbox(key="filter_assignee_id").disabled


def test_a_search_narrows_the_list(app: App) -> None:
    test = app("daan")
    test.text_input(key="search").input("eSIM").run()
    tab = test.session_state["klankbord_tab"]
    assert [card.author_name for card in tab.cards] == ["Anouk Dekker"]
    assert tab.selected == tab.cards[0].id


def test_a_search_that_cannot_be_read_keeps_the_page_and_says_why(app: App) -> None:
    test = app("daan")
    test.text_input(key="search").input("(eSIM").run()
    assert not test.exception
    assert 'id="kb-search-problem"' in html(test)


def test_filters_narrow_and_clear(app: App) -> None:
    test = app("daan")
    before = len(test.session_state["klankbord_tab"].cards)
    test.multiselect(key="filter_source_ids").select("reviews").run()
    tab = test.session_state["klankbord_tab"]
    assert {card.source_id for card in tab.cards} == {"reviews"}
    test.button(key="filters_clear").click().run()
    tab = test.session_state["klankbord_tab"]
    assert tab.filters == Filters()
    assert len(tab.cards) == before


def test_a_deep_link_opens_its_conversation(app: App, house: House) -> None:
    wanted = house.inbox.listing(house.token("sanne"), View.NEW).cards[5].id
    assert f'data-conversation="{wanted}"' in html(app("daan", c=str(wanted)))


def test_a_deep_link_to_nothing_says_so(app: App) -> None:
    test = app("daan", c="123")
    assert not test.exception
    assert "no longer there" in html(test)


def test_a_deep_link_that_is_no_number_is_ignored(app: App, house: House) -> None:
    assert f'data-conversation="{first(house).id}"' in html(app("daan", c="<script>"))


def test_the_page_speaks_the_language_of_the_person(app: App, house: House) -> None:
    house.inbox.set_language(house.token("daan"), "nl")
    test = app("daan")
    assert decision(test, "claim").label == "Oppakken"


def test_every_key_of_the_list_is_a_decision_that_exists() -> None:
    from screens.decisions import DECISIONS
    from screens.inbox_page import _KEYS

    assert {what.partition(":")[0] for what in _KEYS.values()} <= DECISIONS.keys()


def test_beside_an_empty_list_nobody_is_told_to_choose_from_it(app: App) -> None:
    test = app("daan", view="snoozed")
    shown = " ".join(str(one.proto.body) for one in test.get("html"))
    assert "No conversation is open" in shown
    assert "Choose a conversation" not in shown
