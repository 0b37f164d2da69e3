"""What came in, made ready to be matched: words alone where a query asks for nothing else, every fact where it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from inbox.matching import documents
from store.lab import Walked
from understanding.match import Document
from understanding.query import Facts, Node, fields_of


def asked_by(nodes: Iterable[Node]) -> frozenset[str]:
    """The facts that any of these queries asks about."""
    return frozenset(name for node in nodes for name in fields_of(node))


def ready(
    conn: Connection, found: Sequence[Walked], asked: frozenset[str], zone: ZoneInfo
) -> list[tuple[Walked, Document]]:
    """Each with what queries are matched against; what was removed meanwhile is left out.

    Of what no query matched only source, language, address and text are kept: no condition on anything else holds.
    """
    if not asked:
        return [(one, Document(one.title, one.text)) for one in found]
    known = documents(conn, [one.id for one in found if one.conversation_id is not None], asked, zone)
    pairs = ((one, known.get(one.id) if one.conversation_id is not None else _outside(one)) for one in found)
    return [(one, document) for one, document in pairs if document is not None]


def _outside(one: Walked) -> Document:
    facts = Facts(source=one.source_id, lang=one.lang, url=one.url, text=one.text, titled=bool(one.title))
    return Document(one.title, one.text, facts=facts)
