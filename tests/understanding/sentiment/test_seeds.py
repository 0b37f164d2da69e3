"""The seed sentences: enough, balanced, each its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations

import pytest

from understanding.fold import words
from understanding.sentiment import Labelled, seeds

LANGUAGES = ("nl", "en", "de", "fr")


def _of(lang: str) -> list[Labelled]:
    return [each for each in seeds() if each.lang == lang]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_three_hundred_and_no_class_is_rare(lang: str) -> None:
    counts = Counter(each.label for each in _of(lang))
    assert counts.total() >= 300
    assert set(counts) == {-1, 0, 1}
    assert min(counts.values()) / counts.total() >= 0.28


@pytest.mark.parametrize("lang", LANGUAGES)
def test_none_is_a_near_copy_of_another(lang: str) -> None:
    said = [(each.text, frozenset(words(each.text))) for each in _of(lang) if len(words(each.text)) >= 3]
    texts = [each.text for each in _of(lang) if each.text]
    assert len(set(texts)) == len(texts)
    holders: dict[str, list[int]] = defaultdict(list)
    for at, (_, held) in enumerate(said):
        for word in held:
            holders[word].append(at)
    pairs = {pair for held in holders.values() if len(held) < 80 for pair in combinations(held, 2)}
    near = [
        (said[a][0], said[b][0]) for a, b in pairs if len(said[a][1] & said[b][1]) / len(said[a][1] | said[b][1]) >= 0.7
    ]
    assert near == []


def test_they_hold_what_people_write_on_a_phone() -> None:
    texts = [each.text for each in seeds()]
    assert sum(text.isupper() for text in texts) >= 4
    assert sum(not any(char.isalnum() for char in text) for text in texts if text) >= 30
    assert sum(each.rating is not None for each in seeds()) >= 10
    assert sum(len(text) > 120 for text in texts) >= 30
