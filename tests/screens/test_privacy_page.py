"""The Privacy page: who may, what it counts, the name typed over, the file, and what it says afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from inbox.errors import NotAllowed, NotFound
from inbox.permissions import PERMISSIONS, Role
from inbox.privacy.views import Preview
from inbox.views import CurrentUser, View
from screens import state
from screens.detail import customer
from store.forgetting import Account, Held
from store.schema import author, tombstone
from tests.screens.conftest import ROOT, House
from tests.screens.test_app import html
from tests.screens.test_customer_panel import NOW, _view

Open = Callable[..., Any]


@pytest.fixture
def who(house: House) -> int:
    """An account whose person said something."""
    token = house.token("sanne")
    for card in house.inbox.listing(token, View.ALL).cards:
        found = house.inbox.detail(token, card.id)
        if found.author is not None:
            return found.author.id
    raise AssertionError


@pytest.fixture
def page(house: House) -> Open:
    from streamlit.testing.v1 import AppTest

    def go(login: str, author_id: int | str | None = None) -> Any:
        token = house.token(login)
        state.use(lambda: house.inbox, token_of=lambda: token)
        script = (
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom screens import privacy_page\nprivacy_page.draw()\n"
        )
        test = AppTest.from_string(script, default_timeout=30)
        test.context["locale"] = "en-GB"
        test.context["timezone"] = "Europe/Amsterdam"
        if author_id is not None:
            test.query_params["author"] = str(author_id)
        return test.run()

    return go


def test_only_an_administrator_is_shown_the_way_and_let_in(page: Open, house: House, who: int) -> None:
    for role in Role:
        user = CurrentUser(1, "a", "A", role, None, "en", PERMISSIONS[role])
        way = customer.build(_view(), user, NOW, here=9)["privacy"]
        assert way == ("/privacy?author=5" if role is Role.ADMINISTRATOR else "")
    test = page("daan", who)
    assert not test.exception
    assert "does not allow this" in html(test)
    assert not test.text_input
    with pytest.raises(NotAllowed):
        house.inbox.privacy.erase(house.token("daan"), who)


def test_it_counts_what_would_go_and_erases_only_whom_was_typed_over(page: Open, house: House, who: int) -> None:
    preview = house.inbox.privacy.preview(house.token("sanne"), who)
    test = page("sanne", who)
    assert f"messages of theirs: <b>{preview.held.messages}</b>" in html(test)
    assert "a tombstone" in html(test)
    assert preview.spelt in html(test)
    test.text_input(key="privacy_typed").input("somebody else")
    test.button(key="privacy_submit").click().run()
    assert "Nothing was erased" in html(test)
    assert house.inbox.privacy.preview(house.token("sanne"), who) == preview
    test.text_input(key="privacy_typed").input(f" {preview.spelt.upper()} ")
    test.button(key="privacy_submit").click().run()
    assert not test.exception
    assert "Erased: " in html(test)
    with pytest.raises(NotFound):
        house.inbox.privacy.preview(house.token("sanne"), who)
    with house.store.read() as conn:
        assert conn.execute(select(author.c.id).where(author.c.id == who)).first() is None
        assert len(conn.execute(select(tombstone)).all()) > 1
    (line,) = house.inbox.access.record(house.token("sanne"), kind="privacy").lines
    assert (line.action, line.actor_id) == ("person_erased", house.ids["sanne"])
    assert preview.spelt not in repr(line)


def test_the_file_is_made_when_it_is_asked_for_and_leaves_a_line(house: House, who: int) -> None:
    token = house.token("sanne")
    dutch = house.inbox.privacy.subject_access(token, who).decode()
    assert '<html lang="nl">' in dutch
    told = json.loads(house.inbox.privacy.subject_access(token, who, form="json"))
    assert told["accounts"]
    assert told["conversations"]
    lines = house.inbox.access.record(token, kind="privacy").lines
    assert [(line.action, line.actor_id) for line in lines] == [("subject_access", house.ids["sanne"])] * 2


@pytest.mark.parametrize("told", [None, "", "x", "-1", "999999999999999999999999", "12", "٣"])
def test_an_address_that_names_nobody_says_so(page: Open, told: str | None) -> None:
    test = page("sanne", told)
    assert not test.exception
    assert "Whose data?" in html(test) or "Nothing is kept" in html(test)
    assert not test.text_input


@pytest.mark.parametrize(
    ("handle", "name", "spelt"),
    [("tjeerd", "Tjeerd", "tjeerd"), (None, "Tjeerd de Wit", "Tjeerd de Wit"), ("😀", "محمد", "7"), (None, None, "7")],
)
def test_what_is_typed_over_can_be_typed_on_any_keyboard(handle: str | None, name: str | None, spelt: str) -> None:
    assert Preview((Account(7, ("x", "1"), handle, name, None, None),), Held()).spelt == spelt
