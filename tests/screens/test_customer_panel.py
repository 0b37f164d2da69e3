"""The customer panel as JSON for its component, and the panel and the entry page as the app runs them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from inbox.permissions import PERMISSIONS, Role
from inbox.persons.views import AccountView, ContactView, Counts, CustomerView, SuggestionView
from inbox.views import CurrentUser, Filters, View
from screens import i18n, state
from screens.detail import customer
from tests.screens.conftest import House

NOW = datetime(2026, 3, 10, 11, tzinfo=UTC)
AGENT = CurrentUser(1, "a", "A", Role.AGENT, None, "en", PERMISSIONS[Role.AGENT])
HOSTILE = ("<img src=x onerror=alert(1)>", "\u202egnp.exe", "z\u0301\u0302\u0303" * 400, "", "\x00\ud800x")


def _view(name: str = "Tjeerd") -> CustomerView:
    account = AccountView(
        5, "mastodon", name, "tjeerd", "https://social.example/@t", 12, is_staff=False, is_bot=False, can_split=True
    )
    contact = ContactView(
        9,
        "phone",
        "By hand",
        "manual",
        "resolved",
        is_open=False,
        said=name or "x",
        said_at=NOW,
        n_said=2,
        rating=0.4,
        answered=name,
        answered_at=NOW,
        promise_due_at=NOW,
    )
    asked = SuggestionView(5, 6, "discourse", name, name or None, "javascript:alert(1)", 0.9, ("same_order", "unknown"))
    return CustomerView(
        author_id=5,
        person_id=3,
        name=name,
        known_as=None,
        consent=None,
        notes=name,
        merged_notes=(name,),
        accounts=(account,),
        badges=(),
        suggestions=(asked,),
        counts=Counts(11, 2, NOW, capped=False),
        history=(contact,),
        more=True,
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_and_missing_names_become_plain_json(name: str) -> None:
    drawn = customer.build(_view(name), AGENT, NOW, here=9)
    json.dumps(drawn).encode("utf-8")
    assert drawn["name"]
    assert "\\u0000" not in json.dumps(drawn)
    assert drawn["suggestions"][0]["url"] == ""
    assert drawn["suggestions"][0]["reasons"] == "the same order or customer number"
    assert len(drawn["accounts"][0]["name"]) <= 120


def test_the_figures_are_one_sentence() -> None:
    i18n.choose("en", "UTC")
    assert customer.counted(Counts(11, 2, NOW, capped=False)) == "11 contacts, 2 open, first on 10 Mar 2026"
    assert customer.counted(Counts(1, 0, None, capped=False)) == "1 contact"
    assert customer.counted(Counts(2000, 0, None, capped=True)) == "at least 2,000 contacts"
    assert customer.counted(Counts(1, 0, None, capped=True)) == "at least 1 contact"


def test_who_only_reads_sees_no_questions_to_answer() -> None:
    reader = replace(AGENT, permissions=PERMISSIONS[Role.READ_ONLY])
    assert customer.build(_view(), reader, NOW, here=9)["may"] == {"work": False, "note": False}


def _first_with_author(house: House) -> int:
    token = house.token("daan")
    for card in house.inbox.listing(token, View.ALL).cards:
        found = house.inbox.detail(token, card.id)
        if found.author is not None:
            return found.author.id
    raise AssertionError


def test_steps_of_the_panel_reach_the_person(house: House) -> None:
    who = _first_with_author(house)
    token = house.token("daan")
    state.use(lambda: house.inbox, token_of=lambda: token)

    def script(author: int) -> None:
        from screens import persons as panel

        panel.answer(author, {"what": "badge", "badge": "vip", "on": True})
        panel.answer(author, {"what": "describe", "note": "Belt liever", "name": "Tjeerd", "consent": ""})
        panel.answer(author, {"what": "badge", "badge": "king", "on": True})
        panel.answer(author, {"what": "unheard of"})

    test = AppTest.from_function(script, kwargs={"author": who}, default_timeout=30).run()
    assert not test.exception
    seen = house.inbox.persons.customer(token, who)
    assert [badge.code for badge in seen.badges] == ["vip"]
    assert (seen.notes, seen.known_as) == ("Belt liever", "Tjeerd")


def test_an_entry_is_saved_from_the_page_and_a_refusal_keeps_what_was_typed(house: House) -> None:
    token = house.token("daan")
    state.use(lambda: house.inbox, token_of=lambda: token)
    page = AppTest.from_string("from screens.manual import draw; draw()", default_timeout=30)
    page.context["locale"] = "en-GB"
    page.context["timezone"] = "Europe/Amsterdam"
    page.run()
    page.text_input(key="entry_name").set_value("Tjeerd").run()
    page.button(key="entry_save").click().run()
    assert not page.exception
    assert page.text_input(key="entry_name").value == "Tjeerd"
    page.text_area(key="entry_text").set_value("De monteur kwam niet.").run()
    page.button(key="entry_save").click().run()
    assert not page.exception
    (card,) = house.inbox.listing(token, View.ALL, Filters(source_ids=("manual",))).cards
    assert (card.author_name, card.snippet, card.visibility) == ("Tjeerd", "De monteur kwam niet.", "private")
