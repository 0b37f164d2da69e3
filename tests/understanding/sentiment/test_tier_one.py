"""Tier 1 answers for what people write: negation, strength, turns, signs, two languages in one sentence."""

import pytest

from understanding.prepared import prepare
from understanding.sentiment import Words, tier_one

_SCORER = tier_one()


@pytest.mark.parametrize(
    ("text", "lang", "label"),
    [
        ("niet slecht", "nl", "positive"),
        ("had beter gekund", "nl", "negative"),
        ("kan beter", "nl", "negative"),
        ("de app werkt niet", "nl", "negative"),
        ("vreselijk mooi", "nl", "positive"),
        ("wat een nice service van jullie guys", "nl", "positive"),
        ("#topservice", "nl", "positive"),
        ("😡😡", "nl", "negative"),
        ("not bad at all", "en", "positive"),
        ("could have been better", "en", "negative"),
        ("bedankt voor niks", "nl", "negative"),
        ("op de bediening was niks op aan te merken", "nl", "positive"),
        ("één ster", "nl", "negative"),
        ("five stars", "en", "positive"),
        ("fünf Sterne", "de", "positive"),
    ],
)
def test_it_hears_what_people_mean(text: str, lang: str, label: str) -> None:
    assert _SCORER.score(prepare(text), lang).label == label


def test_zonder_turns_what_follows_it_and_nothing_before_it() -> None:
    def score(text: str) -> float:
        return _SCORER.score(prepare(text), "nl").score

    assert score("een mooie kast zonder poten") > 0.3
    assert score("zonder mooie poten") < 0


def test_it_says_which_words_did_it() -> None:
    prepared = prepare("Trage levering, maar wel een goed product")
    said = {prepared.text[each.start : each.end]: each.weight for each in _SCORER.score(prepared, "nl").because}
    assert said["Trage"] < 0 < said["goed"]


def test_users_boost_and_exclude_words_and_the_version_shows_it() -> None:
    text = prepare("Wat een storing")
    without = tier_one(Words(excluded=frozenset({"storing"})))
    assert without.score(text, "nl").score > _SCORER.score(text, "nl").score
    assert tier_one(Words(boosts={"nl:storing": 0.8})).score(text, "nl").score > 0
    assert without.version != _SCORER.version
