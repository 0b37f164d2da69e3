"""Work that goes over all stored mentions, newest first, and can be gone on with after any end: how far it is.

What is done of a mention is committed together with the step that says so (`move`), so that nothing is done twice and
nothing left out. Which mentions want something, and what, is the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from store.engine import Store
from store.ids import id_floor
from store.schema import mention, walk

WINDOW = 2_000
"""Mentions that are looked at together, without their texts, to find those that want something."""
SETTLED = timedelta(minutes=1)
"""Ids younger than this may still be committed below others; they are looked at again."""


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a piece of work is; see the table of the same name. Instants aware UTC."""

    name: str
    aim: str
    top_id: int
    before_id: int
    total: int
    done: int
    changed: int
    started_at: datetime
    moved_at: datetime
    ended_at: datetime | None


def find_walk(conn: Connection, name: str) -> Walk | None:
    """How far the work of this name is."""
    row = conn.execute(select(walk).where(walk.c.name == name)).first()
    return None if row is None else _walk(row)


def begin(store: Store, name: str, aim: str, *, now: datetime, since: datetime | None = None) -> Walk:
    """Begin a piece of work at the newest mention, whatever was done of it before.

    Args:
        store: where.
        name: of the work.
        aim: what it is to reach.
        now: aware UTC.
        since: mentions collected earlier are not counted in `total`.
    """
    with store.read() as conn:
        counted = select(func.count()).select_from(mention)
        total = conn.execute(counted if since is None else counted.where(mention.c.id >= id_floor(since))).scalar_one()
        newest = conn.execute(select(func.max(mention.c.id))).scalar() or 0
    begun = Walk(
        name=name,
        aim=aim,
        top_id=newest,
        before_id=newest + 1,
        total=total,
        done=0,
        changed=0,
        started_at=now,
        moved_at=now,
        ended_at=None,
    )
    values = asdict(begun)
    with store.write() as conn:
        store.dialect.upsert_rows(conn, walk, [values], tuple(each for each in values if each != "name"))
    return begun


def take(store: Store, name: str, *, owner: str, now: datetime, lease: timedelta) -> bool:
    """Take the work of this name on until `now + lease`; False while another process is at it."""
    free = or_(walk.c.lease_owner == owner, walk.c.lease_until.is_(None), walk.c.lease_until <= now)
    with store.write() as conn:
        taken = conn.execute(
            walk.update().where(walk.c.name == name, free).values(lease_owner=owner, lease_until=now + lease)
        )
    return taken.rowcount == 1


def give_back(store: Store, name: str, *, owner: str) -> None:
    """Let others go on."""
    with store.write() as conn:
        mine = (walk.c.name == name, walk.c.lease_owner == owner)
        conn.execute(walk.update().where(*mine).values(lease_owner=None, lease_until=None))


def window(conn: Connection, *, above: int = -1, below: int | None = None, oldest: bool = False) -> Sequence[Row[Any]]:
    """The newest (or `oldest`) mentions between two ids, without their texts: one walk along the primary key."""
    query = select(*(mention.c[name] for name in _LOOKED)).where(mention.c.id > above)
    if below is not None:
        query = query.where(mention.c.id < below)
    order = mention.c.id if oldest else mention.c.id.desc()
    return conn.execute(query.order_by(order).limit(WINDOW)).all()


def newest_below(conn: Connection, below: int) -> int | None:
    """The newest mention below an id."""
    return conn.execute(select(func.max(mention.c.id)).where(mention.c.id < below)).scalar()


_LOOKED = (
    "id",
    "source_id",
    "direction",
    "lang",
    "sort_at",
    "deleted_at",
    "enriched",
    "sentiment_by",
    "sentiment_corrected_by",
)


def texts_of(conn: Connection, store: Store, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """What enrichment reads of these mentions, newest first."""
    columns = (mention.c[name] for name in _TOLD)
    return conn.execute(
        select(*columns).where(store.dialect.among(mention.c.id, ids)).order_by(mention.c.id.desc())
    ).all()


_TOLD = (
    "id",
    "revision",
    "source_id",
    "author_id",
    "direction",
    "title",
    "text",
    "kind",
    "url",
    "rating",
    "lang",
    "lang_confidence",
    "flags",
    "enriched",
)


def hold(conn: Connection, before: Walk) -> bool:
    """Hold the work's row until the transaction ends; False when somebody else went on meanwhile.

    Comes before anything else of its transaction, so that two who go on at once wait for each other here.
    """
    held = conn.execute(select(walk).where(walk.c.name == before.name).with_for_update()).first()
    return held is not None and _walk(held) == before


def move(conn: Connection, after: Walk) -> None:
    """Say how far the work is now, in the transaction of what was done and under `hold`."""
    names = ("top_id", "before_id", "done", "changed", "moved_at", "ended_at")
    values = {name: getattr(after, name) for name in names}
    conn.execute(walk.update().where(walk.c.name == after.name).values(**values))


def _walk(row: Row[Any]) -> Walk:
    names = Walk.__slots__
    return Walk(**{name: getattr(row, name) for name in names})
