"""Which noise rules a message meets. Pure: values in, values out.

Authors, sites, single words and texts are looked up by hash; phrases and patterns are filed under the words they ask
for (`understanding.match`). So ten thousand entries cost as much as ten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from understanding.duplicates import ENOUGH, Words, likeness
from understanding.fold import fold
from understanding.match import Document, Rules
from understanding.query import Node, Phrase, Place, QueryError, Term, parse_query
from understanding.sites import sites_in


class Kind(StrEnum):
    """What a noise rule looks at."""

    AUTHOR = "author"
    SITE = "site"
    WORD = "word"
    PATTERN = "pattern"
    LIKE = "like"


@dataclass(frozen=True, slots=True)
class Entry:
    """A noise rule, ready for looking up; the columns of `store.tables.noise.NoiseRule` that decide."""

    id: int
    kind: Kind
    value: str
    platform: str | None = None
    brand_id: str | None = None
    source_id: str | None = None
    direct: bool = False
    proposes: bool = False
    keys: tuple[int, ...] = ()
    ends_at: datetime | None = None
    example: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What noise rules know of a message.

    Attributes:
        at: the instant of looking, for rules that end.
        account: the author's id on the platform.
        direct: somebody writes to us: in private, addressed to our account, or answering us.
        said: its text, as likeness reads it, with the keys that it is found by; None where no rule asks.
    """

    mention_id: int
    at: datetime
    platform: str = ""
    source_id: str = ""
    brands: frozenset[str] = frozenset()
    handle: str = ""
    account: str = ""
    url: str | None = None
    title: str = ""
    text: str = ""
    direct: bool = False
    said: Words | None = None
    keys: tuple[int, ...] = ()


def account_value(account: str) -> str:
    """What stands as `value` for an author without a handle: the id on the platform."""
    return f"id:{account}"


def folded_handle(handle: str) -> str:
    """A handle as it is compared: without `@`, case and accents folded."""
    return fold(handle.strip().lstrip("@"))


def node_of(kind: Kind, value: str) -> Node | None:
    """The query that a word or pattern means; None when it cannot be read."""
    if kind is Kind.WORD:
        said = tuple(value.split())
        return (Term(said[0]) if len(said) == 1 else Phrase(said)) if said else None
    try:
        return parse_query(value, Place.WORDS)
    except QueryError:
        return None


class NoiseIndex:
    """Noise rules, filed. One whose text cannot be read never meets anything, and stops no other."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._authors: dict[tuple[str | None, str], list[Entry]] = defaultdict(list)
        self._sites: dict[str, list[Entry]] = defaultdict(list)
        self._words: dict[str, list[Entry]] = defaultdict(list)
        self._texts: dict[int, list[Entry]] = defaultdict(list)
        self._queried: dict[str, Entry] = {}
        queries: dict[str, Node] = {}
        for one in self.entries:
            if one.kind is Kind.AUTHOR:
                self._authors[one.platform, one.value].append(one)
            elif one.kind is Kind.SITE:
                self._sites[one.value].append(one)
            elif one.kind is Kind.LIKE:
                for key in one.keys:
                    self._texts[key].append(one)
            elif (node := node_of(one.kind, one.value)) is not None:
                if isinstance(node, Term):
                    self._words[node.word].append(one)
                else:
                    queries[str(one.id)] = node
                    self._queried[str(one.id)] = one
        self._queries = Rules(queries)
        self.asks_texts = bool(self._texts)

    def __bool__(self) -> bool:
        return bool(self.entries)

    def meets(self, seen: Seen) -> tuple[Entry, ...]:
        """The rules that a message meets: authors first, then sites, words, patterns, texts; each kind by age.

        Who writes to us directly is met by rules about authors that somebody made for direct messages too, and by no
        other.
        """
        found = dict.fromkeys(one for one in self._candidates(seen) if _counts(one, seen))
        return tuple(sorted(found, key=lambda one: (_ORDER[one.kind], one.id))) if len(found) > 1 else tuple(found)

    def _candidates(self, seen: Seen) -> Iterator[Entry]:
        yield from self._by_author(seen)
        if seen.direct:
            return
        if self._sites:
            for site in sites_in(seen.url, seen.text):
                yield from self._sites.get(site, ())
        if self._words or self._queried:
            yield from self._by_words(Document(seen.title, seen.text))
        if self._texts and seen.said is not None:
            yield from self._by_likeness(seen.said, seen.keys)

    def _by_author(self, seen: Seen) -> Sequence[Entry]:
        if not self._authors:
            return ()
        known = self._authors
        found = list(known.get((seen.platform, account_value(seen.account)), ())) if seen.account else []
        if seen.handle:
            handle = folded_handle(seen.handle)
            found += known.get((seen.platform, handle), ())
            found += known.get((None, handle), ())
        return found

    def _by_words(self, document: Document) -> Iterator[Entry]:
        if self._words:
            for word in document.held:
                if word in self._words:
                    yield from self._words[word]
        if self._queried:
            for name in self._queries.match(document):
                yield self._queried[name]

    def _by_likeness(self, said: Words, keys: Iterable[int]) -> Iterator[Entry]:
        candidates = dict.fromkeys(one for key in keys for one in self._texts.get(key, ()))
        for one in candidates:
            if one.example is not None and likeness(one.example, said) >= ENOUGH:
                yield one


_ORDER = {kind: place for place, kind in enumerate(Kind)}


def _counts(one: Entry, seen: Seen) -> bool:
    return (
        (one.brand_id is None or one.brand_id in seen.brands)
        and (one.source_id is None or one.source_id == seen.source_id)
        and (not seen.direct or one.direct)
        and (one.ends_at is None or seen.at < one.ends_at)
    )
