"""What speaks for a noise rule: authors and sites that are always noise, words that only noise holds. Pure.

An author or site is told by the Wilson lower bound of the share of noise (E. B. Wilson, "Probable Inference, the Law
of Succession, and Statistical Inference", JASA 22:158, 1927), one-sided at 80 %: three marks of three give 0.81, so
that the bound of 0.8 and the three marks ask for the same. Words are told by weighted log-odds
(`understanding.contrast`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inbox.noise.index import Kind
from understanding.contrast import background, distinctive
from understanding.fold import words
from understanding.links import without_links
from understanding.measuring import Share

Z = 0.8416
"""Of the normal distribution, one-sided 80 %."""
LEAST_SHARE = 0.8
LEAST_MARKS = 3
SUREST = 1.96
MOST_WORDS = 10
_LONGEST_PHRASE = 3
_WORDS_READ = 300


@dataclass(frozen=True, slots=True)
class Sample:
    """A conversation that somebody decided about: who wrote it (our id), which sites it shows, and what it says."""

    conversation_id: int
    author_id: int | None
    sites: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one rule: samples of noise and of good that it meets, and how sure that is."""

    kind: Kind
    value: str
    n_noise: int
    n_good: int
    share: float | None = None
    z: float | None = None


def lower_bound(hits: int, n: int) -> float:
    """What the share is at least, 0-1, as sure as `Z` says; 0 without any observation."""
    return Share(hits, n).bounds(Z)[0]


def learn(noise: Sequence[Sample], good: Sequence[Sample]) -> tuple[Evidence, ...]:
    """What agents' marks speak for: authors, then sites, then words; each with the most marks first."""
    authors = _counted(
        Kind.AUTHOR,
        (str(one.author_id) for one in noise if one.author_id is not None),
        (str(one.author_id) for one in good if one.author_id is not None),
    )
    sites = _counted(
        Kind.SITE, (site for one in noise for site in one.sites), (site for one in good for site in one.sites)
    )
    return (*authors, *sites, *_words(noise, good))


def _counted(kind: Kind, noise: Iterable[str], good: Iterable[str]) -> list[Evidence]:
    marked, kept = Counter(noise), Counter(good)
    found = [
        Evidence(kind, value, n, 0, share=share)
        for value, n in marked.most_common()
        if n >= LEAST_MARKS and not kept[value] and (share := lower_bound(n, n + kept[value])) >= LEAST_SHARE
    ]
    return sorted(found, key=lambda one: (-one.n_noise, one.value))


def _words(noise: Sequence[Sample], good: Sequence[Sample]) -> list[Evidence]:
    """Words and phrases that hardly anything but noise holds; of those that say the same, the longest."""
    marked = Counter(phrase for one in noise for phrase in _phrases(one.text))
    kept = Counter(phrase for one in good for phrase in _phrases(one.text))
    often = {phrase: n for phrase, n in marked.items() if n >= LEAST_MARKS}
    known = {phrase: kept[phrase] for phrase in often if kept[phrase]}
    # What is rare on both sides decides nothing; only the totals must count it.
    rest = "\0"
    counts_a = {**often, rest: float(max(1, marked.total() - sum(often.values())))}
    counts_b = {**known, rest: float(max(1, kept.total() - sum(known.values())))}
    ranked = distinctive(counts_a, counts_b, prior=background(counts_a, counts_b), support=LEAST_MARKS)
    found: list[Evidence] = []
    for one in ranked:
        if one.z < SUREST or len(found) == MOST_WORDS:
            break
        n, n_good = int(one.in_a), int(one.in_b)
        if one.phrase == rest or lower_bound(n, n + n_good) < LEAST_SHARE:
            continue
        _add(found, Evidence(Kind.WORD, one.phrase, n, n_good, share=lower_bound(n, n + n_good), z=one.z))
    return found


def _add(found: list[Evidence], one: Evidence) -> None:
    """Keep it, unless a phrase that says the same in more words stands; shorter ones that say the same go."""
    mine = set(one.value.split())
    for place, other in enumerate(found):
        theirs = set(other.value.split())
        if mine <= theirs:
            return
        if theirs < mine and other.n_noise == one.n_noise:
            found[place] = one
            return
    found.append(one)


def _phrases(text: str) -> frozenset[str]:
    said = words(without_links(text))[:_WORDS_READ]
    found = {word for word in said if len(word) > 2 and not word.isdigit()}
    for size in range(2, _LONGEST_PHRASE + 1):
        found.update(
            " ".join(some)
            for start in range(len(said) - size + 1)
            if len((some := said[start : start + size])[0]) > 2 and len(some[-1]) > 2
        )
    return frozenset(found)
