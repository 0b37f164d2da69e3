"""Promises are found in Dutch and English answers, and what only looks like one is left alone."""

from __future__ import annotations

import time as wall
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.understanding.promise_sentences import DUTCH, DUTCH_NONE, ENGLISH, ENGLISH_NONE
from understanding.promises import Found, find_promises

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 3, 10, 11, 0, tzinfo=AMSTERDAM)  # a Tuesday


T = TypeVar("T")


class Office:
    """Monday to Friday until 17:00, closed on the days given."""

    def __init__(self, *closed: date) -> None:
        self.closed = closed

    def closing(self, day: date) -> time | None:
        return time(17) if self.is_working(day) else None

    def is_working(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.closed


def find(text: str, now: datetime = NOW, *closed: date) -> tuple[Found, ...]:
    return find_promises(text, now=now, days=Office(*closed))


def told(one: Found) -> str:
    return f"{one.due_at.day:02d} {one.due_at:%H:%M}"


def held_out(sentences: Sequence[T]) -> list[T]:
    """The two of three that were not looked at while the grammar was written."""
    return [one for number, one in enumerate(sentences) if number % 3]


@pytest.mark.parametrize(("promising", "others"), [(DUTCH, DUTCH_NONE), (ENGLISH, ENGLISH_NONE)], ids=["nl", "en"])
def test_on_sentences_held_out_nearly_all_that_is_found_is_a_promise_and_most_promises_are_found(
    promising: tuple[tuple[str, str], ...], others: tuple[str, ...]
) -> None:
    assert len(promising) >= 80
    assert len(others) >= 60
    right = sum(bool(find(text)) for text, _due in held_out(promising))
    wrong = sum(bool(find(text)) for text in held_out(others))
    assert right / (right + wrong) >= 0.97
    assert right / len(held_out(promising)) >= 0.92


@pytest.mark.parametrize("sentences", [DUTCH, ENGLISH], ids=["nl", "en"])
def test_what_is_found_is_due_when_it_was_said(sentences: tuple[tuple[str, str], ...]) -> None:
    found = [(text, due, told(one)) for text, due in sentences if due for one in find(text)[:1]]
    assert sum(due == got for _text, due, got in found) / len(found) >= 0.96


@pytest.mark.parametrize(
    ("text", "said", "due"),
    [
        ("We bellen u morgen.", "2026-03-13 10:00", "14 23:59"),  # a Saturday without business
        ("U hoort binnen één werkdag van ons.", "2026-03-13 16:00", "16 17:00"),
        ("U hoort binnen 24 uur van ons.", "2026-03-28 12:00", "29 13:00"),  # the night loses an hour
        ("We bellen u vandaag.", "2026-03-10 18:00", "10 23:59"),
        ("We bellen u vrijdag.", "2026-03-13 09:00", "20 17:00"),
        ("We'll call you next Tuesday.", "2026-03-09 09:00", "17 17:00"),
        ("We laten het vóór maandag weten.", "2026-03-12 09:00", "13 17:00"),
        ("We bellen u 2 januari.", "2026-12-28 09:00", "02 23:59"),
    ],
)
def test_moments_follow_the_calendar(text: str, said: str, due: str) -> None:
    (one,) = find(text, datetime.fromisoformat(said).replace(tzinfo=AMSTERDAM))
    assert told(one) == due


def test_a_moment_that_has_passed_promises_nothing() -> None:
    assert not find("We bellen u vóór 10:00.")


def test_a_holiday_is_no_working_day() -> None:
    (one,) = find("U hoort binnen twee werkdagen van ons.", NOW, date(2026, 3, 11))
    assert told(one) == "13 17:00"


def test_the_stretch_is_counted_in_code_points() -> None:
    text = "\U0001f64f Sorry İlse! We komen er morgen op terug. Groet"
    (one,) = find(text)
    assert text[one.start : one.end] == "We komen er morgen op terug"


def test_two_promises_in_one_answer_are_two() -> None:
    found = find("We bellen u vanmiddag. Daarna hoort u uiterlijk vrijdag van ons hoe het verder gaat.")
    assert [told(one) for one in found] == ["10 17:00", "13 17:00"]


SAID = (
    "we wij ik u je komen bellen laten weten terug morgen vrijdag 17:00 binnen 24 uur 2 werkdagen vóór uiterlijk als "
    "niet en , . ? dat of we'll will get back by monday tomorrow within hours if not you 5pm end of the day > "
    '" \U0001f600'
)
WORDS = st.sampled_from([*SAID.split(), "\n"])
LONG = ("we bellen u morgen ", "bel ", "binnen 24 uur ", "binnen binnen ", "17:00 ", "u hoort ", "a" * 50)


@given(st.lists(WORDS, max_size=40))
def test_whatever_is_said_stretches_lie_in_the_text_apart_and_due_ahead(words: list[str]) -> None:
    text = " ".join(words)
    at = 0
    for one in find(text):
        assert at <= one.start < one.end <= len(text)
        assert one.due_at > NOW
        at = one.end
    assert find(text) == find(text)


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    find(text)


@pytest.mark.parametrize(
    "piece", ["we bellen u morgen ", "bel ", "binnen 24 uur ", "binnen binnen ", "17:00 ", "u hoort ", "a" * 50]
)
def test_a_long_text_is_read_in_a_moment(piece: str) -> None:
    start = wall.perf_counter()
    find(piece * (20_000 // len(piece)))
    assert wall.perf_counter() - start < 3
