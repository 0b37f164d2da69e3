"""Writing hand-over notes and ticking them off, each with its event (object `hand_over`)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import events
from inbox.annotate import clean_note
from inbox.desk import Desk
from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.hand_over.views import HandOverView
from inbox.permissions import Permission
from inbox.sentences import Sentence
from inbox.views import CurrentUser, PersonRef
from store import hand_overs
from store.schema import hand_over

OBJECT = "hand_over"


def write(desk: Desk, user: CurrentUser, text: str, *, team_id: str | None) -> int:
    """Leave a note for a team, or for everybody with None; its id.

    Raises:
        BadInput: an empty or too long text, or no such team.
    """
    clean = clean_note(text)
    if team_id is not None and team_id not in {team.id for team in desk.settings.teams}:
        raise BadInput(Sentence("There is no team “{team_id}”.", team_id=team_id), team_id=team_id)
    note_id = desk.store.new_id()
    with desk.store.write() as conn:
        conn.execute(
            hand_over.insert().values(id=note_id, team_id=team_id, author_id=user.id, at=desk.clock(), text=clean)
        )
        _record(desk, conn, "written", note_id, user, team_id=team_id)
    return note_id


def edit(desk: Desk, user: CurrentUser, note_id: int, text: str) -> None:
    """Change a note that is not done: one's own, or anybody's for those who lead.

    Raises:
        NotFound: no such note, or it is done.
        NotAllowed: somebody else's.
        BadInput: an empty or too long text.
    """
    clean = clean_note(text)
    with desk.store.write() as conn:
        row = _standing(conn, note_id)
        if row.author_id != user.id and not user.may(Permission.MANAGE_WORK):
            raise NotAllowed(Permission.MANAGE_WORK, user.role)
        if row.text == clean:
            return
        conn.execute(hand_over.update().where(hand_over.c.id == note_id).values(text=clean))
        _record(desk, conn, "edited", note_id, user, before=row.text)


def done(desk: Desk, user: CurrentUser, note_id: int) -> None:
    """Tick a note off.

    Raises:
        NotFound: no such note, or it is done already.
    """
    with desk.store.write() as conn:
        _standing(conn, note_id)
        conn.execute(hand_over.update().where(hand_over.c.id == note_id).values(done_at=desk.clock(), done_by=user.id))
        _record(desk, conn, "done", note_id, user)


def standing(desk: Desk, user: CurrentUser) -> tuple[HandOverView, ...]:
    """What is left for this person's team and for everybody, newest first."""
    with desk.store.read() as conn:
        return tuple(_view(row, user) for row in hand_overs.standing(conn, user.team_id))


def earlier(desk: Desk, user: CurrentUser, *, limit: int) -> tuple[HandOverView, ...]:
    """The latest notes, done or not, newest first."""
    with desk.store.read() as conn:
        return tuple(_view(row, user) for row in hand_overs.earlier(conn, user.team_id, limit=limit))


def _view(row: Row[Any], user: CurrentUser) -> HandOverView:
    return HandOverView(
        id=row.id,
        team_id=row.team_id,
        author=PersonRef(row.author_id, row.author_name or "?"),
        at=row.at,
        text=row.text,
        done_at=row.done_at,
        done_by=row.done_name,
        may_edit=row.done_at is None and (row.author_id == user.id or user.may(Permission.MANAGE_WORK)),
    )


def _standing(conn: Connection, note_id: int) -> Row[Any]:
    wanted = select(hand_over).where(hand_over.c.id == note_id, hand_over.c.done_at.is_(None)).with_for_update()
    row = conn.execute(wanted).first()
    if row is None:
        raise NotFound(what="hand-over note", key=note_id)
    return row


def _record(desk: Desk, conn: Connection, action: str, note_id: int, user: CurrentUser, **facts: Any) -> None:
    about = (OBJECT, str(note_id))
    events.append(desk, conn, about, f"hand_over_{action}", actor_id=user.id, after={"facts": facts})
