"""What may not come in: what was erased, and what its author said before they were erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from store.commit.known import Identity, split_key
from store.records import MentionRecord, UnmatchedRecord
from store.tombstones import OBJECTED, Stone, erased_key, refused_authors, refused_items


def refused(conn: Connection, records: Sequence[MentionRecord] | Sequence[UnmatchedRecord]) -> set[Identity]:
    """Identities of the records that are refused."""
    stopped = refused_items(conn, {(each.namespace, each.external_id) for each in records})
    authors = {_author(each) for each in records} - {None}
    stones = refused_authors(conn, [each for each in authors if each is not None])
    return stopped | {
        (each.namespace, each.external_id)
        for each in records
        if (author := _author(each)) in stones and said_before(each.published_at, stones[author])
    }


def said_before(published_at: datetime | None, stone: Stone) -> bool:
    """Whether something of an erased author stays out. Pure; what has no date counts as old."""
    return stone.reason == OBJECTED or published_at is None or published_at <= stone.at


def without_erased_ties(conn: Connection, records: Sequence[MentionRecord]) -> list[MentionRecord]:
    """The records without the ids of erased items that they answer, tied to the conversation that is left of those."""
    ties = {tie for record in records for tie in _ties(record)}
    stopped = refused_items(conn, ties) if ties else set()
    return [_untied(conn, record, stopped) for record in records] if stopped else list(records)


def _author(record: MentionRecord | UnmatchedRecord) -> tuple[str, str] | None:
    if isinstance(record, UnmatchedRecord):
        return record.author
    return None if record.author is None else (record.author.platform, record.author.external_id)


def _ties(record: MentionRecord) -> set[Identity]:
    named = {record.parent_external_id, record.thread_external_id} - {None, record.external_id}
    found = {(record.namespace, each) for each in named if each is not None}
    root = None if record.thread_key is None else split_key(record.thread_key)
    return found if root is None or root == (record.namespace, record.external_id) else {*found, root}


def _untied(conn: Connection, record: MentionRecord, stopped: set[Identity]) -> MentionRecord:
    mine = _ties(record) & stopped
    if not mine:
        return record
    root = None if record.thread_key is None else split_key(record.thread_key)
    thread, parent = (record.namespace, record.thread_external_id), (record.namespace, record.parent_external_id)
    tied = record.thread_key
    if root in mine or tied is None:
        tied = erased_key(conn, root if root is not None and root in mine else min(mine))
    return replace(
        record,
        thread_key=tied,
        thread_external_id=None if thread in mine else record.thread_external_id,
        parent_external_id=None if parent in mine else record.parent_external_id,
    )
