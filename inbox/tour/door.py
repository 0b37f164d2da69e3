"""The door to the tour: shown once to everybody, and again to who asks."""

from __future__ import annotations

from sqlalchemy import select

from inbox.entrance import Entrance
from store.schema import user_account


class TourDoor:
    """Keeps who has been shown around."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def wanted(self, token: str) -> bool:
        """Whether this person has not been shown around yet. Raises: NotSignedIn."""
        user = self._entrance.user(token)
        with self._entrance.desk.store.read() as conn:
            at = conn.execute(select(user_account.c.toured_at).where(user_account.c.id == user.id)).scalar()
        return at is None

    def done(self, token: str) -> None:
        """The tour was taken or skipped. Raises: NotSignedIn."""
        user = self._entrance.user(token)
        desk = self._entrance.desk
        with desk.store.write() as conn:
            conn.execute(user_account.update().where(user_account.c.id == user.id).values(toured_at=desk.clock()))
