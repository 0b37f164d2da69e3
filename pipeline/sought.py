"""From the queries of brands to what connectors search for."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.sought import Sought
from understanding.query import Node, searches_of, spelt


def sought(queries: Iterable[Node]) -> tuple[Sought, ...]:
    """The searches of all these queries, each once: together they find at least what the queries match."""
    found: dict[tuple[object, ...], Sought] = {}
    for search in searches_of(queries):
        made = Sought(
            spelt(search.lead),
            [[spelt(word) for word in group] for group in search.beside],
            [spelt(word) for word in search.without],
        )
        found.setdefault((str(made), made.beside, made.without), made)
    return tuple(found.values())
