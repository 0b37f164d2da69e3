"""The way into manual entry, for agents."""

from __future__ import annotations

from inbox.entrance import Entrance
from inbox.manual import writing
from inbox.manual.views import Entered, Entry


class Manual:
    """Contact that no source brings. Every method takes the session token and checks it and the role anew.

    Our answer is recorded as everywhere else: `Inbox.answered_by_hand`.
    """

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def enter(self, token: str, entry: Entry) -> Entered:
        """Record a contact as a new conversation; only the team sees it.

        Raises:
            BadInput: a value that cannot be used; `params["field"]` says which.
        """
        return writing.enter(self._desk, self._entrance.agent(token), entry)

    def add(self, token: str, conversation_id: int, entry: Entry) -> Entered:
        """Record a later contact in the same conversation; it opens again when it was closed."""
        return writing.add(self._desk, self._entrance.agent(token), conversation_id, entry)
