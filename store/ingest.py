"""The one way in: `commit_page` stores what a page brought, with the interval it proves, in one transaction.

Pages of more than 200 rows are committed in chunks of that size, because a long transaction makes agents wait for
the write lock; then the interval, the state and the validator go with the *last* chunk. A crash between chunks
therefore leaves rows without a claim, never a claim without rows, and asking again stores nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from store.commit import attachments, conversations, edits, progress
from store.commit.authors import AuthorKey, StoredAuthor, upsert_authors
from store.commit.deciding import ADDRESSED, OLD, SEEN_EVERY, Fate, decide, fold_page, place
from store.commit.duplicates import Candidate, count_duplicates, find_duplicates, unseen
from store.commit.facts import MentionFacts
from store.commit.inheriting import with_inherited_languages
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
from store.commit.parts import CHUNK, add_up, parts_of
from store.commit.refusing import refused, without_erased_ties
from store.commit.rollups import Deltas
from store.commit.rows import Newcomer, insert_newcomers
from store.commit.scrubbing import scrub
from store.engine import Store
from store.folding import bring_back
from store.keeping import Keepings
from store.records import (
    CONTEXT,
    CommitResult,
    MentionRecord,
    PageCommit,
    StaleLeaseError,
)
from store.schema import conversation, thread_node
from store.walls import clean_deleted, clean_mention, clean_unmatched

__all__ = ["CommitResult", "PageCommit", "StaleLeaseError", "commit_page", "commit_within"]


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
    parts = list(parts_of(commit, records, unmatched, deleted))
    results = [_commit_part(store, part, last=part is parts[-1]) for part in parts]
    total = add_up(results)
    # Further sights of an item within the page change nothing.
    return replace(total, unchanged=total.unchanged + given - len(records))


def commit_within(conn: Connection, store: Store, commit: PageCommit) -> CommitResult:
    """Store a small page inside the caller's transaction, before the caller locks any conversation.

    For what must be true together with something else: our own post, and that it was sent. The caller's transaction
    is one of `Store.write_again`.

    Raises:
        ValueError: more rows than fit into one transaction.
    """
    records = fold_page([clean_mention(record) for record in commit.mentions])
    whole = replace(
        commit,
        mentions=tuple(records),
        unmatched=tuple(clean_unmatched(record) for record in commit.unmatched),
        deleted=tuple(clean_deleted(record) for record in commit.deleted),
    )
    if len(records) + len(whole.unmatched) + len(whole.deleted) + len(whole.quarantined) > CHUNK:
        msg = f"more than {CHUNK} rows; use commit_page"
        raise ValueError(msg)
    return _Chunk(conn, store, whole).run(last=True)


def _commit_part(store: Store, commit: PageCommit, *, last: bool) -> CommitResult:
    return store.write_again(lambda conn: _Chunk(conn, store, commit).run(last=last))


class _Chunk:
    """One transaction's work. Lives as long as the transaction."""

    def __init__(self, conn: Connection, store: Store, commit: PageCommit) -> None:
        self.conn = conn
        self.store = store
        self.commit = commit
        self.deltas = Deltas(ZoneInfo(commit.timezone))
        self.keepings = Keepings(conn)
        self.reread: set[int] = set()
        """Conversations whose shown columns must be derived anew."""
        self.opened: set[int] = set()
        """Conversations made here; their rows are right already."""
        self.merged: set[int] = set()
        self.fallen: set[int] = set()
        """Conversations in which a rating fell."""
        self.unseen: set[int] = set()
        """What is folded under, and was found so late that nobody was shown it."""

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
        told = [*fresh, *(record for record, _ in changed)]
        if commit.asked:
            told += [record for record, stored in unchanged if stored.deleted_at is None]
        authors = upsert_authors(
            self.conn,
            self.store,
            [each.author for each in told if each.author is not None],
            ends_at=self.keepings.of(commit.source_id).profile_ends_at(commit.fetched_at),
        )
        fresh = with_inherited_languages(self.conn, commit, fresh, authors)
        newcomers = self._newcomers(fresh, authors)
        self._store_newcomers(newcomers, known)
        spoken = with_inherited_languages(self.conn, commit, [record for record, _ in changed], authors)
        changed = [(record, stored) for record, (_, stored) in zip(spoken, changed, strict=True)]
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
        stopped = refused(self.conn, records)
        kept = [record for record in records if identity(record) not in stopped]
        return without_erased_ties(self.conn, kept), len(records) - len(kept)

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
        folding = [
            Candidate(each.id, each.record.dup_hash, each.placed.sort_at, each.record.near, each.record)
            for each in newcomers
            if each.record.direction == "inbound" and CONTEXT not in each.placed.flags
        ]
        folded = find_duplicates(self.conn, self.store, folding)
        for each in newcomers:
            each.dup_of = folded.get(each.id)
        self.unseen = {each.id for each in newcomers if each.placed.old} | unseen(self.conn, self.store, folded)
        return newcomers

    def _store_newcomers(self, newcomers: Sequence[Newcomer], known: Mapping[Identity, KnownMention]) -> None:
        if not newcomers:
            return
        self._link(newcomers, known)
        insert_newcomers(self.conn, self.store, self.commit, newcomers, self.keepings.of(self.commit.source_id))
        attachments.note_new(
            self.conn,
            self.store,
            [(each.id, each.record, each.placed.old) for each in newcomers],
            source_id=self.commit.source_id,
            at=self.commit.fetched_at,
        )
        progress.drop_unmatched(self.conn, self.store, [identity(each.record) for each in newcomers])
        count_duplicates(self.conn, self.store, {each.id: each.dup_of for each in newcomers if each.dup_of is not None})
        for each in newcomers:
            context = CONTEXT in each.placed.flags
            if each.record.direction == "inbound" and not context:
                self.deltas.add(
                    sort_at=each.placed.sort_at,
                    first_seen_at=self.commit.fetched_at,
                    source_id=self.commit.source_id,
                    lang=each.record.lang,
                    kind=each.record.kind,
                    sentiment=None if each.record.sentiment is None else each.record.sentiment.label,
                    brand_ids=dict.fromkeys(each.record.brand_ids),
                    copy=each.dup_of is not None,
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
                    start=conversations.opening(
                        facts,
                        {each.id for each in members if each.dup_of is not None and each.dup_of not in self.unseen},
                    ),
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
        edits.apply_changes(self.conn, self.store, self.commit, changes, self.deltas, keepings=self.keepings)
        self.reread.update(known.conversation_id for _, known in changed)
        self.fallen.update(change.known.conversation_id for change in changes if change.fell)
        overdue = [
            known.mention_id
            for _, known in unchanged
            if self.commit.asked or self.commit.fetched_at - known.last_seen_at >= SEEN_EVERY
        ]
        edits.touch_unchanged(self.conn, self.commit, unchanged, self.keepings, due=overdue)
        self.reread |= {
            known.conversation_id
            for record, known in unchanged
            if self.commit.asked and known.deleted_at is None and _came_back(_author_of(record, authors))
        }
        told_us = [known for record, known in (*changed, *unchanged) if ADDRESSED in record.flags]
        bring_back(
            self.conn,
            {known.conversation_id for known in told_us if ADDRESSED not in known.flags},
            at=self.commit.fetched_at,
        )
        living = [each for each in unchanged if each[1].deleted_at is None]
        seen = {known.mention_id: (record, True, OLD in known.flags) for record, known in changed}
        seen |= {known.mention_id: (record, False, OLD in known.flags) for record, known in living}
        attachments.note_again(self.conn, self.store, seen, source_id=self.commit.source_id, at=self.commit.fetched_at)
        self.reread |= edits.link_known(self.conn, self.store, self.commit, [*changed, *living], self.deltas)

    def _store_deletions(self) -> int:
        wanted = {(each.namespace, each.external_id) for each in self.commit.deleted}
        if not wanted:
            return 0
        found = find_mentions(self.conn, self.store.dialect, wanted)
        gone = {key: known for key, known in found.items() if known.deleted_at is None}
        scrub(self.conn, self.store, self.commit, gone, self.keepings)
        progress.drop_unmatched(self.conn, self.store, sorted(wanted - set(found)))
        self.reread.update(known.conversation_id for known in gone.values())
        return len(gone)

    def _store_unmatched(self) -> int:
        if not self.commit.unmatched:
            return 0
        keys = {(each.namespace, each.external_id): each for each in self.commit.unmatched}
        stopped = refused(self.conn, self.commit.unmatched)
        stored = find_mentions(self.conn, self.store.dialect, keys)
        kept = [each for key, each in keys.items() if key not in stopped and key not in stored]
        return progress.write_unmatched(self.conn, self.store, self.commit, kept)

    def _show(self, newcomers: Sequence[Newcomer]) -> None:
        """Bring the shown columns of joined, merged, edited and scrubbed conversations up to date."""
        joined: dict[int, list[MentionFacts]] = {}
        for each in newcomers:
            # Context that hides nothing changes nothing: not even the version that somebody writes an answer to.
            tells = CONTEXT not in each.placed.flags or each.record.visibility == "private"
            if each.conversation_id not in self.opened and tells:
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


def _came_back(author: StoredAuthor | None) -> bool:
    return author is not None and author.came_back


def _author_of(record: MentionRecord, authors: Mapping[AuthorKey, StoredAuthor]) -> StoredAuthor | None:
    return None if record.author is None else authors.get((record.author.platform, record.author.external_id))
