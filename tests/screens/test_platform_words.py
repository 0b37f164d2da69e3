"""What connectors and the worker say of a platform is read in Dutch, and never as something that it does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.errors import CannotReply
from inbox.views import EventView
from screens import events, i18n, platform_words, source_words, words
from tests.screens import platform_sentences

NOW = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
FAULTS = {
    "acme.example has troubleacme.example",  # of two texts that follow each other: told apart below
    "acme.example is no acme.example",
    "acme.example is no id of YouTube",
    "acme.example is no name of a thing on Reddit",
    "the answer to getPosts holds no posts",
}
"""Said only when something of ours is broken: for who repairs it."""
PUT_TOGETHER = (
    "Facebook has trouble",
    "Facebook has trouble: try later",
    "bsky.social says this account was taken down by Bluesky",
    "bsky.social says this account is suspended by Bluesky",
    "bsky.social says this account is deactivated: activate it again in the app",
    "answers no longer look as expected (1 answer set aside): the feed is a page",
    "at this rate the budget of 50 USD a day is used up at 14:05",
    "the login was withdrawn. Run: klankbord connect x --source x-acme",
)
"""Made of parts in other places of the code."""


@pytest.fixture(autouse=True)
def _dutch() -> None:
    i18n.choose("nl")


def untold(sentences: Iterator[str]) -> set[str]:
    return {one for one in sentences if platform_words.said(one) == one}


def test_every_reason_that_takes_no_answer_has_a_dutch_sentence() -> None:
    assert len(set(platform_sentences.why_not_reply())) > 30, "the search finds them"
    assert not untold(platform_sentences.why_not_reply())


def test_every_trouble_under_an_answer_that_did_not_go_out_has_a_dutch_sentence() -> None:
    assert len(set(platform_sentences.of_acting())) > 100, "the search finds them"
    assert untold(platform_sentences.of_acting()) <= FAULTS


def test_every_sentence_of_source_health_has_a_dutch_one() -> None:
    assert not untold(platform_sentences.of_health())
    assert not untold(iter(PUT_TOGETHER))


def test_no_translation_is_left_over() -> None:
    said = [
        *platform_sentences.why_not_reply(),
        *platform_sentences.errors(),
        *platform_sentences.of_acting(),
        *platform_sentences.of_health(),
        *platform_sentences.constants(),
        *PUT_TOGETHER,
    ]
    left = [
        one.text
        for one in platform_words.known("nl")
        if not any(one.pattern.fullmatch(text) or one.pattern.fullmatch(text.removesuffix(".")) for text in said)
    ]
    assert not left


def test_a_translation_keeps_what_is_filled_in_and_a_template_is_more_than_holes() -> None:
    for one in platform_words.known("nl"):
        assert set(re.findall(r"{\w+}", one.text)) == set(re.findall(r"{\w+}", one.translation)), one.text
        assert len(re.findall(r"[a-z]{2,}", re.sub(r"{\w+}", " ", one.text))) >= 2, one.text


def test_what_the_platform_said_itself_stands_in_the_dutch_sentence_as_it_was_said() -> None:
    told = platform_words.said("Telegram refuses this: bot was blocked by the {user} (403)")
    assert told == "Telegram weigert dit: bot was blocked by the {user} (403)"


def test_a_sentence_inside_a_sentence_is_dutch_too() -> None:
    told = platform_words.said("server trouble since 13:00, retrying at 14:05: Reddit asks us to slow down")
    assert told == "storing bij de server sinds 13:00, nieuwe poging om 14:05: Reddit vraagt ons rustiger aan te doen"


def test_what_is_not_known_stays_as_it_is() -> None:
    for text in ("", ".", "A plug-in of somebody else says this.", "x" * 5_000):
        assert platform_words.said(text) == text


def test_in_english_nothing_changes() -> None:
    i18n.choose("en")
    for one in (*platform_sentences.why_not_reply(), *platform_sentences.of_acting()):
        assert platform_words.said(one) == one


def test_an_agent_reads_in_dutch_why_nothing_can_be_answered_here() -> None:
    problem = CannotReply("The thread is archived: Reddit takes no more answers.", "https://reddit.example/1")
    assert words.error(problem) == "Het gesprek is gearchiveerd: Reddit neemt geen antwoorden meer aan."


def event(code: str, reason: str) -> EventView:
    return EventView(1, NOW, code, {"reason": reason}, "", "clock", None, None)


def test_the_timeline_tells_in_dutch_why_an_answer_failed_and_leaves_a_colleagues_reason_alone() -> None:
    assert events.line(event("reply_failed", "the thread is locked"), NOW).endswith(": het gesprek is op slot")
    assert events.line(event("reply_rejected", "the thread is locked"), NOW).endswith(": the thread is locked")


def test_the_name_of_a_query_stays_before_what_the_collector_says_of_it() -> None:
    told = source_words.of_collector("search acme: log in again: X says that the login ran out")
    assert told == "search acme: log opnieuw in: X zegt dat de login is verlopen"


@given(st.text(max_size=700))
def test_no_text_of_a_platform_breaks_it(text: str) -> None:
    assert isinstance(platform_words.said(text), str)
    assert text in platform_words.said(f"Telegram refuses this: {text} (403)")
