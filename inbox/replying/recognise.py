"""Our own posts when they come back: which answer of the outbox they are, so that none is counted twice.

A post is an answer of ours when the platform's answer named it, or when it says the same in the same conversation and
came after we first tried. That settles an answer of which nobody knew whether it got through.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Row, select

from inbox import steps
from inbox.desk import Desk
from inbox.replying.sent import mark_sent
from inbox.replying.states import PERHAPS_THERE, By, State
from store import outbox as kept
from store.schema import mention, outbox
from understanding.same_text import same_text

CLOCKS_APART = timedelta(minutes=10)
"""The platform's clock and ours may differ so much."""
_LOOKED_AT = 50


class OwnPost(Protocol):
    """A post of ours in the store. Instants aware UTC."""

    @property
    def id(self) -> int:
        """Of the mention."""

    @property
    def text(self) -> str:
        """Plain text."""

    @property
    def sort_at(self) -> datetime:
        """When it was said, as the platform tells."""

    @property
    def first_seen_at(self) -> datetime:
        """When we first saw it."""


def settle(desk: Desk, conn: Connection, conversation_id: int, post: OwnPost, now: datetime) -> bool:
    """Settle the answer that this post is; False when it is none of ours from here.

    The conversation is locked by the caller.
    """
    row = answer_of(kept.of_conversation(conn, conversation_id), post)
    if row is None:
        return False
    if row.state != State.SENT:
        mark_sent(desk, conn, row, By.PLATFORM, now=now, at=post.sort_at, own_mention_id=post.id, **_names(conn, post))
    elif row.own_mention_id is None:
        values = {"own_mention_id": post.id, **_names(conn, post)}
        conn.execute(outbox.update().where(outbox.c.id == row.id).values(**values))
    return True


def find(desk: Desk, conn: Connection, row: Row[Any], now: datetime) -> bool:
    """Look in the store for an answer that may have been sent; True when it was there and is settled now."""
    if row.tried_at is None or row.kind != "reply":
        return False
    counted = {
        ((one.after or {}).get("facts") or {}).get("mention_id")
        for one in steps.events_of(conn, row.conversation_id, limit=200)
        if one.action == "answered"
    }
    posts = conn.execute(
        select(mention.c.id, mention.c.text, mention.c.sort_at, mention.c.first_seen_at)
        .where(
            mention.c.conversation_id == row.conversation_id,
            mention.c.direction == "outbound",
            mention.c.sort_at >= row.tried_at - CLOCKS_APART,
            mention.c.deleted_at.is_(None),
        )
        .order_by(mention.c.sort_at.desc())
        .limit(_LOOKED_AT)
    ).all()
    rows = kept.of_conversation(conn, row.conversation_id)
    for post in posts:
        found = answer_of(rows, post)
        if post.id not in counted and found is not None and found.id == row.id:
            return settle(desk, conn, row.conversation_id, post, now)
    return False


def answer_of(rows: list[Row[Any]], post: OwnPost) -> Row[Any] | None:
    """The answer that a post is, among those of its conversation. Pure.

    The oldest that fits: two answers with the same words come back in the order in which they went out.
    """
    named = next((row for row in rows if row.own_mention_id == post.id), None)
    if named is not None:
        return named
    return next((row for row in rows if _may_be(row, post)), None)


def _may_be(row: Row[Any], post: OwnPost) -> bool:
    return (
        row.kind == "reply"
        and row.own_mention_id is None
        and row.state in PERHAPS_THERE
        and row.tried_at is not None
        and post.first_seen_at >= row.tried_at
        and post.sort_at >= row.tried_at - CLOCKS_APART
        and same_text(row.text or "", post.text)
    )


def _names(conn: Connection, post: OwnPost) -> Mapping[str, Any]:
    columns = (mention.c.external_id, mention.c.namespace, mention.c.url)
    found = conn.execute(select(*columns).where(mention.c.id == post.id)).one()
    return {"external_id": found.external_id, "namespace": found.namespace, "url": found.url}
