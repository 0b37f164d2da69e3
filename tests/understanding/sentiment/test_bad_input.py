"""Whatever comes in, an answer comes out: three chances that add up, and places inside the text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.prepared import prepare
from understanding.sentiment import UNSURE_BELOW, Scored, tier_one
from understanding.sentiment.tokens import TOKEN

_SCORER = tier_one()


def _sound(scored: Scored, length: int) -> None:
    assert -1 <= scored.score <= 1
    assert 1 / 3 - 1e-9 <= scored.confidence <= 1
    assert (scored.label == "unsure") == (scored.confidence < UNSURE_BELOW)
    assert all(0 <= each.start < each.end <= length and math.isfinite(each.weight) for each in scored.because)


@given(st.text(max_size=300), st.sampled_from(("nl", "en", "de", "fr", "und", "ar", "")))
def test_any_text_in_any_language_gets_a_sound_answer(text: str, lang: str) -> None:
    prepared = prepare(text)
    _sound(_SCORER.score(prepared, lang), len(prepared.text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "\x00",
        "niet " * 20_000,
        "a" * 100_000,
        "goed " * 20_000,
        "😀" * 50_000,
        "!" * 100_000,
        "#" * 100_000,
        "#" + "goedslecht" * 10_000,
        ":-" * 50_000,
        "e\u0301\u0323\u0332" * 20_000,
        "\u202egoed\u202c \u2067slecht\u2069",
        "\u0633\u064a\u0621 goed \u0445\u043e\u0440\u043e\u0448\u043e 坏",
        "'" * 50_000,
        "d'" * 50_000,
        "-a" * 50_000,
        "http://" * 10_000,
        "@a." * 30_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_bad_input_gets_a_sound_answer(text: str) -> None:
    prepared = prepare(text)
    for lang in ("nl", "und"):
        _sound(_SCORER.score(prepared, lang), len(prepared.text))


@given(
    st.text(alphabet="ad'/510 :;-)(.!?#@<3\u2026\n\U0001f600", max_size=60),
    st.sampled_from(("top", "slecht", ":)", "")),
)
def test_tokens_stand_where_they_are_found_one_after_the_other(text: str, word: str) -> None:
    text = f"{text}{word} {text}"
    places, end = [], 0
    for raw in TOKEN.findall(text):
        start = text.index(raw, end)
        end = start + len(raw)
        places.append((start, end))
    assert places == [match.span() for match in TOKEN.finditer(text)]


def test_a_long_text_is_read_at_its_beginning() -> None:
    prepared = prepare("prachtig! " + "x " * 50_000 + "waardeloos")
    assert [each.end for each in _SCORER.score(prepared, "nl").because] == [len("prachtig")]
