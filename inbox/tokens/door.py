"""The door to tokens of the API: checks who is there, and delegates. They are for administrators."""

from __future__ import annotations

from inbox.entrance import Entrance
from inbox.permissions import Permission
from inbox.tokens import keeping
from inbox.tokens.views import TokenMade, TokenView, Wish


class Tokens:
    """Tokens as screens see them. Keeps no state."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def listing(self, token: str) -> tuple[TokenView, ...]:
        """Every token that was ever made, those that work first."""
        self._entrance.reader(token, Permission.MANAGE_USERS)
        return keeping.listing(self._desk)

    def make(self, token: str, wish: Wish) -> TokenMade:
        """Make a token; its secret is given this once. Raises: BadInput."""
        actor = self._entrance.require(token, Permission.MANAGE_USERS)
        return keeping.make(self._desk, wish, actor_id=actor.id)

    def revoke(self, token: str, token_id: int) -> None:
        """End a token: it is refused from the next call on. Raises: NotFound."""
        actor = self._entrance.require(token, Permission.MANAGE_USERS)
        keeping.revoke(self._desk, token_id, actor_id=actor.id)
