"""A text is taken apart once, and nothing of it is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from understanding.clean import printable
from understanding.fold import fold, tokens, words
from understanding.prepared import prepare
from understanding.weighted import EMOJI


def test_links_names_tags_and_emoji_stand_apart_from_the_prose() -> None:
    got = prepare(
        "RT @jan_b: wéér\nstoring 😡👨\u200d👩\u200d👧 bij @acme@social.example #fail #storing2 https://acme.nl/x?a=1."
    )
    assert got.prose == "RT : wéér storing bij"
    assert got.names == ("jan_b", "acme@social.example")
    assert got.tags == ("fail", "storing2")
    assert got.emoji == ("😡", "👨\u200d👩\u200d👧")
    assert got.links == ("https://acme.nl/x?a=1",)


def test_mail_addresses_and_entities_are_neither_names_nor_tags() -> None:
    got = prepare("mail naar hulp@acme.nl, &#39;kosten: 5#6")
    assert got.names == ()
    assert got.tags == ()


@given(st.text(max_size=300))
def test_every_letter_of_a_text_is_in_one_of_its_parts(text: str) -> None:
    got = prepare(text)
    assert got.text == printable(text)
    parts = "".join((got.prose, *got.links, *got.names, *got.tags, *got.emoji))
    assert all(parts.count(letter) >= got.text.count(letter) for letter in set(got.text) if letter.isalnum())


@given(st.text(alphabet="ab \u2019é©®\ufe0f1*\u20e3🇳🇱🇧👩👍🏽\u200d☺‼", max_size=40))
def test_every_emoji_is_found_whatever_stands_beside_it(text: str) -> None:
    got = prepare(text)
    assert got.emoji == tuple(EMOJI.findall(got.text))
    assert got.prose == " ".join(EMOJI.sub(" ", got.text).split())


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=200))
def test_the_words_of_a_text_without_accents_are_those_of_any_text(text: str) -> None:
    assert words(text) == tuple(token.word for token in tokens(text)) == words(f"{text} é")[:-1]
    assert all(fold(word) == word for word in words(text))
