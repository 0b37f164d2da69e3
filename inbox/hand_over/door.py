"""The door to hand-over notes: `Inbox.hand_over`."""

from __future__ import annotations

from inbox.entrance import Entrance
from inbox.hand_over import notes
from inbox.hand_over.views import HandOverView


class HandOvers:
    """What one shift leaves for the next."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def write(self, token: str, text: str, *, team_id: str | None = None) -> int:
        """Leave a note (1 to 20,000 characters) for a team, or for everybody with None; its id.

        Raises:
            BadInput: an empty or too long text, or no such team.
        """
        return notes.write(self._entrance.desk, self._entrance.agent(token), text, team_id=team_id)

    def edit(self, token: str, note_id: int, text: str) -> None:
        """Change a note that is not done; somebody else's only for those who lead.

        Raises:
            NotFound: no such note, or it is done.
        """
        notes.edit(self._entrance.desk, self._entrance.agent(token), note_id, text)

    def done(self, token: str, note_id: int) -> None:
        """Tick a note off. Raises: NotFound when it is done already."""
        notes.done(self._entrance.desk, self._entrance.agent(token), note_id)

    def standing(self, token: str) -> tuple[HandOverView, ...]:
        """What is left for one's team and for everybody, newest first."""
        return notes.standing(self._entrance.desk, self._entrance.user(token))

    def earlier(self, token: str, *, limit: int = 50) -> tuple[HandOverView, ...]:
        """The latest notes, done or not, newest first."""
        return notes.earlier(self._entrance.desk, self._entrance.user(token), limit=limit)
