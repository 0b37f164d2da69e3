"""Whom an alert is told: queued with it, and worked out anew when it goes out.

A delivery holds no words. What is said is made from the alert when it is told, so that what was erased meanwhile does
not leave. Mail is the exception: its text waits in the queue of mail, at the conversation of the message it quotes, by
which erasing reaches it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection

from inbox.alerts import keeping, showing, telling
from inbox.alerts.telling import Announcement
from inbox.alerts.views import Kind
from inbox.desk import Desk
from inbox.errors import BadInput, InboxError, NotFound
from inbox.mail.notify import address
from inbox.mail.notify import queue as queue_mail
from inbox.mail.texts import MailKind, write
from inbox.sentences import Sentence
from inbox.views import CurrentUser
from store import alert_deliveries, alerts, mail
from store.alerts import ReceiverRow


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker needs to tell somebody. `key` signs what a webhook gets; neither is ever shown or logged."""

    kind: str
    address: str = field(repr=False)
    key: str | None = field(repr=False)
    said: Announcement = field(repr=False)


def queue(desk: Desk, conn: Connection, alert_id: int, receiver_ids: Collection[int]) -> None:
    """Queue the telling of an alert, inside the transaction in which it fires; once per receiver."""
    for receiver in alerts.receivers(conn, receiver_ids):
        if receiver.archived_at is None:
            _queue(desk, conn, receiver, alert_id, f"alert:{alert_id}:{receiver.id}")


def test(desk: Desk, receiver_id: int) -> int:
    """Queue a test to a receiver; gives the id of the delivery. Raises: NotFound."""
    with desk.store.write() as conn:
        receiver = alerts.receiver(conn, receiver_id)
        if receiver is None or receiver.archived_at is not None:
            raise NotFound(what="receiver", key=receiver_id)
        return _queue(desk, conn, receiver, None, f"alert_test:{desk.store.new_id()}")


def send_again(desk: Desk, user: CurrentUser, delivery_id: int) -> None:
    """Tell again what failed, or of which nobody knows whether it arrived, because a person wants it.

    Raises:
        BadInput: it went out, or is on its way.
    """
    with desk.store.write() as conn:
        mail_id = alert_deliveries.mail_of(conn, delivery_id)
        now = desk.clock()
        if mail_id is not None:
            done = mail.send_again(conn, mail_id, now=now)
        else:
            done = alert_deliveries.send_again(conn, delivery_id, now=now)
        if not done:
            raise BadInput(Sentence("This was told, or is on its way."))
        keeping.record(desk, conn, user, "alert_told_again", about=("alert_delivery", delivery_id))


def order(desk: Desk, delivery: alert_deliveries.DeliveryRow) -> Order | str:
    """What is to be told to whom; a sentence when it cannot be told (any more)."""
    with desk.store.read() as conn:
        receiver = alerts.receiver(conn, delivery.receiver_id)
        if receiver is None or receiver.archived_at is not None or receiver.sealed is None:
            return "The receiver is no longer in use."
        said = _said(desk, conn, delivery.alert_id)
    if said is None:
        return "The alert is no longer there."
    if desk.secrecy is None:
        return "There is no key here to read the address with."
    try:
        plain = orjson.loads(desk.secrecy.unseal(receiver.sealed, keeping.PURPOSE, now=desk.clock()))
    except InboxError as refused:
        return str(refused)
    if plain["receiver"] != receiver.id:  # moved here from another row
        return "The address belongs to another receiver."
    return Order(receiver.kind, plain["address"], plain["key"], said)


def _queue(desk: Desk, conn: Connection, receiver: ReceiverRow, alert_id: int | None, key: str) -> int:
    by_mail = receiver.kind == Kind.MAIL
    delivery_id = alert_deliveries.enqueue(
        desk.store,
        conn,
        key=key,
        alert_id=alert_id,
        receiver_id=receiver.id,
        kind=receiver.kind,
        by_mail=by_mail,
        now=desk.clock(),
    )
    if by_mail:
        _queue_mail(desk, conn, receiver, alert_id, key)
    return delivery_id


def _queue_mail(desk: Desk, conn: Connection, receiver: ReceiverRow, alert_id: int | None, key: str) -> None:
    said = _said(desk, conn, alert_id)
    if said is None:
        return
    kind = MailKind.ALERT if alert_id is not None else MailKind.TEST
    letter = write(
        kind,
        desk.settings.language,
        link=said.link,
        quoted=said.quote,
        title=said.title,
        told=" ".join(said.lines),
    )
    quoted = showing.first_talk(conn, alert_id) if said.quote and alert_id is not None else None
    queue_mail(desk, conn, letter, kind=kind, to=receiver.shown, key=key, conversation_id=quoted)


def _said(desk: Desk, conn: Connection, alert_id: int | None) -> Announcement | None:
    settings = desk.settings
    if alert_id is None:
        return telling.announce_test(language=settings.language, link=address(desk, "/alerts"), at=desk.clock())
    view = showing.one_alert(desk, conn, alert_id)
    if view is None:
        return None
    link = address(desk, f"/alerts?alert={alert_id}")
    return telling.announce(view, language=settings.language, zone=ZoneInfo(settings.timezone), link=link)
