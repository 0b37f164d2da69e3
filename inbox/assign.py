"""Giving a conversation to a person or a team."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from inbox import steps
from inbox.desk import Desk
from inbox.errors import BadInput, MoveRefused, NotFound
from inbox.permissions import Permission, permissions_of
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
                text = f"{person.name} only reads; choose somebody who works on conversations."
                raise BadInput(text)
            name = person.name
        if row.assignee_id == assignee_id:
            return steps.nothing(row, "assigned", assignee_name=name)
        changes: dict[str, Any] = {"assignee_id": assignee_id}
        if row.claimed_by is not None and row.claimed_by != assignee_id:
            changes |= {"claimed_by": None, "claimed_until": None}
        code = "unassigned" if assignee_id is None else "assigned"
        step = steps.Step(code, changes, facts={"assignee_name": name})
        return steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)


def to_team(
    desk: Desk, user: CurrentUser, conversation_id: int, team_id: str | None, *, version: int | None = None
) -> Done:
    """Give to a team, whose hours then decide when it is due. The person who has it keeps it.

    Raises:
        NotFound: no such team is configured.
        ClaimedByOther, Changed, MoveRefused: see `inbox.errors`.
    """
    if team_id is not None and team_id not in {team.id for team in desk.settings.teams}:
        raise NotFound(what="team", key=team_id)
    with desk.store.write() as conn:
        now = desk.clock()
        row = steps.load(conn, conversation_id)
        steps.check_free(conn, row, user, now, take_over=user.may(Permission.TAKE_OVER))
        steps.check_unchanged(conn, row, user, version)
        _check_open(row)
        if row.team_id == team_id:
            return steps.nothing(row, "assigned_team", team_id=team_id)
        step = steps.Step(
            "assigned_team", steps.after_move(desk, row, {"team_id": team_id}), facts={"team_id": team_id}
        )
        return steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)


def _check_open(row: Any) -> None:
    if not row.is_open:
        text = "This conversation is closed. Reopen it before giving it to somebody."
        raise MoveRefused(text, before=row.status)
