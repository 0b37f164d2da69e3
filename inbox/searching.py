"""From what an agent types to what the store searches and what is marked. Pure but for reading brand queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from inbox import matching, recall
from inbox.desk import Desk
from inbox.errors import BadSearch
from inbox.lookups import LOOKED_UP, lookup_of
from inbox.sentences import Sentence
from inbox.views import Mark, SearchProblem
from store import brands
from store.search_nodes import TextSearch
from understanding import query
from understanding.match import spans
from understanding.prepared_query import asking, told_by_facts

_LONGEST_MARKED = 200_000
_WORDS = (query.Term, query.Prefix, query.Phrase, query.Near)


def parse(text: str, place: query.Place = query.Place.SEARCH) -> query.Node | None:
    """Read a search, or the text of a rule; None when nothing is asked.

    Raises:
        BadSearch: it cannot be read; says where.
    """
    if not text.strip():
        return None
    try:
        return query.parse_query(text, place)
    except query.QueryError as error:
        raise BadSearch(sentence_of(error), error.position, error.suggestion or None) from error


def sentence_of(error: query.QueryError | query.Hint) -> Sentence:
    """What is wrong with a query, or worth saying of it, for people."""
    return Sentence(whole(error.template), **error.values)


def whole(text: str) -> str:
    """What stands in the middle of a line, as a sentence on its own."""
    return text[:1].upper() + text[1:] + "."


def hint_of(text: str, known: Mapping[str, Collection[str]]) -> SearchProblem | None:
    """What is worth saying of a search that can be read: the first thing that may not mean what was intended.

    Args:
        text: the search.
        known: the values that occur, by field.
    """
    for hint in query.hints(text, known=known):
        return SearchProblem(hint.position, Sentence(whole(hint.template), **hint.values), hint.suggestion or None)
    return None


def search_of(wanted: query.Node, zone: ZoneInfo) -> TextSearch:
    """What the store is asked for a parsed search: what it can look up, and the matcher to judge what it found.

    Args:
        wanted: the search.
        zone: whose calendar decides on which day and in which hour something was said.
    """
    asked = query.fields_of(wanted)
    worded = any(isinstance(leaf, _WORDS) for leaf in query.leaves(wanted))
    judged = asking(wanted)
    sieve = None if asked <= LOOKED_UP or not worded else told_by_facts(wanted)
    sieved, fields = (None, asked) if sieve is None else (asking(sieve), query.fields_of(sieve))

    def keep(conn: Connection, mention_ids: Sequence[int]) -> frozenset[int]:
        if sieved is not None:
            known = matching.documents(conn, mention_ids, fields, zone, worded=False)
            mention_ids = [row_id for row_id, document in known.items() if sieved(document)]
            if not mention_ids:
                return frozenset()
        found = matching.documents(conn, mention_ids, asked, zone, worded=worded)
        return frozenset(row_id for row_id, document in found.items() if judged(document))

    return TextSearch(lookup_of(wanted, zone), keep, light=sieved is not None or not worded)


class Marker:
    """Marks the words of the brand queries and of a search in texts. Made once per page.

    A brand query that can no longer be read is left out: marking is a help, never a reason to show nothing.
    """

    def __init__(self, brand_queries: dict[str, query.Node], wanted: query.Node | None) -> None:
        self._brands = brand_queries
        self._wanted = [] if wanted is None else [wanted]

    @classmethod
    def of(cls, desk: Desk, wanted: query.Node | None) -> Marker:
        """A marker for the brand queries that count now."""
        return cls(recall.recalled("brand queries", lambda: brand_queries(desk)), wanted)

    def marks(self, text: str | None, brand_ids: Sequence[str]) -> tuple[Mark, ...]:
        """Where wanted words stand in a text, as code points; nothing for texts too long to mark at once."""
        nodes = [self._brands[brand_id] for brand_id in brand_ids if brand_id in self._brands] + self._wanted
        if not text or not nodes or len(text) > _LONGEST_MARKED:
            return ()
        return tuple(Mark(start, end) for start, end in spans(nodes, text))


def brand_queries(desk: Desk) -> dict[str, query.Node]:
    """The queries of all brands as they count now; one that can no longer be read is left out."""
    readable: dict[str, query.Node] = {}
    for brand_id, text in brands.current_queries(desk.store, desk.clock()).items():
        try:
            readable[brand_id] = _parsed(text)
        except query.QueryError:
            continue
    return readable


@lru_cache(maxsize=1000)
def _parsed(text: str) -> query.Node:
    return query.parse_query(text)
