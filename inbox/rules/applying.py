"""A rule over the work that is open now, a stretch at a time; and taking all of such a run back.

Each stretch is a few short transactions, and tells where it came: a run that was broken off goes on where it stood,
and done twice it changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import steps
from inbox.desk import Desk
from inbox.errors import NotFound, UndoRefused
from inbox.rules import gather, hits, keeping
from inbox.rules.dry_run import judged
from inbox.rules.routing import ready_of
from inbox.rules.views import Progress
from inbox.rules.walk import Ready, effects
from inbox.sentences import Sentence
from inbox.stretches import stretches
from inbox.views import CurrentUser, Done
from store import ruling, thread
from store.schema import conversation, event

STRETCH = 100
_PER_TRANSACTION = 25
_MOST_HITS = 100_000
_MOST_EVENTS = 1_000


def apply(desk: Desk, user: CurrentUser, rule_id: int, progress: Progress | None = None) -> Progress:
    """Run a rule over the next stretch of open conversations; call again with the answer until it is `done`.

    Raises:
        NotFound: there is no such rule, or it cannot be read.
    """
    with desk.store.write() as conn:
        ready = ready_of(keeping.load(conn, rule_id))
        if ready is None:
            raise NotFound(what="rule", key=rule_id)
        if progress is None:
            run = keeping.record(desk, conn, user, rule_id, "rule_applied")
            progress = Progress(run=run, seen=0, total=ruling.n_open(conn), changed=0)
    with desk.store.read() as conn:
        ids = ruling.open_ids(conn, after=progress.after, limit=STRETCH)
    changed = 0
    for some in stretches(ids, _PER_TRANSACTION):
        changed += _some(desk, ready, some, progress.run)
    return replace(
        progress,
        seen=progress.seen + len(ids),
        changed=progress.changed + changed,
        after=ids[-1] if ids else progress.after,
        done=len(ids) < STRETCH,
    )


def take_back_run(desk: Desk, user: CurrentUser, rule_id: int, progress: Progress | None = None) -> Progress:
    """Take back the next stretch of what the last run of a rule did; call again with the answer until it is `done`.

    Raises:
        UndoRefused: the rule was never run over existing work, or nothing of its last run stands any more.
    """
    with desk.store.write() as conn:
        keeping.load(conn, rule_id)
        if progress is None:
            run = last_run(conn, rule_id)
            total = 0 if run is None else n_standing(conn, rule_id, run)
            if run is None or total == 0:
                raise UndoRefused(Sentence("There is nothing left to take back of this rule's last run."))
            keeping.record(desk, conn, user, rule_id, "rule_run_taken_back")
            progress = Progress(run=run, seen=0, total=total, changed=0)
    with desk.store.read() as conn:
        found = _page(conn, rule_id, progress.run, progress.after)
    mine = [one for one in found if _of_run(one, progress.run)]
    taken = 0
    for some in stretches(mine, _PER_TRANSACTION):
        with desk.store.write() as conn:
            for one in some:
                taken += _take_back(desk, conn, one, user, progress.run)
    return replace(
        progress,
        seen=progress.seen + taken,
        changed=progress.changed + taken,
        after=found[-1].id if found else progress.after,
        done=len(found) < STRETCH,
    )


def take_back(desk: Desk, user: CurrentUser, event_id: int) -> Done:
    """Take back one hit of a rule, at any time. The rule leaves this conversation alone from then on.

    Raises:
        NotFound: there is no such hit.
        UndoRefused: it was taken back already.
        ClaimedByOther: somebody else has the conversation.
    """
    with desk.store.write() as conn:
        now = desk.clock()
        taken = conn.execute(select(event).where(event.c.id == event_id)).first()
        if taken is None or taken.action != hits.RULED:
            raise NotFound(what="hit of a rule", key=event_id)
        row = steps.load(conn, int(taken.object_id))
        steps.check_free(conn, row, user, now)
        if _undone(conn, row.id, event_id):
            raise UndoRefused(Sentence("What this rule did was taken back already."))
        return hits.take_back(desk, conn, row, taken, steps.Doer.person(user), now=now)


def last_run(conn: Connection, rule_id: int) -> int | None:
    """The run of a rule over existing work that was the last to begin. Index: ix_event_object."""
    events = thread.events_of(conn, keeping.RULE, str(rule_id), limit=_MOST_EVENTS)
    return next((one.id for one in events if one.action == "rule_applied"), None)


def n_standing(conn: Connection, rule_id: int, run: int) -> int:
    """How many hits of a run were not taken back."""
    began = conn.execute(select(event.c.at).where(event.c.id == run)).scalar_one()
    found = [one for one in ruling.hits_of(conn, rule_id, since=began, limit=_MOST_HITS) if _of_run(one, run)]
    return len(found) - len(ruling.undone_among(conn, found))


def _page(conn: Connection, rule_id: int, run: int, after: int) -> list[Row[Any]]:
    """The next events of a rule, newest first, back to where a run began."""
    at = {one.id: one.at for one in conn.execute(select(event.c.id, event.c.at).where(event.c.id.in_([run, after])))}
    before = (at[after], after) if after in at else None
    return ruling.hits_of(conn, rule_id, since=at[run], before=before, limit=STRETCH)


def _of_run(one: Row[Any], run: int) -> bool:
    return bool(one.action == hits.RULED and ((one.after or {}).get("facts") or {}).get("run") == run)


def _some(desk: Desk, ready: Ready, ids: Sequence[int], run: int) -> int:
    changed = 0
    with desk.store.write() as conn:
        now = desk.clock()
        office = gather.office_of(desk, conn)
        wanted = select(conversation).where(conversation.c.id.in_(ids), conversation.c.is_open)
        rows = list(conn.execute(wanted.order_by(conversation.c.id).with_for_update()))
        found = judged(desk, conn, rows, ready)
        tags = thread.tags_of(conn, [row.id for row, _ in found]) if found else {}
        for row, facts in found:
            if ready.id in hits.taken_back(conn, row.id):
                continue
            (effect,) = effects([ready], gather.standing_of(row, tags.get(row.id, ()), now), facts, office)
            done = hits.write(desk, conn, row, effect, now=now, mention_id=facts.mention_id, run=run)
            changed += done is not None
    return changed


def _take_back(desk: Desk, conn: Connection, taken: Row[Any], user: CurrentUser, run: int) -> bool:
    row = steps.load(conn, int(taken.object_id))
    if _undone(conn, row.id, taken.id):
        return False
    hits.take_back(desk, conn, row, taken, steps.Doer.person(user), now=desk.clock(), run=run)
    return True


def _undone(conn: Connection, conversation_id: int, event_id: int) -> bool:
    return event_id in steps.undone_ids(steps.events_of(conn, conversation_id, limit=500))
