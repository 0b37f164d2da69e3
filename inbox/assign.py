"""Giving a conversation to a person or a team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from inbox import steps
from inbox.desk import Desk
from inbox.errors import BadInput, MoveRefused, NotFound
from inbox.mail.notify import notify, unqueue
from inbox.mail.texts import MailKind
from inbox.permissions import Permission, permissions_of
from inbox.sentences import Sentence
from inbox.views import CurrentUser, Done
from store.schema import user_account


def to_person(
    desk: Desk, user: CurrentUser, conversation_id: int, assignee_id: int | None, *, version: int | None = None
) -> Done:
    """Assign to somebody, or to nobody with None. Assigning somebody else ends the claim, so that they can take it.

    Raises:
        NotFound: no such active person.
        BadInput: a person who cannot work on conversations.
        ClaimedByOther, Changed, MoveRefused: see `inbox.errors`.
    """
    with desk.store.write() as conn:
        return to_person_in(desk, conn, user, conversation_id, assignee_id, version=version)


def to_person_in(
    desk: Desk,
    conn: Connection,
    user: CurrentUser,
    conversation_id: int,
    assignee_id: int | None,
    *,
    version: int | None,
) -> Done:
    """The same inside the caller's transaction."""
    now = desk.clock()
    row = steps.load(conn, conversation_id)
    steps.check_free(conn, row, user, now, take_over=user.may(Permission.TAKE_OVER))
    steps.check_unchanged(conn, row, user, version)
    _check_open(row)
    name = None
    if assignee_id is not None:
        person = conn.execute(
            select(user_account).where(user_account.c.id == assignee_id, user_account.c.active)
        ).first()
        if person is None:
            raise NotFound(what="colleague", key=assignee_id)
        if Permission.NOTE not in permissions_of(person.role):
            raise BadInput(Sentence("{name} only reads; choose somebody who works on conversations.", name=person.name))
        name = person.name
    if row.assignee_id == assignee_id:
        return steps.nothing(row, "assigned", assignee_name=name)
    changes: dict[str, Any] = {"assignee_id": assignee_id}
    if row.claimed_by is not None and row.claimed_by != assignee_id:
        changes |= {"claimed_by": None, "claimed_until": None}
    code = "unassigned" if assignee_id is None else "assigned"
    step = steps.Step(code, changes, facts={"assignee_name": name})
    done = steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)
    if assignee_id is not None and assignee_id != user.id and done.event_id is not None:
        # Once for all that one bulk action gives, and when it cannot be taken back any more.
        notify(
            desk,
            conn,
            assignee_id,
            MailKind.ASSIGNED,
            key=_key(done.event_id, desk.facts),
            conversation_id=row.id,
            by=user.name,
            quoted=row.snippet,
            not_before=now + steps.FOR_GOOD,
        )
    return done


def to_team(
    desk: Desk, user: CurrentUser, conversation_id: int, team_id: str | None, *, version: int | None = None
) -> Done:
    """Give to a team, whose hours then decide when it is due. The person who has it keeps it.

    Raises:
        NotFound: no such team is configured.
        ClaimedByOther, Changed, MoveRefused: see `inbox.errors`.
    """
    with desk.store.write() as conn:
        return to_team_in(desk, conn, user, conversation_id, team_id, version=version)


def to_team_in(
    desk: Desk, conn: Connection, user: CurrentUser, conversation_id: int, team_id: str | None, *, version: int | None
) -> Done:
    """The same inside the caller's transaction."""
    if team_id is not None and team_id not in {team.id for team in desk.settings.teams}:
        raise NotFound(what="team", key=team_id)
    now = desk.clock()
    row = steps.load(conn, conversation_id)
    steps.check_free(conn, row, user, now, take_over=user.may(Permission.TAKE_OVER))
    steps.check_unchanged(conn, row, user, version)
    _check_open(row)
    if row.team_id == team_id:
        return steps.nothing(row, "assigned_team", team_id=team_id)
    step = steps.Step("assigned_team", steps.after_move(desk, row, {"team_id": team_id}), facts={"team_id": team_id})
    return steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)


def untell(conn: Connection, event_id: int, facts: Mapping[str, Any]) -> None:
    """Take back the mail about an assignment that was taken back, if it has not gone."""
    unqueue(conn, _key(event_id, facts))


def _key(event_id: int, facts: Mapping[str, Any]) -> str:
    return f"assigned:{facts.get('bulk') or event_id}"


def _check_open(row: Any) -> None:
    if not row.is_open:
        raise MoveRefused(
            Sentence("This conversation is closed. Reopen it before giving it to somebody."), before=row.status
        )
