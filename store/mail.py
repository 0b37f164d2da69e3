"""The queue of mail that goes out: written once per `dedupe_key`, taken by one sender, never sent twice by itself.

The order of a send: `take` (held under a lease, nothing said yet), the envelope, `handing_over` right before the text
goes, then `settle`. A sender that dies before `handing_over` loses nothing, its lease runs out and the mail is taken
again. One that dies after it leaves a mail of which nobody knows whether it arrived: `give_up_lost` calls it `unknown`,
and only a person sends it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, or_, select

from store.engine import Store
from store.schema import outgoing_mail

QUEUED, SENDING, SENT, FAILED, UNKNOWN = "queued", "sending", "sent", "failed", "unknown"
STUCK = (FAILED, UNKNOWN)


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail to be queued. `not_before`: aware UTC; with a `report_id` it carries that report."""

    dedupe_key: str
    kind: str
    to_address: str
    subject: str
    text: str
    html: str | None
    not_before: datetime
    conversation_id: int | None = None
    report_id: int | None = None


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail of the queue."""

    id: int
    kind: str
    to_address: str
    subject: str
    text: str
    html: str | None
    conversation_id: int | None
    created_at: datetime
    not_before: datetime
    state: str
    attempts: int
    error_text: str | None
    sent_at: datetime | None
    report_id: int | None = None


def enqueue(store: Store, conn: Connection, mail: NewMail, *, now: datetime) -> None:
    """Queue a mail inside the caller's transaction; one whose key stands already is left as it is."""
    row = {
        "id": store.new_id(),
        "dedupe_key": mail.dedupe_key,
        "kind": mail.kind,
        "to_address": mail.to_address,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "conversation_id": mail.conversation_id,
        "report_id": mail.report_id,
        "created_at": now,
        "not_before": max(now, mail.not_before),
        "state": QUEUED,
        "attempts": 0,
    }
    store.dialect.insert_or_keep(conn, outgoing_mail, [row], unique=("dedupe_key",))


def withdraw(conn: Connection, *dedupe_keys: str) -> bool:
    """Take back mails that nobody has begun to send, inside the caller's transaction; whether there was one."""
    done = conn.execute(
        outgoing_mail.delete().where(
            outgoing_mail.c.dedupe_key.in_(dedupe_keys),
            outgoing_mail.c.state == QUEUED,
            outgoing_mail.c.lease_until.is_(None),
        )
    )
    return done.rowcount > 0


def anything_to_do(conn: Connection, *, now: datetime) -> bool:
    """Whether a mail is due, or was handed over by a sender that died. Served by ix_outgoing_mail_state."""
    c = outgoing_mail.c
    due = select(c.id).where(c.state == QUEUED, c.not_before <= now, or_(c.lease_until.is_(None), c.lease_until <= now))
    lost = select(c.id).where(c.state == SENDING, c.lease_until <= now)
    return any(conn.execute(one.limit(1)).first() is not None for one in (lost, due))


def take(conn: Connection, *, now: datetime, lease: timedelta, limit: int) -> list[MailRow]:
    """Take mails that are due, oldest first, inside the caller's transaction. Served by ix_outgoing_mail_state.

    They stay `queued` under a lease; nobody else takes them until it runs out.
    """
    free = or_(outgoing_mail.c.lease_until.is_(None), outgoing_mail.c.lease_until <= now)
    wanted = (
        select(outgoing_mail.c.id)
        .where(outgoing_mail.c.state == QUEUED, outgoing_mail.c.not_before <= now, free)
        .order_by(outgoing_mail.c.not_before, outgoing_mail.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(conn.execute(wanted).scalars())
    if not ids:
        return []
    taken = outgoing_mail.update().where(outgoing_mail.c.id.in_(ids))
    conn.execute(taken.values(lease_until=now + lease, attempts=outgoing_mail.c.attempts + 1))
    mails = _mails(outgoing_mail.c.id.in_(ids)).order_by(outgoing_mail.c.not_before, outgoing_mail.c.id)
    return [MailRow(*row) for row in conn.execute(mails)]


def handing_over(conn: Connection, mail_id: int, *, now: datetime, lease: timedelta) -> bool:
    """Note that the text goes to the server now; False when somebody else has the mail, so that it must not go."""
    done = conn.execute(
        outgoing_mail.update()
        .where(outgoing_mail.c.id == mail_id, outgoing_mail.c.state == QUEUED, outgoing_mail.c.lease_until > now)
        .values(state=SENDING, lease_until=now + lease)
    )
    return done.rowcount == 1


def settle(
    conn: Connection,
    mail_id: int,
    state: str,
    *,
    now: datetime,
    error_text: str | None = None,
    not_before: datetime | None = None,
) -> None:
    """Write how a send ended: `sent`, `failed`, `unknown`, or `queued` again from `not_before` on.

    Of a mail that was sent the text is forgotten: it may hold a link that lets somebody in.
    """
    values: dict[str, Any] = {"state": state, "lease_until": None, "error_text": error_text}
    if state == SENT:
        values |= {"sent_at": now, "text": "", "html": None}
    if not_before is not None:
        values["not_before"] = not_before
    conn.execute(outgoing_mail.update().where(outgoing_mail.c.id == mail_id).values(**values))


def give_up_lost(conn: Connection, *, now: datetime, error_text: str) -> int:
    """Call `unknown` what a sender that died had handed over; how many. Served by ix_outgoing_mail_state."""
    done = conn.execute(
        outgoing_mail.update()
        .where(outgoing_mail.c.state == SENDING, outgoing_mail.c.lease_until <= now)
        .values(state=UNKNOWN, lease_until=None, error_text=error_text)
    )
    return int(done.rowcount)


def send_again(conn: Connection, mail_id: int, *, now: datetime) -> bool:
    """Queue anew what failed or what nobody knows of, because a person wants it; False when it is not so."""
    done = conn.execute(
        outgoing_mail.update()
        .where(outgoing_mail.c.id == mail_id, outgoing_mail.c.state.in_(STUCK))
        .values(state=QUEUED, not_before=now, attempts=0, lease_until=None, error_text=None)
    )
    return done.rowcount == 1


def waiting(conn: Connection, *, states: Sequence[str], limit: int) -> list[MailRow]:
    """Mails in these states, the latest of each state first. Served by ix_outgoing_mail_state."""
    found: list[MailRow] = []
    for state in states:
        latest = _mails(outgoing_mail.c.state == state)
        latest = latest.order_by(outgoing_mail.c.not_before.desc(), outgoing_mail.c.id.desc()).limit(limit)
        found += [MailRow(*row) for row in conn.execute(latest)]
    return found


def _mails(condition: ColumnElement[bool]) -> Select[Any]:
    return select(*(outgoing_mail.c[name] for name in MailRow.__slots__)).where(condition)


def of_conversations(conn: Connection, conversation_ids: Sequence[int]) -> list[MailRow]:
    """Mails about these conversations, oldest first. Served by ix_outgoing_mail_conversation."""
    about = _mails(outgoing_mail.c.conversation_id.in_(list(conversation_ids)))
    ordered = about.order_by(outgoing_mail.c.conversation_id, outgoing_mail.c.id)
    return [MailRow(*row) for row in conn.execute(ordered)]
