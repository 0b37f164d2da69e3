"""The door to promises: `Inbox.promises`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from inbox import lists
from inbox.entrance import Entrance
from inbox.promises import by_hand
from inbox.promises.recognising import recognise
from inbox.promises.views import PromiseView, Recognised
from inbox.views import Done
from store import promises as store_promises
from store.cards import cards_by_id, conversation_by_id


class Promises:
    """What was promised, until when, and whether it was kept. Every change can be taken back like any step."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def of(self, token: str, conversation_id: int) -> tuple[PromiseView, ...]:
        """The promises of a conversation: those somebody waits for by their moment, then suggestions, then the rest."""
        self._entrance.user(token)
        desk = self._entrance.desk
        now = desk.clock()
        with desk.store.read() as conn:
            found = store_promises.of_conversation(conn, conversation_id)
            names = lists.names_of(conn, (one.said_by for one in found))
        views = [_view(one, names, now) for one in found]
        return tuple(sorted(views, key=lambda one: (not one.waiting, one.state != "suggested", one.due_at, one.id)))

    def mine(self, token: str, *, hours: int = 12) -> tuple[PromiseView, ...]:
        """What one seems to have promised in the last hours and did not confirm yet, in all conversations."""
        user = self._entrance.user(token)
        desk = self._entrance.desk
        now = desk.clock()
        with desk.store.read() as conn:
            found = store_promises.suggested_by(conn, user.id, since=now - timedelta(hours=hours))
            rows = cards_by_id(conn, {one.conversation_id for one in found})
        return tuple(
            replace(_view(one, {user.id: user.name}, now), customer=rows[one.conversation_id].author_name)
            for one in found
            if one.conversation_id in rows
        )

    def preview(self, token: str, conversation_id: int, text: str) -> tuple[Recognised, ...]:
        """Promises that would be recognised if this text were sent now: for the composer. Keeps nothing."""
        self._entrance.user(token)
        desk = self._entrance.desk
        with desk.store.read() as conn:
            row = conversation_by_id(conn, conversation_id)
        return () if row is None else recognise(desk, row, text, at=desk.clock())

    def make(self, token: str, conversation_id: int, *, text: str, due_at: datetime) -> Done:
        """Make a promise by hand; it is open at once.

        Raises:
            NotFound: there is no such conversation.
            BadInput: no or too long a text, or a moment that is naive, past, or more than a year ahead.
        """
        return by_hand.make(self._entrance.desk, self._entrance.agent(token), conversation_id, text=text, due_at=due_at)

    def confirm(self, token: str, promise_id: int, *, due_at: datetime | None = None) -> Done:
        """Confirm a suggestion, with another moment if given. Raises: NotFound, BadInput, MoveRefused."""
        return by_hand.confirm(self._entrance.desk, self._entrance.agent(token), promise_id, due_at=due_at)

    def move(self, token: str, promise_id: int, *, due_at: datetime) -> Done:
        """Give it another moment. Raises: NotFound, BadInput, MoveRefused (it is closed or broken)."""
        return by_hand.move(self._entrance.desk, self._entrance.agent(token), promise_id, due_at=due_at)

    def keep(self, token: str, promise_id: int) -> Done:
        """It was done in a way no answer shows. Raises: NotFound, MoveRefused (nobody waits for it)."""
        return by_hand.keep(self._entrance.desk, self._entrance.agent(token), promise_id)

    def drop(self, token: str, promise_id: int) -> Done:
        """It was no promise after all. Raises: NotFound, MoveRefused (it is closed or broken)."""
        return by_hand.drop(self._entrance.desk, self._entrance.agent(token), promise_id)


def _view(one: Row[Any], names: Mapping[int, str], now: datetime) -> PromiseView:
    waiting = one.state in {"open", "broken"} and one.closed_at is None
    return PromiseView(
        id=one.id,
        conversation_id=one.conversation_id,
        text=one.text,
        due_at=one.due_at,
        state=one.state,
        said_by=lists.person_of(one.said_by, names),
        created_at=one.created_at,
        closed_at=one.closed_at,
        waiting=waiting,
        late=waiting and one.due_at < now,
    )
