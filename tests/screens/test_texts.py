"""Texts: every one has a Dutch translation, plurals, dates and numbers."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from inbox.views import View
from screens import i18n, inbox_page, state, words
from screens.i18n import LANGUAGES, _, plural, speaking
from tests.screens.msgids import msgids


def test_every_text_has_a_dutch_translation() -> None:
    dutch = i18n.load("nl")
    missing = [(file, one) for file, one, many in msgids() if one not in (dutch.plurals if many else dutch.texts)]
    assert not missing


def test_no_translation_is_left_over() -> None:
    dutch = i18n.load("nl")
    known = {one for _file, one, _many in msgids()}
    assert not (dutch.texts.keys() | dutch.plurals.keys()) - known


def test_a_translation_has_the_placeholders_of_its_text() -> None:
    dutch = i18n.load("nl")
    pairs = [*dutch.texts.items(), *((one, form) for one, forms in dutch.plurals.items() for form in forms)]
    for text, translated in pairs:
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", translated)), text


def test_numbers_and_dates_are_written_as_people_here_write_them() -> None:
    noon, now = datetime(2026, 3, 9, 11, 0, tzinfo=UTC), datetime(2026, 3, 10, 11, 0, tzinfo=UTC)
    i18n.choose("nl", "Europe/Amsterdam")
    assert i18n.number(12345) == "12.345"
    assert i18n.moment(noon, now) == "9 mrt 12:00"
    assert i18n.moment(now, now) == "12:00"
    assert plural("{n} message", "{n} messages", 1) == "1 bericht"
    assert plural("{n} message", "{n} messages", 2000) == "2.000 berichten"
    assert _("Sign in") == "Inloggen"
    i18n.choose("en", "Europe/Amsterdam")
    assert i18n.number(12345) == "12,345"
    assert plural("{n} message", "{n} messages", 1) == "1 message"


def test_a_state_and_a_view_with_the_same_english_name_are_two_words_in_dutch() -> None:
    i18n.choose("nl")
    assert words.status("open") == "In behandeling"
    i18n.choose("en")
    assert words.status("open") == "Open"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("nl-NL,nl;q=0.9,en;q=0.8", "nl"),
        ("de-DE,de;q=0.9,en;q=0.5,nl;q=0.7", "nl"),
        ("fr", "en"),
        ("", "en"),
        ("nl;q=oops", "en"),
        ("*", "en"),
    ],
)
def test_the_browser_decides_the_language_of_the_sign_in_page(header: str, language: str) -> None:
    assert i18n.from_accept_language(header) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_view_without_rows_says_what_is_missing_and_what_would_bring_it(language: str) -> None:
    with speaking(language):
        said = {view: inbox_page.empty(state.Tab(view=view)) for view in View}
    assert len({one["title"] for one in said.values()}) == len(View)
    assert all(len(one["text"].split()) > 5 for one in said.values())
