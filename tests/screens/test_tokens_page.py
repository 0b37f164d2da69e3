"""The page "API tokens" without a browser: who sees it, making a token that is shown once, ending one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from inbox.tokens import keeping
from inbox.tokens.checking import look
from inbox.tokens.scopes import Scope
from inbox.tokens.views import Bearer, Standing, Wish
from screens import state
from tests.screens.conftest import ROOT, House
from tests.screens.test_app import html

Open = Callable[..., Any]


@pytest.fixture
def page(house: House) -> Iterator[Open]:
    from streamlit.testing.v1 import AppTest

    tokens = {"now": ""}
    state.use(lambda: house.inbox, token_of=lambda: tokens["now"])

    def go(login: str) -> Any:
        tokens["now"] = house.token(login)
        script = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom screens import tokens_page\ntokens_page.draw()\n"
        test = AppTest.from_string(script, default_timeout=30)
        test.context["locale"] = "en-GB"
        test.context["timezone"] = "Europe/Amsterdam"
        return test.run()

    yield go
    state.use(lambda: house.inbox)


def test_only_administrators_are_let_in(page: Open) -> None:
    test = page("daan")
    assert not test.exception
    assert "does not allow this" in html(test)
    assert not test.button


def test_a_token_that_was_made_is_shown_once_and_works(page: Open, house: House) -> None:
    test = page("sanne")
    assert "No tokens yet" in html(test)
    test.text_input(key="token_name").input("Nightly <b>report</b>")
    test.multiselect(key="token_sources").select("forum")
    test.button(key="token_submit").click().run()
    secret = test.get("code")[0].value
    bearer = look(house.desk, secret)
    assert isinstance(bearer, Bearer)
    assert bearer.scopes == {Scope.READ_MENTIONS}
    assert bearer.source_ids == ("forum",)
    assert bearer.person == str(house.ids["sanne"])
    assert "only Klantenforum" in html(test)
    assert "<b>report</b>" not in html(test)
    test.run()
    assert not test.get("code")
    assert secret not in html(test)


def test_what_cannot_be_made_is_said_in_words(page: Open) -> None:
    test = page("sanne")
    test.button(key="token_submit").click().run()
    assert "A token has a name of 1 to 100 characters." in html(test)
    assert not test.get("code")


def test_a_revoked_token_stays_in_the_list_and_is_refused(page: Open, house: House) -> None:
    made = keeping.make(house.desk, Wish("old", (Scope.READ_WORK,), 30))
    test = page("sanne")
    test.button(key=f"revoke_{made.view.id}").click().run()
    assert look(house.desk, made.secret) is Standing.REVOKED
    assert "Revoked: it is refused from now on." in html(test)
    assert "made on the command line" in html(test)
    assert not [one for one in test.button if one.key == f"revoke_{made.view.id}"]
