"""Bringing back what a noise rule set aside: all of it, unless a person touched it since or another rule wants it.

Done in short transactions, and done twice it changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import steps
from inbox.desk import Desk
from inbox.noise import keeping
from inbox.noise.setting_aside import touched
from inbox.rules import hits
from inbox.rules.views import Progress
from inbox.states import Status
from inbox.stretches import stretches
from inbox.views import CurrentUser
from store import noise
from store.schema import event, noise_hit, noise_rule

STRETCH = 100
_PER_TRANSACTION = 25
_EVENTS_LOOKED_AT = 200


def take_back(desk: Desk, user: CurrentUser, rule_id: int, progress: Progress | None = None) -> Progress:
    """End a rule and bring back the next stretch of what it set aside; call again with the answer until it is `done`.

    Raises:
        NotFound: there is no such rule.
        NotAllowed: it is somebody else's.
    """
    with desk.store.write() as conn:
        keeping.check_may(user, keeping.load(conn, rule_id, archived=True))
        if progress is None:
            keeping.end(desk, conn, user, rule_id)
            progress = Progress(run=rule_id, seen=0, total=noise.n_set_aside(conn, rule_id), changed=0)
    with desk.store.read() as conn:
        found = noise.hits_of(conn, rule_id, after=progress.after, limit=STRETCH)
    changed = 0
    for some in stretches(found, _PER_TRANSACTION):
        with desk.store.write() as conn:
            changed += bring_back(desk, conn, user, some)
    return replace(
        progress,
        seen=progress.seen + len(found),
        changed=progress.changed + changed,
        after=found[-1].mention_id if found else progress.after,
        done=len(found) < STRETCH,
    )


def bring_back(desk: Desk, conn: Connection, user: CurrentUser, found: Iterable[Row[Any]]) -> int:
    """Bring back what these hits set aside, inside the caller's transaction; how many came."""
    return sum(_one(desk, conn, user, one) for one in found)


def _one(desk: Desk, conn: Connection, user: CurrentUser, hit: Row[Any]) -> bool:
    taken = conn.execute(select(event).where(event.c.id == hit.event_id)).first()
    if taken is None:
        return False
    row = steps.load(conn, hit.conversation_id)
    events = steps.events_of(conn, row.id, limit=_EVENTS_LOOKED_AT)
    if row.status != Status.SPAM or row.cycle != taken.cycle or touched(events, taken.id):
        return False
    heir = _heir(conn, hit)
    if heir is not None:
        mine = (noise_hit.c.rule_id == hit.rule_id, noise_hit.c.mention_id == hit.mention_id)
        conn.execute(noise_hit.update().where(*mine).values(event_id=None))
        conn.execute(
            noise_hit.update()
            .where(noise_hit.c.rule_id == heir, noise_hit.c.mention_id == hit.mention_id)
            .values(event_id=taken.id)
        )
        return False
    hits.take_back(desk, conn, row, taken, steps.Doer.person(user), now=desk.clock())
    return True


def _heir(conn: Connection, hit: Row[Any]) -> int | None:
    """Another rule in use that the same message meets: what it set aside stays, in that one's name."""
    c = noise_hit.c
    wanted = (
        select(c.rule_id)
        .join(noise_rule, noise_rule.c.id == c.rule_id)
        .where(
            c.conversation_id == hit.conversation_id,
            c.mention_id == hit.mention_id,
            c.rule_id != hit.rule_id,
            noise_rule.c.active,
            noise_rule.c.proposes.is_(False),
        )
        .order_by(c.rule_id)
    )
    return conn.execute(wanted.limit(1)).scalar()
