"""The steps of a login, driven: what reaches the connector, what reaches the terminal, and what does not."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.connecting import Ask, Browse, Call, Connected, Field, Redirect, Tell
from connectors.errors import AuthDead, FormatChanged, Transient
from connectors.requests import HttpRequest, HttpResponse
from klankbord.connecting.person import Person, printable
from klankbord.connecting.returning import Landing, Trips, is_same
from klankbord.connecting.walk import walk
from klankbord.console import CommandError
from pipeline.http.redact import KNOWN, redact_text
from tests.connecting.played import Played

NOW = datetime(2026, 3, 10, tzinfo=UTC)
CALL = Call(HttpRequest("https://platform.example/me"))


def driven(steps: Any, person: Person | None = None, body: bytes = b"{}", fault: Exception | None = None) -> Connected:
    def perform(request: HttpRequest, hosts: frozenset[str]) -> HttpResponse:
        asked.append((request, hosts))
        if fault is not None:
            raise fault
        return HttpResponse(request, 200, {}, body, request.url, NOW)

    asked: list[Any] = []
    person = person or Person(terminal=False, environment={})
    return walk(steps, person, Trips(person, port=0), perform, name="tested")


def test_trouble_on_the_way_is_raised_at_the_call_and_may_be_caught_there() -> None:
    def steps() -> Generator[Any, Any, Connected]:
        try:
            yield CALL
        except Transient as error:
            yield Tell(f"later: {error}")
        return Connected({}, {}, "acme")

    person = Person(terminal=False, environment={})
    assert driven(steps(), person, fault=Transient("it is down")).account == "acme"
    assert [each.text for each in person.told] == ["later: it is down"]


def test_a_fault_of_a_connector_is_told_without_its_words() -> None:
    def steps() -> Generator[Any, Any, Connected]:
        yield CALL
        msg = "Secret-that-was-typed"
        raise ValueError(msg)

    with pytest.raises(FormatChanged) as failed:
        driven(steps())
    assert str(failed.value) == "the tested connector failed while connecting: ValueError"


def test_a_connector_that_ends_without_a_login_says_so() -> None:
    def steps() -> Generator[Any, Any, Any]:
        yield CALL
        return None

    with pytest.raises(FormatChanged, match="ended without a login"):
        driven(steps())


def test_a_token_that_a_platform_told_is_masked_wherever_it_turns_up() -> None:
    def steps() -> Generator[Any, Any, Connected]:
        answer = yield CALL
        msg = f"the platform said {answer.body.decode()}"
        raise AuthDead(msg)

    body = b'{"data": [{"accessJwt": "told-by-the-platform-1"}], "refresh_token": "told-by-the-platform-2"}'
    with pytest.raises(AuthDead) as failed:
        driven(steps(), body=body)
    assert "told-by-the-platform" not in redact_text(str(failed.value), KNOWN.all())


def test_what_is_typed_into_a_secret_field_is_masked_and_every_field_is_answered() -> None:
    fields = (
        Field("secret", "Secret", secret=True),
        Field("more", "More", optional=True),
        Field("at", "At", default="x"),
    )
    given: list[Any] = []

    def steps() -> Generator[Any, Any, Connected]:
        given.append((yield Ask(fields)))
        return Connected({}, {}, "acme")

    person = Person({"secret": "  typed-by-a-person-1 "}, terminal=False, environment={})
    driven(steps(), person)
    assert given == [{"secret": "typed-by-a-person-1", "more": "", "at": "x"}]
    assert type(given[0]) is dict
    assert "typed-by-a-person-1" in KNOWN.all()


def test_the_address_that_is_registered_is_the_one_the_browser_comes_back_to() -> None:
    def steps() -> Generator[Any, Any, Connected]:
        before = yield Redirect()
        back = yield Browse(
            lambda redirect, state, _: f"https://platform.example/?redirect_uri={redirect}&state={state}"
        )
        assert before == back.redirect_uri
        return Connected({}, {}, back.params["code"])

    assert Played().connect(steps()).account == "a-code"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "https://x.example/\u202e", "nothing"]
)
def test_a_browser_is_sent_to_web_addresses_only(address: str) -> None:
    def steps() -> Generator[Any, Any, Connected]:
        yield Browse(lambda *_: address)
        return Connected({}, {}, "acme")

    with pytest.raises(CommandError, match="none that a browser may open"):
        driven(steps())


def test_before_a_login_was_begun_no_answer_is_taken() -> None:
    landing = Landing("127.0.0.1", 0, "/connected")
    try:
        assert httpx.get(f"{landing.address}?code=a&state=").status_code == 400
        assert httpx.post(f"{landing.address}?code=a").status_code == 501
    finally:
        landing.close()


@given(st.text(), st.text())
def test_only_the_same_state_is_the_same(one: str, two: str) -> None:
    assert is_same(two, two)
    assert is_same(one, two) == (one == two)


@given(st.text())
def test_nothing_that_steers_a_terminal_is_printed(text: str) -> None:
    shown = printable(text)
    assert all(sign.isprintable() or sign in "\n\t" for sign in shown)
    assert "\x1b" not in shown
