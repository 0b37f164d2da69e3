"""What agents judged of a brand: noise (spam, ignored because it is not about us, labelled no) and good."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from sqlalchemy import Connection

from inbox.states import Status
from store import lab
from store.lab import Walked

LOOKED_AT = 2_000
"""Newest conversations of each state that are looked at."""
MOST = 2_000
"""Messages of either heap."""
STILL_OURS = frozenset({"duplicate", "news_only"})
"""Reasons to ignore something that is about the brand all the same, so that no query should leave it out."""
_GOOD = (
    (Status.RESOLVED, False),
    (Status.OPEN, True),
    (Status.WAITING_CUSTOMER, True),
    (Status.WAITING_INTERNAL, True),
)


def noise(conn: Connection, brand_id: str) -> list[Walked]:
    """What should not have come in, newest conversations first."""
    ids = [row.id for row in lab.newest_in_state(conn, Status.SPAM, brand_id, open_=False, limit=LOOKED_AT)]
    ignored = lab.newest_in_state(conn, Status.IGNORED, brand_id, open_=False, limit=LOOKED_AT)
    ids += [row.id for row in ignored if row.status_reason not in STILL_OURS]
    return list(_heap(conn, brand_id, ids, relevant=False))


def good(conn: Connection, brand_id: str) -> list[Walked]:
    """What people worked on, or said is meant."""
    ids: list[int] = []
    for status, is_open in _GOOD:
        ids += [row.id for row in lab.newest_in_state(conn, status, brand_id, open_=is_open, limit=LOOKED_AT)]
    return list(_heap(conn, brand_id, ids, relevant=True))


def _heap(conn: Connection, brand_id: str, conversation_ids: list[int], *, relevant: bool) -> Iterator[Walked]:
    labelled = lab.said_to_be(conn, brand_id, relevant=relevant, limit=MOST)
    # A label is about the message itself, so it outweighs what became of its conversation.
    told = {row.id for row in labelled} | {
        row.id for row in lab.said_to_be(conn, brand_id, relevant=not relevant, limit=MOST)
    }
    moved = (row for row in lab.told_in(conn, brand_id, conversation_ids[:MOST]) if row.id not in told)
    return islice(chain(labelled, moved), MOST)
