"""Counts beside the views. Open work is counted exactly, all views in one scan; large sets up to a cap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, select

from store.filters import ConversationFilter, Residual, conditions, filtered, scope_condition, walked
from store.lists import choose_route
from store.schema import conversation
from store.search import count_matching

CAP = 999
_ALL_OPEN = ConversationFilter()
Facet = Literal[
    "status", "source_id", "platform", "lang", "kind", "sentiment", "priority", "team_id", "assignee_id", "why"
]


@dataclass(frozen=True, slots=True)
class Count:
    """A count; `capped` means "more than n", shown as "999+"."""

    n: int
    capped: bool = False


def count_views(conn: Connection, views: Mapping[str, ConversationFilter]) -> dict[str, int]:
    """Exact counts of several views of open work in one scan of ix_conversation_open.

    Args:
        conn: a connection of `Store.read()`.
        views: filters by name; each must be of open work and without text.

    Raises:
        ValueError: a view is not of open work, or searches text; count that one with `capped_count`.
    """
    if not views:
        return {}
    row = conn.execute(views_query(views)).one()
    return dict(zip(views, row, strict=True))


def views_query(views: Mapping[str, ConversationFilter]) -> Select[Any]:
    """The query of `count_views`."""
    columns: list[ColumnElement[Any]] = []
    for name, view in views.items():
        wanted = view.settled()
        if wanted.scope != "open" or wanted.text is not None:
            msg = f"view {name!r} is not of open work alone or searches text: count it with capped_count"
            raise ValueError(msg)
        narrowed = conditions(wanted)
        columns.append(func.count().filter(and_(*narrowed)) if narrowed else func.count())
    return select(*columns).select_from(conversation).where(*scope_condition("open"))


def capped_count(conn: Connection, wanted: ConversationFilter, *, cap: int = CAP) -> Count:
    """How many conversations a list would show, counted no further than the cap. Served as the list itself is."""
    wanted = wanted.settled()
    if wanted.text is not None:
        found, complete = count_matching(conn, wanted, limit=cap + 1)
        return Count(min(found, cap), capped=found > cap or not complete)
    route = choose_route(conn, wanted)
    few = select(literal(1)).select_from(walked(wanted, route)).where(*filtered(wanted, route))
    found = conn.execute(select(func.count()).select_from(few.limit(cap + 1).subquery())).scalar_one()
    return Count(min(found, cap), capped=found > cap)


def facet(conn: Connection, wanted: ConversationFilter, by: Facet) -> dict[Any, int]:
    """Open conversations of a filter per value of one field (None: without), most first.

    Scans ix_conversation_open; of all open work per source or language it walks the index that is in that order.

    Raises:
        ValueError: the filter is not of open work, or searches text.
    """
    if wanted.settled().scope != "open" or wanted.text is not None:
        msg = "facets count open work without a text search"
        raise ValueError(msg)
    return dict(conn.execute(facet_query(wanted, by)).all())


def facet_query(wanted: ConversationFilter, by: Facet) -> Select[Any]:
    """The query of `facet`."""
    ordered = by in {"source_id", "lang"} and wanted.settled() == _ALL_OPEN
    column: ColumnElement[Any] = conversation.c[by] if ordered else Residual.of(conversation.c[by])
    n: ColumnElement[Any] = func.count()
    return (
        select(*(column, n))
        .where(*scope_condition("open"), *conditions(wanted.settled()))
        .group_by(column)
        .order_by(n.desc(), column)
    )
