"""The way into the area of persons: what screens call. Checks session and role, and delegates."""

from __future__ import annotations

from collections.abc import Iterable

from inbox.entrance import Entrance
from inbox.persons import panel, registry
from inbox.persons.views import CustomerView, Merged
from store.persons import badges_of


class Persons:
    """The customer behind the accounts. Every method takes the session token and checks it anew."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def customer(self, token: str, author_id: int, *, limit: int = 20) -> CustomerView:
        """The person behind an account with `limit` contacts over all channels.

        Raises:
            NotFound: there is no such account.
        """
        self._entrance.user(token)
        return panel.customer(self._desk, author_id, limit=limit)

    def badges(self, token: str, author_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """Badges of the persons behind these accounts; those without any are missing. For rules and lists."""
        self._entrance.user(token)
        with self._desk.store.read() as conn:
            return badges_of(conn, author_ids)

    def give_badge(self, token: str, author_id: int, badge: str) -> int:
        """Give vip, journalist or employee; gives the person's id. Changes nothing about the work by itself."""
        return registry.give_badge(self._desk, self._entrance.agent(token), author_id, badge)

    def take_badge(self, token: str, author_id: int, badge: str) -> int:
        """Take a badge off."""
        return registry.take_badge(self._desk, self._entrance.agent(token), author_id, badge)

    def describe(
        self,
        token: str,
        author_id: int,
        *,
        note: str | None = None,
        name: str | None = None,
        consent: str | None = None,
    ) -> int:
        """Write the note (5,000 characters), name or consent note (200) of a person; None leaves as it is."""
        user = self._entrance.noter(token)
        return registry.describe(self._desk, user, author_id, note=note, name=name, consent=consent)

    def accept(self, token: str, author_id: int, other_id: int) -> Merged:
        """Both accounts are one person. `unmerge` takes it back at any time."""
        return registry.accept(self._desk, self._entrance.agent(token), author_id, other_id)

    def refuse(self, token: str, author_id: int, other_id: int) -> None:
        """They are two people; it is never suggested again."""
        registry.refuse(self._desk, self._entrance.agent(token), author_id, other_id)

    def split(self, token: str, author_id: int) -> int:
        """This account is somebody else after all; gives the person it is from now on."""
        return registry.split(self._desk, self._entrance.agent(token), author_id)

    def unmerge(self, token: str, event_id: int) -> None:
        """Take a merge back, with everybody who came along in it."""
        registry.unmerge(self._desk, self._entrance.agent(token), event_id)
