"""Recognising that two texts say the same: reposts, quotes, cut copies, syndicated news, and who changed one word.

Two steps. `fingerprint` gives each text a few keys, so that a store finds the handful of texts that may say the same
among millions; `likeness` then reads both and decides. It compares what was *copied*: words in their order. It does not
know what a text means, so that people who complain of the same in their own words stay as many people as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import takewhile
from typing import Protocol
from urllib.parse import urlsplit
from zlib import crc32

from understanding.clean import printable
from understanding.fold import words
from understanding.links import canonical, without_links
from understanding.prepared import without_names
from understanding.shapes import UNKNOWN, Glance, shape_of

VERSION = "1"
"""Changes when the same text may get other keys, or another shape."""
MIN_WORDS = 6
"""Shorter texts are never folded: two people who both write "Bedankt!" are two people."""
ENOUGH = 0.7
"""Likeness from which two texts say the same."""
KEYS = 4
"""Smallest hashes of shingles that a text is found by."""
ARTICLE = "article"
"""The kind of what is syndicated; see `likeness`."""

_COMMON = 2
"""Shingles of three words that two texts share at least: one alone is a turn of phrase."""
_LONGER = 2.5
"""Times that the longer may be as long: what says much more is no copy of what it holds."""
_EDIT = 3
"""Shingles that stand over one word."""
_EDITED_FROM = 8
"""Words from which one other word between the same words is an edit, however few shingles that leaves."""
_SHORT = 12
"""Below so many words a text says the same only when all of it does: a third of it is soon a turn of phrase."""
_LONGER_THAN_SHORT = 1.6
"""Times that the longer may be as long as a short text, for the same reason."""
_READ = 6_000
"""Code points of a text that keys and likeness look at, so that a book costs no more than a page."""
_LEAD = 20
"""Words of an article's text that are its lead."""
_TITLE = 4
"""Words of a title that says enough to recognise an article by it and its lead."""
_REPOST_MARKS = frozenset({"rt", "via"})


class Said(Protocol):
    """What somebody said, as records and stored rows both have it."""

    @property
    def title(self) -> str | None: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def url(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Words:
    """A bare text as something said."""

    text: str
    title: str | None = None
    kind: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a text is found by: signed 64-bit numbers.

    Attributes:
        exact: the same for texts of the same words in the same order; None for texts under `MIN_WORDS` words.
        near: any of these in common makes two texts candidates for `likeness`; () for texts under `MIN_WORDS` words.
        shape: tells of most candidates that they are no copies (`glance`).
    """

    exact: int | None
    near: tuple[int, ...]
    shape: bytes = UNKNOWN


def fingerprint(said: Said) -> Fingerprint:
    """The keys of what somebody said.

    Case, accents, punctuation, emoji, links, names and the marks of a repost ("RT @name:", "via @name") do not count.
    The title of an article counts as its first words; elsewhere only where there is no text.
    """
    title, body = _spoken(said)
    spoken = title + body
    if len(spoken) < MIN_WORDS:
        return Fingerprint(None, ())
    whole = spoken if len(said.text) <= _READ else title + _words_of(said.text)
    ranked = _ranked(spoken)
    found = [_hashed(ranked[rank]) for rank in sorted(ranked)[:KEYS]]
    if said.kind == ARTICLE:
        found += [key for key in (_lead_key(title, body), _page_key(said)) if key is not None]
    shape = UNKNOWN if said.kind == ARTICLE else shape_of(len(spoken), ranked)
    return Fingerprint(_hash(" ".join(whole)), tuple(found), shape)


def glance(shape: bytes) -> Glance:
    """What tells, by their shapes, which candidates need not be read: `likeness` would be 0."""
    return Glance(shape, longer=_LONGER, enough=ENOUGH, edited=_EDIT)


def likeness(one: Said, other: Said) -> float:
    """How much two texts say the same: from `ENOUGH` to 1 when the one is a copy of the other, else 0. Symmetric.

    The share of the shorter text's three-word shingles that the longer has too, when they share at least two and the
    longer is not more than two and a half times as long. Of a text under twelve words the longer has all, and little
    else. Two texts of at least eight words that differ in one word are an edit. When each names a number that the other
    does not, nothing is alike: the same words about another order, amount or date are another case.

    Articles are syndicated: the same title and lead, or the same address, is the same article whatever follows, and
    numbers may differ. Articles of one site with different titles are different articles, though a boilerplate fills
    them.
    """
    (title, body), (other_title, other_body) = _spoken(one), _spoken(other)
    mine, theirs = title + body, other_title + other_body
    if min(len(mine), len(theirs)) < MIN_WORDS:
        return 0.0
    articles = one.kind == other.kind == ARTICLE
    if articles:
        known = _articles(one, other, (title, other_title))
        if (
            known is None
            and _lead_key(title, body) == (lead := _lead_key(other_title, other_body))
            and lead is not None
        ):
            known = 1.0
        if known is not None:
            return known
    if max(len(mine), len(theirs)) > _LONGER * min(len(mine), len(theirs)):
        return 0.0
    if mine == theirs:
        return 1.0
    if _one_word_apart(mine, theirs):
        alike = 1 - 1 / (2 * max(len(mine), len(theirs)))
    else:
        (shorter, brief), (longer, _) = sorted(((mine, one), (theirs, other)), key=lambda each: (len(each[0]), each[0]))
        alike = _contained(shorter, longer, brief)
    # Last, because few come so far.
    return 0.0 if alike and not articles and _other_numbers(mine, theirs) else alike


def _contained(shorter: Sequence[str], longer: Sequence[str], brief: Said) -> float:
    """How much of a text (`brief`, whose words are the shorter) another holds; 0 where that may be chance."""
    short = len(shorter) < _SHORT
    if len(longer) > (_LONGER_THAN_SHORT if short and not _was_cut(brief) else _LONGER) * len(shorter):
        return 0.0
    has, holds = set(_shingles(_uncut(shorter, longer))), set(_shingles(longer))
    common = len(has & holds)
    if common < max(_COMMON, len(has) if short else ENOUGH * len(has)):
        return 0.0
    return common / len(has)


def _spoken(said: Said) -> tuple[list[str], list[str]]:
    """The words that count of a title, and of a text or its beginning."""
    body = _read_of(said.text[:_READ])
    title = _words_of(said.title) if said.title and (said.kind == ARTICLE or not body) else []
    return title, body


@lru_cache(maxsize=512)
def _read_of(text: str) -> list[str]:
    """The words of a text's beginning; remembered, because a page asks about the same texts again and again."""
    return _words_of(text)


def _words_of(text: str) -> list[str]:
    """Words in their order, tags among them; who is named and where it links to is not what is said."""
    text = printable(text)
    if "://" in text:
        text = without_links(text)
    if "@" in text:
        text = without_names(text)
    found = words(text)
    return [word for word in found if word not in _REPOST_MARKS] if _REPOST_MARKS.intersection(found) else list(found)


def _shingles(spoken: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Each three words that follow one another."""
    return zip(spoken, spoken[1:], spoken[2:], strict=False)


def _ranked(spoken: Sequence[str]) -> dict[int, bytes]:
    """The shingles in UTF-8 by a cheap hash: texts with many in common share some of those that it puts first."""
    shingles = list(map(str.encode, map(" ".join, _shingles(spoken))))
    return dict(zip(map(crc32, shingles), shingles, strict=True))


def _hash(text: str) -> int:
    return _hashed(text.encode("utf-8", "replace"))


def _hashed(text: bytes) -> int:
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


def _one_word_apart(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether one word was changed, left out or put in, and enough others stand."""
    longer, shorter = max(len(mine), len(theirs)), min(len(mine), len(theirs))
    if shorter < _EDITED_FROM or longer - shorter > 1:
        return False
    before = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(mine, theirs, strict=False)))
    after = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(reversed(mine), reversed(theirs), strict=False))
    )
    return before + after >= longer - 1


def _was_cut(said: Said) -> bool:
    """Whether a text ends where a platform cut it."""
    return without_links(said.text).rstrip().endswith(("…", "..."))


def _uncut(shorter: Sequence[str], longer: Sequence[str]) -> Sequence[str]:
    """The shorter text without the last word, where that is a word of the longer that was cut off."""
    last = shorter[-1]
    return shorter[:-1] if last not in longer and f" {last}" in f" {' '.join(longer)}" else shorter


def _other_numbers(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether each names a number that the other does not name."""
    numbers, others = _numbers(mine), _numbers(theirs)
    return _any_beside(numbers, others, mine[-1]) and _any_beside(others, numbers, theirs[-1])


def _numbers(spoken: Sequence[str]) -> set[str]:
    return {word for word in spoken if not word.isalpha()}


def _any_beside(numbers: set[str], others: set[str], last: str) -> bool:
    """Whether a text, of which this is the last word, names a number beside the others."""
    beside = numbers - others
    if last in beside and any(each.startswith(last) for each in others):
        beside.remove(last)  # a copy may be cut in the middle of a number
    return bool(beside)


def _articles(one: Said, other: Said, titles: tuple[list[str], list[str]]) -> float | None:
    """What titles and addresses tell of two articles; None when the words must decide."""
    pages = [_page(each) for each in (one, other)]
    if pages[0] is not None and pages[0] == pages[1]:
        alike = len({*titles[0]} & {*titles[1]}) >= max(map(len, titles)) / 2
        return 1.0 if alike else 0.0
    if titles[0] != titles[1] and _site(one) is not None and _site(one) == _site(other):
        return 0.0
    return None


def _lead_key(title: Sequence[str], body: Sequence[str]) -> int | None:
    """A key of an article's title and first words."""
    lead = body[:_LEAD]
    return _hash(" ".join(["lead", *title, *lead])) if len(title) >= _TITLE and len(lead) == _LEAD else None


def _page_key(said: Said) -> int | None:
    page = _page(said)
    return None if page is None else _hash(page)


def _page(said: Said) -> str | None:
    """One spelling of where an article stands; None for a front page, which is the address of many."""
    page = canonical(said.url) if said.url else None
    return page if page is not None and urlsplit(page).path.strip("/") else None


def _site(said: Said) -> str | None:
    host = urlsplit(said.url).hostname if said.url else None
    return host.removeprefix("www.") if host else None
