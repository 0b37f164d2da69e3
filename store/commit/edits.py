"""Mentions that are seen again, as they were or changed. Old text is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from store.commit.authors import StoredAuthor
from store.commit.deciding import ADDRESSED, MAX_EDITS, RATING_FALL, counts_of, extra_after, flags_after
from store.commit.known import KnownMention
from store.commit.regrouping import Reworded, regroup
from store.commit.rollups import Deltas
from store.commit.updates import append_events, update_rows
from store.engine import Store
from store.keeping import Keepings
from store.records import MentionRecord, PageCommit
from store.schema import (
    mention,
    mention_brand,
    mention_edit,
    mention_html,
    mention_key,
    mention_raw,
    mention_source,
)
from store.sentiments import columns_of, may_replace


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
        """Whether the mention counts in the roll-ups, itself or as a copy."""
        return self.known.counted


def apply_changes(
    conn: Connection,
    store: Store,
    commit: PageCommit,
    changes: Sequence[Change],
    deltas: Deltas,
    *,
    keepings: Keepings,
) -> None:
    """Write new content over old, and keep the old in `mention_edit` (at most 50 times a mention)."""
    if not changes:
        return
    ids = [change.known.mention_id for change in changes]
    old = {row.id: row for row in _standing(conn, store, ids)}
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
    rows = [_changed_row(commit, change, keepings, old[change.known.mention_id]) for change in changes]
    update_rows(conn, mention, rows)
    update_rows(
        conn,
        mention_key,
        [{"at_id": change.known.mention_id, "content_hash": change.record.content_hash} for change in changes],
        key="mention_id",
        also=[{"external_id": change.record.external_id, "namespace": change.record.namespace} for change in changes],
    )
    regroup(conn, store, [Reworded(each.record, each.known) for each in changes], deltas, at=commit.fetched_at)
    _replace_html(conn, store, changes)
    _replace_raw(conn, store, commit, changes)
    for change, row in zip(changes, rows, strict=True):
        before = old[change.known.mention_id]
        _recount(change, before, row["sentiment"], brands.get(change.known.mention_id, ()), deltas)
    _tell(conn, store, commit, [change for change in kept if not _only_counts(change)])


def touch_unchanged(
    conn: Connection,
    commit: PageCommit,
    seen: Sequence[tuple[MentionRecord, KnownMention]],
    keepings: Keepings,
    *,
    due: Iterable[int],
) -> None:
    """Renew counts that differ, `last_seen_at` of the mentions in `due`, and what turns out to be addressed to us."""
    rows = []
    wanted = set(due)
    for record, known in seen:
        counts = counts_of(record, known)
        told = ADDRESSED in record.flags and ADDRESSED not in known.flags
        if counts is None and not told and known.mention_id not in wanted:
            continue
        likes, replies, shares, views = counts or known.counts
        standing, keeping = known.deleted_at is None, keepings.of(known.source_id)
        rows.append(
            {
                "at_id": known.mention_id,
                "likes": likes,
                "replies": replies,
                "shares": shares,
                "views": views,
                "flags": [*known.flags, ADDRESSED] if told else list(known.flags),
                "last_seen_at": max(commit.fetched_at, known.last_seen_at),
                "recheck_at": keeping.recheck_at(record.capabilities, commit.fetched_at) if standing else None,
                "erase_at": keeping.erase_at(known.sort_at, commit.fetched_at if standing else None),
            }
        )
    update_rows(conn, mention, rows)


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
    if not commit.asked:
        _link_query(conn, store, commit, ids)
    brands = _brands(conn, store, ids) if any(record.brand_ids for record, _ in seen) else {}
    fresh = []
    touched = set()
    counted: dict[int, list[str]] = {}
    for record, known in seen:
        added = [each for each in dict.fromkeys(record.brand_ids) if each not in brands.get(known.mention_id, ())]
        if not added:
            continue
        fresh += [{"brand_id": each, "mention_id": known.mention_id} for each in added]
        touched.add(known.conversation_id)
        if known.counted:
            counted[known.mention_id] = added
    for row in _standing(conn, store, counted):
        deltas.add_row(row, counted[row.id], total=False)
    store.dialect.upsert_rows(conn, mention_brand, sorted(fresh, key=lambda row: (row["brand_id"], row["mention_id"])))
    return touched


def _link_query(conn: Connection, store: Store, commit: PageCommit, ids: Sequence[int]) -> None:
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


def _standing(conn: Connection, store: Store, ids: Collection[int]) -> Sequence[Row[Any]]:
    """What counts of mentions as it stands now, held until the transaction ends: enrichment may change it meanwhile."""
    if not ids:
        return ()
    within = store.dialect.among(mention.c.id, ids)
    query = select(*(mention.c[name] for name in _STANDING)).where(within).order_by(mention.c.id).with_for_update()
    return conn.execute(query).all()


_STANDING = (
    "id",
    "title",
    "text",
    "extra",
    "source_id",
    "sort_at",
    "first_seen_at",
    "dup_of",
    "lang",
    "kind",
    "rating",
    "sentiment",
    "sentiment_score",
    "sentiment_confidence",
    "sentiment_by",
    "sentiment_corrected_by",
)


def _sentiment_after(record: MentionRecord, old: Row[Any]) -> dict[str, Any]:
    """What an agent said stays, and while the words are the same, also what a better tier said."""
    fresh = columns_of(record.sentiment)
    same = (old.title, old.text, old.rating) == (record.title, record.text, record.rating)
    if old.sentiment_corrected_by is None and (not same or may_replace(old.sentiment_by, None, record.sentiment)):
        return fresh
    return {name: getattr(old, name) for name in fresh}


def _changed_row(commit: PageCommit, change: Change, keepings: Keepings, old: Row[Any]) -> dict[str, Any]:
    record, known = change.record, change.known
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
        **_sentiment_after(record, old),
        "enriched": record.enriched,
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
        "extra": extra_after(record, old.extra or {}) if commit.asked else dict(record.extra),
        "dup_hash": record.dup_hash,
        "flags": list(flags_after(record, known)),
        "revision": min(known.revision + 1, MAX_EDITS),
        "recheck_at": keepings.of(known.source_id).recheck_at(record.capabilities, commit.fetched_at),
        "erase_at": keepings.of(known.source_id).erase_at(known.sort_at, commit.fetched_at),
    }


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


def _recount(change: Change, old: Row[Any], sentiment: str | None, brands: Iterable[str], deltas: Deltas) -> None:
    record = change.record
    becomes = {"lang": record.lang, "kind": record.kind, "sentiment": sentiment}
    if change.counted:
        deltas.move_row(old, tuple(brands), becomes)


def _only_counts(change: Change) -> bool:
    return change.record.content_hash == change.known.content_hash


def _tell(conn: Connection, store: Store, commit: PageCommit, changes: Sequence[Change]) -> None:
    append_events(
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


def _brands(conn: Connection, store: Store, ids: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for row in conn.execute(select(mention_brand).where(store.dialect.among(mention_brand.c.mention_id, ids))):
        found.setdefault(row.mention_id, set()).add(row.brand_id)
    return found
