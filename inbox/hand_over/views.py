"""What screens show of hand-over notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inbox.views import PersonRef


@dataclass(frozen=True, slots=True)
class HandOverView:
    """A hand-over note. `team_id` None: for everybody. `may_edit`: the reader's own, or the reader leads."""

    id: int
    team_id: str | None
    author: PersonRef
    at: datetime
    text: str
    done_at: datetime | None
    done_by: str | None
    may_edit: bool
