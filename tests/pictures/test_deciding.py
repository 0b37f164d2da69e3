"""What follows from a fetch that brought no picture, and what a new sight of a message changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import (
    AuthDead,
    AuthExpired,
    BadRequest,
    BudgetExhausted,
    ConnectorError,
    Forbidden,
    FormatChanged,
    Gone,
    RateLimited,
    Transient,
)
from connectors.requests import HttpRequest, HttpResponse
from pipeline.http.body import TooLarge
from pipeline.pictures.deciding import PAUSES, Again, Tried, of_answer, of_error
from store.commit.attachments import MOST, Known, compare, identity_of
from store.pictures import RENEWED, Left, State
from store.records import MediaRecord

NOW = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
ERRORS: list[ConnectorError] = [
    RateLimited("x"),
    RateLimited("x", until=NOW + timedelta(hours=3)),
    BudgetExhausted("x"),
    Transient("x"),
    Transient("x", retry_after_s=7200),
    AuthExpired("x"),
    AuthDead("x"),
    Forbidden("x"),
    Gone("x"),
    BadRequest("x"),
    FormatChanged("x"),
    TooLarge("x"),
    ConnectorError("x"),
]


def tried(tries: int = 0, *, age: timedelta = timedelta(), chance: float = 0.5) -> Tried:
    return Tried(NOW, NOW - age, tries, chance)


def answer(status: int, body: bytes = b"", **headers: str) -> HttpResponse:
    return HttpResponse(HttpRequest("https://s.example/a.jpg"), status, headers, body, "https://s.example/a.jpg", NOW)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Forbidden("x"), Left.ADDRESS),
        (BadRequest("x"), Left.ADDRESS),
        (Gone("x"), Left.GONE),
        (TooLarge("x"), Left.LARGE),
        (FormatChanged("x"), Left.UNREADABLE),
    ],
)
def test_what_asking_again_does_not_change_is_given_up_at_once(error: ConnectorError, reason: Left) -> None:
    assert of_error(error, tried()) is reason


@pytest.mark.parametrize(
    ("status", "tries", "then"),
    [(404, 0, Again), (403, 0, Again), (404, 1, Left.GONE), (403, 1, Left.GONE), (410, 0, Left.GONE)],
)
def test_a_picture_that_is_not_there_is_asked_for_twice(status: int, tries: int, then: Any) -> None:
    found = of_answer(answer(status), tried(tries))
    assert found is then or (then is Again and isinstance(found, Again))


def test_a_good_answer_goes_on_to_be_decoded() -> None:
    assert of_answer(answer(200, b"x"), tried()) is None
    assert of_answer(answer(200), tried()) is Left.UNREADABLE
    assert of_answer(answer(451), tried()) is Left.REFUSED


@given(st.sampled_from(ERRORS), st.integers(0, 1), st.floats(0, 1))
def test_waiting_is_always_for_later(error: ConnectorError, tries: int, chance: float) -> None:
    found = of_error(error, tried(tries, chance=chance))
    if isinstance(found, Again):
        assert found.at > NOW
        assert found.tries in {tries, tries + 1}


@given(st.sampled_from(ERRORS), st.floats(0, 1))
def test_whatever_lasts_ends_in_a_reason(error: ConnectorError, chance: float) -> None:
    now, tries = NOW, 0
    if isinstance(error, RateLimited | BudgetExhausted):
        error.until = None
    for _ in range(500):
        found = of_error(error, Tried(now, NOW, tries, chance))
        if isinstance(found, Left):
            return
        now, tries = found.at, found.tries
    pytest.fail("it is tried for ever")


@given(st.integers(100, 599), st.floats(0, 1))
def test_every_status_ends(status: int, chance: float) -> None:
    for tries in range(len(PAUSES) + 1):
        found = of_answer(answer(status, b"x"), tried(tries, chance=chance))
        if not isinstance(found, Again):
            return
        assert found.at > NOW
    pytest.fail("it is tried for ever")


PATHS = st.sampled_from([f"https://cdn{n % 2}.example/{name}.jpg?sig={n}" for n in range(3) for name in "abc"])
TOLD = st.lists(
    st.builds(lambda url, reason: MediaRecord("image", url, "", reason), PATHS, st.sampled_from(["", "many"])),
    max_size=5,
)
KNOWN = st.lists(st.tuples(PATHS, st.sampled_from(list(State)), st.sampled_from([*Left])), max_size=5).map(
    lambda rows: [
        Known(
            place,
            identity_of(url),
            state.value,
            reason.value if state is State.LEFT else "",
            url if state is State.WANTED else "",
        )
        for place, (url, state, reason) in enumerate(rows)
    ]
)


def test_a_signature_and_a_server_do_not_make_another_picture() -> None:
    assert identity_of("https://a.example/x/1.jpg?s=1") == identity_of("https://b.example/x/1.jpg?s=2")
    assert identity_of("https://a.example/x/1.jpg") != identity_of("https://a.example/x/2.jpg")
    assert identity_of("telegram:AAA") != identity_of("telegram:BBB")
    assert identity_of("http://[broken") == identity_of("http://[broken")


@given(KNOWN, TOLD)
def test_a_sight_without_an_edit_takes_nothing_away(known: list[Known], told: list[MediaRecord]) -> None:
    found = compare(known, told, edited=False)
    assert found.gone == ()
    assert not (known and found.fresh)
    for place in found.renewed:
        assert known[place].state == State.WANTED or known[place].reason in RENEWED
        assert identity_of(told[place].address) == known[place].identity


@given(KNOWN, TOLD)
def test_after_an_edit_exactly_what_is_told_stands(known: list[Known], told: list[MediaRecord]) -> None:
    found = compare(known, told, edited=True)
    left = {each.place: each.identity for each in known if each.place not in found.gone}
    assert not set(left) & set(found.fresh)
    after = left | {place: identity_of(told[place].address) for place in found.fresh}
    assert after == {place: identity_of(each.address) for place, each in enumerate(told[:MOST])}


@given(KNOWN, TOLD, st.booleans())
def test_the_same_sight_again_changes_nothing(known: list[Known], told: list[MediaRecord], edited: bool) -> None:
    found = compare(known, told, edited=edited)
    rows = {each.place: each for each in known if each.place not in found.gone}
    for place in (*found.fresh, *found.renewed):
        record = told[place]
        state = State.LEFT if record.reason else State.WANTED
        kept = "" if record.reason else record.address
        rows[place] = Known(place, identity_of(record.address), state.value, record.reason, kept)
    again = compare(list(rows.values()), told, edited=False)
    assert (again.gone, again.fresh) == ((), ())
    assert not set(again.renewed) & {*found.fresh, *found.renewed}
