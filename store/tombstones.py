"""Keyed hashes of what was erased or has expired; ingest checks them, so that it never comes back.

The key stands in the table `setting`, made with the first tombstone: whoever sees tombstones alone learns nothing of
anybody, and a lost key cannot let erased data in again, as the key of the secrets could. Whoever holds the whole
database can test a guess, no more.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from store.schema import setting, tombstone

ERASED = "erased"
"""Somebody asked for it: an item never comes back, an author not with what was said before."""
OBJECTED = "objected"
"""Of an author: nothing of theirs is taken in any more."""
EXPIRED = "expired"
"""It was kept as long as it may be."""
_KEY = "tombstone_key"
_ANY = select(tombstone.c.reason).limit(1)
Key = tuple[str, str]
"""(namespace, external id) of an item, or (platform, external id) of an author."""


@dataclass(frozen=True, slots=True)
class Stone:
    """What stands at a key: why, and since when (aware UTC)."""

    reason: str
    at: datetime


def set_tombstones(conn: Connection, keys: Iterable[Key], *, reason: str, at: datetime) -> None:
    """Refuse these items from now on, inside the caller's transaction.

    Args:
        conn: a writing transaction.
        keys: identities; those that stand already are left.
        reason: erased or expired.
        at: aware UTC.
    """
    secret = _secret(conn)
    _set(conn, {_item(secret, key) for key in keys}, reason, at)


def set_author_tombstones(conn: Connection, keys: Iterable[Key], *, reason: str, at: datetime) -> None:
    """Refuse what these (platform, external id) said before `at`, or ever where they objected."""
    secret = _secret(conn)
    wanted = {_author(secret, key) for key in keys}
    conn.execute(tombstone.delete().where(tombstone.c.key_hash.in_(list(wanted)), tombstone.c.reason != OBJECTED))
    _set(conn, wanted, reason, at)


def refused_items(conn: Connection, keys: Iterable[Key]) -> set[Key]:
    """Which of these items have a tombstone."""
    if _none(conn):
        return set()
    secret = _secret(conn)
    hashes = {_item(secret, key): key for key in keys}
    return {hashes[found] for found in _standing(conn, hashes)}


def refused_authors(conn: Connection, keys: Iterable[Key]) -> dict[Key, Stone]:
    """Which of these authors have a tombstone."""
    if _none(conn):
        return {}
    secret = _secret(conn)
    hashes = {_author(secret, key): key for key in keys}
    return {hashes[found]: stone for found, stone in _standing(conn, hashes).items()}


def erased_key(conn: Connection, key: Key) -> str:
    """What an erased item is called where its conversation must still be found by what answers it."""
    return f"erased\n{_item(_secret(conn), key).hex()}"


def _item(secret: bytes, key: Key) -> bytes:
    return _hash(secret, "item", key)


def _author(secret: bytes, key: Key) -> bytes:
    return _hash(secret, "author", key)


def _hash(secret: bytes, what: str, key: Key) -> bytes:
    return hashlib.blake2b("\n".join((what, *key)).encode(), digest_size=16, key=secret).digest()


def _secret(conn: Connection) -> bytes:
    """The key; made in the first transaction that needs it, all of which write."""
    wanted = select(setting.c.value).where(setting.c.key == _KEY)
    value = conn.execute(wanted).scalar()
    if value is None:
        with suppress(IntegrityError), conn.begin_nested():  # another worker may make it in this very moment
            conn.execute(setting.insert().values(key=_KEY, value=secrets.token_hex(32)))
        value = conn.execute(wanted).scalar_one()
    return bytes.fromhex(str(value))


def _none(conn: Connection) -> bool:
    """Most stores have none at all: one look at an empty table instead of hundreds of keys."""
    return conn.execute(_ANY).first() is None


def _set(conn: Connection, wanted: Collection[bytes], reason: str, at: datetime) -> None:
    for key in sorted(set(wanted) - set(_standing(conn, wanted))):
        conn.execute(tombstone.insert().values(key_hash=key, reason=reason, at=at))


def _standing(conn: Connection, hashes: Iterable[bytes]) -> Mapping[bytes, Stone]:
    wanted = list(hashes)
    if not wanted:
        return {}
    rows = conn.execute(select(tombstone).where(tombstone.c.key_hash.in_(wanted)))
    return {bytes(row.key_hash): Stone(row.reason, row.at) for row in rows}
