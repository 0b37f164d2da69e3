"""Drawing a sample: in proportion, without favour, the same from the same seed."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from inbox.tone.drawing import _lot, draw, shares
from store.label_samples import Drawable

LANGS = ("nl", "en", "de", "und")
MENTIONS = st.lists(st.tuples(st.integers(1, 10**6), st.sampled_from(LANGS)), unique_by=lambda one: one[0]).map(
    lambda found: [Drawable(number, lang, "neutral", by_hand=False) for number, lang in found]
)


@given(MENTIONS, st.integers(1, 30), st.randoms())
def test_the_same_seed_gives_the_same_sample_in_whatever_order_the_mentions_come(
    mentions: list[Drawable], wanted: int, chance: Random
) -> None:
    first = draw(mentions, seed="s", wanted=wanted)
    chance.shuffle(mentions)
    assert draw(mentions, seed="s", wanted=wanted) == first
    assert len(first.items) == min(wanted, len(mentions))
    assert Counter(one.lang for one in mentions) == first.strata
    # Naively: by language the lowest hashes.
    for lang, n in shares(first.strata, wanted).items():
        lowest = sorted((one for one in mentions if one.lang == lang), key=lambda one: _lot("s", one.mention_id))[:n]
        assert {one for one in first.items if one.lang == lang} == set(lowest)


@given(st.dictionaries(st.sampled_from(LANGS), st.integers(1, 500)), st.integers(1, 300))
def test_every_language_has_its_share_to_within_one(counts: dict[str, int], wanted: int) -> None:
    given_ = shares(counts, wanted)
    total = sum(counts.values())
    assert sum(given_.values()) == min(wanted, total)
    for lang, n in counts.items():
        assert given_[lang] <= n
        assert abs(given_[lang] - min(wanted, total) * n / total) < 1


def test_another_seed_gives_another_sample() -> None:
    mentions = [Drawable(number, "nl", "neutral", by_hand=False) for number in range(1000)]
    first, second = (draw(mentions, seed=seed, wanted=100) for seed in ("a", "b"))
    assert 0 < len(set(first.items) & set(second.items)) < 30
