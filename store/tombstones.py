"""Hashed keys of what was erased or has expired; ingest checks them, so that it never comes back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from store.schema import tombstone


def key_hash(namespace: str, external_id: str) -> bytes:
    """Hash of an identity; tells nothing of the person once the rest is gone."""
    return hashlib.blake2b(f"{namespace}\n{external_id}".encode(), digest_size=16).digest()


def set_tombstones(conn: Connection, keys: Iterable[tuple[str, str]], *, reason: str, at: datetime) -> None:
    """Refuse these (namespace, external id) from now on, inside the caller's transaction.

    Args:
        conn: a writing transaction.
        keys: identities; those that stand already are left.
        reason: erased or expired.
        at: aware UTC.
    """
    wanted = {key_hash(*key) for key in keys}
    for key in sorted(wanted - standing(conn, wanted)):
        conn.execute(tombstone.insert().values(key_hash=key, reason=reason, at=at))


def standing(conn: Connection, hashes: Iterable[bytes]) -> set[bytes]:
    """Which of these hashes have a tombstone."""
    wanted = list(hashes)
    # Most stores have none at all: one look at an empty table instead of hundreds of keys.
    if not wanted or conn.execute(select(tombstone.c.reason).limit(1)).first() is None:
        return set()
    rows = conn.execute(select(tombstone.c.key_hash).where(tombstone.c.key_hash.in_(wanted)))
    return {bytes(row.key_hash) for row in rows}
