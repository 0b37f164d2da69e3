"""Full-text search over mentions and the conversations they belong to: newest first, always bounded.

The database gives the mentions that may match, `TextSearch.keep` those among them that do. The newest are walked first.
Where they do not fill the page, a search chooses one of three ways by looking how much there is on either side:

* few hits (at most FEW_HITS): all of them are taken, then looked up and filtered, the newest first. On PostgreSQL this
  also avoids the trap that `ORDER BY id DESC LIMIT 50` walks the whole table backwards for a rare word (20-50 s at 10
  million rows);
* few candidates (open work, a source, an agent's work or a stretch of time of at most FEW_CANDIDATES conversations):
  their mentions are compared with the hits, unless the newest hits show that walking fills the page soon;
* otherwise the walk goes on until the page is full or the last of `_STEPS` was walked. A search without any word that
  must be there walks the mentions themselves (or those of the one brand that must be there), see `_WITHOUT_WORDS`. A
  word and a brand together are walked further, see `_OF_A_BRAND`.

Every way gives the same order: by the newest matching mention of a conversation. At most KEPT_AT_MOST mentions (or
twice the page) are judged for a page, so that a search whose likely hits nearly all fail stays bounded as well.
The bounds aim at the newest fifty of a million mentions within 150 ms (p95) of an idle machine. Not every kind of query
holds that: docs/benchmarks.md says which, and `python -m benchmarks search` judges them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, func, literal, select

from store.cards import Page, cards_by_id
from store.filters import NOBODY, ConversationFilter, Route, filtered
from store.ordering import Order, Position, decode, encode
from store.schema import conversation, mention
from store.search_nodes import Positive, SearchNode, Settled, TextSearch, is_plain, settle
from store.search_queries import (
    Stretch,
    gathered,
    hits,
    id_column,
    is_along_brand,
    probed,
    ranked_hits,
    since,
    some_hits,
    walked,
)

FEW_HITS = {"sqlite": 5_000, "postgresql": 1_000}
FEW_CANDIDATES = {"sqlite": 20_000, "postgresql": 10_000}
FEW_PROBES = 1_000
SOON = 10_000
"""Hits that are walked rather than compared with few candidates, where the first ones tell that they fill the page."""
KEPT_AT_MOST = 1_000
LIGHTER = {"sqlite": 2, "postgresql": 1}
"""So many times as many are judged where facts alone tell most."""
SPARSE = 200
"""Where less than one in so many of the newest mentions holds the words, it is looked whether all hits are few."""
_STEPS = {
    "sqlite": (Stretch(500), Stretch(4_000), Stretch(20_000)),
    "postgresql": (Stretch(500, 4_000), Stretch(2_000, 30_000), Stretch(3_000, 40_000)),
}
"""How far is walked for a page. PostgreSQL compares the words of every mention on the way: twenty thousand hits of a
word in one of a hundred texts would be two million of them. It takes half a microsecond a mention, and three a hit."""
_WITHOUT_WORDS = {
    "sqlite": (Stretch(500), Stretch(4_000), Stretch(8_000)),
    "postgresql": (Stretch(500), Stretch(3_500)),
}
_OF_A_BRAND = {
    "sqlite": (Stretch(500), Stretch(4_000), Stretch(20_000), Stretch(40_000)),
    "postgresql": (Stretch(500), Stretch(2_000), Stretch(3_000)),
}
"""Where a word and a brand must be there: hits of the word, on PostgreSQL mentions of the brand."""
_FAR, _FAR_KEPT = (Stretch(500, 4_000), Stretch(2_000), Stretch(10_000), Stretch(50_000)), 2_000
"""The same for what counts in the background and asks for more than a page, such as alerts."""
_JUDGED_AT_ONCE = 400
_GATHERED_FIRST = 100
"""Of few hits so many are looked up first, then four times as many: a page seldom needs them all."""
_SCATTERED = {"sqlite": LIGHTER["sqlite"] * KEPT_AT_MOST, "postgresql": 500}
"""Of few hits so many are judged: they stand far apart, so that PostgreSQL fetches a page of its file for each."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MentionHit:
    """A mention that matches, and its conversation."""

    mention_id: int
    conversation_id: int


def search_conversations(conn: Connection, wanted: ConversationFilter, *, limit: int, cursor: str | None) -> Page:
    """Conversations with a mention that matches `wanted.text`, newest match first.

    A page can be shorter than `limit`, even empty, and still have a next one: the walk over a common word stops
    after so many mentions, or after KEPT_AT_MOST that had to be judged.
    """
    if wanted.text is None:
        return Page(())
    position = decode(cursor, Order.MATCH)
    found, walked_to = _matching(
        conn, wanted, wanted.text, limit=limit, before=None if position is None else position.id
    )
    cards = cards_by_id(conn, [hit.conversation_id for hit in found])
    rows = tuple(cards[hit.conversation_id] for hit in found)
    return Page(rows, None if walked_to is None else encode(Position(Order.MATCH, None, 0, _EPOCH, walked_to)))


def count_matching(conn: Connection, wanted: ConversationFilter, *, limit: int) -> tuple[int, bool]:
    """How many conversations match, counted no further than `limit`, and whether these are all."""
    if wanted.text is None:
        return 0, True
    found, walked_to = _matching(conn, wanted, wanted.text, limit=limit, before=None)
    return len(found), walked_to is None


def search_mentions(
    conn: Connection,
    search: TextSearch,
    *,
    limit: int = 50,
    before: int | None = None,
    order: Literal["newest", "relevant"] = "newest",
) -> list[MentionHit]:
    """Mentions that match, on their own.

    Args:
        conn: a connection of `Store.read()`.
        search: what to look for.
        limit: at most so many.
        before: only mentions with a smaller id: the last one of the page before.
        order: newest first, or the most relevant of the newest 2,000 matches. Ranking all matches of a common
            word would take seconds. A search without a word that must be there has no relevance: newest.
    """
    settled = settle(search.node, dialect=conn.dialect.name)
    if order == "relevant" and settled.words is not None:
        ids = list(conn.execute(ranked_hits(settled.words, limit, before, dialect=conn.dialect.name)).scalars())
        owners = dict(conn.execute(select(mention.c.id, mention.c.conversation_id).where(mention.c.id.in_(ids))).all())
        kept = frozenset(search.keep(conn, ids))
        return [MentionHit(row_id, owners[row_id]) for row_id in ids if row_id in kept and row_id in owners]
    everything = ConversationFilter(scope="all")
    judge = _Judge(conn, search, settled, limit=limit, before=before, threads=False, most=_FAR_KEPT)
    for _ in _ways(conn, everything, settled, judge, _FAR if settled.words is not None else _FAR[:-1]):
        if judge.full or judge.spent:
            break
    return judge.found[:limit]


def unjudged(node: SearchNode) -> TextSearch:
    """A search that takes the index at its word: for counting words, where no query has to be met to the letter."""
    return TextSearch(node, lambda _conn, ids: ids)


def may_match(search: TextSearch, *, after: int, up_to: int, dialect: str) -> Select[Any] | None:
    """Ids of the mentions in (after, up_to] that may match, for filtering an export; None when all of them may."""
    words = settle(search.node, dialect=dialect).words
    if words is None:
        return None
    row_id = id_column(dialect)
    return hits(words, dialect=dialect).where(row_id > after, row_id <= up_to)


def matching_mentions(
    conn: Connection, wanted: ConversationFilter, search: TextSearch, *, limit: int, before: int
) -> tuple[list[MentionHit], int | None]:
    """Mentions below an id that match, newest first, and where the next page starts; of conversations of a filter.

    A page can be shorter than `limit` and still have a next one, as in `search_conversations`.
    """
    return _matching(conn, wanted, search, limit=limit, before=before, threads=False)


def matching_conversations(
    conn: Connection, wanted: ConversationFilter, search: TextSearch, *, limit: int, before: int, up_to: int
) -> tuple[list[MentionHit], int | None]:
    """Conversations by their newest hit below `before`, and where the next page starts.

    What came in after `up_to` does not count, so that the pages of one list fit together while messages arrive.
    """
    return _matching(conn, wanted, search, limit=limit, before=before, up_to=up_to)


def _matching(
    conn: Connection,
    wanted: ConversationFilter,
    search: TextSearch,
    *,
    limit: int,
    before: int | None,
    threads: bool = True,
    up_to: int | None = None,
) -> tuple[list[MentionHit], int | None]:
    """Conversations by their newest hit, and the hit the next page starts behind (None: there is no more)."""
    settled = settle(search.node, dialect=conn.dialect.name)
    most = KEPT_AT_MOST * (LIGHTER[conn.dialect.name] if search.light else 1)
    judge = _Judge(
        conn,
        search,
        settled,
        limit=limit,
        before=before,
        threads=threads,
        up_to=up_to,
        most=most,
        scattered=min(most, _SCATTERED[conn.dialect.name]),
    )
    branded = _OF_A_BRAND if len(settled.brand_ids) == 1 else _STEPS
    steps = (_WITHOUT_WORDS if settled.words is None else branded)[conn.dialect.name]
    reached: int | None = None
    for reached in _ways(conn, wanted, settled, judge, steps):
        if len(judge.found) > limit or (len(judge.found) == limit and reached is not None):
            return judge.found[:limit], judge.found[limit - 1].mention_id
        if judge.spent:
            break
    return judge.found, reached


class _Judge:
    """Keeps the mentions that match, of each conversation the newest one unless `threads` is False.

    Attributes:
        found: so far, newest first; one more than the page tells that there is a next one.
        scattered: at most so many are judged of few hits.
    """

    def __init__(
        self,
        conn: Connection,
        search: TextSearch,
        settled: Settled,
        *,
        limit: int,
        before: int | None,
        threads: bool,
        most: int,
        scattered: int | None = None,
        up_to: int | None = None,
    ) -> None:
        self.before = before
        self.scattered = max(most if scattered is None else scattered, 2 * limit)
        self._up_to = up_to
        self.found: list[MentionHit] = []
        self._conn = conn
        self._search = search
        self._settled = settled
        self._limit = limit
        self._threads = threads
        self._seen: set[int] = set()
        self._left = max(most, 2 * limit)
        self._at_once = max(50, min(limit + 1, _JUDGED_AT_ONCE))

    @property
    def full(self) -> bool:
        """Whether the page is full and one more was found."""
        return len(self.found) > self._limit

    @property
    def spent(self) -> bool:
        """Whether as many were judged as one page may cost."""
        return self._left <= 0

    def fills_within(self, hits: int, *, walked: int) -> bool:
        """Whether so many more hits fill the page, where they bring as much as those that were walked."""
        return len(self.found) * hits >= (self._limit + 1 - len(self.found)) * walked

    def take(self, pairs: Sequence[tuple[int, int]]) -> int | None:
        """Judge mentions and their conversations, newest first, until the page is full; the last one judged."""
        last: int | None = None
        start = 0
        while start < len(pairs) and not (self.full or self.spent):
            end = start + self._at_once
            some = [pair for pair in pairs[start:end] if pair[1] not in self._seen]
            last = pairs[min(end, len(pairs)) - 1][0]
            self._judge(some)
            # Where the first ones did not fill the page, many do not match: fewer questions for more of them.
            start, self._at_once = end, min(2 * self._at_once, _JUDGED_AT_ONCE)
        return last

    def _judge(self, pairs: Sequence[tuple[int, int]]) -> None:
        self._left -= len(pairs)
        kept = frozenset(self._search.keep(self._conn, [mention_id for mention_id, _ in pairs])) if pairs else ()
        new = [MentionHit(*pair) for pair in pairs if pair[0] in kept]
        if self._threads and self.before is not None and new:
            self._seen |= self._shown_before({hit.conversation_id for hit in new}, self.before)
        for hit in new:
            if hit.conversation_id not in self._seen:
                self.found.append(hit)
                if self._threads:
                    self._seen.add(hit.conversation_id)

    def _shown_before(self, conversation_ids: set[int], start: int) -> set[int]:
        """Those of the conversations that have a newer match, on a page before."""
        newer = self._conn.execute(since(self._settled, conversation_ids, start, dialect=self._conn.dialect.name)).all()
        newer = [row for row in newer if self._up_to is None or row[0] <= self._up_to]
        kept = frozenset(self._search.keep(self._conn, [row[0] for row in newer])) if newer else ()
        return {row[1] for row in newer if row[0] in kept}


def _ways(
    conn: Connection, wanted: ConversationFilter, search: Settled, judge: _Judge, steps: Sequence[Stretch]
) -> Iterator[int | None]:
    """Hand likely mentions to the judge, in the way that suits; yields after each stretch how far it came.

    None: there is nothing behind.
    """
    dialect, before = conn.dialect.name, judge.before
    # The newest hits come without a look at the others, so that most searches are over before any are counted.
    for place, step in enumerate(steps):
        *rows, (last, _, hit, passed) = conn.execute(walked(wanted, search, step, before, dialect=dialect)).all()
        reached = judge.take([(row[0], row[1]) for row in rows])
        if judge.full or judge.spent:
            yield reached
            return
        ended, before = hit < step.hits and (step.passed is None or passed < step.passed), last
        yield None if ended else before
        if ended:
            return
        if place:
            continue
        sparse = dialect == "sqlite" or is_along_brand(search, dialect=dialect) or hit * SPARSE < passed
        if (
            search.words is not None
            and (sparse or steps[1].passed is None)
            and (few := _few_hits(conn, search.words, before)) is not None
        ):
            yield _gathered(conn, wanted, search, judge, few)
            return
        soon = SOON if steps[1].passed is None else _ahead(steps[1:], hit, passed)
        if not judge.fills_within(soon, walked=max(hit, 1)) and (narrow := _narrow(conn, wanted)):
            route, candidates = narrow
            each = is_plain(search.words) and candidates <= FEW_PROBES
            query = probed(wanted, route, search, before, one_by_one=each, dialect=dialect)
            yield _handed(judge, conn.execute(query).all())
            return


def _ahead(steps: Sequence[Stretch], hit: int, passed: int) -> int:
    """Hits that the next stretches bring, where they stand as close as those behind."""
    return sum(step.hits if step.passed is None else min(step.hits, hit * step.passed // passed) for step in steps)


def _handed(judge: _Judge, rows: Sequence[Sequence[int]]) -> int | None:
    """Let the judge take all there is; how far it came when it did not get to the end."""
    pairs = [(row[0], row[1]) for row in rows]
    last = judge.take(pairs)
    return None if not pairs or last == pairs[-1][0] else last


def _few_hits(conn: Connection, words: Positive, before: int | None) -> list[int] | None:
    """All hits below a mention, newest first, when they are few."""
    most = FEW_HITS[conn.dialect.name]
    some = conn.execute(some_hits(words, most + 1, before, dialect=conn.dialect.name)).scalars().all()
    return sorted(some, reverse=True) if len(some) <= most else None


def _gathered(
    conn: Connection, wanted: ConversationFilter, search: Settled, judge: _Judge, ids: Sequence[int]
) -> int | None:
    """Let the judge take all of few hits, in stretches; how far it came when it did not get to the end."""
    start, n, left = 0, _GATHERED_FIRST, judge.scattered
    while start < len(ids):
        some = ids[start : start + n]
        pairs = [(row[0], row[1]) for row in conn.execute(gathered(wanted, search, some))]
        last = judge.take(pairs)
        if judge.full or judge.spent:
            ended = start + n >= len(ids) and (not pairs or last == pairs[-1][0])
            return None if ended else last
        start, n, left = start + n, 4 * n, left - len(pairs)
        if left <= 0 and start < len(ids):
            return ids[start - 1]
    return None


def _narrow(conn: Connection, wanted: ConversationFilter) -> tuple[Route, int] | None:
    """The way to the conversations a filter leaves and their number, when an index leads to them and they are few."""
    if wanted.scope == "open":
        route = Route(partial=True)
    elif wanted.assignee_id is not None and wanted.assignee_id is not NOBODY:
        route = Route(lookup=frozenset({"assignee_id"}))
    elif len(wanted.source_ids) == 1:
        route = Route(lookup=frozenset({"source_id"}))
    elif wanted.since is not None:
        route = Route()
    else:
        return None
    most = FEW_CANDIDATES[conn.dialect.name]
    some = select(literal(1)).select_from(conversation).where(*filtered(wanted, route))
    n = conn.execute(select(func.count()).select_from(some.limit(most + 1).subquery())).scalar_one()
    return (route, n) if n <= most else None
