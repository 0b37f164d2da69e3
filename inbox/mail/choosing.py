"""Keeping which mails about the work somebody wants, with the person."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.mail.notify import address_of
from inbox.mail.views import MailChoice
from inbox.mail.wanted import CHOOSABLE, wants
from inbox.sentences import Sentence
from store.schema import user_account


def choice(desk: Desk, user_id: int) -> MailChoice:
    """What somebody chose, or the default."""
    with desk.store.read() as conn:
        person = conn.execute(select(user_account).where(user_account.c.id == user_id)).one()
    return MailChoice(
        to=address_of(person.email, person.login) if desk.settings.can_mail else None,
        wanted=tuple(kind for kind in CHOOSABLE if wants(person.mails, kind)),
    )


def choose(desk: Desk, user_id: int, kinds: Iterable[str]) -> MailChoice:
    """Keep what somebody wants to be told of.

    Raises:
        BadInput: a kind nobody can choose.
    """
    wanted = set(kinds)
    strange = sorted(wanted - {kind.value for kind in CHOOSABLE})
    if strange:
        raise BadInput(Sentence("There is no choice of mails about: {options}.", options=tuple(strange)), kinds=strange)
    with desk.store.write() as conn:
        conn.execute(user_account.update().where(user_account.c.id == user_id).values(mails=sorted(wanted)))
    return choice(desk, user_id)
