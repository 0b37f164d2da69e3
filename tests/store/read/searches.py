"""Searches for tests: what a tree means by the book, and hits that are judged by it or all kept."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, select

from store.schema import mention
from store.search_nodes import (
    AllOf,
    Among,
    AnyOf,
    Anything,
    Between,
    Phrase,
    Prefix,
    SearchNode,
    Term,
    TextSearch,
)


def says(node: SearchNode, row: Any) -> bool:  # noqa: PLR0911 - one line per kind of node
    """What a search means, by the book. No phrase runs from title to text."""
    words = [*row.text.split(), "|", *(row.title or "").split()]
    match node:
        case Term(text):
            return text in words
        case Prefix(text):
            return any(word.startswith(text) for word in words)
        case Phrase(phrase, _):
            return phrase in set(pairwise(words))
        case Among(column, values):
            return getattr(row, column) in values
        case Between(column, low, _):
            return getattr(row, column) is not None and getattr(row, column) >= low
        case AllOf(parts):
            return all(says(part, row) for part in parts)
        case AnyOf(parts):
            return any(says(part, row) for part in parts)
        case Anything():
            return True


ASKED = (mention.c.id, mention.c.text, mention.c.title, mention.c.kind, mention.c.rating)


def judged(node: SearchNode, unwanted: SearchNode | None = None) -> TextSearch:
    """A search whose hits are judged by the book; mentions that match `unwanted` are not kept."""

    def keep(conn: Connection, ids: Sequence[int]) -> set[int]:
        rows = conn.execute(select(*ASKED).where(mention.c.id.in_(ids))).all()
        return {row.id for row in rows if says(node, row) and not (unwanted and says(unwanted, row))}

    return TextSearch(node, keep)
