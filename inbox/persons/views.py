"""What the customer panel shows. Instants aware UTC; texts of customers are verbatim and hostile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from inbox.views import PersonRef
from store.persons import BADGES

__all__ = ["BADGES", "AccountView", "BadgeView", "ContactView", "Counts", "CustomerView", "Merged", "SuggestionView"]


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account of a person. `can_split`: it was joined to others and can stand alone again."""

    id: int
    platform: str
    name: str
    handle: str | None
    url: str | None
    followers: int | None
    is_staff: bool
    is_bot: bool
    can_split: bool


@dataclass(frozen=True, slots=True)
class BadgeView:
    """A badge with who gave it and when; both None for one that came with an import."""

    code: str
    given_by: PersonRef | None
    given_at: datetime | None


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """An account that may be the same person. `account_id` and `other_id` are passed back with the answer."""

    account_id: int
    other_id: int
    platform: str
    name: str
    handle: str | None
    url: str | None
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContactView:
    """One conversation of a person's history.

    Attributes:
        said, said_at: the newest of what this person wrote in it; `said` is cut at 300 code points.
        n_said: how many messages of this person, among the newest 2,000 of each account.
        answered, answered_at: our newest answer in it, there or by hand; None when nobody answered.
        promise_due_at: the nearest promise that is still open.
    """

    conversation_id: int
    platform: str
    source_name: str
    kind: str
    status: str
    is_open: bool
    said: str
    said_at: datetime
    n_said: int
    rating: float | None
    answered: str | None
    answered_at: datetime | None
    promise_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counts:
    """All contact in three figures; `capped` when an account wrote more than is counted."""

    contacts: int
    open: int
    first_at: datetime | None
    capped: bool


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A person as the panel shows it.

    Attributes:
        author_id: the account that wrote the conversation on screen.
        person_id: None until something is noted about them.
        notes: the note, and those of persons that were merged into this one.
        history: newest first, `more` when there is more of it.
    """

    author_id: int
    person_id: int | None
    name: str
    known_as: str | None
    consent: str | None
    notes: str
    merged_notes: tuple[str, ...]
    accounts: tuple[AccountView, ...]
    badges: tuple[BadgeView, ...]
    suggestions: tuple[SuggestionView, ...]
    counts: Counts
    history: tuple[ContactView, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did; `Persons.unmerge(token, event_id)` takes it back at any time."""

    person_id: int
    event_id: int
    moved: Mapping[int, int | None]
