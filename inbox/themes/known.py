"""The themes in use, ready for holding texts against their queries. Read anew only when one of them changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Row

from store import theming
from understanding.match import Document, Rules, spans
from understanding.query import Node, Place, QueryError, parse_query


@dataclass(frozen=True, slots=True)
class Known:
    """Themes by id as they stand, and their queries. A query that can no longer be read finds nothing."""

    stamp: tuple[int, int]
    rows: Mapping[int, Row[Any]]
    nodes: Mapping[int, Node] = field(default_factory=dict)
    rules: Rules = field(default_factory=lambda: Rules({}))

    def raised(self, title: str | None, text: str) -> tuple[int, ...]:
        """Themes whose query a message matches."""
        return tuple(int(name) for name in self.rules.match(Document(title, text)))

    def words(self, theme_id: int, text: str) -> tuple[str, ...]:
        """The words of a text that a theme's query looks for, each once."""
        found = [text[start:end].lower() for start, end in spans([self.nodes[theme_id]], text)]
        return tuple(dict.fromkeys(found))


def known(conn: Connection) -> Known:
    """The themes in use as they stand in this transaction."""
    stamp = theming.stamp(conn)
    before = _read.get(conn.engine)
    if before is None or before.stamp != stamp:
        before = _known(stamp, theming.standing(conn))
        _read[conn.engine] = before
    return before


def _known(stamp: tuple[int, int], rows: Sequence[Row[Any]]) -> Known:
    nodes: dict[int, Node] = {}
    for row in rows:
        if row.query:
            try:
                nodes[row.id] = parse_query(row.query, Place.WORDS)
            except QueryError:
                continue
    return Known(stamp, {row.id: row for row in rows}, nodes, Rules({str(number): nodes[number] for number in nodes}))


_read: WeakKeyDictionary[Engine, Known] = WeakKeyDictionary()
