"""Suggestions, what they are learned from, discovery and rising themes. Pure."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.contrast import Distinct
from understanding.themes.discovery import SURE, collapse, standing_out
from understanding.themes.learning import Learned, Taught, learn, measure
from understanding.themes.rising import change
from understanding.themes.suggesting import suggest

LATE = ("mijn pakket is te laat", "levering duurt drie weken", "bezorger kwam niet", "pakket nog steeds niet geleverd")
APP = ("de app crasht", "inloggen in de app lukt niet", "app geeft foutmelding", "update van de app werkt niet")


def taught(n: int = 40) -> list[Taught]:
    return [
        Taught(f"{random.Random(i).choice(some)} {i}", "nl", theme)
        for i in range(n)
        for theme, some in ((1, LATE), (2, APP))
    ]


def test_what_agents_linked_is_suggested_with_the_words_that_did_it() -> None:
    learned = learn(taught())
    (first, *_) = suggest("Mijn app geeft een foutmelding bij het inloggen", "nl", learned, hits={})
    assert first.theme_id == 2
    assert first.confidence > 0.6
    assert "app" in first.because
    assert suggest("iets heel anders", "nl", learned, hits={}) == ()


def test_a_query_that_matches_speaks_before_anything_was_learned() -> None:
    (only,) = suggest("Waar is mijn pakket", "nl", None, hits={7: ("pakket",)})
    assert (only.theme_id, only.because) == (7, ("pakket",))
    assert 0.9 < only.confidence < 1
    learned = learn(taught())
    (first, *_) = suggest("de app", "nl", learned, hits={9: ("app",)}, without={2})
    assert first.theme_id == 9


def test_what_was_declined_is_not_suggested() -> None:
    assert all(one.theme_id != 2 for one in suggest("de app crasht", "nl", learn(taught()), hits={}, without={2}))


def test_learning_is_the_same_each_time_and_reads_back_from_json() -> None:
    one, other = learn(taught()), learn(taught())
    assert one == other
    assert one is not None
    assert Learned.from_json(json.loads(json.dumps(one.to_json()))) == one
    assert Learned.from_json({"version": 0}) is None
    assert Learned.from_json(None) is None
    assert learn([]) is None
    assert learn([Taught("de het een", "nl", 1)]) is None


def test_held_back_links_tell_how_often_the_suggestions_are_right() -> None:
    held = measure(taught())
    assert held is not None
    assert held.n == 16
    assert held.top_1 > 0.9
    assert held.top_1 <= held.top_2 == 1.0
    assert measure(taught(4)) is None


@pytest.mark.parametrize("text", ["", "🎉", "x" * 100_000, "pakket " * 20_000, "\u202eapp\u202c \x00"])
def test_suggestions_for_bad_input_are_bounded(text: str) -> None:
    assert len(suggest(text, "und", learn(taught()), hits={})) <= 2


def test_phrases_that_stand_out_are_shown_once_and_longer_where_they_say_the_same() -> None:
    here = {"klantenservice": 40, "niet bereikbaar": 30, "klantenservice niet bereikbaar": 30, "dank": 3, "zeldzaam": 2}
    other = {"dank": 90, "klantenservice": 10, "pakket": 80}
    found = standing_out(here, other)
    assert [one.phrase for one in found] == ["klantenservice niet bereikbaar"]
    assert (found[0].in_a, found[0].in_b) == (30, 0)
    assert standing_out({}, other) == []
    assert standing_out({"een": 3}, {}) == []


def test_a_shorter_phrase_that_far_more_say_stays_beside_the_longer_one() -> None:
    said = [("app crasht", 5.0, 20.0), ("app", 4.0, 90.0), ("de app", 3.0, 30.0)]
    kept = collapse([Distinct(phrase, z, z, n, 0.0) for phrase, z, n in said], most=9)
    assert [one.phrase for one in kept] == ["app crasht", "app"]


_WORDS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3).map(" ".join)


@given(st.dictionaries(_WORDS, st.integers(0, 50)), st.dictionaries(_WORDS, st.integers(0, 50)), st.integers(0, 10))
def test_what_stands_out_was_said_often_enough_and_each_phrase_once(
    here: dict[str, int], other: dict[str, int], most: int
) -> None:
    found = standing_out(here, other, most=most)
    assert len({one.phrase for one in found}) == len(found) <= most
    assert all(one.in_a >= 3 and one.z >= SURE for one in found)


def test_small_numbers_are_no_alarm_and_a_storm_is() -> None:
    assert not change(3, 1).rising
    assert not change(7, 2).rising
    assert not change(12, 40, periods=4).rising
    assert change(40, 40, periods=4).rising
    assert change(8, 0, periods=4).rising
    assert change(2, 80, periods=4).falling
    assert not change(0, 7, periods=1).falling


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(1, 4))
def test_the_interval_holds_its_ratio_and_nothing_rises_and_falls_at_once(n: int, before: int, periods: int) -> None:
    found = change(n, before, periods=periods)
    assert 0 < found.low < found.ratio < found.high
    assert not (found.rising and found.falling)
    assert change(n + 50, before, periods=periods).low > found.low
