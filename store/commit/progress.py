"""What a page proves and leaves behind besides mentions: interval, gaps, state, validator, quarantine, unmatched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from store.commit.known import Identity
from store.coverage import close_gaps, cover, record_gap
from store.engine import Store
from store.meters import charge
from store.records import PageCommit, QuarantineRecord, StaleLeaseError, UnmatchedRecord, ValidatorRecord
from store.schedule import stale_text
from store.schema import quarantine, source_schedule, unmatched, validator
from store.sources import set_query_state
from store.walls import clean_text, fitting_id

# A longer URL does not fit PostgreSQL's index; such a page is asked without a condition, which only costs bytes.
MAX_VALIDATOR_URL = 2000


def check_fence(conn: Connection, commit: PageCommit) -> None:
    """Refuse a page whose lease another worker has taken over; holds the row so that none does meanwhile.

    Raises:
        StaleLeaseError: the fence is not the schedule's.
    """
    if commit.fence is None:
        return
    fence = conn.execute(
        select(source_schedule.c.fence).where(source_schedule.c.source_id == commit.source_id).with_for_update()
    ).scalar()
    if fence != commit.fence:
        raise StaleLeaseError(stale_text(commit.source_id))


def write_progress(conn: Connection, store: Store, commit: PageCommit) -> None:
    """Extend the interval, note and fill gaps, keep state and validator: all that claims the rows are there.

    What the page cost is settled with them.
    """
    key = (commit.source_id, commit.query_id)
    if commit.covered is not None and commit.covered.start < commit.covered.end:
        cover(conn, *key, commit.covered)
        close_gaps(conn, *key, commit.covered, now=commit.fetched_at, new_id=store.new_id)
    for record in commit.gaps:
        record_gap(conn, *key, record, now=commit.fetched_at, new_id=store.new_id)
    if commit.state is not None:
        set_query_state(conn, store, *key, {"state": dict(commit.state)})
    if commit.validator is not None and len(commit.validator.url) <= MAX_VALIDATOR_URL:
        _write_validator(conn, commit, commit.validator)
    charge(conn, store, commit.source_id, commit.charges)


def write_quarantine(conn: Connection, store: Store, commit: PageCommit, records: Sequence[QuarantineRecord]) -> int:
    """Set unreadable items aside; the same payload again only counts the try, and waits again if it was released."""
    if not records:
        return 0
    wanted = {record.payload_sha256: record for record in records}
    query = select(quarantine.c.id, quarantine.c.payload_sha256).where(
        quarantine.c.source_id == commit.source_id, quarantine.c.payload_sha256.in_(list(wanted))
    )
    known = {bytes(row.payload_sha256): row.id for row in conn.execute(query)}
    for digest, quarantine_id in known.items():
        conn.execute(
            quarantine.update()
            .where(quarantine.c.id == quarantine_id)
            .values(tries=quarantine.c.tries + 1, error=clean_text(wanted[digest].error), released_at=None)
        )
    fresh = [record for digest, record in wanted.items() if digest not in known]
    rows = [
        {
            "id": quarantine_id,
            "source_id": commit.source_id,
            "query_id": commit.query_id,
            "external_id": None if record.external_id is None else fitting_id(record.external_id),
            "error": clean_text(record.error),
            "payload": record.payload,
            "payload_sha256": record.payload_sha256,
            "whole_answer": record.whole_answer,
            "found_at": commit.fetched_at,
            "tries": 1,
        }
        for quarantine_id, record in zip(store.new_ids(len(fresh)), fresh, strict=True)
    ]
    store.dialect.insert_or_keep(conn, quarantine, rows, unique=("payload_sha256", "source_id"))
    return len(records)


def write_unmatched(conn: Connection, store: Store, commit: PageCommit, records: Sequence[UnmatchedRecord]) -> int:
    """Keep items that no query matched; a known one takes the new text and keeps when it was found."""
    if not records:
        return 0
    wanted = {(record.namespace, record.external_id): record for record in records}
    have = _stored_unmatched(conn, store, wanted)
    for key, record in wanted.items():
        old = have.get(key)
        if old is not None and old[1:] != (record.title, record.text, record.lang, record.url):
            conn.execute(
                unmatched.update()
                .where(unmatched.c.id == old[0])
                .values(title=record.title, text=record.text, lang=record.lang, url=record.url)
            )
    fresh = [record for key, record in wanted.items() if key not in have]
    rows = [
        {
            "id": row_id,
            "source_id": commit.source_id,
            "query_id": commit.query_id,
            "external_id": record.external_id,
            "namespace": record.namespace,
            "title": record.title,
            "text": record.text,
            "lang": record.lang,
            "url": record.url,
            "published_at": record.published_at,
            "found_at": commit.fetched_at,
        }
        for row_id, record in zip(store.new_ids(len(fresh)), fresh, strict=True)
    ]
    store.dialect.insert_or_keep(conn, unmatched, rows, unique=("external_id", "namespace"))
    return len(records)


def drop_unmatched(conn: Connection, store: Store, identities: Sequence[Identity]) -> None:
    """Forget the unmatched copies of items that are mentions now (a query grew)."""
    for namespace in sorted({key[0] for key in identities}):
        external_ids = [key[1] for key in identities if key[0] == namespace]
        mine = store.dialect.among(unmatched.c.external_id, external_ids)
        conn.execute(unmatched.delete().where(unmatched.c.namespace == namespace, mine))


def _stored_unmatched(
    conn: Connection, store: Store, wanted: dict[Identity, UnmatchedRecord]
) -> dict[Identity, tuple[int, str | None, str, str | None, str | None]]:
    have = {}
    for namespace in sorted({key[0] for key in wanted}):
        external_ids = [key[1] for key in wanted if key[0] == namespace]
        query = select(unmatched).where(
            unmatched.c.namespace == namespace, store.dialect.among(unmatched.c.external_id, external_ids)
        )
        for row in conn.execute(query):
            have[namespace, row.external_id] = (row.id, row.title, row.text, row.lang, row.url)
    return have


def _write_validator(conn: Connection, commit: PageCommit, record: ValidatorRecord) -> None:
    """Keep a validator; a redirect target that stays the same is counted, so that the collector may believe it."""
    mine = (
        validator.c.source_id == commit.source_id,
        validator.c.query_id == commit.query_id,
        validator.c.url == record.url,
    )
    moved = (validator.c.moved_to, validator.c.moved_since, validator.c.moved_seen)
    old = conn.execute(select(*moved).where(*mine)).first()
    values = {
        "etag": record.etag,
        "last_modified": record.last_modified,
        "body_sha256": record.body_sha256,
        **_moved(old, record.moved_to, commit.fetched_at),
    }
    if old is None:
        key = {"source_id": commit.source_id, "query_id": commit.query_id, "url": record.url}
        conn.execute(validator.insert().values(**key, **values))
    else:
        conn.execute(validator.update().where(*mine).values(**values))


def _moved(old: object, moved_to: str | None, now: datetime) -> dict[str, object]:
    if moved_to is None:
        return {"moved_to": None, "moved_since": None, "moved_seen": 0}
    if old is not None and getattr(old, "moved_to", None) == moved_to:
        return {
            "moved_to": moved_to,
            "moved_since": getattr(old, "moved_since", now),
            "moved_seen": getattr(old, "moved_seen", 0) + 1,
        }
    return {"moved_to": moved_to, "moved_since": now, "moved_seen": 1}
