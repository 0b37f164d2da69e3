"""The door to the people who sign in: for those who manage them."""

from __future__ import annotations

from inbox import people
from inbox.entrance import Entrance
from inbox.people_views import SignInLinkMade, UserView
from inbox.permissions import Permission, Role


class PeopleDoor:
    """Who may come in, as what, and how they get in. See `inbox.people`."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def users(self, token: str) -> tuple[UserView, ...]:
        """Everybody, active first, then by name."""
        self._entrance.require(token, Permission.MANAGE_USERS)
        return people.users(self._entrance.desk)

    def add(
        self,
        token: str,
        *,
        login: str,
        name: str,
        role: Role,
        team_id: str | None = None,
        email: str | None = None,
    ) -> SignInLinkMade:
        """Add somebody; gives the one-time link with which they set their password, mailed where that can be done.

        Raises:
            BadInput: the login is taken or not usable.
        """
        actor = self._entrance.require(token, Permission.MANAGE_USERS)
        return people.add(
            self._entrance.desk, login=login, name=name, role=role, team_id=team_id, email=email, actor_id=actor.id
        )

    def set_role(self, token: str, user_id: int, role: Role) -> None:
        """Change somebody's role; counts from their next action. The last administrator stays one."""
        actor = self._entrance.require(token, Permission.MANAGE_USERS)
        people.set_role(self._entrance.desk, user_id, role, actor_id=actor.id)

    def set_team(self, token: str, user_id: int, team_id: str | None) -> None:
        """Put somebody in a team."""
        actor = self._entrance.require(token, Permission.MANAGE_USERS)
        people.set_team(self._entrance.desk, user_id, team_id, actor_id=actor.id)

    def set_active(self, token: str, user_id: int, *, active: bool) -> None:
        """Disable somebody (their sessions and links end at once) or let them in again."""
        actor = self._entrance.require(token, Permission.MANAGE_USERS)
        people.set_active(self._entrance.desk, user_id, active=active, actor_id=actor.id)

    def reset_link(self, token: str, user_id: int) -> SignInLinkMade:
        """A new one-time link for somebody who forgot the password. Earlier links stop working."""
        actor = self._entrance.require(token, Permission.MANAGE_USERS)
        return people.make_sign_in_link(self._entrance.desk, user_id, actor_id=actor.id)
