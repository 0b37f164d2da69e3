"""What screens show of people: signing in, and the list of everybody. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from inbox.permissions import Role
from inbox.views import CurrentUser, PersonRef


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session. `token` goes into an HttpOnly cookie and nowhere else."""

    token: str = field(repr=False)
    user: CurrentUser
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkView:
    """A valid one-time sign-in link: for whom, and until when."""

    login: str
    name: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignInLinkMade:
    """A one-time sign-in token, shown once. The shell puts it in a URL. `mailed`: it is on its way to them too."""

    token: str = field(repr=False)
    user: PersonRef
    expires_at: datetime
    mailed: bool = False


@dataclass(frozen=True, slots=True)
class UserView:
    """A row of the list of people."""

    id: int
    login: str
    name: str
    role: Role
    team_id: str | None
    active: bool
    has_password: bool
    is_example: bool
    created_at: datetime
    email: str | None
    initials: str | None
    needs_approval: bool
    second_factor: bool
    single_sign_on: bool
    n_sessions: int
