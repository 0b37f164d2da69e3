"""What a mention loses when its words have to go, whoever asks: the platform, the customer, or a term that ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection

from store.engine import Store
from store.schema import quarantine, unmatched

EMPTIED: Mapping[str, Any] = {
    "title": None,
    "text": "",
    "url": None,
    "author_id": None,
    "extra": {},
    "capabilities": {},
    "dup_hash": None,
    "recheck_at": None,
}
"""Columns of a mention of which nothing remains; full text follows by its triggers."""


def forget_incoming(
    conn: Connection, store: Store, namespace: str, external_ids: Collection[str], source_ids: Collection[str]
) -> None:
    """Take away what waits of these items to be read once more: what matched nothing, and what was set aside.

    Args:
        conn: a writing transaction.
        store: of that transaction.
        namespace: of the items.
        external_ids: of the items.
        source_ids: by which they may have come in.
    """
    waiting = store.dialect.among(unmatched.c.external_id, external_ids)
    conn.execute(unmatched.delete().where(unmatched.c.namespace == namespace, waiting))
    unread = store.dialect.among(quarantine.c.external_id, external_ids)
    conn.execute(quarantine.delete().where(quarantine.c.source_id.in_(sorted(source_ids)), unread))
