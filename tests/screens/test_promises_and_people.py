"""Promises, availability, hand-over notes and the Team page on screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inbox.views import View
from screens import state
from tests.screens.conftest import House

App = Callable[..., Any]


def html(test: Any) -> str:
    """All HTML that the page shows."""
    return "\n".join(str(one.proto.body) for one in test.get("html"))


@pytest.fixture
def team_page(house: House) -> Iterator[Callable[[str], Any]]:
    """The Team page alone, as it runs for somebody."""
    from streamlit.testing.v1 import AppTest

    tokens = {"now": ""}
    state.use(lambda: house.inbox, token_of=lambda: tokens["now"])

    def opened(login: str) -> Any:
        tokens["now"] = house.token(login)
        test = AppTest.from_string("from screens.team_page import draw; draw()", default_timeout=30)
        test.context["locale"] = "en-GB"
        test.context["timezone"] = "Europe/Amsterdam"
        return test.run()

    yield opened
    state.use(lambda: house.inbox)


def promised(house: House, text: str = "Dank je. We komen er morgen vóór 17:00 op terug.") -> int:
    """A conversation of Daan's with an answer that promises something."""
    card = house.inbox.listing(house.token("daan"), View.NEW).cards[3]
    house.inbox.answered_by_hand(house.token("daan"), card.id, text=text)
    return card.id


def test_a_suggested_promise_is_confirmed_with_one_click(app: App, house: House) -> None:
    number = promised(house)
    test = app("daan", c=str(number))
    assert not test.exception
    assert "We komen er morgen vóór 17:00 op terug" in html(test)
    (found,) = house.inbox.promises.of(house.token("daan"), number)
    test.button(key=f"promise_confirm_{found.id}_panel").click().run()
    (kept,) = house.inbox.promises.of(house.token("daan"), number)
    assert kept.state == "open"
    assert test.session_state["klankbord_tab"].step.done.code == "promise_confirmed"


def test_what_was_promised_elsewhere_is_asked_over_the_next_conversation(app: App, house: House) -> None:
    number = promised(house)
    other = house.inbox.listing(house.token("daan"), View.NEW).cards[1]
    test = app("daan", c=str(other.id))
    (found,) = house.inbox.promises.of(house.token("daan"), number)
    assert {one.key for one in test.button} >= {f"promise_confirm_{found.id}_strip", f"promise_drop_{found.id}_strip"}
    test.button(key=f"promise_drop_{found.id}_strip").click().run()
    assert house.inbox.promises.of(house.token("daan"), number)[0].state == "dropped"
    assert f"promise_confirm_{found.id}_strip" not in {one.key for one in test.button}


def test_a_promise_of_a_colleague_is_not_asked_of_others(app: App, house: House) -> None:
    promised(house)
    other = house.inbox.listing(house.token("sanne"), View.NEW).cards[1]
    test = app("sanne", c=str(other.id))
    assert not [one.key for one in test.button if str(one.key).endswith("_strip")]


def test_hostile_words_of_a_promise_are_shown_as_they_are(app: App, house: House) -> None:
    number = promised(house)
    due = datetime.now(UTC) + timedelta(hours=5)
    house.inbox.promises.make(house.token("daan"), number, text="<img src=x onerror=alert(1)> **bel**", due_at=due)
    shown = html(app("robin", c=str(number)))
    assert "<img" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt; **bel**" in shown


def test_who_only_reads_sees_promises_without_buttons(app: App, house: House) -> None:
    test = app("robin", c=str(promised(house)))
    assert "We komen er morgen" in html(test)
    assert not [one.key for one in test.button if str(one.key).startswith("promise_")]


def test_the_view_of_mentions_empties_when_the_conversation_is_opened(app: App, house: House) -> None:
    card = house.inbox.listing(house.token("daan"), View.NEW).cards[0]
    house.inbox.add_note(house.token("sanne"), card.id, "@daan kijk jij?")
    assert house.inbox.mentions.count(house.token("daan")) == 1
    app("daan", c=str(card.id))
    assert house.inbox.mentions.count(house.token("daan")) == 0


def test_a_hand_over_note_stands_over_the_inbox_until_it_is_done(app: App, house: House) -> None:
    assert 'class="kb-handover"' not in html(app("daan"))
    house.inbox.hand_over.write(house.token("sanne"), "<b>Storing</b> in Almere", team_id="webcare")
    test = app("daan")
    assert "&lt;b&gt;Storing&lt;/b&gt; in Almere" in html(test)
    (one,) = house.inbox.hand_over.standing(house.token("daan"))
    test.button(key=f"handover_done_{one.id}").click().run()
    assert house.inbox.hand_over.standing(house.token("daan")) == ()
    assert 'class="kb-handover"' not in html(test)


def test_somebody_leaves_a_note_for_the_next_shift(app: App, house: House) -> None:
    test = app("daan")
    assert not test.text_area
    test.session_state["handover_menu"] = True
    test.run()
    test.text_area(key="handover_text").input("Let op de bezorging")
    test.button(key="handover_submit").click().run()
    (one,) = house.inbox.hand_over.standing(house.token("sanne"))
    assert (one.text, one.team_id) == ("Let op de bezorging", "webcare")


def test_the_team_page_is_for_those_who_lead(team_page: Callable[[str], Any], house: House) -> None:
    house.inbox.availability.away(house.token("daan"), until=datetime.now(UTC) + timedelta(days=2))
    test = team_page("sanne")
    shown = html(test)
    assert not test.exception
    assert re.search(r"Daan Mulder.*?away until", shown, re.DOTALL)
    assert "kb-heat" in shown
    refused = team_page("daan")
    assert "kb-heat" not in html(refused)
    assert "does not allow" in html(refused)


def test_a_plan_is_kept_and_one_that_cannot_be_read_is_refused_in_words(
    team_page: Callable[[str], Any], house: House
) -> None:
    test = team_page("sanne")
    daan = house.ids["daan"]
    test.text_input(key=f"plan_skills_{daan}").input("lang:de, tag:Facturen")
    test.text_input(key=f"plan_hours_{daan}").input("mon-thu 09:00-17:00")
    test.button(key=f"plan_save_{daan}").click().run()
    mine = next(one for one in house.inbox.availability.people(house.token("sanne")) if one.id == daan)
    assert (mine.skills, mine.hours) == (("lang:de", "tag:facturen"), "mon-thu 09:00-17:00")
    test.text_input(key=f"plan_skills_{daan}").input("Duits")
    test.button(key=f"plan_save_{daan}").click().run()
    assert "is no skill" in html(test)


@pytest.mark.parametrize("away", [True, False])
def test_the_switch_says_how_somebody_stands(app: App, house: House, away: bool) -> None:
    if away:
        house.inbox.availability.away(house.token("daan"))
    labels = str([one.proto for one in app("daan").get("menu_button")]) + str(app("daan"))
    assert ("I am back" in labels) is away or ("Away" in labels) is away


@pytest.mark.slow
def test_a_promise_in_a_real_browser_from_suggestion_to_undo(visit: Callable[..., Any], served: Any) -> None:
    number = promised(served.house, "Dank je. U hoort overmorgen om 10:00 van ons.")
    page = visit("daan", f"/?c={number}")
    row = page.locator('[class*="st-key-promiserow_"]').first
    row.get_by_role("button", name="Confirm").click()
    page.get_by_text("Promise confirmed.").wait_for()
    page.locator(".kb-promise.green").first.wait_for()
    assert [one.state for one in served.house.inbox.promises.of(served.house.token("daan"), number)] == ["open"]
    page.get_by_role("button", name="Undo").click()
    page.locator(".kb-promise.orange").first.wait_for()
    assert [one.state for one in served.house.inbox.promises.of(served.house.token("daan"), number)] == ["suggested"]
    assert not page.elsewhere
