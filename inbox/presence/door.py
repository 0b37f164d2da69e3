"""The door to presence: a tab says where it is, a screen asks who is around.

A word of presence is a hint for colleagues, never a lock: claims are. Nothing of it is an event.
"""

from __future__ import annotations

from collections.abc import Iterable

from inbox import lists, reaching
from inbox.entrance import Entrance
from inbox.errors import BadInput
from inbox.presence import decide
from inbox.presence.views import Someone
from inbox.sentences import Sentence
from inbox.views import PersonRef
from store import presence

_LONGEST_TAB = 64


class PresenceDoor:
    """Presence as screens see it."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def touch(self, token: str, *, tab: str, conversation_id: int, writing: bool = False) -> bool:
        """A tab has this conversation open, or somebody types there. Call it as often as you like.

        Returns:
            Whether anything was written: only news is (another conversation, typing began), and the same word again
            after 15 seconds.

        Raises:
            NotSignedIn: no valid session.
            BadInput: `tab` is empty or longer than 64 characters.
            StoreBusy: the store did not take it; nothing is lost by that.
        """
        user = self._entrance.user(token)
        desk, now = self._entrance.desk, self._entrance.desk.clock()
        if not 1 <= len(tab) <= _LONGEST_TAB:
            raise BadInput(Sentence("A tab has a name of 1 to {most} characters.", most=_LONGEST_TAB))
        state = decide.WRITING if writing else decide.VIEWING
        with desk.store.read() as conn:
            before = presence.of_tab(conn, user.id, tab)
        if not decide.worth_writing(before, conversation_id=conversation_id, state=state, now=now):
            return False
        with reaching.in_words(), desk.store.write() as conn:
            if before is None:
                presence.forget(conn, user.id, before=now - decide.FRESH)
            presence.put(
                conn,
                desk.store.dialect,
                user_id=user.id,
                tab=tab,
                conversation_id=conversation_id,
                state=state,
                at=now,
            )
        return True

    def around(self, token: str, conversation_ids: Iterable[int] | None = None) -> dict[int, tuple[Someone, ...]]:
        """Colleagues per conversation who look at it or write in it now; conversations without any are missing.

        Never oneself. `conversation_ids` None asks for all. Two short queries. Raises: NotSignedIn.
        """
        user = self._entrance.user(token)
        desk, now = self._entrance.desk, self._entrance.desk.clock()
        with desk.store.read() as conn:
            rows = presence.recent(conn, since=now - decide.FRESH)
            names = lists.names_of(conn, (row.user_id for row in rows if row.user_id != user.id))
        return decide.around(rows, conversation_ids, names=names, without=user.id, now=now)

    def people(self, token: str) -> tuple[PersonRef, ...]:
        """Colleagues who are at work in the inbox now, by name; never oneself. Raises: NotSignedIn."""
        found = {one.person for people in self.around(token).values() for one in people}
        return tuple(sorted(found, key=lambda person: person.name.casefold()))
