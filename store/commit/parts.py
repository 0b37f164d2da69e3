"""A page cut into parts of one transaction each, and what became of them added up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from store.records import CommitResult, DeletedRecord, MentionRecord, PageCommit, UnmatchedRecord

CHUNK = 200
_T = TypeVar("_T")


def parts_of(
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


def add_up(results: Sequence[CommitResult]) -> CommitResult:
    """What became of a page of several parts."""
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
