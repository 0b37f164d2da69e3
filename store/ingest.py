"""The one way in: `commit_page` stores what a page brought, with the interval it proves, in one transaction.

Pages of more than 200 rows are committed in chunks of that size, because a long transaction makes agents wait for
the write lock; then the interval, the state and the validator go with the *last* chunk. A crash between chunks
therefore leaves rows without a claim, never a claim without rows, and asking again stores nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from store.commit import conversations, edits, progress
from store.commit.authors import AuthorKey, StoredAuthor, upsert_authors
from store.commit.deciding import SEEN_EVERY, Fate, decide, fold_page, place
from store.commit.duplicates import Candidate, count_duplicates, find_duplicates
from store.commit.facts import MentionFacts
from store.commit.known import (
    Identity,
    KnownMention,
    find_conversations,
    find_mentions,
    identity,
    nodes_of,
    split_key,
)
from store.commit.linking import Group, group
from store.commit.merging import keeper, merge
from store.commit.rollups import Deltas
from store.commit.rows import Newcomer, insert_newcomers
from store.engine import Store
from store.records import CommitResult, DeletedRecord, MentionRecord, PageCommit, StaleLeaseError, UnmatchedRecord
from store.schema import conversation, thread_node
from store.tombstones import key_hash, standing
from store.walls import clean_deleted, clean_mention, clean_unmatched

__all__ = ["CHUNK", "CommitResult", "PageCommit", "StaleLeaseError", "commit_page"]

CHUNK = 200
_TRIES = 5
_T = TypeVar("_T")


def commit_page(store: Store, commit: PageCommit) -> CommitResult:
    """Store a page: every item once, whatever was stored of it before, and the interval only with its rows.

    Safe to repeat, and safe beside other processes that commit the same items. A deadlock on PostgreSQL is tried
    again.

    Args:
        store: a migrated store.
        commit: what the page brought; texts are cleaned at the wall (`store.walls`).

    Returns:
        What became of it; new + changed + unchanged + suppressed is the number of mentions given.

    Raises:
        StaleLeaseError: another worker has taken the source over.
        StoreUnavailableError: the database cannot be reached.
    """
    given = len(commit.mentions)
    records = fold_page([clean_mention(record) for record in commit.mentions])
    unmatched = [clean_unmatched(record) for record in commit.unmatched]
    deleted = [clean_deleted(record) for record in commit.deleted]
    parts = list(_parts(commit, records, unmatched, deleted))
    results = [_commit_part(store, part, last=part is parts[-1]) for part in parts]
    total = _add(results)
    # Further sights of an item within the page change nothing.
    return replace(total, unchanged=total.unchanged + given - len(records))


def _parts(
    commit: PageCommit,
    records: Sequence[MentionRecord],
    unmatched: Sequence[UnmatchedRecord],
    deleted: Sequence[DeletedRecord],
) -> Iterator[PageCommit]:
    """Cut a page into commits of at most 200 rows; deletions come last, after the rows they may concern."""
    whole = replace(commit, mentions=tuple(records), unmatched=tuple(unmatched), deleted=tuple(deleted))
    if len(records) + len(unmatched) + len(deleted) + len(commit.quarantined) <= CHUNK:
        yield whole
        return
    empty = replace(whole, mentions=(), unmatched=(), deleted=(), quarantined=())
    yield from (replace(empty, mentions=some) for some in _cut(records))
    yield from (replace(empty, unmatched=some) for some in _cut(unmatched))
    yield from (replace(empty, quarantined=some) for some in _cut(commit.quarantined))
    yield from (replace(empty, deleted=some) for some in _cut(deleted))
    yield empty


def _cut(rows: Sequence[_T]) -> Iterator[tuple[_T, ...]]:
    for start in range(0, len(rows), CHUNK):
        yield tuple(rows[start : start + CHUNK])


def _commit_part(store: Store, commit: PageCommit, *, last: bool) -> CommitResult:
    tries = 1
    while True:
        try:
            with store.write() as conn:
                return _Chunk(conn, store, commit).run(last=last)
        except DBAPIError as error:
            if tries == _TRIES or not store.dialect.should_retry(error):
                raise
            tries += 1


def _add(results: Sequence[CommitResult]) -> CommitResult:
    return CommitResult(
        new=sum(each.new for each in results),
        changed=sum(each.changed for each in results),
        unchanged=sum(each.unchanged for each in results),
        suppressed=sum(each.suppressed for each in results),
        deleted=sum(each.deleted for each in results),
        quarantined=sum(each.quarantined for each in results),
        unmatched=sum(each.unmatched for each in results),
        new_ids=tuple(new_id for each in results for new_id in each.new_ids),
        delays_s=tuple(delay for each in results for delay in each.delays_s),
    )


class _Chunk:
    """One transaction's work. Lives as long as the transaction."""

    def __init__(self, conn: Connection, store: Store, commit: PageCommit) -> None:
        self.conn = conn
        self.store = store
        self.commit = commit
        self.deltas = Deltas(ZoneInfo(commit.timezone))
        self.reread: set[int] = set()
        """Conversations whose shown columns must be derived anew."""
        self.opened: set[int] = set()
        """Conversations made here; their rows are right already."""
        self.merged: set[int] = set()
        self.fallen: set[int] = set()
        """Conversations in which a rating fell."""

    def run(self, *, last: bool) -> CommitResult:
        """Everything, in the order in which nothing can be seen half done."""
        commit = self.commit
        progress.check_fence(self.conn, commit)
        self._lock_namespaces()
        records, suppressed = self._without_tombstones(commit.mentions)
        known = self._known(records)
        fates = [(record, known.get(identity(record))) for record in records]
        fresh: list[MentionRecord] = []
        changed: list[tuple[MentionRecord, KnownMention]] = []
        unchanged: list[tuple[MentionRecord, KnownMention]] = []
        for record, stored in fates:
            fate = decide(record, stored, seen_at=commit.fetched_at)
            if stored is None:
                fresh.append(record)
            else:
                (changed if fate is Fate.CHANGED else unchanged).append((record, stored))
        authors = upsert_authors(
            self.conn,
            self.store,
            [each.author for each in (*fresh, *(record for record, _ in changed)) if each.author is not None],
        )
        newcomers = self._newcomers(fresh, authors)
        self._store_newcomers(newcomers, known)
        self._store_changes(changed, unchanged, authors)
        n_deleted = self._store_deletions()
        self._show(newcomers)
        self.deltas.write(self.conn, self.store.dialect)
        quarantined = progress.write_quarantine(self.conn, self.store, commit, commit.quarantined)
        unmatched = self._store_unmatched()
        if last:
            progress.write_progress(self.conn, self.store, commit)
        return CommitResult(
            new=len(newcomers),
            changed=len(changed),
            unchanged=len(unchanged),
            suppressed=suppressed,
            deleted=n_deleted,
            quarantined=quarantined,
            unmatched=unmatched,
            new_ids=tuple(each.id for each in newcomers),
            delays_s=tuple(
                max(0.0, (commit.fetched_at - each.record.published_at).total_seconds())
                for each in newcomers
                if each.record.published_at is not None
            ),
        )

    def _lock_namespaces(self) -> None:
        """One commit per namespace at a time (PostgreSQL), so that keys and threads are decided on the latest state."""
        rows: tuple[Any, ...] = (*self.commit.mentions, *self.commit.unmatched, *self.commit.deleted)
        for namespace in sorted({row.namespace for row in rows}):
            self.store.dialect.serialize(self.conn, f"klankbord ingest {namespace}")

    def _without_tombstones(self, records: Sequence[MentionRecord]) -> tuple[list[MentionRecord], int]:
        hashes = {identity(record): key_hash(*identity(record)) for record in records}
        stopped = standing(self.conn, hashes.values())
        kept = [record for record in records if hashes[identity(record)] not in stopped] if stopped else list(records)
        return kept, len(records) - len(kept)

    def _known(self, records: Sequence[MentionRecord]) -> dict[Identity, KnownMention]:
        """Stored mentions among the records, their parents and thread roots."""
        wanted: set[Identity] = set()
        for record in records:
            wanted.update(filter(None, map(split_key, nodes_of(record))))
        return find_mentions(self.conn, self.store.dialect, wanted)

    def _newcomers(self, fresh: Sequence[MentionRecord], authors: Mapping[AuthorKey, StoredAuthor]) -> list[Newcomer]:
        newcomers = [
            Newcomer(
                id=mention_id,
                record=record,
                placed=place(record, seen_at=self.commit.fetched_at, archive_after_s=self.commit.archive_after_s),
                author=_author_of(record, authors),
            )
            for mention_id, record in zip(self.store.new_ids(len(fresh)), fresh, strict=True)
        ]
        folded = find_duplicates(
            self.conn,
            self.store,
            [
                Candidate(
                    each.id,
                    each.record.dup_hash if each.record.direction == "inbound" else None,
                    each.placed.sort_at,
                )
                for each in newcomers
            ],
        )
        for each in newcomers:
            each.dup_of = folded.get(each.id)
        return newcomers

    def _store_newcomers(self, newcomers: Sequence[Newcomer], known: Mapping[Identity, KnownMention]) -> None:
        if not newcomers:
            return
        self._link(newcomers, known)
        insert_newcomers(self.conn, self.store, self.commit, newcomers)
        progress.drop_unmatched(self.conn, self.store, [identity(each.record) for each in newcomers])
        for each in newcomers:
            if each.record.direction == "inbound" and each.dup_of is None:
                self.deltas.add(
                    sort_at=each.placed.sort_at,
                    source_id=self.commit.source_id,
                    lang=each.record.lang,
                    rating=each.record.rating,
                    brand_ids=dict.fromkeys(each.record.brand_ids),
                )

    def _link(self, newcomers: Sequence[Newcomer], known: Mapping[Identity, KnownMention]) -> None:
        """Give every newcomer its conversation; open new ones, merge those that turn out to be one."""
        records = [each.record for each in newcomers]
        nodes = {node for record in records for node in nodes_of(record)}
        where = find_conversations(self.conn, self.store.dialect, nodes)
        waiting = set(where)
        for key, stored in known.items():
            where.setdefault(f"{key[0]}\n{key[1]}", set()).add(stored.conversation_id)
        stored_nodes = {f"{key[0]}\n{key[1]}" for key in known} | {nodes_of(record)[0] for record in records}
        awaited: list[tuple[str, int]] = []
        openings: list[dict[str, Any]] = []
        for found in group(records, where):
            members = [newcomers[position] for position in found.members]
            conversation_id = self._conversation_for(found, members, openings)
            for each in members:
                each.conversation_id = conversation_id
            awaited += [(node, conversation_id) for node in sorted(found.nodes - stored_nodes - waiting)]
        rows = [tuple(row.values()) for row in openings]
        if rows:
            self.store.dialect.insert_rows(self.conn, conversation, tuple(openings[0]), rows)
        # A key that waited and has arrived is a stored mention from now on.
        arrived = {nodes_of(record)[0] for record in records} & waiting
        if arrived:
            self.conn.execute(thread_node.delete().where(self.store.dialect.among(thread_node.c.key, arrived)))
        self.store.dialect.insert_rows(self.conn, thread_node, ("key", "conversation_id"), awaited)

    def _conversation_for(self, found: Group, members: Sequence[Newcomer], openings: list[dict[str, Any]]) -> int:
        if not found.conversations:
            facts = [each.facts(self.commit) for each in members]
            conversation_id = self.store.new_id()
            openings.append(
                conversations.open_conversation(
                    conversation_id,
                    found.key,
                    source_id=self.commit.source_id,
                    platform=members[0].record.platform,
                    mentions=facts,
                    start=conversations.opening(facts, {each.id for each in members if each.dup_of is not None}),
                )
            )
            self.opened.add(conversation_id)
            return conversation_id
        if len(found.conversations) == 1:
            return found.conversations[0]
        stored = conversations.load(self.conn, self.store, found.conversations)
        winner = keeper(list(stored.values()))
        losers = [each for each in stored.values() if each.id != winner.id]
        merge(self.conn, self.store, winner, losers, now=self.commit.fetched_at)
        self.merged.add(winner.id)
        self.reread.add(winner.id)
        return winner.id

    def _store_changes(
        self,
        changed: Sequence[tuple[MentionRecord, KnownMention]],
        unchanged: Sequence[tuple[MentionRecord, KnownMention]],
        authors: Mapping[AuthorKey, StoredAuthor],
    ) -> None:
        changes = [edits.Change(record, known, _author_of(record, authors)) for record, known in changed]
        edits.apply_changes(self.conn, self.store, self.commit, changes, self.deltas)
        self.reread.update(known.conversation_id for _, known in changed)
        self.fallen.update(change.known.conversation_id for change in changes if change.fell)
        overdue = [
            known.mention_id for _, known in unchanged if self.commit.fetched_at - known.last_seen_at >= SEEN_EVERY
        ]
        edits.touch_unchanged(self.conn, self.commit, unchanged, due=overdue)
        living = [each for each in unchanged if each[1].deleted_at is None]
        self.reread |= edits.link_known(self.conn, self.store, self.commit, [*changed, *living], self.deltas)

    def _store_deletions(self) -> int:
        wanted = {(each.namespace, each.external_id) for each in self.commit.deleted}
        if not wanted:
            return 0
        found = find_mentions(self.conn, self.store.dialect, wanted)
        gone = {key: known for key, known in found.items() if known.deleted_at is None}
        edits.scrub(self.conn, self.store, self.commit, gone)
        progress.drop_unmatched(self.conn, self.store, sorted(wanted - set(found)))
        self.reread.update(known.conversation_id for known in gone.values())
        return len(gone)

    def _store_unmatched(self) -> int:
        if not self.commit.unmatched:
            return 0
        keys = {(each.namespace, each.external_id): each for each in self.commit.unmatched}
        hashes = {key: key_hash(*key) for key in keys}
        stopped = standing(self.conn, hashes.values())
        stored = find_mentions(self.conn, self.store.dialect, keys)
        kept = [each for key, each in keys.items() if hashes[key] not in stopped and key not in stored]
        return progress.write_unmatched(self.conn, self.store, self.commit, kept)

    def _show(self, newcomers: Sequence[Newcomer]) -> None:
        """Bring the shown columns of joined, merged, edited and scrubbed conversations up to date."""
        joined: dict[int, list[MentionFacts]] = {}
        for each in newcomers:
            if each.conversation_id not in self.opened:
                joined.setdefault(each.conversation_id, []).append(each.facts(self.commit))
        touched = {*joined, *self.reread}
        stored = conversations.load(self.conn, self.store, touched)
        changes: dict[int, dict[str, Any]] = {}
        for conversation_id, before in stored.items():
            fresh = joined.get(conversation_id, [])
            after = conversations.after_joining(
                self.conn,
                self.store,
                before,
                fresh,
                reread=conversation_id in self.reread,
                believe=conversation_id in self.merged,
            )
            values = conversations.join_conversation(before, after, fresh)
            if conversation_id in self.fallen:
                values |= {
                    "routing_pending": True,
                    "unanswered_since": values["unanswered_since"] or self.commit.fetched_at,
                }
            changes[conversation_id] = values
        conversations.update(self.conn, changes)
        count_duplicates(self.conn, self.store, {each.id: each.dup_of for each in newcomers if each.dup_of is not None})


def _author_of(record: MentionRecord, authors: Mapping[AuthorKey, StoredAuthor]) -> StoredAuthor | None:
    return None if record.author is None else authors[record.author.platform, record.author.external_id]
