"""The way to the pictures: what the server calls for a browser. Checks session and role, and delegates."""

from __future__ import annotations

from inbox.entrance import Entrance
from inbox.errors import NotFound
from inbox.permissions import Permission
from store import pictures


class Pictures:
    """For whoever may read. Every call takes the session token and looks session and role up anew."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def jpeg(self, token: str, link: str, *, large: bool = False) -> bytes:
        """A picture as JPEG, small or large.

        Raises:
            NotFound: there is none (any more) by this link.
        """
        self._entrance.require(token, Permission.READ)
        with self._desk.store.read() as conn:
            found = pictures.by_link(conn, link, large=large)
        if found is None:
            raise NotFound(what="picture", key=link)
        return found
