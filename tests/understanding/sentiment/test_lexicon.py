"""Words are found in every spelling people use, and the file says where each value is from."""

from __future__ import annotations

import pytest

from understanding.sentiment.answer import Words
from understanding.sentiment.gathering import SOURCES
from understanding.sentiment.lexicon import NOTHING, Lexicon
from understanding.sentiment.wordlists import LEXICON


def _valence(word: str, lang: str) -> float:
    return Lexicon(lang).find(word)[1]


@pytest.mark.parametrize(
    ("word", "lang", "like"),
    [
        ("trage", "nl", "traag"),
        ("boze", "nl", "boos"),
        ("snelste", "nl", "snel"),
        ("SLECHT", "nl", "slecht"),
        ("slechttttt", "nl", "slecht"),
        ("#slecht", "nl", "slecht"),
        ("internetstoring", "nl", "storing"),
        ("kutprovider", "nl", "kut"),
        ("superblij", "nl", "blij"),
        ("decevant", "fr", "décevant"),
        ("heureuses", "fr", "heureux"),
        ("schlechtes", "de", "schlecht"),
        ("wunderbarer", "de", "wunderbar"),
        ("terrible", "nl", "slecht"),
    ],
)
def test_a_word_is_found_in_every_form(word: str, lang: str, like: str) -> None:
    assert _valence(word, lang) * _valence(like, lang) > 0


def test_words_of_one_language_are_not_those_of_another() -> None:
    assert _valence("war", "de") == 0 > _valence("war", "en")
    assert _valence("schon", "de") == 0 < _valence("schön", "de")
    assert _valence("die", "nl") == 0 > _valence("die", "en")


def test_a_hashtag_has_the_feeling_of_its_words() -> None:
    assert _valence("#nooitmeerslechteservice", "nl") < 0 < _valence("#welovegreatservice", "en")


def test_boosts_and_exclusions_hold_for_one_language_where_they_say_so() -> None:
    words = Words(boosts={"nl:Glasvezel": 0.7}, excluded=frozenset({"storing"}))
    assert Lexicon("nl", words).find("glasvezel") == (0, 0.7, 1.0, {})
    assert Lexicon("en", words).find("glasvezel") is NOTHING
    assert Lexicon("nl", words).find("Storing") is NOTHING


def test_the_file_says_of_every_value_where_it_is_from() -> None:
    lines = LEXICON.read_text("utf-8").splitlines()
    assert lines[: len(SOURCES)] == [f"# {each.letter} {each.about}" for each in SOURCES]
    assert all(each.about.rpartition(": ")[2] in {"PDDL", "MIT"} for each in SOURCES)
    letters = {each.letter for each in SOURCES}
    rows = [line.split("\t") for line in lines[len(SOURCES) :]]
    assert all(len(row) == 4 and set(row[3]) <= letters and 20 <= abs(int(row[2])) <= 100 for row in rows)
    assert rows == sorted(rows, key=lambda row: (row[0], row[1]))
