"""Writing without a browser: what the composer is given, what its callbacks do, templates and approvals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from inbox.errors import CannotReply, CustomerWroteAgain, NeedsASecondLook
from inbox.permissions import Role
from inbox.views import Card, Filters, View
from inbox.writing.views import Finding, Mode, Scope, Severity
from screens import findings, state, writing
from screens.detail import outgoing
from tests.screens.conftest import House

App = Callable[..., Any]
PERSONAL = "Bel ons op 06-12345678"


def html(test: Any) -> str:
    return "\n".join(str(one.proto.body) for one in test.get("html"))


def card_of(house: House, words: str) -> Card:
    return house.inbox.listing(house.token("sanne"), View.ALL, Filters(search=words)).cards[0]


def composer(test: Any) -> dict[str, Any]:
    """What the composer component was given."""
    for one in test.get("bidi_component"):
        data = json.loads(one.proto.json)
        if "modes" in data:
            return dict(data)
    raise AssertionError


def modes(test: Any) -> list[str]:
    return [one["id"] for one in composer(test)["modes"]]


def test_where_the_platform_takes_answers_the_composer_begins_with_one(app: App, house: House) -> None:
    test = app("daan", c=str(card_of(house, "storingskaart").id))
    assert modes(test) == ["reply", "hand", "note"]
    given = composer(test)
    assert given["limit"] == {"max": 32_000, "unit": "code_points", "link": None}
    assert given["approval"] == ""


def test_where_it_does_not_the_reason_and_the_way_there_are_told(app: App, house: House) -> None:
    test = app("daan", c=str(card_of(house, "eSIM").id))
    assert modes(test) == ["hand", "note"]
    hand = composer(test)["hand"]
    assert hand["why"] == "A dropped file takes no answers: answer where it came from."
    assert hand["url"].startswith("https://reviews.example/")


def test_a_specialist_answers_with_approval_and_decides_nothing_about_the_conversation(app: App, house: House) -> None:
    test = app("iris", c=str(card_of(house, "storingskaart").id))
    assert modes(test) == ["reply", "note"]
    given = composer(test)
    assert given["approval"] == "A colleague reads this before it goes out."
    assert [follow for follow, _label in given["modes"][0]["follow"]] == ["stay"]


def test_where_the_platform_has_a_choice_one_says_who_can_read_it(app: App, house: House) -> None:
    given = composer(app("daan", c=str(card_of(house, "gegevens").id)))
    assert [value for value, _label in given["seen"]["options"]] == ["public", "unlisted", "private"]
    assert given["limit"]["link"] == 23


def test_a_draft_and_that_of_a_colleague_are_there_when_the_page_opens(app: App, house: House) -> None:
    number = card_of(house, "storingskaart").id
    save = house.inbox.writing.save_draft
    save(house.token("daan"), number, mode=Mode.REPLY, text="Hoi <b>Femke</b>", rev=4, version=1)
    save(house.token("sanne"), number, mode=Mode.REPLY, text="geheim", rev=1, version=1)
    given = composer(app("daan", c=str(number)))
    assert given["drafts"]["reply"]["text"] == "Hoi <b>Femke</b>"
    assert given["revs"] == {"reply": 4}
    assert given["others"] == "Sanne de Wit has a draft"
    assert "geheim" not in json.dumps(given)


@pytest.fixture
def daan(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Callbacks run as Daan, outside a page: with a session of its own."""
    session: dict[str, Any] = {}
    import streamlit as st

    monkeypatch.setattr(st, "session_state", session)
    token = house.token("daan")
    state.use(lambda: house.inbox, token_of=lambda: token)
    yield session
    state.use(lambda: house.inbox)


def typed(number: int, text: str, **more: Any) -> writing.Typed:
    sent = {"id": number, "mode": "reply", "text": text, "rev": 1, "version": 0, "nonce": "n1", **more}
    found = writing.Typed.of(sent)
    assert found is not None
    return found


def test_what_no_composer_of_ours_sends_is_not_read() -> None:
    for wrong in (
        {},
        {"id": "1", "rev": 1, "mode": "reply"},
        {"id": 1, "rev": 1, "mode": "oops"},
        {"id": 1, "mode": "note"},
    ):
        assert writing.Typed.of(wrong) is None


@pytest.mark.usefixtures("daan")
def test_a_pause_in_typing_keeps_the_draft_and_says_when(house: House) -> None:
    number = card_of(house, "storingskaart").id
    assert writing.keep(typed(number, "Hoi")) is None
    saved = writing.desk().saved
    assert saved is not None
    assert (saved["ok"], saved["kept"], saved["rev"]) == (True, True, 1)
    assert house.inbox.writing.drafts(house.token("daan"), number).of(Mode.REPLY) is not None


@pytest.mark.usefixtures("daan")
def test_too_long_a_draft_is_told_and_not_tried_again(house: House) -> None:
    assert writing.keep(typed(card_of(house, "storingskaart").id, "x" * 100_001)) is not None
    saved = writing.desk().saved
    assert saved is not None
    assert (saved["ok"], saved["retry"]) == (False, False)
    assert "at most 100,000" in saved["text"]


@pytest.mark.usefixtures("daan")
def test_personal_data_stops_the_send_and_the_second_yes_sends_it(house: House) -> None:
    card = card_of(house, "storingskaart")
    writing.compose(typed(card.id, PERSONAL, version=card.version))
    stop = writing.desk().stop
    assert stop is not None
    assert stop["confirm"] == ["phone"]
    assert [(one["label"], PERSONAL[one["start"] : one["end"]]) for one in stop["lines"]] == [
        ("Phone number", "06-12345678")
    ]
    assert state.tab().composed == ""
    assert house.inbox.replies.of(house.token("daan"), card.id) == ()
    writing.compose(
        typed(card.id, PERSONAL, version=card.version, rev=2, nonce="n2", confirmed=["phone"], follow="resolved")
    )
    assert writing.desk().stop is None
    assert state.tab().composed == "n2"
    (view,) = house.inbox.replies.of(house.token("daan"), card.id)
    assert (view.text, view.follow_up) == (PERSONAL, "resolved")
    assert house.inbox.writing.drafts(house.token("daan"), card.id).mine == ()


@pytest.mark.usefixtures("daan")
def test_initials_are_put_under_the_answer_when_asked(house: House) -> None:
    card = card_of(house, "storingskaart")
    house.inbox.writing.set_initials(house.token("daan"), "DM")
    writing.compose(typed(card.id, "Goed idee!", version=card.version, sign=True))
    (view,) = house.inbox.replies.of(house.token("daan"), card.id)
    assert view.text == "Goed idee! ^DM"


@pytest.mark.usefixtures("daan")
def test_a_note_and_an_answer_by_hand_leave_no_draft(house: House) -> None:
    card = card_of(house, "eSIM")
    writing.compose(typed(card.id, "Nagevraagd", mode="note", version=card.version))
    writing.compose(typed(card.id, "We do", mode="hand", version=card.version, nonce="n2"))
    detail = house.inbox.detail(house.token("daan"), card.id)
    assert [note.text for note in detail.notes] == ["Nagevraagd"]
    assert [event.code for event in detail.events][-1] == "answered_by_hand"
    assert house.inbox.writing.drafts(house.token("daan"), card.id).mine == ()


@pytest.mark.usefixtures("daan")
def test_when_a_colleague_has_it_the_text_stands_as_a_draft_and_the_reason_is_told(house: House) -> None:
    card = card_of(house, "storingskaart")
    house.inbox.claim(house.token("sanne"), card.id)
    writing.compose(typed(card.id, "Goed idee!", version=card.version))
    stop = writing.desk().stop
    assert stop is not None
    assert "Sanne de Wit has this conversation" in stop["title"]
    found = house.inbox.writing.drafts(house.token("daan"), card.id).of(Mode.REPLY)
    assert found is not None
    assert found.text == "Goed idee!"


def test_refusals_become_strips_in_words() -> None:
    again = findings.stop(CustomerWroteAgain(("Hallo? <b>x</b>",), 4))
    assert again["texts"] == ["Hallo? <b>x</b>"]
    assert "wrote again" in again["title"]
    cannot = findings.stop(CannotReply("Closed topic.", "javascript:alert(1)"))
    assert (cannot["tone"], cannot["link"]) == ("error", None)
    gap = NeedsASecondLook((Finding("gap", Severity.STOP, 4, 16, {"name": "first_name"}),), None)
    assert findings.stop(gap)["confirm"] is None


def test_every_state_of_an_answer_has_a_bubble_and_every_button_an_act() -> None:
    from inbox.replying.states import State
    from screens import replying

    told = {one.value for one in State} - {"cancelled"}
    assert set(outgoing._LABELS) == told
    assert {"approve", "reject", "sent_by_hand", "was_not_sent", "retry", "cancel"} <= set(replying._ACTS)


def test_a_template_is_made_changed_and_put_away_on_its_page(house: House) -> None:
    from streamlit.testing.v1 import AppTest

    token = house.token("sanne")
    state.use(lambda: house.inbox, token_of=lambda: token)
    test = AppTest.from_function(_templates_page, default_timeout=30).run()
    assert "No templates yet" in html(test)
    test.text_input(key="tpl_new_name").set_value("Storing")
    test.text_area(key="tpl_new_text").set_value("Hoi {first_name} <b>van</b> {brand}")
    test.selectbox(key="tpl_new_scope").set_value(Scope.SHARED).run()
    assert "Hoi Eva &lt;b&gt;van&lt;/b&gt; Northwind" in html(test)
    test.button(key="tpl_new_save").click().run()
    (made,) = house.inbox.writing.templates(token)
    assert (made.name, made.scope) == ("Storing", Scope.SHARED)
    test.button(key=f"template_edit_{made.id}").click().run()
    test.text_area(key=f"tpl_{made.id}_text").set_value("Hoi {oops}")
    test.button(key=f"tpl_{made.id}_save").click().run()
    assert "There is no variable {oops}" in html(test)
    test.button(key=f"template_archive_{made.id}").click().run()
    assert house.inbox.writing.templates(token) == ()
    assert not test.exception


def _templates_page() -> None:
    from screens import templates_page
    from screens.state import enter

    enter()
    templates_page.draw()


def test_an_agent_makes_personal_templates_only(house: House) -> None:
    from streamlit.testing.v1 import AppTest

    admin, daan_token = house.token("sanne"), house.token("daan")
    shared = house.inbox.writing.save_template(admin, None, name="Van ons", text="x", scope=Scope.SHARED)
    state.use(lambda: house.inbox, token_of=lambda: daan_token)
    test = AppTest.from_function(_templates_page, default_timeout=30).run()
    assert test.selectbox(key="tpl_new_scope").options == ["Only for me"]
    assert f"template_edit_{shared.id}" not in {one.key for one in test.button}


def _approvals_page() -> None:
    from screens import approvals_page
    from screens.state import enter

    enter()
    approvals_page.draw()


def test_what_waits_for_approval_is_listed_with_its_question(house: House) -> None:
    from streamlit.testing.v1 import AppTest

    house.person("lotte", "Lotte Lead", Role.LEAD)
    card = card_of(house, "storingskaart")
    house.inbox.replies.send(house.token("iris"), card.id, text="Goed idee!", version=card.version)
    token = house.token("lotte")
    state.use(lambda: house.inbox, token_of=lambda: token)
    test = AppTest.from_function(_approvals_page, default_timeout=30).run()
    (row,) = next(json.loads(one.proto.json)["rows"] for one in test.get("bidi_component") if "acts" in one.proto.json)
    assert (row["to"], row["text"]) == ("Femke Hoekstra", "Goed idee!")
    assert [what for what, _label, _kind in row["buttons"]][:3] == ["approve", "edit", "reject"]
