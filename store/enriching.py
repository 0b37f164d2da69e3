"""The one way to change what was derived from stored mentions: language, sentiment, and by which version.

`rewrite` changes the mentions, what their conversations show of them, and the roll-ups, in the caller's transaction.
It does not decide what a text means, does not touch what a platform said, and wakes nobody: a conversation keeps its
version, so an answer that somebody is writing stays an answer to what they see.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, select

from store.commit.inheriting import INHERITED, UNDETERMINED, Usual
from store.commit.rollups import Deltas
from store.engine import Store
from store.records import CONTEXT
from store.schema import conversation, mention, mention_brand
from store.sentiments import Sentiment, columns_of, may_replace

ROWS = 200
"""Mentions per transaction: agents wait for the write lock meanwhile."""


@dataclass(frozen=True, slots=True)
class Enriched:
    """What was newly derived from one mention; None leaves what stands.

    Attributes:
        mention_id: which.
        revision: of the text it was derived from; a mention that was edited meanwhile is left. None: whatever it says.
        lang: ISO 639-1 code, or und: then what others wrote gets the language usual for its author or channel.
        lang_confidence: 0-1; written together with `lang`.
        corrected_by: the user who said so. Only `by_hand`, where None takes a correction back.
        enriched: version of the enrichment.
    """

    mention_id: int
    revision: int | None = None
    lang: str | None = None
    lang_confidence: float | None = None
    sentiment: Sentiment | None = None
    corrected_by: int | None = None
    enriched: str | None = None


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What came of it.

    Attributes:
        changed: mentions whose language or sentiment is another one now.
        kept: mentions whose sentiment stays, because an agent or a better tier gave it.
        left: mentions that are gone, erased, or say something else by now.
    """

    changed: tuple[int, ...] = ()
    kept: tuple[int, ...] = ()
    left: tuple[int, ...] = ()


def rewrite(
    conn: Connection, store: Store, rows: Sequence[Enriched], *, timezone: str, by_hand: bool = False
) -> Rewritten:
    """Write what was newly derived from mentions. Safe to repeat: the same rows again change nothing.

    Args:
        conn: a writing transaction, best of `Store.write_again`; a caller that locks conversations locked them before.
        store: which.
        rows: at most one per mention; more than `ROWS` in one transaction keep agents waiting.
        timezone: IANA name deciding the calendar day of the roll-ups.
        by_hand: a person decided: their word replaces any other, also another person's.

    Raises:
        ValueError: two rows are about one mention.
    """
    wanted = {row.mention_id: row for row in rows}
    if len(wanted) < len(rows):
        msg = "two rows are about one mention"
        raise ValueError(msg)
    standing = _lock(conn, store, wanted)
    usual = Usual(conn, store.clock())
    changes: dict[int, dict[str, Any]] = {}
    kept = []
    for mention_id, row in wanted.items():
        stands = standing.get(mention_id)
        if stands is None or stands.deleted_at is not None or row.revision not in (None, stands.revision):
            continue
        values, refused = _values(row, stands, usual, by_hand=by_hand)
        if refused:
            kept.append(mention_id)
        changes[mention_id] = {name: value for name, value in values.items() if getattr(stands, name) != value}
    told = sorted(each for each, values in changes.items() if not values.keys().isdisjoint(("lang", "sentiment")))
    _write(conn, changes)
    _show(conn, standing, {each: changes[each] for each in told})
    _count(conn, store, standing, {each: changes[each] for each in told}, timezone)
    return Rewritten(tuple(told), tuple(kept), tuple(each for each in wanted if each not in changes))


def _lock(conn: Connection, store: Store, ids: Collection[int]) -> dict[int, Row[Any]]:
    """The mentions as they stand, held until the transaction ends; their conversations before, as everywhere."""
    if not ids:
        return {}
    within = store.dialect.among(mention.c.id, ids)
    cases = {row.conversation_id for row in conn.execute(select(mention.c.conversation_id).where(within))}
    if cases:
        held = select(conversation.c.id).where(store.dialect.among(conversation.c.id, cases))
        conn.execute(held.order_by(conversation.c.id).with_for_update()).all()
    query = select(*(mention.c[name] for name in _READ)).where(within).order_by(mention.c.id).with_for_update()
    return {row.id: row for row in conn.execute(query)}


_READ = (
    "id",
    "conversation_id",
    "source_id",
    "author_id",
    "direction",
    "kind",
    "sort_at",
    "first_seen_at",
    "rating",
    "flags",
    "dup_of",
    "deleted_at",
    "revision",
    "lang",
    "lang_confidence",
    "sentiment",
    "sentiment_score",
    "sentiment_confidence",
    "sentiment_by",
    "sentiment_corrected_by",
    "enriched",
)


def _values(row: Enriched, stands: Row[Any], usual: Usual, *, by_hand: bool) -> tuple[dict[str, Any], bool]:
    """What the mention's columns become, and whether its sentiment was kept from a newer one."""
    values: dict[str, Any] = {}
    if row.lang is not None:
        code = usual.of(stands.author_id, stands.source_id) if _inherits(row, stands) else ""
        flags = [flag for flag in stands.flags or () if flag != INHERITED]
        values |= {
            "lang": code or row.lang,
            "lang_confidence": row.lang_confidence,
            "flags": [*flags, INHERITED] if code else flags,
        }
    refused = False
    if row.sentiment is not None:
        refused = not by_hand and not may_replace(stands.sentiment_by, stands.sentiment_corrected_by, row.sentiment)
        if not refused:
            values |= columns_of(row.sentiment)
    if by_hand:
        values["sentiment_corrected_by"] = row.corrected_by
    if row.enriched is not None:
        values["enriched"] = row.enriched
    return values, refused


def _inherits(row: Enriched, stands: Row[Any]) -> bool:
    return row.lang == UNDETERMINED and row.lang_confidence is not None and stands.direction == "inbound"


def _write(conn: Connection, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Update mentions in the order of their ids; those with the same columns together."""
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for mention_id in sorted(changes):
        values = changes[mention_id]
        if values:
            row = {f"to_{name}": value for name, value in values.items()}
            by_columns.setdefault(tuple(sorted(values)), []).append({"at_id": mention_id, **row})
    for columns, rows in by_columns.items():
        statement = (
            mention.update()
            .where(mention.c.id == bindparam("at_id"))
            .values({name: bindparam(f"to_{name}", type_=mention.c[name].type) for name in columns})
        )
        conn.execute(statement, rows)


def _show(conn: Connection, standing: Mapping[int, Row[Any]], changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Language and mood of the conversations whose card is one of these. Their version stays."""
    rows = [
        {
            "at_id": standing[mention_id].conversation_id,
            "at_card": mention_id,
            "to_lang": values.get("lang", standing[mention_id].lang),
            "to_sentiment": values.get("sentiment", standing[mention_id].sentiment),
        }
        for mention_id, values in changes.items()
    ]
    if rows:
        conn.execute(_SHOW, sorted(rows, key=lambda row: (row["at_id"], row["at_card"])))


_SHOW = (
    conversation.update()
    .where(conversation.c.id == bindparam("at_id"), conversation.c.last_mention_id == bindparam("at_card"))
    .values(lang=bindparam("to_lang"), sentiment=bindparam("to_sentiment"))
)


def _count(
    conn: Connection,
    store: Store,
    standing: Mapping[int, Row[Any]],
    changes: Mapping[int, Mapping[str, Any]],
    timezone: str,
) -> None:
    """Move these mentions in the roll-ups from what they were to what they are."""
    counted = [each for each in changes if _counts(standing[each])]
    if not counted:
        return
    brands: dict[int, list[str]] = {}
    linked = select(mention_brand).where(store.dialect.among(mention_brand.c.mention_id, counted))
    for row in conn.execute(linked):
        brands.setdefault(row.mention_id, []).append(row.brand_id)
    deltas = Deltas(ZoneInfo(timezone))
    for mention_id in counted:
        values = changes[mention_id]
        becomes = {name: values[name] for name in ("lang", "sentiment") if name in values}
        deltas.move_row(standing[mention_id], brands.get(mention_id, ()), becomes)
    deltas.write(conn, store.dialect)


def _counts(row: Row[Any]) -> bool:
    return row.direction == "inbound" and CONTEXT not in (row.flags or ())
