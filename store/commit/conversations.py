"""Conversations of a chunk: opened, joined, merged, and what they show kept right. Writes `conversation`.

Does not decide what an agent must do: a new inbound mention on any existing conversation sets `routing_pending`,
and the inbox's router, which is idempotent, decides about reopening.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from store.commit.deciding import ADDRESSED, OLD
from store.commit.facts import MentionFacts, Summary, combine, snippet_of, summarize
from store.engine import Store
from store.records import CONTEXT
from store.schema import author, conversation, mention, mention_brand

FOLDING_KINDS = frozenset({"article", "post"})


@dataclass(frozen=True, slots=True)
class Stored:
    """A conversation as it stands, with what it shows."""

    id: int
    key: str
    status: str
    n_duplicates: int
    summary: Summary
    intact: bool = True
    """False when its opening mention was erased, so that the summary must be derived anew."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How a new conversation starts."""

    status: str
    reason: str | None
    routing_pending: bool


def opening(mentions: Sequence[MentionFacts], folded: Collection[int]) -> Opening:
    """How a conversation starts that has only these mentions. Pure.

    Only the brand's own words make no work. A syndicated article or repost that folds under another makes none
    either; two people who write the same review or message remain two people, and so do two who say the same to the
    brand itself. What is found long after it was said is kept for search and trends, and reopens when the customer
    writes again.
    """
    inbound = [each for each in mentions if each.inbound]
    if not inbound:
        return Opening("archived", "own", routing_pending=False)
    if all(each.id in folded and _folds_away(each) for each in inbound):
        return Opening("archived", "duplicate", routing_pending=False)
    if all(each.old for each in inbound):
        return Opening("archived", "old", routing_pending=True)
    return Opening("new", None, routing_pending=True)


def _folds_away(each: MentionFacts) -> bool:
    return each.kind in FOLDING_KINDS and each.visibility != "private" and not each.addressed


def open_conversation(
    conversation_id: int,
    key: str,
    *,
    source_id: str,
    platform: str,
    mentions: Sequence[MentionFacts],
    start: Opening,
) -> dict[str, Any]:
    """The row of a new conversation. Pure."""
    first_seen = min(each.first_seen_at for each in mentions)
    return {
        "id": conversation_id,
        "key": key,
        "source_id": source_id,
        "platform": platform,
        "status": start.status,
        "is_open": start.status == "new",
        "status_reason": start.reason,
        "cycle": 1,
        "cycle_started_at": first_seen,
        "priority": 2,
        "routing_pending": start.routing_pending,
        "n_duplicates": 0,
        "n_notes": 0,
        "version": 0,
        **shown(summarize(mentions)),
    }


def join_conversation(before: Stored, after: Summary, newcomers: Sequence[MentionFacts]) -> dict[str, Any]:
    """What changes at a conversation that newcomers join. Pure.

    Old newcomers (a back-filled thread) and the brand's own words never ask for routing, unless the answer ends a
    wait: then the router takes the due time away.
    """
    values = shown(after)
    asks = [each for each in newcomers if each.asks]
    answered = before.summary.unanswered_since is not None and after.unanswered_since is None
    if asks or answered:
        values["routing_pending"] = True
    if asks and before.status == "archived" and before.summary.n_inbound == 0:
        # Started by the brand itself: the first customer in it starts the work, not a reopening.
        values |= {
            "status": "new",
            "is_open": True,
            "status_reason": None,
            "cycle_started_at": min(each.first_seen_at for each in asks),
        }
    return values


def shown(summary: Summary) -> dict[str, Any]:
    """The denormalized columns of a conversation. Pure."""
    first, card = summary.first, summary.card
    return {
        "visibility": "private" if summary.private else first.visibility,
        "kind": first.kind,
        "title": first.title,
        "url": first.url,
        "rating": first.rating,
        "snippet": snippet_of(card.text),
        "author_id": card.author_id,
        "author_name": card.author_name,
        "lang": card.lang,
        "sentiment": card.sentiment,
        "brand_ids": list(summary.brand_ids),
        "n_inbound": summary.n_inbound,
        "n_outbound": summary.n_outbound,
        "first_mention_id": first.id,
        "last_mention_id": card.id,
        "first_inbound_at": summary.first_inbound_at,
        "last_inbound_at": summary.last_inbound_at,
        "last_outbound_at": summary.last_outbound_at,
        "unanswered_since": summary.unanswered_since,
        "sort_at": summary.sort_at,
    }


def load(conn: Connection, store: Store, ids: Collection[int]) -> dict[int, Stored]:
    """Conversations by id, locked until the transaction ends."""
    if not ids:
        return {}
    query = (
        select(conversation)
        .where(store.dialect.among(conversation.c.id, ids))
        .order_by(conversation.c.id)
        .with_for_update()
    )
    rows = conn.execute(query).all()
    ends = {each for row in rows for each in (row.first_mention_id, row.last_mention_id) if each is not None}
    order = {}
    if ends:
        columns = (mention.c.id, mention.c.sort_at, mention.c.direction, mention.c.deleted_at)
        order = {row.id: row for row in conn.execute(select(*columns).where(store.dialect.among(mention.c.id, ends)))}
    return {row.id: _stored(row, order) for row in rows}


def after_joining(
    conn: Connection,
    store: Store,
    before: Stored,
    newcomers: Sequence[MentionFacts],
    *,
    reread: bool,
    believe: bool,
) -> Summary:
    """What a conversation shows with its newcomers, which are stored already.

    `reread` derives it from all mentions (after a merge, an edit or a deletion); with `believe` also who waits
    for an answer, although nobody waited here before (the merged one may have).
    """
    combined = None if reread or not before.intact else combine(before.summary, newcomers)
    if combined is not None:
        return combined
    everything = read_facts(conn, store, [before.id])[before.id]
    truth = summarize(everything)
    if not believe and before.summary.unanswered_since is None and not any(each.asks for each in newcomers):
        # Somebody settled it without an answer ("no answer needed"); reading again must not take that back.
        truth = replace(truth, unanswered_since=None)
    return truth


def update(conn: Connection, changes: Mapping[int, dict[str, Any]]) -> None:
    """Write changed conversations, in the order of their ids; `version` grows. Same columns are written together."""
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for conversation_id in sorted(changes):
        values = changes[conversation_id]
        row = {f"to_{name}": value for name, value in values.items()}
        by_columns.setdefault(tuple(sorted(values)), []).append({"at_id": conversation_id, **row})
    for columns, rows in by_columns.items():
        statement = (
            conversation.update()
            .where(conversation.c.id == bindparam("at_id"))
            .values(
                version=conversation.c.version + 1,
                **{name: bindparam(f"to_{name}", type_=conversation.c[name].type) for name in columns},
            )
        )
        conn.execute(statement, rows)


def read_facts(conn: Connection, store: Store, ids: Collection[int]) -> dict[int, list[MentionFacts]]:
    """All mentions of these conversations, as their conversations show them."""
    names = (
        "id",
        "direction",
        "sort_at",
        "first_seen_at",
        "kind",
        "visibility",
        "lang",
        "text",
        "title",
        "url",
        "author_id",
        "sentiment",
        "rating",
        "flags",
        "deleted_at",
    )
    within = store.dialect.among(mention.c.conversation_id, ids)
    query = (
        select(mention.c.conversation_id, *(mention.c[name] for name in names), author.c.name, author.c.handle)
        .outerjoin(author, author.c.id == mention.c.author_id)
        .where(within)
    )
    brands: dict[int, list[str]] = {}
    linked = select(mention_brand).join(mention, mention.c.id == mention_brand.c.mention_id).where(within)
    for row in conn.execute(linked):
        brands.setdefault(row.mention_id, []).append(row.brand_id)
    found: dict[int, list[MentionFacts]] = {each: [] for each in ids}
    for row in conn.execute(query):
        found[row.conversation_id].append(
            MentionFacts(
                id=row.id,
                direction=row.direction,
                sort_at=row.sort_at,
                first_seen_at=row.first_seen_at,
                kind=row.kind,
                visibility=row.visibility,
                lang=row.lang,
                text=row.text,
                title=row.title,
                url=row.url,
                author_id=row.author_id,
                author_name=row.name or row.handle or "",
                sentiment=row.sentiment,
                rating=row.rating,
                brand_ids=tuple(brands.get(row.id, ())),
                old=OLD in (row.flags or ()),
                context=CONTEXT in (row.flags or ()),
                addressed=ADDRESSED in (row.flags or ()),
                deleted=row.deleted_at is not None,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class _Erased:
    """Stands in for a mention that is gone."""

    sort_at: datetime
    id: int = 0
    direction: str = "inbound"
    deleted_at: datetime | None = None


def _stored(row: Any, order: Mapping[int, Any]) -> Stored:
    """Rebuild the summary from the row. `first` and `card` carry what the row shows of them."""
    intact = row.first_mention_id in order
    first_row: Any = order[row.first_mention_id] if intact else _Erased(row.sort_at)
    card_row: Any = order.get(row.last_mention_id, first_row)
    first = MentionFacts(
        id=first_row.id,
        direction=first_row.direction,
        sort_at=first_row.sort_at,
        first_seen_at=first_row.sort_at,
        kind=row.kind,
        visibility=row.visibility,
        lang=row.lang,
        text="",
        title=row.title,
        url=row.url,
        rating=row.rating,
    )
    card = MentionFacts(
        id=card_row.id,
        direction=card_row.direction,
        sort_at=card_row.sort_at,
        first_seen_at=card_row.sort_at,
        kind=row.kind,
        visibility=row.visibility,
        lang=row.lang,
        text=row.snippet,
        author_id=row.author_id,
        author_name=row.author_name,
        sentiment=row.sentiment,
        deleted=card_row.deleted_at is not None,
    )
    return Stored(
        id=row.id,
        key=row.key,
        status=row.status,
        n_duplicates=row.n_duplicates,
        intact=intact,
        summary=Summary(
            n_inbound=row.n_inbound,
            n_outbound=row.n_outbound,
            first=first,
            card=card,
            first_inbound_at=row.first_inbound_at,
            last_inbound_at=row.last_inbound_at,
            last_outbound_at=row.last_outbound_at,
            unanswered_since=row.unanswered_since,
            private=row.visibility == "private",
            brand_ids=tuple(row.brand_ids or ()),
        ),
    )
