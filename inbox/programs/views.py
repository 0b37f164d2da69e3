"""What programs are given: frozen values whose fields are the fields of the API. Instants aware UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from inbox.export import Withheld

Row_co = TypeVar("Row_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: below `before`; `up_to` is the highest id there was when the first page was read."""

    before: int
    up_to: int


@dataclass(frozen=True, slots=True)
class Page(Generic[Row_co]):
    """One page, highest id first. `following` is where the next one begins; None at the end.

    `withheld`: what platforms do not let out of all that the filter finds; told with the first page.
    """

    rows: tuple[Row_co, ...]
    following: Place | None
    withheld: tuple[Withheld, ...] = ()


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation: its state and clocks. What was said in it are its messages.

    `kind`, `lang`, `sentiment` and `rating` (0-1) are empty where the platform lets nothing out beyond a number a day.
    """

    id: int
    source_id: str
    platform: str
    visibility: str
    status: str
    status_reason: str | None
    cycle: int
    cycle_started_at: datetime
    priority: int
    why: str | None
    team_id: str | None
    assignee_id: int | None
    brand_ids: tuple[str, ...]
    tags: tuple[str, ...]
    themes: tuple[str, ...]
    kind: str | None
    lang: str | None
    sentiment: str | None
    rating: float | None
    n_inbound: int
    n_outbound: int
    n_duplicates: int
    n_notes: int
    sort_at: datetime
    first_inbound_at: datetime | None
    last_inbound_at: datetime | None
    last_outbound_at: datetime | None
    unanswered_since: datetime | None
    sla_due_at: datetime | None
    snoozed_until: datetime | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that was done with a conversation. Durations in seconds, wall clock and business time.

    `from_status`, `to_status`: where a step changed the state. What people wrote in it is not told.
    """

    id: int
    at: datetime
    conversation_id: int
    action: str
    actor_type: str
    actor_id: int | None
    from_status: str | None
    to_status: str | None
    cycle: int | None
    wall_s: float | None
    business_s: float | None
    undo_of: int | None
