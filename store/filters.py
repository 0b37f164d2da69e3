"""What narrows a list of conversations, and how each condition reads in SQL on both engines.

Does not know orders, pages or indexes: `store.lists` chooses those.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, Literal, cast

import orjson
from sqlalchemy import Boolean, ColumnElement, FromClause, Join, and_, false, literal, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from store.ordering import DueKey
from store.schema import conversation, conversation_tag, conversation_theme, note_mention
from store.search_nodes import TextSearch

OPEN_STATUSES: frozenset[str] = frozenset({"new", "open", "waiting_customer", "waiting_internal", "snoozed"})
"""The states for which `conversation.is_open` is true."""


class Nobody(Enum):
    """The value of a filter that asks for rows where the field is empty."""

    NOBODY = "nobody"


NOBODY = Nobody.NOBODY


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """What narrows a list. Empty tuples and None mean "any"; several values of one field mean "one of these".

    Attributes:
        scope: open (the queue), closed, or all.
        team_id, assignee_id: an id, or NOBODY for conversations without one.
        tags: conversations with at least one of these tags.
        theme_ids: conversations that raise at least one of these themes.
        brand_ids: conversations of at least one of these brands.
        rating_min, rating_max: 0-1, both included; conversations without rating fall out.
        unanswered: True: the customer waits for an answer; False: nobody waits.
        due_before: `sla_due_at` lies before this instant (overdue, when it is now).
        claimable_at: nobody holds a claim at this instant.
        since, until: on `sort_at`, [since, until).
        promised: True: conversations whose customer still waits for something promised.
        naming: conversations in whose notes this person is named.
        text: search in the text of the mentions; see `store.search`.
    """

    scope: Literal["open", "closed", "all"] = "open"
    statuses: tuple[str, ...] = ()
    team_id: str | Nobody | None = None
    assignee_id: int | Nobody | None = None
    source_ids: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    priorities: tuple[int, ...] = ()
    whys: tuple[str, ...] = ()
    brand_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    theme_ids: tuple[int, ...] = ()
    visibility: str | None = None
    rating_min: float | None = None
    rating_max: float | None = None
    unanswered: bool | None = None
    due_before: datetime | None = None
    claimable_at: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    promised: bool = False
    naming: int | None = None
    text: TextSearch | None = None

    def settled(self) -> ConversationFilter:
        """The same filter with the narrowest scope that its statuses allow, so that the smallest index serves it."""
        if self.scope != "all" or not self.statuses:
            return self
        if OPEN_STATUSES.issuperset(self.statuses):
            return replace(self, scope="open")
        if OPEN_STATUSES.isdisjoint(self.statuses):
            return replace(self, scope="closed")
        return self


class Residual(FunctionElement[Any]):
    """A column that must be filtered on, not looked up by.

    SQLite without statistics takes any equality for selective and would look the rows up by it and sort them
    (430 ms where the walk along the list's order takes 0.3 ms). Its documented unary plus forbids that.
    """

    inherit_cache = True
    name = "residual"

    @classmethod
    def of(cls, column: ColumnElement[Any]) -> Residual:
        """Wrap a column; comparisons keep its type."""
        wrapped = cls(column)
        wrapped.type = column.type
        return wrapped


@compiles(Residual)
def _residual(element: Residual, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(Residual, "sqlite")
def _residual_sqlite(element: Residual, compiler: SQLCompiler, **kw: Any) -> str:
    return "+" + compiler.process(element.clauses, **kw)


class HasBrand(FunctionElement[bool]):
    """Whether the JSON array of brand ids holds one id. Takes the column and the id as JSON text."""

    inherit_cache = True
    name = "has_brand"
    type = Boolean()


@compiles(HasBrand, "sqlite")
def _has_brand_sqlite(element: HasBrand, compiler: SQLCompiler, **kw: Any) -> str:
    array, brand = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"instr({array}, {brand}) > 0"


@compiles(HasBrand, "postgresql")
def _has_brand_postgresql(element: HasBrand, compiler: SQLCompiler, **kw: Any) -> str:
    array, brand = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{array} @> CAST('[' || {brand} || ']' AS jsonb)"


@dataclass(frozen=True, slots=True)
class Route:
    """Which index a list walks along.

    Attributes:
        lookup: columns that lead it; every other condition is checked on the way.
        partial: whether the index holds rows of the filter's scope only.
        ids: rows found beforehand: then nothing is walked.
        gather_tags: look up all conversations of the tags, instead of asking for the tags of each row that is met.
        gather_themes: the same for themes.
        tag_beside: the one tag asked for is joined to each row that is met, see `walked`.
    """

    lookup: frozenset[str] = frozenset()
    partial: bool = False
    ids: tuple[int, ...] | None = None
    gather_tags: bool = False
    gather_themes: bool = False
    tag_beside: bool = False


class Nested(Join):
    """A join whose loops SQLite runs in the order written (its CROSS JOIN); an ordinary join on PostgreSQL."""

    inherit_cache = True


def _parts(element: Nested, compiler: SQLCompiler, kw: dict[str, Any]) -> tuple[str, str, str]:
    """Both sides of a join and its condition as SQL."""
    kw = kw | {"asfrom": True, "from_linter": None}
    on = cast("ColumnElement[bool]", element.onclause)
    return compiler.process(element.left, **kw), compiler.process(element.right, **kw), compiler.process(on, **kw)


@compiles(Nested, "sqlite")
def _nested_sqlite(element: Nested, compiler: SQLCompiler, **kw: Any) -> str:
    left, right, on = _parts(element, compiler, kw)
    return f"{left} CROSS JOIN {right} ON {on}"


class Looked(Nested):
    """A join to one row by its key for each row of the left, on both engines.

    PostgreSQL would rather read a whole index of a million rows once than look four thousand up.
    """

    inherit_cache = True


@compiles(Looked, "postgresql")
def _looked_postgresql(element: Looked, compiler: SQLCompiler, **kw: Any) -> str:
    left, right, on = _parts(element, compiler, kw)
    return f"{left} CROSS JOIN LATERAL (SELECT * FROM {right} WHERE {on} OFFSET 0) AS {right}"  # noqa: S608 - all of it is ours


def scope_condition(scope: Literal["open", "closed", "all"]) -> list[ColumnElement[bool]]:
    """The condition of the partial indexes, spelled exactly as they spell it."""
    if scope == "open":
        return [conversation.c.is_open]
    if scope == "closed":
        return [~conversation.c.is_open]
    return []


def conditions(wanted: ConversationFilter, route: Route | None = None) -> list[ColumnElement[bool]]:
    """Every condition of a filter but for scope and text, spelled for a route (none: nothing is looked up by)."""
    route = route or Route()

    def column(name: str) -> ColumnElement[Any]:
        plain = conversation.c[name]
        if name in route.lookup:
            return plain
        return Residual.of(plain)

    found = [*_one_of(wanted, column), *_held_by(wanted, column)]
    found.extend(_ranges(wanted, column("rating"), DueKey(conversation.c.sla_due_at), column("unanswered_since")))
    if wanted.claimable_at is not None:
        until = column("claimed_until")
        found.append(or_(until.is_(None), until <= wanted.claimable_at))
    if wanted.since is not None:
        found.append(conversation.c.sort_at >= wanted.since)
    if wanted.until is not None:
        found.append(conversation.c.sort_at < wanted.until)
    if wanted.promised:
        found.append(conversation.c.promise_due_at.is_not(None))
    if wanted.naming is not None:
        c = note_mention.c
        notes = select(literal(1)).where(c.user_id == wanted.naming, c.conversation_id == conversation.c.id)
        found.append(notes.exists())
    if wanted.brand_ids:
        found.append(or_(*(holds_brand(conversation.c.brand_ids, brand) for brand in wanted.brand_ids)))
    if wanted.tags and not route.tag_beside:
        found.append(_in_gathered(wanted.tags) if route.gather_tags else tagged(wanted.tags))
    if wanted.theme_ids:
        found.append(_in_gathered_themes(wanted.theme_ids) if route.gather_themes else raising(wanted.theme_ids))
    return found


def _one_of(wanted: ConversationFilter, column: Callable[[str], ColumnElement[Any]]) -> list[ColumnElement[bool]]:
    many: dict[str, tuple[Any, ...]] = {
        "status": wanted.statuses,
        "source_id": wanted.source_ids,
        "platform": wanted.platforms,
        "lang": wanted.langs,
        "kind": wanted.kinds,
        "sentiment": wanted.sentiments,
        "priority": wanted.priorities,
        "why": wanted.whys,
        "visibility": () if wanted.visibility is None else (wanted.visibility,),
    }
    return [
        column(name) == values[0] if len(values) == 1 else column(name).in_(sorted(set(values)))
        for name, values in many.items()
        if values
    ]


def _held_by(wanted: ConversationFilter, column: Callable[[str], ColumnElement[Any]]) -> list[ColumnElement[bool]]:
    one: dict[str, Any] = {"team_id": wanted.team_id, "assignee_id": wanted.assignee_id}
    return [
        column(name).is_(None) if value is NOBODY else column(name) == value
        for name, value in one.items()
        if value is not None
    ]


def filtered(wanted: ConversationFilter, route: Route) -> list[ColumnElement[bool]]:
    """All conditions of a filter but its text, spelled for the chosen index."""
    found: list[ColumnElement[bool]] = []
    if route.partial:
        found += scope_condition(wanted.scope)
    elif wanted.scope != "all":
        is_open = Residual.of(conversation.c.is_open)
        found.append(is_open != false() if wanted.scope == "open" else is_open == false())
    if route.ids is not None:
        found.append(conversation.c.id.in_(route.ids))
    return found + conditions(wanted, route)


def walked(wanted: ConversationFilter, route: Route) -> FromClause:
    """What a list reads: conversations, on some routes each with its entry of the one tag that is asked for.

    SQLite asks an EXISTS beside LIMIT and OFFSET as a subquery of its own for each row; the join costs half.
    """
    if not route.tag_beside:
        return conversation
    c = conversation_tag.c
    return Nested(conversation, conversation_tag, and_(c.conversation_id == conversation.c.id, c.tag == wanted.tags[0]))


def tagged(tags: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether the conversation has one of the tags; served by ix_conversation_tag_conversation."""
    return (
        select(literal(1))
        .where(
            conversation_tag.c.conversation_id == conversation.c.id,
            conversation_tag.c.tag.in_(sorted(set(tags))),
        )
        .exists()
    )


def _in_gathered(tags: tuple[str, ...]) -> ColumnElement[bool]:
    """The same as `tagged`, entered by the primary key of conversation_tag."""
    c = conversation_tag.c
    return conversation.c.id.in_(select(c.conversation_id).where(c.tag.in_(sorted(set(tags)))))


def raising(theme_ids: tuple[int, ...]) -> ColumnElement[bool]:
    """Whether the conversation raises one of the themes; served by ix_conversation_theme_conversation."""
    c = conversation_theme.c
    return (
        select(literal(1))
        .where(c.conversation_id == conversation.c.id, c.theme_id.in_(sorted(set(theme_ids))))
        .exists()
    )


def _in_gathered_themes(theme_ids: tuple[int, ...]) -> ColumnElement[bool]:
    """The same as `raising`, entered by the primary key of conversation_theme."""
    c = conversation_theme.c
    return conversation.c.id.in_(select(c.conversation_id).where(c.theme_id.in_(sorted(set(theme_ids)))))


def _ranges(
    wanted: ConversationFilter, rating: ColumnElement[Any], due: ColumnElement[Any], waits: ColumnElement[Any]
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.rating_min is not None:
        found.append(rating >= wanted.rating_min)
    if wanted.rating_max is not None:
        found.append(rating <= wanted.rating_max)
    if wanted.due_before is not None:
        found.append(due < wanted.due_before)
    if wanted.unanswered is not None:
        found.append(waits.is_not(None) if wanted.unanswered else waits.is_(None))
    return found


def all_of(wanted: ConversationFilter) -> ColumnElement[bool]:
    """The whole filter but for its text as one condition, for counting."""
    return and_(*scope_condition(wanted.scope), *conditions(wanted))


def holds_brand(column: ColumnElement[Any], brand_id: str) -> ColumnElement[bool]:
    """Whether a JSON array of brand ids holds this one."""
    return HasBrand(column, literal(orjson.dumps(brand_id).decode()))
