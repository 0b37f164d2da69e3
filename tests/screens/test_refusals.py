"""What the inbox refuses is told as exactly in Dutch as in English, in the reader's way of writing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox import searching
from inbox.annotate import LONGEST_NOTE
from inbox.errors import BadInput, BadSearch, CannotReply, InboxError, MoveRefused, UndoRefused
from inbox.sentences import Sentence, UnfitValueError
from inbox.states import By, decide
from screens import i18n, words
from tests.screens.msgids import Template, of_queries, templates

MADE_ELSEWHERE = {"inbox/searching.py", "inbox/kpis/reading.py", "inbox/export_jobs/troubles.py"}
"""Says what `understanding` found, whose own templates `of_queries` finds; names a figure, of which `msgids` asks for a
Dutch name; says a kept trouble again, with what was kept of it."""


@pytest.fixture(autouse=True)
def _in_english_afterwards() -> Iterator[None]:
    yield
    i18n.choose("en")


def placeholders(text: str) -> set[str]:
    return {name for _before, name, _spec, _how in Formatter().parse(text) if name is not None}


def told(problem: InboxError, language: str) -> str:
    i18n.choose(language)
    return words.error(problem)


def found() -> list[Template]:
    return [*templates(), *of_queries()]


def test_every_sentence_is_written_out_where_it_is_made_so_that_it_can_be_translated() -> None:
    assert len(found()) > 150, "the search finds them"
    assert {one.file for one in found() if one.text is None} <= MADE_ELSEWHERE


def test_every_sentence_is_given_the_values_that_it_names() -> None:
    wrong = [one for one in found() if one.text is not None and placeholders(one.text) != one.names]
    assert not wrong


def test_every_sentence_has_a_dutch_one_with_the_same_values() -> None:
    dutch = i18n.load("nl")
    for one in found():
        if one.text is not None:
            assert one.text in dutch.texts, one
            assert placeholders(dutch.texts[one.text]) == one.names, one


def test_a_state_that_does_not_allow_a_move_is_named_and_so_is_what_is_possible() -> None:
    with pytest.raises(MoveRefused) as caught:
        decide("spam", "resolved", By.AGENT)
    assert told(caught.value, "en") == str(caught.value)
    assert str(caught.value) == "A conversation that is spam cannot become resolved; possible now: new."
    assert told(caught.value, "nl") == (
        "Een gesprek met de status “spam” kan niet naar “afgerond”; wat nu wel kan: nieuw."
    )


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    text = Sentence("A note has 1 to {most} characters; this one has {n}.", most=LONGEST_NOTE, n=1_234_567)
    assert str(text).endswith("this one has 1,234,567.")
    assert told(BadInput(text), "nl").endswith("deze heeft er 1.234.567.")


def test_who_stood_in_the_way_of_an_undo_is_named() -> None:
    text = "It was changed since by {who}; look at it and change it by hand."
    by_rule = UndoRefused(Sentence(text, who=Sentence("the rule {name}", name="Boze klanten")))
    assert "gewijzigd door de regel Boze klanten;" in told(by_rule, "nl")
    assert "gewijzigd door Sam;" in told(UndoRefused(Sentence(text, who="Sam")), "nl")


@pytest.mark.parametrize(
    ("search", "dutch"),
    [
        ("(kwijt", "Er staat een haakje openen zonder haakje sluiten; zet ) waar de groep eindigt."),
        ("OR kwijt", "Voor “OR” ontbreekt een woord."),
        ("e-mail*", "Voor een * hoort één woord te staan, en “e-mail*” telt als 2."),
    ],
)
def test_a_search_that_cannot_be_read_is_explained(search: str, dutch: str) -> None:
    with pytest.raises(BadSearch) as caught:
        searching.parse(search)
    assert told(caught.value, "nl") == dutch
    assert told(caught.value, "en") == str(caught.value)


def test_what_a_platform_said_itself_is_shown_as_it_was_said() -> None:
    platform = CannotReply("Only {0} members answer here.")
    assert told(platform, "nl") == told(platform, "en") == "Only {0} members answer here."


def test_a_value_that_cannot_be_read_is_told_alone_and_in_the_middle_of_a_line() -> None:
    error = UnfitValueError(Sentence("Cannot read the hours “{part}”.", part="9-5"))
    assert (str(error.said), str(error)) == ("Cannot read the hours “9-5”.", "cannot read the hours “9-5”")


@given(st.text(max_size=400))
def test_words_of_people_are_shown_as_they_are_and_never_read_as_a_template(name: str) -> None:
    text = Sentence("There is a view “{name}” already.", name=name)
    for said in (str(text), words.said(text)):
        shown = said.removeprefix("There is a view “").removesuffix("” already.")
        assert len(shown) <= 200
        assert not re.search(r"[\x00-\x1f]", shown)
        if len(name) < 200 and name.isprintable():
            assert shown == " ".join(name.split())
