"""Everything open of this author, of this site, or like this: told before, set aside and taken back as one act.

What is counted is what would be moved: conversations in which everything is noise, that nobody has in hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox.desk import Desk
from inbox.noise import setting_aside
from inbox.noise.index import Entry, NoiseIndex
from inbox.noise.views import Reach
from inbox.rules import gather
from inbox.stretches import stretches
from store import noise, ruling
from store.schema import conversation

MOST = 200
"""Conversations that one act sets aside, so that it stays one short transaction and one undo."""
MOST_LOOKED_AT = 5_000
"""Open conversations that are looked at, the newest ones."""
_PAGE = 500


def reach(desk: Desk, entries: Mapping[str, tuple[Entry, str]], conversation_id: int) -> tuple[Reach, ...]:
    """How many other open conversations each of some rules would set aside.

    Args:
        desk: where.
        entries: by scope: the rule, and how it is called.
        conversation_id: the one that stands as the example, which does not count.
    """
    if not entries:
        return ()
    index = NoiseIndex([entry for entry, _ in entries.values()])
    found: dict[int, int] = dict.fromkeys((entry.id for entry, _ in entries.values()), 0)
    with desk.store.read() as conn:
        for _, met in _met(desk, conn, index, without=conversation_id):
            for rule_id in met:
                found[rule_id] += 1
            if min(found.values()) > MOST:
                break
    return tuple(
        Reach(scope, shown, min(found[entry.id], MOST), more=found[entry.id] > MOST)
        for scope, (entry, shown) in entries.items()
    )


def candidates(desk: Desk, entry: Entry, conversation_id: int) -> list[int]:
    """The other open conversations that a rule would set aside, the newest ones, at most `MOST`."""
    ids: list[int] = []
    with desk.store.read() as conn:
        for row, _ in _met(desk, conn, NoiseIndex([entry]), without=conversation_id):
            ids.append(row.id)
            if len(ids) == MOST:
                break
    return ids


def set_aside(desk: Desk, conn: Connection, entry: Entry, ids: Sequence[int]) -> list[int]:
    """Set these aside in the name of a kept rule, inside the caller's transaction; gives their events."""
    index = NoiseIndex([entry])
    wanted = select(conversation).where(conversation.c.id.in_(ids), conversation.c.is_open)
    rows = list(conn.execute(wanted.order_by(conversation.c.id).with_for_update())) if ids else []
    messages = gather.by_conversation(ruling.messages_of(conn, [row.id for row in rows]))
    now = desk.clock()
    moved = [
        row.id
        for row in rows
        if setting_aside.set_aside_whole(desk, conn, row, messages.get(row.id, ()), index, now=now)
    ]
    return noise.events_of(conn, entry.id, moved)


def _met(desk: Desk, conn: Connection, index: NoiseIndex, *, without: int) -> Iterator[tuple[Row[Any], frozenset[int]]]:
    """Open conversations, newest first, with the rules that would set each aside; a few queries for each page."""
    now = desk.clock()
    for ids in stretches(ruling.newest_open(conn, limit=MOST_LOOKED_AT), _PAGE):
        rows = conn.execute(select(conversation).where(conversation.c.id.in_(ids))).all()
        messages = gather.by_conversation(ruling.messages_of(conn, list(ids)))
        free = [row for row in rows if row.id != without and setting_aside.free(row, messages.get(row.id, ()), now)]
        said = [one for row in free for one in messages[row.id]]
        met = setting_aside.meeting(conn, said, index, now=now)
        for row in sorted(free, key=lambda one: -one.id):
            wanting = setting_aside.wanting(messages[row.id], met)
            if wanting:
                yield row, wanting
