"""Authors of a chunk: found or made in a constant number of statements. None never overwrites what is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from store.engine import Store
from store.records import AuthorRecord
from store.schema import author

_READ = tuple(
    author.c[name] for name in ("id", "external_id", "handle", "name", "url", "followers", "is_staff", "is_bot")
)
AuthorKey = tuple[str, str]
"""(platform, external id)."""


@dataclass(frozen=True, slots=True)
class StoredAuthor:
    """An author's id and the name to show: display name, else handle, else "" .

    `came_back`: nothing was known of them any more, and now something is.
    """

    id: int
    shown: str
    came_back: bool = False


def upsert_authors(
    conn: Connection, store: Store, records: Iterable[AuthorRecord], *, ends_at: datetime | None = None
) -> dict[AuthorKey, StoredAuthor]:
    """Make sure these authors stand, with what is newly known of them; returns them by (platform, external id).

    `ends_at`: until when their profiles may be kept without a new sight; None without such a duty.
    """
    wanted: dict[AuthorKey, AuthorRecord] = {}
    for record in records:
        key = (record.platform, record.external_id)
        wanted[key] = fill(wanted[key], record) if key in wanted else record
    stored = _find(conn, store, wanted)
    # In one order everywhere, so that two committing workers cannot wait for each other in a circle.
    missing = [wanted[key] for key in sorted(wanted) if key not in stored]
    if missing:
        rows = [
            {
                "id": author_id,
                "external_id": record.external_id,
                "platform": record.platform,
                "handle": record.handle,
                "name": record.name,
                "url": record.url,
                "followers": record.followers,
                "is_staff": record.is_staff,
                "is_bot": record.is_bot,
                "profile_ends_at": ends_at,
            }
            for author_id, record in zip(store.new_ids(len(missing)), missing, strict=True)
        ]
        store.dialect.insert_or_keep(conn, author, rows, unique=("external_id", "platform"))
        made = {(record.platform, record.external_id): record for record in missing}
        # Read back: on PostgreSQL another namespace's commit may have made the same author a moment earlier.
        stored |= _find(conn, store, made)
    now = {key: fill(old, wanted[key]) for key, (_, old) in stored.items()}
    _update(conn, now, stored, ends_at)
    found = {}
    for key, (author_id, old) in stored.items():
        new = _shown(now[key])
        found[key] = StoredAuthor(author_id, new, came_back=bool(new) and not _shown(old))
    return found


def fill(old: AuthorRecord, new: AuthorRecord) -> AuthorRecord:
    """What is known after a new sight: new values where told, marks (staff, bot) once set stay."""
    if old == new:  # nearly always
        return old
    return AuthorRecord(
        external_id=old.external_id,
        platform=old.platform,
        handle=new.handle if new.handle is not None else old.handle,
        name=new.name if new.name is not None else old.name,
        url=new.url if new.url is not None else old.url,
        followers=new.followers if new.followers is not None else old.followers,
        is_staff=old.is_staff or new.is_staff,
        is_bot=old.is_bot or new.is_bot,
    )


def _find(
    conn: Connection, store: Store, wanted: dict[AuthorKey, AuthorRecord]
) -> dict[AuthorKey, tuple[int, AuthorRecord]]:
    by_platform: dict[str, list[str]] = {}
    for platform, external_id in wanted:
        by_platform.setdefault(platform, []).append(external_id)
    found: dict[AuthorKey, tuple[int, AuthorRecord]] = {}
    for platform, external_ids in sorted(by_platform.items()):
        query = select(*_READ).where(
            author.c.platform == platform, store.dialect.among(author.c.external_id, external_ids)
        )
        for row in conn.execute(query):
            found[platform, row.external_id] = (
                row.id,
                AuthorRecord(
                    external_id=row.external_id,
                    platform=platform,
                    handle=row.handle,
                    name=row.name,
                    url=row.url,
                    followers=row.followers,
                    is_staff=bool(row.is_staff),
                    is_bot=bool(row.is_bot),
                ),
            )
    return found


def _update(
    conn: Connection,
    now: dict[AuthorKey, AuthorRecord],
    stored: dict[AuthorKey, tuple[int, AuthorRecord]],
    ends_at: datetime | None,
) -> None:
    if ends_at is not None and stored:
        seen = sorted(author_id for author_id, _ in stored.values())
        conn.execute(
            author.update().where(author.c.id == bindparam("at_id")).values(profile_ends_at=ends_at),
            [{"at_id": each} for each in seen],
        )
    changes = []
    for key in sorted(stored):
        author_id, old = stored[key]
        new = now[key]
        if new is not old and new != old:
            changes.append(
                {
                    "at_id": author_id,
                    "handle": new.handle,
                    "name": new.name,
                    "url": new.url,
                    "followers": new.followers,
                    "is_staff": new.is_staff,
                    "is_bot": new.is_bot,
                }
            )
    if changes:
        conn.execute(author.update().where(author.c.id == bindparam("at_id")), changes)


def _shown(record: AuthorRecord) -> str:
    return record.name or record.handle or ""
