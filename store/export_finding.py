"""Which conversations and authors an export's filter finds: those with a mention that it finds and that may leave."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, func, literal, select

from store.export_filter import ExportFilter, columns_match, conditions_of, may_find
from store.export_reading import Rows
from store.export_shape import Batch, Column, Kind, gathered
from store.handing import IDS_ONLY, rules, withheld
from store.schema import (
    author,
    conversation,
    conversation_tag,
    conversation_theme,
    mention,
    mention_brand,
    theme,
)

_JUDGED_AT_ONCE = 500
FLAGS = Column("flags", Kind.WORDS, "ids_only: see above")
"""The last column of tables that hold what platforms said."""
_MENTIONS = mention.join(conversation, conversation.c.id == mention.c.conversation_id)


class Finder:
    """The conversations, or the authors, that a filter finds among the mentions up to an id.

    Args:
        key: of what is found.
        of: the same in a mention.
        mentions: mentions, joined to their conversation where `key` is not of one.
    """

    def __init__(self, key: ColumnElement[int], of: ColumnElement[int], mentions: FromClause) -> None:
        self.key = key
        self._of = of
        self._mentions = mentions

    def holds(self, wanted: ExportFilter, up_to: int) -> ColumnElement[bool]:
        """Whether there is such a mention, its words aside; along the index of the mentions of one."""
        return self._some(wanted, up_to, ~withheld())

    def kept(self, conn: Connection, wanted: ExportFilter, up_to: int, keys: Sequence[int]) -> Collection[int]:
        """Those of some keys of which a mention matches the search."""
        if wanted.text is None:
            return keys
        query = (
            select(mention.c.id, self._of)
            .select_from(_MENTIONS)
            .where(self._of.in_(keys), mention.c.id <= up_to, ~withheld())
            .where(*conditions_of(wanted), *columns_match(wanted))
        )
        hits = may_find(conn, wanted, 0, up_to)
        if hits is not None:
            query = query.where(mention.c.id.in_(hits))
        owners: dict[int, int] = dict(conn.execute(query).all())
        ids, found = sorted(owners), set[int]()
        for start in range(0, len(ids), _JUDGED_AT_ONCE):
            kept = wanted.text.keep(conn, ids[start : start + _JUDGED_AT_ONCE])
            found.update(owners[one] for one in kept)
        return found

    def left_out(self, conn: Connection, wanted: ExportFilter, up_to: int) -> dict[str, int]:
        """How many stay out because of what a platform's terms say, by source; a search aside."""
        found = {}
        for rule in rules(conn).values():
            if rule.per_day is not None:
                continue
            of_source = self._some(wanted, up_to, mention.c.source_id == rule.source_id)
            query = select(func.count()).select_from(self.key.table).where(of_source, ~self.holds(wanted, up_to))
            found[rule.source_id] = int(conn.execute(query).scalar_one())
        return found

    def _some(self, wanted: ExportFilter, up_to: int, allowed: ColumnElement[bool]) -> ColumnElement[bool]:
        return (
            select(literal(1))
            .select_from(self._mentions)
            .where(self._of == self.key, mention.c.id <= up_to, *conditions_of(wanted), allowed)
            .exists()
        )


CONVERSATIONS = Finder(conversation.c.id, mention.c.conversation_id, mention)
AUTHORS = Finder(author.c.id, mention.c.author_id, _MENTIONS)


def as_may_leave(columns: Sequence[Column], batch: Batch, limited: Collection[int], empty: Mapping[str, Any]) -> Batch:
    """Rows with their flags as last column; those at the places `limited` without what their platform said.

    What a person may have in full in a day is counted for mentions alone, so such a row never has it.
    """
    batch.columns.append([(IDS_ONLY,) if place in limited else () for place in range(batch.n)])
    if limited:
        for number, column in enumerate(columns):
            if column.theirs:
                values, other = batch.columns[number], empty.get(column.name)
                batch.columns[number] = [other if place in limited else one for place, one in enumerate(values)]
    return batch


BRANDS = gathered(mention_brand.c.brand_id, mention_brand, mention_brand.c.mention_id == mention.c.id)
"""Brands of a mention. Served by ix_mention_brand_mention."""
TAGS = gathered(conversation_tag.c.tag, conversation_tag, conversation_tag.c.conversation_id == conversation.c.id)
"""Tags of a conversation. Served by ix_conversation_tag_conversation."""
THEMES = gathered(
    theme.c.name,
    conversation_theme.join(theme, theme.c.id == conversation_theme.c.theme_id),
    conversation_theme.c.conversation_id == conversation.c.id,
)
"""Names of the themes that a conversation raises. Served by ix_conversation_theme_conversation."""


def by_columns(rows: Rows, width: int) -> Batch:
    """Rows of a query column by column."""
    return Batch(list(zip(*rows, strict=True)) if rows else [()] * width, len(rows))
