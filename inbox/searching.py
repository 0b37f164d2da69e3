"""From what an agent types to what the store searches and what is marked. Pure but for reading brand queries."""

from __future__ import annotations

from collections.abc import Sequence

from inbox.desk import Desk
from inbox.errors import BadSearch
from inbox.views import Mark
from store import brands, search_nodes
from understanding import query
from understanding.match import spans

_LONGEST_MARKED = 200_000


def parse(text: str) -> query.Node | None:
    """Read a search; None when nothing is asked.

    Raises:
        BadSearch: it cannot be read; says where.
    """
    if not text.strip():
        return None
    try:
        return query.parse_query(text)
    except query.QueryError as error:
        said = str(error)
        raise BadSearch(said[:1].upper() + said[1:] + ".", error.position, error.suggestion or None) from error


def node_of(wanted: query.Node) -> search_nodes.SearchNode:
    """The store's tree for a parsed search."""
    match wanted:
        case query.Term(word):
            return search_nodes.Term(word)
        case query.Prefix(start):
            return search_nodes.Prefix(start)
        case query.Phrase(words):
            return search_nodes.Phrase(words)
        case query.And(parts):
            return search_nodes.AllOf(tuple(node_of(part) for part in parts))
        case query.Or(parts):
            return search_nodes.AnyOf(tuple(node_of(part) for part in parts))
        case query.Not(part):
            return search_nodes.Not(node_of(part))


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
        readable: dict[str, query.Node] = {}
        for brand_id, text in brands.current_queries(desk.store, desk.clock()).items():
            try:
                readable[brand_id] = query.parse_query(text)
            except query.QueryError:
                continue
        return cls(readable, wanted)

    def marks(self, text: str | None, brand_ids: Sequence[str]) -> tuple[Mark, ...]:
        """Where wanted words stand in a text, as code points; nothing for texts too long to mark at once."""
        nodes = [self._brands[brand_id] for brand_id in brand_ids if brand_id in self._brands] + self._wanted
        if not text or not nodes or len(text) > _LONGEST_MARKED:
            return ()
        return tuple(Mark(start, end) for start, end in spans(nodes, text))
