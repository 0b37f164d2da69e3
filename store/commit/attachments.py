"""What is attached to mentions, written with them: wanted once, and asked for anew where its address ran out."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, and_, select

from store.engine import Store
from store.pictures import RENEWED, Left, State
from store.records import CONTEXT, MediaRecord, MentionRecord
from store.schema import media, media_picture
from store.walls import MAX_URL, clean_text

MOST = 20
"""Attachments of one mention that are noted."""
MAX_ALT = 2_000
_COLUMNS = (
    "mention_id",
    "place",
    "kind",
    "state",
    "reason",
    "address",
    "identity",
    "host",
    "alt",
    "source_id",
    "link",
    "found_at",
    "due_at",
    "tries",
    "size",
)


@dataclass(frozen=True, slots=True)
class Known:
    """An attachment as it is noted."""

    place: int
    identity: bytes
    state: str
    reason: str
    address: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new sight of a mention changes, by place: rows to remove, to insert, and to ask for anew."""

    gone: tuple[int, ...] = ()
    fresh: tuple[int, ...] = ()
    renewed: tuple[int, ...] = ()


def identity_of(address: str) -> bytes:
    """A hash of the lasting part of an address: servers and signatures change, the path names the picture."""
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    lasting = parts.path if parts.scheme in {"http", "https"} else address
    return hashlib.blake2b(lasting.encode("utf-8", "replace"), digest_size=16).digest()


def compare(known: Iterable[Known], told: Sequence[MediaRecord], *, edited: bool) -> Changes:
    """What changes. Only an edit takes something away or replaces it: some sources tell less than others. Pure."""
    stands = {each.place: each for each in known}
    gone, fresh, renewed = [], [], []
    for place, record in enumerate(told[:MOST]):
        each = stands.get(place)
        if each is None:
            if edited or not stands:
                fresh.append(place)
        elif each.identity != identity_of(record.address):
            if edited:
                gone.append(place)
                fresh.append(place)
        elif not record.reason and record.address != each.address and _may_be_renewed(each):
            renewed.append(place)
    if edited:
        gone += [place for place in sorted(stands) if place >= len(told[:MOST])]
    return Changes(tuple(gone), tuple(fresh), tuple(renewed))


def _may_be_renewed(each: Known) -> bool:
    return each.state == State.WANTED or (each.state == State.LEFT and each.reason in RENEWED)


def note_new(
    conn: Connection, store: Store, noted: Iterable[tuple[int, MentionRecord, bool]], *, source_id: str, at: datetime
) -> None:
    """Note what is attached to new mentions.

    Args:
        conn: the transaction that writes the mentions.
        store: where.
        noted: (mention id, record, whether it came in too old to be worked on).
        source_id: who fetches it.
        at: when it was found, aware UTC.
    """
    rows = [
        _row(mention_id, place, each, source_id, at, old=old and CONTEXT not in record.flags)
        for mention_id, record, old in noted
        for place, each in enumerate(record.media[:MOST])
    ]
    store.dialect.insert_rows(conn, media, _COLUMNS, rows)


def note_again(
    conn: Connection,
    store: Store,
    seen: Mapping[int, tuple[MentionRecord, bool, bool]],
    *,
    source_id: str,
    at: datetime,
) -> None:
    """Note what changed of attachments of living mentions that were known.

    Args:
        conn: the transaction that writes the mentions.
        store: where.
        seen: by mention id: the record, whether it was edited, and whether it came in too old to be worked on.
        source_id: who fetches it.
        at: when it was seen, aware UTC.
    """
    asked = [mention_id for mention_id, (record, edited, _) in seen.items() if record.media or edited]
    if not asked:
        return
    known = _known(conn, store, asked)
    fresh: list[tuple[Any, ...]] = []
    for mention_id in sorted(asked):
        record, edited, old = seen[mention_id]
        changes = compare(known.get(mention_id, ()), record.media, edited=edited)
        for table in (media, media_picture) if changes.gone else ():
            these = and_(table.c.mention_id == mention_id, table.c.place.in_(changes.gone))
            conn.execute(table.delete().where(these))
        for place in changes.renewed:
            this = and_(media.c.mention_id == mention_id, media.c.place == place)
            conn.execute(media.update().where(this).values(**_asked_anew(record.media[place], source_id, at)))
        fresh += [_row(mention_id, place, record.media[place], source_id, at, old=old) for place in changes.fresh]
    store.dialect.insert_rows(conn, media, _COLUMNS, fresh)


def _known(conn: Connection, store: Store, ids: Sequence[int]) -> dict[int, list[Known]]:
    columns = (media.c.place, media.c.identity, media.c.state, media.c.reason, media.c.address)
    found: dict[int, list[Known]] = {}
    for row in conn.execute(select(media.c.mention_id, *columns).where(store.dialect.among(media.c.mention_id, ids))):
        found.setdefault(row[0], []).append(Known(row[1], bytes(row[2]), *row[3:]))
    return found


def _row(
    mention_id: int, place: int, record: MediaRecord, source_id: str, at: datetime, *, old: bool
) -> tuple[Any, ...]:
    reason = record.reason or ("" if len(record.address) <= MAX_URL else Left.ADDRESS) or (Left.OLD if old else "")
    wanted = not reason
    return (
        mention_id,
        place,
        record.kind,
        (State.WANTED if wanted else State.LEFT).value,
        str(reason),
        clean_text(record.address) if wanted else "",
        identity_of(record.address),
        host_of(record.address),
        clean_text(record.alt)[:MAX_ALT],
        source_id,
        secrets.token_urlsafe(24),
        at,
        at if wanted else None,
        0,
        0,
    )


def _asked_anew(record: MediaRecord, source_id: str, at: datetime) -> dict[str, Any]:
    """Values of a row whose picture has another address now."""
    return {
        "state": State.WANTED.value,
        "reason": "",
        "address": clean_text(record.address)[:MAX_URL],
        "host": host_of(record.address),
        "source_id": source_id,
        "due_at": at,
        "tries": 0,
        "lease_owner": None,
        "lease_until": None,
    }


def host_of(address: str) -> str:
    """Whose places a fetch takes: host and port, or the scheme of an address that only its connector can read."""
    try:
        parts = urlsplit(address)
        return clean_text(parts.netloc.rpartition("@")[2].lower() or parts.scheme)[:200]
    except ValueError:
        return ""
