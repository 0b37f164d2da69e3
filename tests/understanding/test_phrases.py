"""Phrases of a text: what counts, what does not, and that each can be found again."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.match import Document, matches
from understanding.phrases import phrases
from understanding.prepared import prepare
from understanding.query import parse_query
from understanding.stop_words import NEGATIONS, STOP_WORDS, stop_words


def said(text: str, lang: str = "nl") -> set[str]:
    return phrases(prepare(text), lang)


def test_phrases_begin_and_end_with_a_word_that_says_something() -> None:
    found = said("Ik wacht al drie weken op mijn bestelling")
    assert {"wacht", "drie weken", "weken op mijn", "bestelling"} - found == {"weken op mijn"}
    assert not {one for one in found if {one.split()[0], one.split()[-1]} & (stop_words("nl") - NEGATIONS)}


def test_a_negation_begins_a_phrase_and_is_none_by_itself() -> None:
    found = said("Het pakket is niet geleverd")
    assert "niet geleverd" in found
    assert "niet" not in found


def test_phrases_do_not_run_over_the_end_of_a_sentence() -> None:
    assert "geleverd klantenservice" not in said("Pakket geleverd. Klantenservice sliep")


def test_names_links_addresses_and_numbers_take_no_part() -> None:
    found = said("@jan bestelling 88123 kwijt https://x.example/a mail piet@example.com 06-12345678 5G #Storing")
    assert found == {"bestelling", "kwijt", "mail", "5g", "storing"} | (found & {"kwijt mail"})


@pytest.mark.parametrize("text", ["storing @jan kwijt", "storing https://x.example/a kwijt", "storing #acme kwijt"])
def test_no_phrase_runs_over_what_takes_no_part(text: str) -> None:
    assert "storing kwijt" not in said(text)


def test_what_is_said_twice_counts_once_and_languages_have_their_own_empty_words() -> None:
    assert said("storing storing storing") == {"storing", "storing storing", "storing storing storing"}
    assert "die" in said("die Lieferung", "en")
    assert "die" not in said("die Lieferung", "de")
    assert "the" not in said("the bill", "und")


@pytest.mark.parametrize("text", ["", "🎉🎉🎉", "Z̷̢̈́ä̶́l̵g̸o̷", "\u202etxet desrever\u202c", "a\x00b", "éé " * 50_000])
def test_bad_input_gives_an_answer_in_bounded_time(text: str) -> None:
    prepared = prepare(text)
    start = time.process_time()
    found = phrases(prepared, "nl")
    assert time.process_time() - start < 1
    assert all(0 < len(one.split(" ")) <= 3 for one in found)


@given(st.text(alphabet="abcé .!#@1 ", max_size=60))
def test_a_phrase_is_found_again_by_searching_for_it(text: str) -> None:
    document = Document(text)
    for phrase in said(text):
        assert matches(parse_query(f'"{phrase}"'), document), phrase


def test_empty_words_are_written_as_matching_sees_them() -> None:
    assert all(word.isascii() and word.islower() for words in STOP_WORDS.values() for word in words)
    assert set().union(*STOP_WORDS.values()) | NEGATIONS >= NEGATIONS
