"""A noise rule over the work that is open now, a stretch at a time. Done twice, it does nothing the second time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from inbox.desk import Desk
from inbox.errors import NotFound
from inbox.noise import keeping, setting_aside
from inbox.noise.index import NoiseIndex
from inbox.noise.reading import entry_of, examples_of
from inbox.rules import gather
from inbox.rules.views import Progress
from inbox.stretches import stretches
from inbox.views import CurrentUser
from store import ruling
from store.schema import conversation

STRETCH = 100
_PER_TRANSACTION = 25


def apply(desk: Desk, user: CurrentUser, rule_id: int, progress: Progress | None = None) -> Progress:
    """Set aside the next stretch of open conversations that a rule meets; call again until it is `done`.

    Nobody's hands are emptied, and whoever took the rule back from a conversation is obeyed.

    Raises:
        NotFound: there is no such rule, or its text is gone.
        NotAllowed: it is somebody else's.
    """
    with desk.store.write() as conn:
        row = keeping.load(conn, rule_id)
        keeping.check_may(user, row)
        entry = entry_of(row, examples_of(conn, [row]))
        if entry is None:
            raise NotFound(what="rule", key=rule_id)
        if progress is None:
            run = keeping.record(desk, conn, user, rule_id, "noise_applied", kind=row.kind)
            progress = Progress(run=run, seen=0, total=ruling.n_open(conn), changed=0)
    index = NoiseIndex([entry])
    with desk.store.read() as conn:
        ids = ruling.open_ids(conn, after=progress.after, limit=STRETCH)
    changed = 0
    for some in stretches(ids, _PER_TRANSACTION):
        with desk.store.write() as conn:
            changed += _some(desk, conn, index, some, desk.clock())
    return replace(
        progress,
        seen=progress.seen + len(ids),
        changed=progress.changed + changed,
        after=ids[-1] if ids else progress.after,
        done=len(ids) < STRETCH,
    )


def _some(desk: Desk, conn: Connection, index: NoiseIndex, ids: Sequence[int], now: datetime) -> int:
    wanted = select(conversation).where(conversation.c.id.in_(ids), conversation.c.is_open)
    rows = list(conn.execute(wanted.order_by(conversation.c.id).with_for_update()))
    messages = gather.by_conversation(ruling.messages_of(conn, [row.id for row in rows]))
    return sum(setting_aside.set_aside_whole(desk, conn, row, messages.get(row.id, ()), index, now=now) for row in rows)
