"""The door to the sources: reading is for everybody, changing for those who manage settings."""

from __future__ import annotations

from inbox.entrance import Entrance
from inbox.listening import control
from inbox.permissions import Permission
from inbox.source_views import RunView, SetAside


class Listening:
    """What may be done with sources. See `inbox.listening.control`."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def last_looks(self, token: str, source_id: str) -> tuple[RunView, ...]:
        """The last looks at a source, newest first."""
        self._entrance.user(token)
        return control.last_looks(self._entrance.desk, source_id)

    def set_aside(self, token: str, source_id: str) -> tuple[SetAside, ...]:
        """What could not be read and still waits."""
        self._entrance.user(token)
        return control.set_aside(self._entrance.desk, source_id)

    def look_now(self, token: str, source_id: str) -> None:
        """Make a source due at once. Raises: NotFound, BadInput."""
        user = self._entrance.require(token, Permission.MANAGE_SETTINGS)
        control.look_now(self._entrance.desk, user, source_id)

    def pause(self, token: str, source_id: str) -> None:
        """Ask it nothing more for now. Raises: NotFound."""
        user = self._entrance.require(token, Permission.MANAGE_SETTINGS)
        control.pause(self._entrance.desk, user, source_id)

    def go_on(self, token: str, source_id: str) -> None:
        """End a pause. Raises: NotFound."""
        user = self._entrance.require(token, Permission.MANAGE_SETTINGS)
        control.go_on(self._entrance.desk, user, source_id)
