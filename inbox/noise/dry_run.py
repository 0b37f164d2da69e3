"""Trying noise rules on what came in before: what each would have set aside, and the good it would have cost.

Several are tried in one walk, so that a page of suggestions costs what one rule costs. Nothing is changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from inbox import lists
from inbox.desk import Desk
from inbox.noise import setting_aside
from inbox.noise.index import Entry, NoiseIndex
from inbox.noise.views import NoiseTrial, Stand, Tried
from inbox.states import Status
from store import ruling

LONGEST_DAYS = 366
MOST_CONVERSATIONS = 20_000
EXAMPLES = 30
NOT_ABOUT_US = "not_about_us"
_PAGE = 500
_KEPT = frozenset({Status.RESOLVED, Status.WAITING_CUSTOMER, Status.WAITING_INTERNAL, Status.SNOOZED})


def stand_of(row: Any) -> Stand:
    """How a conversation stands (its row), as far as noise is concerned."""
    if row.status == Status.SPAM or (row.status == Status.IGNORED and row.status_reason == NOT_ABOUT_US):
        return Stand.NOISE
    if row.status in _KEPT or row.n_outbound or (row.status == Status.OPEN and row.assignee_id is not None):
        return Stand.GOOD
    return Stand.OPEN


def trial(desk: Desk, entries: Sequence[Entry], *, days: int, limit: int) -> list[NoiseTrial]:
    """What each of some rules would have done to conversations as they came in, newest first.

    Args:
        desk: where.
        entries: the rules, each with an id of its own.
        days: how far back, at most a year.
        limit: how many conversations are looked at, at most 20,000.
    """
    days, limit = max(1, min(days, LONGEST_DAYS)), max(1, min(limit, MOST_CONVERSATIONS))
    now = desk.clock()
    since = now - timedelta(days=days)
    index = NoiseIndex(entries)
    told = {one.id: _Told() for one in entries}
    looked_at, complete, before = 0, True, None
    with desk.store.read() as conn:
        names = lists.source_names(conn)
        while entries and looked_at < limit:
            size = min(_PAGE, limit - looked_at)
            page = ruling.recent_conversations(conn, since=since, before=before, limit=size)
            looked_at += len(page)
            firsts = _firsts(conn, page)
            met = setting_aside.meeting(conn, list(firsts.values()), index, now=now, heeding=False)
            for row in page:
                for entry in met.get(firsts[row.id].id, ()) if row.id in firsts else ():
                    told[entry.id].count(row, names.get(row.source_id, row.source_id))
            if len(page) < size:
                break
            before = (page[-1].sort_at, page[-1].id)
        else:
            complete = not ruling.recent_conversations(conn, since=since, before=before, limit=1) if entries else True
    return [told[one.id].result(days=days, looked_at=looked_at, complete=complete) for one in entries]


@dataclass(slots=True)
class _Told:
    """What was counted of one rule so far."""

    stands: Counter[Stand] = field(default_factory=Counter)
    per_source: Counter[str] = field(default_factory=Counter)
    good: list[Tried] = field(default_factory=list)
    others: list[Tried] = field(default_factory=list)

    def count(self, row: Row[Any], source: str) -> None:
        """One conversation that it meets."""
        stand = stand_of(row)
        self.stands[stand] += 1
        self.per_source[source] += 1
        kept = self.good if stand is Stand.GOOD else self.others
        if len(kept) < EXAMPLES:
            kept.append(
                Tried(
                    conversation_id=row.id,
                    source_name=source,
                    author_name=row.author_name,
                    title=row.title,
                    snippet=row.snippet,
                    at=row.sort_at,
                    stand=stand,
                )
            )

    def result(self, *, days: int, looked_at: int, complete: bool) -> NoiseTrial:
        return NoiseTrial(
            days=days,
            looked_at=looked_at,
            complete=complete,
            stands=dict(self.stands),
            per_source=dict(self.per_source.most_common()),
            examples=tuple([*self.good, *self.others][:EXAMPLES]),
        )


def _firsts(conn: Connection, page: Sequence[Row[Any]]) -> dict[int, Row[Any]]:
    """The message that each conversation began with."""
    return {one.conversation_id: one for one in ruling.first_messages(conn, page)}
