"""The second tier of sentiment: what a text means besides its words, and that it is never worse off without words."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding import vectors
from understanding.prepared import prepare
from understanding.sentiment import Labelled, Words, judged, seeds, tier_one
from understanding.sentiment.deep import Asked, Head, fit_head, tier_two
from understanding.sentiment.deep.head import COMMITTED, chances_of, committed

pytestmark = pytest.mark.skipif(bool(vectors.why_not()), reason=f"vectors: {vectors.why_not()}")


def asked(*texts: str, lang: str = "nl", rating: float | None = None) -> list[Asked]:
    return [Asked(prepare(text), lang, rating) for text in texts]


def test_vectors_of_texts_that_mean_the_same_are_close_in_any_language() -> None:
    parcel, colis, weather = vectors.embed(["Waar blijft mijn pakket?", "Où est mon colis ?", "Mooi weer vandaag"])
    assert parcel @ colis > parcel @ weather
    assert np.allclose(np.linalg.norm([parcel, colis, weather], axis=1), 1, atol=1e-5)


def test_the_same_text_has_the_same_vector_alone_and_among_others() -> None:
    texts = ["Top geholpen", "Wat een ellende", "De winkel opent om negen uur"]
    assert (vectors.embed(texts)[1] == vectors.embed([texts[1]])[0]).all()
    assert vectors.embed([]).shape == (0, vectors.SIZE)


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "\ud800 half", "a" * 100_000, "🙂" * 400, "s\u0335l\u0336" * 200, "\u202eslecht\u202c", "悪い плохо"],
)
def test_whatever_a_text_holds_it_is_read_up_to_a_bound_and_answered(text: str) -> None:
    (found,) = tier_two(tier_one()).score_many(asked(text))
    assert found.label in {"negative", "neutral", "positive", "unsure"}
    assert -1 <= found.score <= 1
    assert 0 <= found.confidence <= 1


def test_meaning_counts_where_no_word_is_known() -> None:
    texts = asked(
        "Drie keer gebeld en nog steeds hangt de kast scheef, ik wil mijn aankoop ongedaan maken.",
        "Binnen vijf minuten iemand aan de lijn die het meteen oploste, zo hoort het!",
        "De winkel in Utrecht is op zondag open van twaalf tot vijf.",
    )
    assert [each.label for each in tier_two(tier_one()).score_many(texts)] == ["negative", "positive", "neutral"]


@pytest.mark.parametrize("lang", ["nl", "en", "de", "fr"])
def test_its_own_seeds_are_mostly_right(lang: str) -> None:
    known = [each for each in seeds() if each.lang == lang and each.rating is None][::24]
    found = tier_two(tier_one()).score_many([Asked(prepare(each.text), lang) for each in known])
    assert sum(one.leaning == each.label for one, each in zip(found, known, strict=True)) >= 0.7 * len(known)


def test_emoji_and_ratings_alone_are_left_to_the_first_tier() -> None:
    first = tier_one()
    (emoji,) = tier_two(first).score_many(asked("😡😡"))
    (stars,) = tier_two(first).score_many(asked("", rating=0.0))
    assert emoji == first.score(prepare("😡😡"), "nl")
    assert stars == first.score(prepare(""), "nl", rating=0.0)


def test_what_people_changed_about_words_counts_and_explains() -> None:
    text = asked("De Lumerik is in de winkel te koop")
    plain = tier_two(tier_one()).score_many(text)[0]
    changed = tier_two(tier_one(Words(boosts={"lumerik": -1.0}))).score_many(text)[0]
    assert changed.score < plain.score
    assert [text[0].prepared.text[each.start : each.end] for each in changed.because] == ["Lumerik"]
    assert tier_two(tier_one(Words(boosts={"lumerik": -1.0}))).version == tier_two(tier_one()).version


def test_one_by_one_it_says_the_same() -> None:
    scorer = tier_two(tier_one())
    texts = asked("Top geholpen", "Wat een ellende")
    alone = [scorer.score(each.prepared, each.lang) for each in texts]
    for one, together in zip(alone, scorer.score_many(texts), strict=True):
        assert (one.label, one.because) == (together.label, together.because)
        assert one.score == pytest.approx(together.score)
    assert scorer.score_many([]) == []


def test_the_weights_are_read_as_they_were_written() -> None:
    assert Head.from_json(committed().to_json()) == committed()
    assert committed().n_seeds == len(seeds()), "fit the second tier anew: python -m understanding.sentiment.deep"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"meaning": []}', "null"])
def test_weights_of_something_else_are_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="fit them anew"):
        Head.from_json(text)


@given(st.lists(st.floats(0.001, 1), min_size=3, max_size=3))
def test_an_answer_tells_the_chances_behind_it(parts: list[float]) -> None:
    total = sum(parts)
    chances = (parts[0] / total, parts[1] / total, parts[2] / total)
    assert chances_of(judged(chances)) == pytest.approx(chances)


@pytest.mark.slow
def test_the_weights_are_what_the_seeds_give() -> None:
    """Byte for byte on one machine; the encoder's 8-bit arithmetic rounds a little differently on another kind."""
    made = fit_head().to_json()
    assert fit_head().to_json() == made
    fitted, committed = json.loads(made), json.loads(COMMITTED.read_text("utf-8"))
    assert fitted.keys() == committed.keys()
    for name, numbers in committed.items():
        assert np.allclose(fitted[name], numbers, rtol=0, atol=0.1), name


@pytest.mark.slow
def test_what_agents_corrected_is_learnt() -> None:
    text = "Ik kreeg weer de hond van de buren op bezoek"
    corrections = [Labelled(f"{text}, keer {number}", "nl", 1) for number in range(10)]
    before, after = (tier_two(tier_one(), head) for head in (committed(), fit_head(corrections)))
    assert after.score_many(asked(text))[0].score > before.score_many(asked(text))[0].score
