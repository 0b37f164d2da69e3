"""The door to bulk actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inbox.bulk import run
from inbox.bulk.views import Action, BulkDone
from inbox.entrance import Entrance
from inbox.views import EVERYTHING, Filters, View


class BulkDoor:
    """One action over many conversations, as screens see it."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def apply(self, token: str, chosen: Mapping[int, int | None], action: Action) -> BulkDone:
        """Do an action to at most 500 conversations, `{id: version as it was seen}`; None skips that check.

        Each one that is refused (claimed by somebody else, changed since, not possible in its state) is told with its
        reason; the others are done.

        Raises:
            NotSignedIn, NotAllowed: see `inbox.errors`.
            BadInput: too many, or a value that does not fit the action.
        """
        return run.apply(self._entrance.desk, self._entrance.agent(token), chosen, action)

    def apply_to_view(self, token: str, view: View, action: Action, filters: Filters = EVERYTHING) -> BulkDone:
        """Do an action to everything a view shows now, not only to the rows that were read; at most 5,000.

        Raises:
            NotSignedIn, NotAllowed, BadInput: as `apply`.
            BadSearch: the search cannot be read.
        """
        return run.apply_to_view(self._entrance.desk, self._entrance.agent(token), view, filters, action)

    def count(self, token: str, view: View, filters: Filters = EVERYTHING) -> tuple[int, bool]:
        """How many `apply_to_view` would take, and whether the view holds more than that.

        Raises:
            NotSignedIn: no valid session.
            BadSearch: the search cannot be read.
        """
        found = run.count(self._entrance.desk, self._entrance.user(token), view, filters)
        return found.n, found.capped

    def undo(self, token: str, event_ids: Sequence[int]) -> BulkDone | None:
        """Take a whole bulk action back within 10 seconds of its end; what somebody else changed since stays.

        Raises:
            UndoRefused: too late, not one's own, or not the steps of one action.
        """
        return run.undo(self._entrance.desk, self._entrance.noter(token), event_ids)
