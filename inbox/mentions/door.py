"""The door to naming colleagues: `Inbox.mentions`."""

from __future__ import annotations

from inbox import annotate, claims, moves, steps
from inbox.availability.state import is_available
from inbox.entrance import Entrance
from inbox.mentions.keeping import ROLES
from inbox.mentions.views import Colleague
from inbox.permissions import Permission
from inbox.states import Status
from inbox.views import Done
from store import named as rows
from store.people import people_at_work


class Mentions:
    """Colleagues to name in a note, and notes in which one is named."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def people(self, token: str) -> tuple[Colleague, ...]:
        """Whom a note can name, by name: for completion in the composer. One's own name is left out."""
        user = self._entrance.reader(token, Permission.NOTE)
        now = self._entrance.desk.clock()
        with self._entrance.desk.store.read() as conn:
            found = [one for one in people_at_work(conn) if one.role in ROLES and one.id != user.id]
        return tuple(
            Colleague(
                id=one.id,
                login=one.login,
                name=one.name,
                insert=one.login,
                team_id=one.team_id,
                available=is_available(one, now),
            )
            for one in sorted(found, key=lambda one: (one.name.casefold(), one.id))
        )

    def count(self, token: str) -> int:
        """In how many conversations one is named in a note not seen yet."""
        user = self._entrance.user(token)
        with self._entrance.desk.store.read() as conn:
            return rows.count_unseen(conn, user.id)

    def seen(self, token: str, conversation_id: int) -> bool:
        """The conversation is open on the screen: notes that name this person are seen. Whether any was not yet."""
        user = self._entrance.user(token)
        desk = self._entrance.desk
        with desk.store.read() as conn:
            if not rows.unseen_in(conn, user.id, conversation_id):
                return False
        with desk.store.write() as conn:
            return rows.mark_seen(conn, user.id, conversation_id, desk.clock()) > 0

    def ask(self, token: str, conversation_id: int, text: str, *, version: int | None = None) -> Done:
        """Ask a colleague: the conversation waits for a colleague and the note names whom. A new one is taken first.

        The answer is the move; undo takes that back and leaves the note.

        Raises:
            BadInput: an empty or too long note.
            ClaimedByOther, Changed, MoveRefused: see `inbox.errors`; then no note is written either.
        """
        user = self._entrance.agent(token)
        desk = self._entrance.desk
        clean = annotate.clean_note(text)
        with desk.store.write() as conn:
            row = steps.load(conn, conversation_id)
            if row.status == Status.NEW:
                claims.claim_in(desk, conn, row, user)
            done = moves.move_in(desk, conn, user, conversation_id, "waiting_internal", version=version)
            noted = annotate.add_note_in(desk, conn, user, conversation_id, clean)
        return Done(
            done.conversation_id,
            noted.version,
            done.code,
            {**done.params, **noted.params},
            done.event_id,
            done.undo_until,
        )
