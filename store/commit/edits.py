"""Changed and deleted mentions. Old text is kept; a deletion scrubs text, author and payload, the key stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from store.commit.authors import StoredAuthor
from store.commit.deciding import FLAPPING, MAX_EDITS, OLD, RATING_FALL, counts_of
from store.commit.duplicates import forget_hashes
from store.commit.known import Identity, KnownMention
from store.commit.rollups import Deltas
from store.engine import Store
from store.records import MentionRecord, PageCommit
from store.schema import (
    author,
    event,
    mention,
    mention_brand,
    mention_edit,
    mention_html,
    mention_key,
    mention_raw,
    mention_source,
    quarantine,
    unmatched,
)


@dataclass(frozen=True, slots=True)
class Change:
    """A record whose content differs from what is kept."""

    record: MentionRecord
    known: KnownMention
    author: StoredAuthor | None

    @property
    def fell(self) -> bool:
        """Whether the rating fell so far that somebody must look."""
        new, old = self.record.rating, self.known.rating
        return new is not None and old is not None and old - new >= RATING_FALL

    @property
    def counted(self) -> bool:
        """Whether the mention counts in the roll-ups."""
        return self.known.direction == "inbound" and self.known.dup_of is None


def apply_changes(
    conn: Connection, store: Store, commit: PageCommit, changes: Sequence[Change], deltas: Deltas
) -> None:
    """Write new content over old, and keep the old in `mention_edit` (at most 50 times a mention)."""
    if not changes:
        return
    ids = [change.known.mention_id for change in changes]
    query = select(mention.c.id, mention.c.title, mention.c.text).where(store.dialect.among(mention.c.id, ids))
    old = {row.id: row for row in conn.execute(query)}
    brands = _brands(conn, store, ids)
    kept = [change for change in changes if change.known.revision < MAX_EDITS and change.known.deleted_at is None]
    store.dialect.upsert_rows(
        conn,
        mention_edit,
        [
            {
                "mention_id": change.known.mention_id,
                "revision": change.known.revision,
                "title": old[change.known.mention_id].title,
                "text": old[change.known.mention_id].text,
                "rating": change.known.rating,
                "replaced_at": commit.fetched_at,
            }
            for change in kept
        ],
    )
    rows = [_changed_row(commit, change) for change in changes]
    _update(conn, mention, rows)
    _update(
        conn,
        mention_key,
        [{"at_id": change.known.mention_id, "content_hash": change.record.content_hash} for change in changes],
        key="mention_id",
        also=[{"external_id": change.record.external_id, "namespace": change.record.namespace} for change in changes],
    )
    forget_hashes(
        conn,
        ids,
        [None if change.record.dup_hash == change.known.dup_hash else change.known.dup_hash for change in changes],
    )
    _replace_html(conn, store, changes)
    _replace_raw(conn, store, commit, changes)
    for change in changes:
        _recount(change, brands.get(change.known.mention_id, ()), deltas)
    _tell(conn, store, commit, [change for change in kept if not _only_counts(change)])


def touch_unchanged(
    conn: Connection,
    commit: PageCommit,
    seen: Sequence[tuple[MentionRecord, KnownMention]],
    *,
    due: Iterable[int],
) -> None:
    """Renew counts that differ, and `last_seen_at` of the mentions in `due`."""
    rows = []
    wanted = set(due)
    for record, known in seen:
        counts = counts_of(record, known)
        if counts is None and known.mention_id not in wanted:
            continue
        likes, replies, shares, views = counts or known.counts
        rows.append(
            {
                "at_id": known.mention_id,
                "likes": likes,
                "replies": replies,
                "shares": shares,
                "views": views,
                "last_seen_at": max(commit.fetched_at, known.last_seen_at),
            }
        )
    _update(conn, mention, rows)


def link_known(
    conn: Connection,
    store: Store,
    commit: PageCommit,
    seen: Sequence[tuple[MentionRecord, KnownMention]],
    deltas: Deltas,
) -> set[int]:
    """Note that this source and query, and these brands, found known mentions too.

    Returns:
        Conversations whose brands changed.
    """
    if not seen:
        return set()
    ids = [known.mention_id for _, known in seen]
    query = select(mention_source.c.mention_id).where(
        mention_source.c.source_id == commit.source_id,
        mention_source.c.query_id == commit.query_id,
        store.dialect.among(mention_source.c.mention_id, ids),
    )
    linked = {row.mention_id for row in conn.execute(query)}
    store.dialect.upsert_rows(
        conn,
        mention_source,
        [
            {"mention_id": each, "source_id": commit.source_id, "query_id": commit.query_id}
            for each in sorted(set(ids) - linked)
        ],
    )
    brands = _brands(conn, store, ids) if any(record.brand_ids for record, _ in seen) else {}
    fresh = []
    touched = set()
    for record, known in seen:
        added = [each for each in dict.fromkeys(record.brand_ids) if each not in brands.get(known.mention_id, ())]
        if not added:
            continue
        fresh += [{"brand_id": each, "mention_id": known.mention_id} for each in added]
        touched.add(known.conversation_id)
        if known.direction == "inbound" and known.dup_of is None:
            deltas.add(
                sort_at=known.sort_at,
                source_id=known.source_id,
                lang=known.lang,
                rating=known.rating,
                brand_ids=added,
                total=False,
            )
    store.dialect.upsert_rows(conn, mention_brand, sorted(fresh, key=lambda row: (row["brand_id"], row["mention_id"])))
    return touched


def scrub(conn: Connection, store: Store, commit: PageCommit, gone: Mapping[Identity, KnownMention]) -> None:
    """Take text, author, payload and old texts of deleted mentions away; keys, links and counts stay."""
    if not gone:
        return
    ids = sorted(known.mention_id for known in gone.values())
    _update(
        conn,
        mention,
        [
            {
                "at_id": mention_id,
                "title": None,
                "text": "",
                "url": None,
                "author_id": None,
                "extra": {},
                "capabilities": {},
                "dup_hash": None,
                "deleted_at": commit.fetched_at,
            }
            for mention_id in ids
        ],
    )
    for table in (mention_html, mention_raw, mention_edit):
        conn.execute(table.delete().where(store.dialect.among(table.c.mention_id, ids)))
    forget_hashes(conn, [each.mention_id for each in gone.values()], [each.dup_hash for each in gone.values()])
    for namespace in sorted({key[0] for key in gone}):
        external_ids = [key[1] for key in gone if key[0] == namespace]
        waiting = store.dialect.among(unmatched.c.external_id, external_ids)
        conn.execute(unmatched.delete().where(unmatched.c.namespace == namespace, waiting))
        unread = store.dialect.among(quarantine.c.external_id, external_ids)
        conn.execute(quarantine.delete().where(quarantine.c.source_id == commit.source_id, unread))
    authors = {known.author_id for known in gone.values() if known.author_id is not None}
    if authors:
        # Nothing else is known of somebody whose only words are gone.
        still = select(mention.c.author_id).where(store.dialect.among(mention.c.author_id, authors))
        conn.execute(
            author.delete().where(
                store.dialect.among(author.c.id, authors), author.c.person_id.is_(None), author.c.id.not_in(still)
            )
        )
    _events(
        conn,
        store,
        commit,
        [(known.conversation_id, "mention_deleted", {"mention_id": known.mention_id}, None) for known in gone.values()],
    )


def _changed_row(commit: PageCommit, change: Change) -> dict[str, Any]:
    record, known = change.record, change.known
    flags = dict.fromkeys(record.flags)
    flags |= {flag: None for flag in known.flags if flag in {OLD, FLAPPING, "date_future", "date_missing"}}
    if known.revision >= MAX_EDITS:
        flags[FLAPPING] = None
    likes, replies, shares, views = counts_of(record, known) or known.counts
    return {
        "at_id": known.mention_id,
        "author_id": known.author_id if change.author is None else change.author.id,
        "kind": record.kind,
        "visibility": record.visibility,
        "title": record.title,
        "text": record.text,
        "lang": record.lang,
        "lang_confidence": record.lang_confidence,
        "rating_raw": record.rating_raw,
        "rating_scale": record.rating_scale,
        "rating": record.rating,
        "url": record.url,
        "likes": likes,
        "replies": replies,
        "shares": shares,
        "views": views,
        # `sort_at` stays: lists and roll-ups must not move under people when a source rewrites its dates.
        "published_at": known.published_at or record.published_at,
        "edited_at": record.edited_at,
        "last_seen_at": max(commit.fetched_at, known.last_seen_at),
        "deleted_at": None,
        "capabilities": dict(record.capabilities),
        "extra": dict(record.extra),
        "dup_hash": record.dup_hash,
        "flags": list(flags),
        "revision": min(known.revision + 1, MAX_EDITS),
    }


def _update(
    conn: Connection,
    table: Any,
    rows: Sequence[dict[str, Any]],
    *,
    key: str = "id",
    also: Sequence[dict[str, Any]] = (),
) -> None:
    """Update rows by `key` (the value of "at_id") in the order of their keys; `also` narrows to an index."""
    if not rows:
        return
    names = [name for name in rows[0] if name != "at_id"]
    extra = list(also) or [{} for _ in rows]
    conditions = [table.c[key] == bindparam("at_id")]
    conditions += [table.c[name] == bindparam(f"on_{name}") for name in extra[0]]
    statement = (
        table.update()
        .where(*conditions)
        .values({name: bindparam(f"to_{name}", type_=table.c[name].type) for name in names})
    )
    bound = [
        {
            "at_id": row["at_id"],
            **{f"to_{name}": row[name] for name in names},
            **{f"on_{name}": value for name, value in narrow.items()},
        }
        for row, narrow in zip(rows, extra, strict=True)
    ]
    conn.execute(statement, sorted(bound, key=lambda row: row["at_id"]))


def _replace_html(conn: Connection, store: Store, changes: Sequence[Change]) -> None:
    have = [change for change in changes if change.record.html is not None]
    rows = [{"mention_id": change.known.mention_id, "html": change.record.html} for change in have]
    store.dialect.upsert_rows(conn, mention_html, rows, ("html",))
    without = [change.known.mention_id for change in changes if change.record.html is None]
    if without:
        conn.execute(mention_html.delete().where(store.dialect.among(mention_html.c.mention_id, without)))


def _replace_raw(conn: Connection, store: Store, commit: PageCommit, changes: Sequence[Change]) -> None:
    rows = [
        {
            "mention_id": change.known.mention_id,
            "fetched_at": commit.fetched_at,
            "query_id": commit.query_id,
            "zdict_id": change.record.zdict_id,
            "payload": change.record.payload,
        }
        for change in changes
        if change.record.payload is not None
    ]
    store.dialect.upsert_rows(conn, mention_raw, rows, ("fetched_at", "query_id", "zdict_id", "payload"))


def _recount(change: Change, brands: Iterable[str], deltas: Deltas) -> None:
    known, record = change.known, change.record
    if not change.counted or (known.lang, known.rating) == (record.lang, record.rating):
        return
    for lang, rating, times in ((known.lang, known.rating, -1), (record.lang, record.rating, 1)):
        deltas.add(
            sort_at=known.sort_at,
            source_id=known.source_id,
            lang=lang,
            rating=rating,
            brand_ids=brands,
            times=times,
        )


def _only_counts(change: Change) -> bool:
    return change.record.content_hash == change.known.content_hash


def _tell(conn: Connection, store: Store, commit: PageCommit, changes: Sequence[Change]) -> None:
    _events(
        conn,
        store,
        commit,
        [
            (
                change.known.conversation_id,
                "rating_fell" if change.fell else "mention_edited",
                {"mention_id": change.known.mention_id, "rating": change.known.rating},
                {"mention_id": change.known.mention_id, "rating": change.record.rating},
            )
            for change in changes
        ],
    )


def _events(
    conn: Connection,
    store: Store,
    commit: PageCommit,
    told: Sequence[tuple[int, str, dict[str, Any], dict[str, Any] | None]],
) -> None:
    if not told:
        return
    conn.execute(
        event.insert(),
        [
            {
                "id": event_id,
                "at": commit.fetched_at,
                "actor_type": "source",
                "object_type": "conversation",
                "object_id": str(conversation_id),
                "action": action,
                "before": before,
                "after": after,
            }
            for event_id, (conversation_id, action, before, after) in zip(store.new_ids(len(told)), told, strict=True)
        ],
    )


def _brands(conn: Connection, store: Store, ids: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for row in conn.execute(select(mention_brand).where(store.dialect.among(mention_brand.c.mention_id, ids))):
        found.setdefault(row.mention_id, set()).add(row.brand_id)
    return found
