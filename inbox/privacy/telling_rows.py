"""Rows as they are told: the columns that `inbox.privacy.telling` leaves in, without the ids that the store made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, LargeBinary, Row, Table, Text, cast, select

from inbox.privacy.naming import Naming
from inbox.privacy.telling import without
from store.forgetting import Subject, naming_any
from store.schema import mention


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks.

    Attributes:
        subject: their accounts and persons.
        naming: by what words name them.
        said: their messages, each with its conversation; also what is left of removed ones whose id names them.
    """

    subject: Subject
    naming: Naming
    said: Mapping[int, int]

    @property
    def ids(self) -> tuple[int, ...]:
        """Of their accounts."""
        return tuple(one.id for one in self.subject.accounts)


def asker(conn: Connection, subject: Subject) -> Asker:
    """Who asks, with their messages. Served by ix_mention_author; removed messages are looked through."""
    names = Naming(subject)
    c = mention.c
    columns_read = (c.id, c.conversation_id, c.external_id)
    written = select(*columns_read).where(c.author_id.in_([one.id for one in subject.accounts]))
    said = {row.id: row.conversation_id for row in conn.execute(written.order_by(c.id))}
    removed = (c.deleted_at.is_not(None), c.author_id.is_(None), naming(mention, ("external_id",), names.sure))
    for row in conn.execute(select(*columns_read).where(*removed).order_by(c.id)):
        if names.surely(row.external_id):
            said[row.id] = row.conversation_id
    return Asker(subject, names, said)


_OURS = ("_id", "_by", "_hash")
_OURS_TOO = frozenset({"id", "dup_of", "merged_into", "undo_of", "retracted_by"})
"""How ids end that the store made; those of a platform are texts."""


def columns(table: Table, *more: str) -> tuple[str, ...]:
    """Columns of a table that are told; `more` leaves out what stands elsewhere in the file."""
    held = without(table.name)
    return tuple(
        column.name
        for column in table.c
        if column.name not in held
        and column.name not in more
        and not isinstance(column.type, LargeBinary)
        and not (isinstance(column.type, BigInteger) and _is_id(column.name))
    )


def _is_id(name: str) -> bool:
    return name in _OURS_TOO or name.endswith(_OURS)


def told(table: Table, row: Row[Any], *more: str) -> dict[str, Any]:
    """One row by the names of its columns; what is empty stays out."""
    found = {name: getattr(row, name) for name in columns(table, *more)}
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def naming(table: Table, names: Sequence[str], needles: Sequence[str]) -> ColumnElement[bool]:
    """Rows in which one of these columns may name somebody; whether it does is looked at in each."""
    condition: ColumnElement[bool] = naming_any([cast(table.c[name], Text) for name in names], needles)
    return condition
