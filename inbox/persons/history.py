"""A person's whole history over all channels, newest first, and the figures over it. Reads along indexes only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from inbox.persons.views import ContactView, Counts
from inbox.stretches import stretches
from store.contacts import WALKED, walk
from store.schema import conversation, event, mention
from store.thread import mentions_by_id

_SAID = 300
_PER_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class Walked:
    """In which conversations a person wrote: newest word first, with how often; `capped` when not all was walked."""

    latest: Mapping[int, tuple[datetime, int]]
    n: Mapping[int, int]
    capped: bool

    @property
    def order(self) -> list[int]:
        """Conversations, latest word of this person first."""
        return sorted(self.latest, key=lambda one: self.latest[one], reverse=True)


def walked(conn: Connection, author_ids: Sequence[int]) -> Walked:
    """Walk the newest 2,000 mentions of each account. Served by ix_mention_author."""
    latest: dict[int, tuple[datetime, int]] = {}
    n: dict[int, int] = {}
    capped = False
    for author_id in author_ids:
        rows = conn.execute(walk(author_id)).all()
        capped = capped or len(rows) == WALKED
        for conversation_id, sort_at, mention_id in rows:
            n[conversation_id] = n.get(conversation_id, 0) + 1
            latest[conversation_id] = max(latest.get(conversation_id, (sort_at, mention_id)), (sort_at, mention_id))
    return Walked(latest, n, capped)


def counts(conn: Connection, found: Walked, author_ids: Sequence[int]) -> Counts:
    """How many contacts, how many of them open, and when the first was."""
    n_open = 0
    for some in stretches(list(found.latest), _PER_STATEMENT):
        wanted = select(func.count()).where(conversation.c.id.in_(some), conversation.c.is_open)
        n_open += conn.execute(wanted).scalar_one()
    first = [
        conn.execute(
            select(mention.c.sort_at)
            .where(mention.c.author_id == one)
            .order_by(mention.c.sort_at, mention.c.id)
            .limit(1)
        ).scalar()
        for one in author_ids
    ]
    return Counts(len(found.latest), n_open, min((at for at in first if at is not None), default=None), found.capped)


def page(conn: Connection, found: Walked, sources: Mapping[str, str], *, limit: int) -> tuple[ContactView, ...]:
    """The newest `limit` contacts with what was said, how it stands and what we answered."""
    ids = found.order[:limit]
    rows = {row.id: row for row in conn.execute(select(conversation).where(conversation.c.id.in_(ids)))}
    said = mentions_by_id(conn, [found.latest[one][1] for one in ids])
    answers = _answers(conn, [rows[one] for one in ids if one in rows])
    views = []
    for one in ids:
        row, spoken = rows.get(one), said.get(found.latest[one][1])
        if row is None or spoken is None:
            continue
        answered = answers.get(one)
        views.append(
            ContactView(
                conversation_id=one,
                platform=spoken.platform,
                source_name=sources.get(row.source_id, row.source_id),
                kind=spoken.kind,
                status=row.status,
                is_open=row.is_open,
                said=(spoken.title or spoken.text)[:_SAID],
                said_at=spoken.sort_at,
                n_said=found.n[one],
                rating=spoken.rating if spoken.rating is not None else row.rating,
                answered=answered[1][:_SAID] if answered else None,
                answered_at=answered[0] if answered else None,
                promise_due_at=row.promise_due_at,
            )
        )
    return tuple(views)


def _answers(conn: Connection, rows: Sequence[Any]) -> dict[int, tuple[datetime, str]]:
    """Our newest answer per conversation, as it stands on the platform or as it was recorded by hand."""
    found: dict[int, tuple[datetime, str]] = {}
    for row in rows:
        if not row.n_outbound:
            continue
        newest = conn.execute(
            select(mention.c.sort_at, mention.c.text)
            .where(mention.c.conversation_id == row.id, mention.c.direction == "outbound")
            .order_by(mention.c.sort_at.desc(), mention.c.id.desc())
            .limit(1)
        ).first()
        if newest is not None:
            found[row.id] = (newest.sort_at, newest.text)
    by_hand = conn.execute(
        select(event.c.object_id, event.c.at, event.c.after).where(
            event.c.object_type == "conversation",
            event.c.object_id.in_([str(row.id) for row in rows]),
            event.c.action == "answered_by_hand",
        )
    )
    for object_id, at, after in by_hand:
        number = int(object_id)
        text = str(((after or {}).get("facts") or {}).get("text") or "")
        if number not in found or at > found[number][0]:
            found[number] = (at, text)
    return found
