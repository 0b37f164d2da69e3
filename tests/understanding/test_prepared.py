"""A text is taken apart once, and nothing of it is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from understanding.clean import printable
from understanding.prepared import prepare


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
