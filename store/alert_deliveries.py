"""Who is to be told of what fired, and what became of it: a queue like that of mail, with the same states.

`queued` -> `sending` (committed before anything goes out) -> `sent`, `failed`, `unknown`, or `queued` again. A worker
that dies in between leaves `sending`, which ends as `unknown`: only a person sends that again. Mail has a queue of its
own (`store.mail`); its rows here are `mail` and are read together with it, by their key.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from store.engine import Store
from store.mail import FAILED, QUEUED, SENDING, SENT, STUCK, UNKNOWN
from store.schema import alert_delivery, outgoing_mail

BY_MAIL = "mail"
"""State of a delivery whose mail stands in the queue of mail."""


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One telling of one receiver; `state` is that of the mail where it is one. Instants aware UTC."""

    id: int
    alert_id: int | None
    receiver_id: int
    kind: str
    state: str
    attempts: int
    created_at: datetime
    not_before: datetime
    error_text: str | None
    sent_at: datetime | None


def enqueue(
    store: Store,
    conn: Connection,
    *,
    key: str,
    alert_id: int | None,
    receiver_id: int,
    kind: str,
    by_mail: bool,
    now: datetime,
) -> int:
    """Note inside the caller's transaction that a receiver is to be told, once per key; gives the new id."""
    row: dict[str, Any] = {
        "id": store.new_id(),
        "dedupe_key": key,
        "alert_id": alert_id,
        "receiver_id": receiver_id,
        "kind": kind,
        "state": BY_MAIL if by_mail else QUEUED,
        "attempts": 0,
        "created_at": now,
        "not_before": now,
    }
    store.dialect.insert_or_keep(conn, alert_delivery, [row], unique=("dedupe_key",))
    return int(row["id"])


def anything_to_do(conn: Connection, *, now: datetime) -> bool:
    """Whether somebody is to be told, or a worker died while telling. Served by ix_alert_delivery_state."""
    c = alert_delivery.c
    due = select(c.id).where(c.state == QUEUED, c.not_before <= now, or_(c.lease_until.is_(None), c.lease_until <= now))
    lost = select(c.id).where(c.state == SENDING, c.lease_until <= now)
    return any(conn.execute(one.limit(1)).first() is not None for one in (lost, due))


def take(conn: Connection, *, now: datetime, lease: timedelta, limit: int) -> list[DeliveryRow]:
    """Take what is due, oldest first, inside the caller's transaction. Served by ix_alert_delivery_state.

    They stay `queued` under a lease; nobody else takes them until it runs out.
    """
    c = alert_delivery.c
    wanted = (
        select(c.id)
        .where(c.state == QUEUED, c.not_before <= now, or_(c.lease_until.is_(None), c.lease_until <= now))
        .order_by(c.not_before, c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(conn.execute(wanted).scalars())
    if not ids:
        return []
    taken = alert_delivery.update().where(c.id.in_(ids))
    conn.execute(taken.values(lease_until=now + lease, attempts=c.attempts + 1))
    rows = conn.execute(_DELIVERIES.where(c.id.in_(ids)).order_by(c.not_before, c.id))
    return [DeliveryRow(*row) for row in rows]


def handing_over(conn: Connection, delivery_id: int, *, now: datetime, lease: timedelta) -> bool:
    """Note that it goes out now; False when somebody else has it, so that it must not go."""
    c = alert_delivery.c
    mine = (c.id == delivery_id, c.state == QUEUED, c.lease_until > now)
    done = conn.execute(alert_delivery.update().where(*mine).values(state=SENDING, lease_until=now + lease))
    return done.rowcount == 1


def settle(
    conn: Connection,
    delivery_id: int,
    state: str,
    *,
    now: datetime,
    error_text: str | None = None,
    not_before: datetime | None = None,
) -> None:
    """Write how a try ended: `sent`, `failed`, `unknown`, or `queued` again from `not_before` on."""
    values: dict[str, Any] = {"state": state, "lease_until": None, "error_text": error_text}
    if state == SENT:
        values["sent_at"] = now
    if not_before is not None:
        values["not_before"] = not_before
    conn.execute(alert_delivery.update().where(alert_delivery.c.id == delivery_id).values(**values))


def give_up_lost(conn: Connection, *, now: datetime, error_text: str) -> int:
    """Call `unknown` what a worker that died had in its hands; how many. Served by ix_alert_delivery_state."""
    c = alert_delivery.c
    lost = alert_delivery.update().where(c.state == SENDING, c.lease_until <= now)
    return int(conn.execute(lost.values(state=UNKNOWN, lease_until=None, error_text=error_text)).rowcount)


def send_again(conn: Connection, delivery_id: int, *, now: datetime) -> bool:
    """Queue anew what failed or what nobody knows of, because a person wants it; False when it is not so."""
    c = alert_delivery.c
    again = alert_delivery.update().where(c.id == delivery_id, c.state.in_(STUCK))
    fresh = {"state": QUEUED, "not_before": now, "attempts": 0, "lease_until": None, "error_text": None}
    return conn.execute(again.values(**fresh)).rowcount == 1


def mail_of(conn: Connection, delivery_id: int) -> int | None:
    """The mail of a delivery, by its key; None where there is none."""
    joined = outgoing_mail.join(alert_delivery, alert_delivery.c.dedupe_key == outgoing_mail.c.dedupe_key)
    wanted = select(outgoing_mail.c.id).select_from(joined).where(alert_delivery.c.id == delivery_id)
    found: int | None = conn.execute(wanted).scalar()
    return found


def of_alerts(conn: Connection, alert_ids: Collection[int]) -> list[DeliveryRow]:
    """Who was told of these, oldest first. Served by ix_alert_delivery_alert."""
    c = alert_delivery.c
    wanted = _WITH_MAIL.where(c.alert_id.in_(list(alert_ids))).order_by(c.alert_id, c.id)
    return [DeliveryRow(*row) for row in conn.execute(wanted)]


def latest(conn: Connection, *, limit: int) -> list[DeliveryRow]:
    """What was told last, newest first: ids grow with time."""
    return [DeliveryRow(*row) for row in conn.execute(_WITH_MAIL.order_by(alert_delivery.c.id.desc()).limit(limit))]


def latest_of(conn: Connection, receiver_id: int) -> DeliveryRow | None:
    """What a receiver was told last. Served by ix_alert_delivery_receiver."""
    c = alert_delivery.c
    wanted = _WITH_MAIL.where(c.receiver_id == receiver_id).order_by(c.created_at.desc(), c.id.desc()).limit(1)
    row = conn.execute(wanted).first()
    return None if row is None else DeliveryRow(*row)


def _with_mail() -> Select[Any]:
    """Deliveries with the state of their mail where they are one."""
    c, m = alert_delivery.c, outgoing_mail.c
    told = {
        "state": func.coalesce(m.state, c.state).label("state"),
        "attempts": func.coalesce(m.attempts, c.attempts).label("attempts"),
        "not_before": func.coalesce(m.not_before, c.not_before).label("not_before"),
        "error_text": func.coalesce(m.error_text, c.error_text).label("error_text"),
        "sent_at": func.coalesce(m.sent_at, c.sent_at).label("sent_at"),
    }
    joined = alert_delivery.outerjoin(outgoing_mail, m.dedupe_key == c.dedupe_key)
    return select(*(told.get(name, c[name]) for name in DeliveryRow.__slots__)).select_from(joined)


_DELIVERIES = select(*(alert_delivery.c[name] for name in DeliveryRow.__slots__))
_WITH_MAIL = _with_mail()

__all__ = [
    "BY_MAIL",
    "FAILED",
    "QUEUED",
    "SENDING",
    "SENT",
    "STUCK",
    "UNKNOWN",
    "DeliveryRow",
    "anything_to_do",
    "enqueue",
    "give_up_lost",
    "handing_over",
    "latest",
    "latest_of",
    "mail_of",
    "of_alerts",
    "send_again",
    "settle",
    "take",
]
