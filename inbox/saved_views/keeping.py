"""Keeping saved views: who sees which, who may change them, in which order they stand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox.desk import Desk
from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.permissions import Permission
from inbox.saved_views import documents
from inbox.saved_views.views import Audience, SavedView
from inbox.sentences import Sentence
from inbox.views import CurrentUser, Filters, View
from store import saved
from store.schema import saved_view

MOST = 50
"""Views that one person, a team or everybody may keep: each is counted whenever the sidebar is drawn."""


def seen_by(desk: Desk, user: CurrentUser) -> tuple[SavedView, ...]:
    """The views of a person, in their order: one's own, the team's, everybody's."""
    with desk.store.read() as conn:
        rows = saved.seen_by(conn, user_id=user.id, team_id=user.team_id)
    found = [view_of(row, user) for row in rows]
    rank = list(Audience)
    places = {row.id: (row.position, row.id) for row in rows}
    return tuple(sorted(found, key=lambda view: (rank.index(view.audience), places[view.id])))


def create(desk: Desk, user: CurrentUser, *, name: str, base: View, filters: Filters, audience: Audience) -> SavedView:
    """Keep a view; it stands last among those for the same people.

    Raises:
        NotAllowed: views for others are made by leads.
        BadInput: the name is empty or too long, there is one of that name, there are too many, or no team.
    """
    clean = documents.clean_name(name)
    owner_id, team_id = _for(user, audience)
    now = desk.clock()
    with desk.store.write() as conn:
        desk.store.dialect.serialize(conn, "klankbord saved views")
        beside = _beside(conn, owner_id, team_id)
        if len(beside) >= MOST:
            raise BadInput(Sentence("There are {most} views already; delete one first.", most=MOST))
        _check_name(beside, clean)
        view_id = desk.store.new_id()
        conn.execute(
            saved_view.insert().values(
                id=view_id,
                name=clean,
                owner_id=owner_id,
                team_id=team_id,
                base=View(base).value,
                filters=documents.document(filters),
                position=max((row.position for row in beside), default=-1) + 1,
                created_by=user.id,
                created_at=now,
                updated_at=now,
            )
        )
        return view_of(_load(conn, view_id), user)


def rename(desk: Desk, user: CurrentUser, view_id: int, name: str) -> SavedView:
    """Give a view another name.

    Raises:
        NotFound, NotAllowed, BadInput: see `create`.
    """
    clean = documents.clean_name(name)
    with desk.store.write() as conn:
        row = _mine(conn, user, view_id)
        _check_name([one for one in _beside(conn, row.owner_id, row.team_id) if one.id != row.id], clean)
        conn.execute(saved_view.update().where(saved_view.c.id == row.id).values(name=clean, updated_at=desk.clock()))
        return replace(view_of(row, user), name=clean)


def change(desk: Desk, user: CurrentUser, view_id: int, *, base: View, filters: Filters) -> SavedView:
    """Let a view show something else. Raises: NotFound, NotAllowed."""
    with desk.store.write() as conn:
        row = _mine(conn, user, view_id)
        values = {"base": View(base).value, "filters": documents.document(filters), "updated_at": desk.clock()}
        conn.execute(saved_view.update().where(saved_view.c.id == row.id).values(**values))
        return replace(view_of(row, user), base=View(base), filters=filters)


def move(desk: Desk, user: CurrentUser, view_id: int, *, by: int) -> None:
    """Move a view up (negative) or down among those for the same people. Raises: NotFound, NotAllowed."""
    with desk.store.write() as conn:
        row = _mine(conn, user, view_id)
        order = [one.id for one in _beside(conn, row.owner_id, row.team_id)]
        at = order.index(row.id)
        order.insert(max(0, min(len(order) - 1, at + by)), order.pop(at))
        for position, one in enumerate(order):
            conn.execute(saved_view.update().where(saved_view.c.id == one).values(position=position))


def delete(desk: Desk, user: CurrentUser, view_id: int) -> None:
    """Remove a view; the conversations in it stay. Raises: NotFound, NotAllowed."""
    with desk.store.write() as conn:
        row = _mine(conn, user, view_id)
        conn.execute(saved_view.delete().where(saved_view.c.id == row.id))


def view_of(row: Any, user: CurrentUser) -> SavedView:
    """A row as the reader sees it."""
    audience = Audience.ME if row.owner_id is not None else Audience.TEAM if row.team_id else Audience.EVERYBODY
    return SavedView(
        id=row.id,
        name=row.name,
        base=View(row.base) if row.base in set(View) else View.ALL,
        filters=documents.filters_of(row.filters),
        audience=audience,
        team_id=row.team_id,
        mine=row.owner_id == user.id or (row.owner_id is None and user.may(Permission.MANAGE_WORK)),
    )


def _for(user: CurrentUser, audience: Audience) -> tuple[int | None, str | None]:
    if audience is Audience.ME:
        return user.id, None
    if not user.may(Permission.MANAGE_WORK):
        raise NotAllowed(Permission.MANAGE_WORK, user.role)
    if audience is Audience.EVERYBODY:
        return None, None
    if user.team_id is None:
        raise BadInput(Sentence("You are in no team; keep the view for yourself or for everybody."))
    return None, user.team_id


def _load(conn: Connection, view_id: int) -> Row[Any]:
    row = conn.execute(select(saved_view).where(saved_view.c.id == view_id).with_for_update()).first()
    if row is None:
        raise NotFound(what="saved view", key=view_id)
    return row


def _mine(conn: Connection, user: CurrentUser, view_id: int) -> Row[Any]:
    """A view that the person may change; somebody else's own view is not there for them."""
    row = _load(conn, view_id)
    if row.owner_id is not None and row.owner_id != user.id:
        raise NotFound(what="saved view", key=view_id)
    if row.owner_id is None and not user.may(Permission.MANAGE_WORK):
        raise NotAllowed(Permission.MANAGE_WORK, user.role)
    return row


def _beside(conn: Connection, owner_id: int | None, team_id: str | None) -> list[Row[Any]]:
    """The views for the same people, in their order."""
    c = saved_view.c
    owner = c.owner_id.is_(None) if owner_id is None else c.owner_id == owner_id
    team = c.team_id.is_(None) if team_id is None else c.team_id == team_id
    return list(conn.execute(select(saved_view).where(owner, team).order_by(c.position, c.id)))


def _check_name(beside: list[Row[Any]], name: str) -> None:
    if any(row.name.casefold() == name.casefold() for row in beside):
        raise BadInput(Sentence("There is a view “{name}” already.", name=name), name=name)
