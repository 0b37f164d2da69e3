"""What screens show of saved views."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from inbox.views import Filters, View, ViewCount


class Audience(StrEnum):
    """For whom a saved view is."""

    ME = "me"
    TEAM = "team"
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class SavedView:
    """A standing view, narrowed and named.

    Attributes:
        base: the standing view; in a shared one, `mine` means the reader's own.
        audience: for whom; `team_id` names the team.
        mine: whether the reader may rename, move and delete it.
    """

    id: int
    name: str
    base: View
    filters: Filters
    audience: Audience
    team_id: str | None
    mine: bool


@dataclass(frozen=True, slots=True)
class SavedCount:
    """Badge of a saved view. `capped` means "at least n". `n` None: its search can no longer be read."""

    id: int
    n: int | None
    capped: bool = False


@dataclass(frozen=True, slots=True)
class Badges:
    """The badges of everything in the sidebar, read at one moment."""

    standing: tuple[ViewCount, ...]
    saved: tuple[SavedCount, ...]
