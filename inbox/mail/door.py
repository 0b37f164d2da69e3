"""The door to outgoing mail: which mails one wants; for administrators what has not arrived, and sending it again."""

from __future__ import annotations

from collections.abc import Iterable

from inbox import people_log
from inbox.entrance import Entrance
from inbox.errors import NotFound
from inbox.mail import choosing
from inbox.mail.views import MailChoice, MailView
from inbox.permissions import Permission
from store import mail

_SHOWN = 100


class MailDoor:
    """Outgoing mail as screens see it."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    @property
    def can_send(self) -> bool:
        """Whether mail can go out at all."""
        return self._desk.settings.can_mail

    def mine(self, token: str) -> MailChoice:
        """Of what one is told by mail, and where."""
        return choosing.choice(self._desk, self._entrance.user(token).id)

    def choose(self, token: str, kinds: Iterable[str]) -> MailChoice:
        """Choose of what one is told by mail. Raises: BadInput for a kind nobody can choose."""
        return choosing.choose(self._desk, self._entrance.user(token).id, kinds)

    def unsent(self, token: str) -> tuple[MailView, ...]:
        """What failed, what nobody knows of, and what waits to be tried again."""
        self._entrance.require(token, Permission.MANAGE_USERS)
        with self._desk.store.read() as conn:
            rows = mail.waiting(conn, states=(*mail.STUCK, mail.QUEUED), limit=_SHOWN)
        return tuple(
            MailView(
                id=row.id,
                kind=row.kind,
                to_address=row.to_address,
                subject=row.subject,
                state=row.state,
                attempts=row.attempts,
                next_at=row.not_before,
                error_text=row.error_text,
            )
            for row in rows
        )

    def send_again(self, token: str, mail_id: int) -> None:
        """Send a mail again that failed, or of which nobody knows whether it arrived.

        Raises:
            NotFound: there is no such mail, or it was sent.
        """
        actor = self._entrance.require(token, Permission.MANAGE_USERS)
        with self._desk.store.write() as conn:
            if not mail.send_again(conn, mail_id, now=self._desk.clock()):
                raise NotFound(what="mail that was not sent", key=mail_id)
            people_log.record(self._desk, conn, "mail_sent_again", None, actor_id=actor.id, mail_id=mail_id)
