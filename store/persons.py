"""Persons behind accounts: who belongs together, what is known of them, and who may be one person.

A person is one row, its *root*, and the rows that were merged into it: a merged row names its root in `merged_into`,
and a root is never merged itself, so every question is answered in one step. Merging is done in `inbox.persons`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Connection, and_, bindparam, func, select, union_all

from store.schema import author, person, person_clue, person_suggestion

BADGES: tuple[str, ...] = ("vip", "journalist", "employee")
"""In the order in which they are shown."""
MOST_ACCOUNTS = 50
_STATES = ("open", "accepted", "refused")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as stored. Instants aware UTC; `merged_into` is None for a root."""

    id: int
    notes: str
    badges: tuple[str, ...]
    name: str | None
    consent: str | None
    created_at: datetime | None
    updated_at: datetime | None
    merged_into: int | None


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """Two accounts that may be one person; `score` 0-1, `reasons` are codes."""

    author_id: int
    other_id: int
    score: float
    reasons: tuple[str, ...]
    state: str
    found_at: datetime


def badges_of(conn: Connection, author_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Badges of the persons behind a page of authors, in one query; authors without any are missing.

    Badges of all merged persons count together. Served by the primary keys and ix_person_merged.
    """
    wanted = list(author_ids)
    if not wanted:
        return {}
    found: dict[int, set[str]] = {}
    for author_id, badges in conn.execute(_badges_query(), {"authors": wanted}):
        if badges:
            found.setdefault(author_id, set()).update(badges)
    return {author_id: ordered(badges) for author_id, badges in found.items()}


@cache
def _badges_query() -> CompoundSelect[Any]:
    home = person.alias("home")
    root = func.coalesce(home.c.merged_into, home.c.id)
    page = (
        select(author.c.id.label("author_id"), root.label("root"))
        .join(home, home.c.id == author.c.person_id)
        .where(author.c.id.in_(bindparam("authors", expanding=True)))
        .cte("page")
    )
    return union_all(
        select(page.c.author_id, person.c.badges).join(person, person.c.id == page.c.root),
        select(page.c.author_id, person.c.badges).join(person, person.c.merged_into == page.c.root),
    )


def ordered(badges: Iterable[str]) -> tuple[str, ...]:
    """Badges without repetition, the known ones in their order."""
    return tuple(sorted(set(badges), key=lambda one: (BADGES.index(one) if one in BADGES else len(BADGES), one)))


def family_of(conn: Connection, person_id: int) -> list[int]:
    """Ids of a person: the root first, then everybody merged into it. Served by ix_person_merged."""
    root = conn.execute(
        select(func.coalesce(person.c.merged_into, person.c.id)).where(person.c.id == person_id)
    ).scalar()
    if root is None:
        return [person_id]
    merged = conn.execute(select(person.c.id).where(person.c.merged_into == root).order_by(person.c.id)).scalars()
    return [root, *merged]


def accounts_in(conn: Connection, person_ids: Sequence[int], *, limit: int = MOST_ACCOUNTS) -> list[int]:
    """Author ids of these persons, oldest first. Served by ix_author_person."""
    query = select(author.c.id).where(author.c.person_id.in_(list(person_ids))).order_by(author.c.id).limit(limit)
    return list(conn.execute(query).scalars())


def persons_by_id(conn: Connection, person_ids: Iterable[int]) -> dict[int, PersonRow]:
    """Persons by id (primary key)."""
    columns = [person.c[field.name] for field in fields(PersonRow)]
    rows = conn.execute(select(*columns).where(person.c.id.in_(list(person_ids))))
    return {row.id: _person(row) for row in rows}


def clues_of(conn: Connection, author_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """What is known of these accounts to recognise them by. Served by ix_person_clue_author."""
    c = person_clue.c
    found: dict[int, set[str]] = {}
    for author_id, clue in conn.execute(select(c.author_id, c.clue).where(c.author_id.in_(list(author_ids)))):
        found.setdefault(author_id, set()).add(clue)
    return {author_id: frozenset(clues) for author_id, clues in found.items()}


def sharing(conn: Connection, clue: str, *, limit: int) -> list[int]:
    """Accounts that have a clue, oldest first (primary key)."""
    c = person_clue.c
    query = select(c.author_id).where(c.clue == clue).order_by(c.clue, c.author_id).limit(limit)
    return list(conn.execute(query).scalars())


def suggestions_of(conn: Connection, author_ids: Iterable[int], *, states: Sequence[str] = ()) -> list[SuggestionRow]:
    """Suggestions about these accounts from either side, likeliest first; all states when none is named.

    Served by the primary key and ix_person_suggestion_other.
    """
    wanted = list(author_ids)
    c = person_suggestion.c
    either = [
        select(*(c[field.name] for field in fields(SuggestionRow))).where(side, c.state.in_(list(states) or _STATES))
        for side in (c.author_id.in_(wanted), and_(c.other_id.in_(wanted), c.author_id.not_in(wanted)))
    ]
    rows = [_suggestion(row) for row in conn.execute(union_all(*either))]
    return sorted(rows, key=lambda one: (-one.score, one.author_id, one.other_id))


def _person(row: Any) -> PersonRow:
    values = list(row)
    values[2] = tuple(values[2] or ())
    return PersonRow(*values)


def _suggestion(row: Any) -> SuggestionRow:
    values = list(row)
    values[3] = tuple(values[3] or ())
    return SuggestionRow(*values)
