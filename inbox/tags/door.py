"""The door to the vocabulary of tags: checks who is there, and delegates."""

from __future__ import annotations

from inbox.entrance import Entrance
from inbox.permissions import Permission
from inbox.tags import renaming, vocabulary
from inbox.tags.views import Renaming, TagRow


class Tags:
    """The tags of the team. Everybody who is signed in may read them; changing them is for who may manage work."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def listing(self, token: str) -> tuple[TagRow, ...]:
        """Every tag with how often it is used, most used first; retired ones at the end."""
        self._entrance.user(token)
        return vocabulary.listing(self._desk)

    def describe(self, token: str, tag: str, *, description: str = "", colour: str | None = None) -> str:
        """Make a tag, or say what it means; gives it as it is kept. Raises: BadInput."""
        user = self._entrance.require(token, Permission.MANAGE_WORK)
        return vocabulary.describe(self._desk, user, tag, description=description, colour=colour)

    def rename(self, token: str, tag: str, new: str) -> Renaming:
        """Give a tag another name, everywhere; then `go_on` until `done`. Raises: BadInput, NotFound."""
        return renaming.rename(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), tag, new)

    def join(self, token: str, tag: str, into: str) -> Renaming:
        """Join a tag to another, everywhere; then `go_on` until `done`. Raises: BadInput, NotFound."""
        return renaming.join(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), tag, into)

    def go_on(self, token: str, so_far: Renaming) -> Renaming:
        """The next stretch of a renaming or joining that is not `done`."""
        self._entrance.require(token, Permission.MANAGE_WORK)
        return renaming.go_on(self._desk, so_far)

    def retire(self, token: str, tag: str, *, retired: bool = True) -> None:
        """Offer a tag no more (or again); conversations keep it. Raises: NotFound."""
        vocabulary.retire(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), tag, retired=retired)

    def delete(self, token: str, tag: str) -> None:
        """Delete a tag that nothing uses. Raises: BadInput, NotFound."""
        vocabulary.delete(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), tag)
