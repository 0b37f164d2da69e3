"""Pictures on their way in and as they stand: who fetches which, what came of it, and room for the next.

A picture and its row change in one transaction, and both go with their mention (`store.personal`): whatever is killed
when, there is never a picture without a mention. What a fetch brings is kept only while its lease and its row stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, literal_column, or_, select

from store.engine import Store
from store.schema import media, media_picture, mention

_WANTED: ColumnElement[bool] = literal_column("media.state = 'wanted'")
_KEPT: ColumnElement[bool] = literal_column("media.state = 'kept'")
WINDOW = 200
"""Waiting rows looked at for one taking."""
AT_ONCE = 25
"""Pictures dropped in one transaction: agents must not notice."""


class State(StrEnum):
    """Where an attachment stands."""

    WANTED = "wanted"
    KEPT = "kept"
    LEFT = "left"


class Left(StrEnum):
    """Why an attachment is not kept."""

    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"
    OFF = "off"
    """Fetching is switched off, for all or for this source."""
    MANY = "many"
    """More than are fetched of one message."""
    OLD = "old"
    """The message was too old to be worked on when it came in."""
    ADDRESS = "address"
    """The address cannot be called, or leads where we do not go."""
    LARGE = "large"
    """More bytes or pixels than are taken."""
    UNREADABLE = "unreadable"
    """What came is no picture of a kind that is read."""
    GONE = "gone"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    LOGIN = "login"
    """The account's login no longer works."""
    ROOM = "room"
    """It was kept, and made room for newer ones."""
    EXPIRED = "expired"
    """It was kept as long as pictures are kept."""


RENEWED = frozenset({Left.GONE, Left.REFUSED, Left.UNREACHABLE, Left.LOGIN})
"""Worth another try when the platform tells another address."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept: JPEG in two sizes; `width` and `height` are pixels of the large one."""

    small: bytes = field(repr=False)
    large: bytes = field(repr=False)
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment as it is shown. `link` serves its picture where `state` is kept."""

    mention_id: int
    place: int
    kind: str
    state: str
    reason: str
    alt: str
    link: str
    width: int | None
    height: int | None


_SHOWN = ("mention_id", "place", "kind", "state", "reason", "alt", "link", "width", "height")


def wanted(conn: Connection, *, now: datetime, limit: int = WINDOW, without: Collection[str] = ()) -> list[Row[Any]]:
    """What is to be fetched and nobody is at, longest due first; of no host in `without`. Served by ix_media_wanted."""
    return list(conn.execute(_wanted(now, without).limit(limit)))


def take(
    store: Store, *, owner: str, now: datetime, until: datetime, most: int, per_host: int, busy: Mapping[str, int]
) -> list[Row[Any]]:
    """Take what is to be fetched; two workers never get the same one.

    Args:
        store: where.
        owner: names this taking; different each time.
        now: aware UTC.
        until: when the lease ends.
        most: at most so many.
        per_host: at most so many of one host, with those under way.
        busy: under way already, by host.
    """
    full = [host for host, count in busy.items() if count >= per_host]
    with store.read() as conn:  # most ticks find nothing, and then take no write lock
        if most <= 0 or not wanted(conn, now=now, limit=1, without=full):
            return []
    with store.write() as conn:
        found = conn.execute(_wanted(now, full).limit(WINDOW).with_for_update(skip_locked=True)).all()
        chosen = _chosen(found, most=most, per_host=per_host, busy=busy)
        for row in chosen:
            conn.execute(media.update().where(_is(row)).values(lease_owner=owner, lease_until=until))
    return chosen


def keep(store: Store, row: Row[Any], *, owner: str, picture: Picture, now: datetime) -> bool:
    """Keep a picture with its mention; False when the mention went meanwhile, or another worker has it."""
    with store.write() as conn:
        if not _holds(conn, row, owner):
            return False
        kept = {"small": picture.small, "large": picture.large}
        key = {"mention_id": row.mention_id, "place": row.place}
        store.dialect.upsert_rows(conn, media_picture, [{**key, **kept}], tuple(kept))
        conn.execute(
            media.update()
            .where(_is(row))
            .values(
                **_SETTLED,
                state=State.KEPT.value,
                reason="",
                fetched_at=now,
                size=len(picture.small) + len(picture.large),
                width=picture.width,
                height=picture.height,
            )
        )
        return True


def leave(store: Store, row: Row[Any], *, owner: str, reason: Left) -> bool:
    """Give a picture up, for a reason; False when it went meanwhile, or another worker has it."""
    with store.write() as conn:
        if not _holds(conn, row, owner):
            return False
        conn.execute(media.update().where(_is(row)).values(**_SETTLED, state=State.LEFT.value, reason=reason.value))
        return True


def postpone(store: Store, row: Row[Any], *, owner: str, due_at: datetime, tries: int) -> bool:
    """Try again at an instant; False when it went meanwhile, or another worker has it."""
    again = {"due_at": due_at, "tries": tries, "lease_owner": None, "lease_until": None}
    with store.write() as conn:
        if not _holds(conn, row, owner):
            return False
        conn.execute(media.update().where(_is(row)).values(**again))
        return True


def used(conn: Connection) -> int:
    """Bytes of all pictures together. Served by ix_media_kept."""
    return int(conn.execute(select(func.coalesce(func.sum(media.c.size), 0)).where(_KEPT)).scalar_one())


def oldest(conn: Connection, *, limit: int = AT_ONCE, before: datetime | None = None) -> list[Row[Any]]:
    """Kept pictures, longest kept first; only those fetched before an instant when given. Served by ix_media_kept."""
    query = select(media.c.mention_id, media.c.place, media.c.size).where(_KEPT)
    if before is not None:
        query = query.where(media.c.fetched_at <= before)
    return list(conn.execute(query.order_by(media.c.fetched_at, media.c.mention_id, media.c.place).limit(limit)))


def drop_expired(store: Store, *, before: datetime) -> int:
    """Drop pictures that were fetched before an instant; their messages and descriptions stay. How many."""
    dropped = 0
    while True:
        with store.read() as conn:
            if not oldest(conn, limit=1, before=before):
                return dropped
        with store.write() as conn:
            dropped += _drop(conn, oldest(conn, before=before), Left.EXPIRED)


def make_room(store: Store, *, most: int) -> int:
    """Drop the oldest pictures until all together take at most so many bytes. How many."""
    dropped = 0
    while True:
        with store.read() as conn:
            over = used(conn) - most
        if over <= 0:
            return dropped
        with store.write() as conn:
            rows = []
            for row in oldest(conn):
                if over <= 0:
                    break
                rows.append(row)
                over -= row.size
            dropped += _drop(conn, rows, Left.ROOM)
            if not rows:
                return dropped


def of_mentions(conn: Connection, mention_ids: Iterable[int]) -> dict[int, tuple[Attachment, ...]]:
    """What is attached to mentions, in the platform's order (primary key)."""
    columns = [media.c[name] for name in _SHOWN]
    query = select(*columns).where(media.c.mention_id.in_(list(mention_ids)))
    found: dict[int, tuple[Attachment, ...]] = {}
    for row in conn.execute(query.order_by(media.c.mention_id, media.c.place)):
        found[row.mention_id] = (*found.get(row.mention_id, ()), Attachment(*row))
    return found


def by_link(conn: Connection, link: str, *, large: bool) -> bytes | None:
    """The JPEG behind a link; None when it is not kept (any more). Served by ix_media_link."""
    key = conn.execute(select(media.c.mention_id, media.c.place).where(media.c.link == link)).first()
    if key is None:
        return None
    size = media_picture.c.large if large else media_picture.c.small
    here = and_(media_picture.c.mention_id == key.mention_id, media_picture.c.place == key.place)
    found = conn.execute(select(size).where(here)).scalar()
    return None if found is None else bytes(found)


def large_of(conn: Connection, mention_id: int) -> dict[int, bytes]:
    """The large pictures of one mention, by place (primary key)."""
    query = select(media_picture.c.place, media_picture.c.large).where(media_picture.c.mention_id == mention_id)
    return {row.place: bytes(row.large) for row in conn.execute(query)}


def illustrated(conn: Connection, conversation_ids: Iterable[int]) -> frozenset[int]:
    """Which of these conversations hold a picture, kept or on its way. Served by ix_mention_thread."""
    query = (
        select(mention.c.conversation_id)
        .distinct()
        .select_from(mention.join(media, media.c.mention_id == mention.c.id))
        .where(mention.c.conversation_id.in_(list(conversation_ids)), or_(_KEPT, _WANTED))
    )
    return frozenset(conn.execute(query).scalars())


_SETTLED: Mapping[str, Any] = {"address": "", "due_at": None, "lease_owner": None, "lease_until": None}
"""What a row no longer needs once it is decided; an address may hold a signature."""


def _wanted(now: datetime, without: Collection[str]) -> Any:
    free = or_(media.c.lease_until.is_(None), media.c.lease_until <= now)
    query = select(media).where(_WANTED, media.c.due_at <= now, free)
    if without:
        query = query.where(media.c.host.not_in(sorted(without)))
    return query.order_by(media.c.due_at, media.c.mention_id, media.c.place)


def _chosen(rows: Iterable[Row[Any]], *, most: int, per_host: int, busy: Mapping[str, int]) -> list[Row[Any]]:
    """The first of these that find a place at their host."""
    taken = Counter(busy)
    chosen: list[Row[Any]] = []
    for row in rows:
        if len(chosen) < most and taken[row.host] < per_host:
            taken[row.host] += 1
            chosen.append(row)
    return chosen


def _is(row: Row[Any]) -> ColumnElement[bool]:
    return and_(media.c.mention_id == row.mention_id, media.c.place == row.place)


def _holds(conn: Connection, row: Row[Any], owner: str) -> bool:
    """Whether this taking still has the row; holds it until the transaction ends."""
    held = select(media.c.lease_owner).where(_is(row), _WANTED).with_for_update()
    return bool(conn.execute(held).scalar() == owner)


def _drop(conn: Connection, rows: Collection[Row[Any]], reason: Left) -> int:
    for row in rows:
        here = (media_picture.c.mention_id == row.mention_id, media_picture.c.place == row.place)
        conn.execute(media.update().where(_is(row)).values(state=State.LEFT.value, reason=reason.value, size=0))
        conn.execute(media_picture.delete().where(*here))
    return len(rows)
