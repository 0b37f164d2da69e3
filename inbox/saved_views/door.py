"""The door to saved views."""

from __future__ import annotations

from inbox.entrance import Entrance
from inbox.saved_views import counting, keeping
from inbox.saved_views.views import Audience, Badges, SavedView
from inbox.views import EVERYTHING, Filters, View


class SavedViewsDoor:
    """Saved views as screens see them. Everybody who may read keeps views of their own."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def all(self, token: str) -> tuple[SavedView, ...]:
        """The views the person sees, in order: their own, their team's, everybody's. Raises: NotSignedIn."""
        return keeping.seen_by(self._entrance.desk, self._entrance.user(token))

    def badges(self, token: str, views: tuple[SavedView, ...] | None = None) -> Badges:
        """Counts of all standing and saved views at one moment; open work exactly and in one scan.

        `views` are those of `all`, when they were read already. Raises: NotSignedIn.
        """
        return counting.badges(self._entrance.desk, self._entrance.user(token), views)

    def create(
        self,
        token: str,
        *,
        name: str,
        base: View,
        filters: Filters = EVERYTHING,
        audience: Audience = Audience.ME,
    ) -> SavedView:
        """Keep what is shown now under a name.

        Raises:
            NotSignedIn: no valid session.
            NotAllowed: views for a team or for everybody are made by leads.
            BadInput: an unusable or taken name, too many views, or no team.
        """
        user = self._entrance.user(token)
        return keeping.create(self._entrance.desk, user, name=name, base=base, filters=filters, audience=audience)

    def rename(self, token: str, view_id: int, name: str) -> SavedView:
        """Give it another name. Raises: NotSignedIn, NotFound, NotAllowed, BadInput."""
        return keeping.rename(self._entrance.desk, self._entrance.user(token), view_id, name)

    def change(self, token: str, view_id: int, *, base: View, filters: Filters = EVERYTHING) -> SavedView:
        """Let it show something else. Raises: NotSignedIn, NotFound, NotAllowed."""
        return keeping.change(self._entrance.desk, self._entrance.user(token), view_id, base=base, filters=filters)

    def move(self, token: str, view_id: int, *, by: int) -> None:
        """Move it up (negative) or down among those for the same people. Raises: NotSignedIn, NotFound, NotAllowed."""
        keeping.move(self._entrance.desk, self._entrance.user(token), view_id, by=by)

    def delete(self, token: str, view_id: int) -> None:
        """Remove it; the conversations in it stay. Raises: NotSignedIn, NotFound, NotAllowed."""
        keeping.delete(self._entrance.desk, self._entrance.user(token), view_id)
