"""What screens show of one's own account and of the record of people. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inbox.people_views import SignedIn


@dataclass(frozen=True, slots=True)
class HalfWay:
    """The password was right; a code is needed too. `ticket` goes into an HttpOnly cookie and nowhere else.

    `must_enrol`: there is no second factor yet and the role demands one, so that it is set up now.
    """

    ticket: str = field(repr=False)
    name: str
    must_enrol: bool


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A second factor being set up: the secret for typing over, and the QR code as an SVG drawing of ours."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    svg: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A second factor that was confirmed: the recovery codes, shown this once, and the session if it began one."""

    recovery_codes: tuple[str, ...] = field(repr=False)
    session: SignedIn | None = None


@dataclass(frozen=True, slots=True)
class AccountView:
    """One's own account."""

    login: str
    name: str
    email: str | None
    has_password: bool
    second_factor_since: datetime | None
    recovery_left: int
    second_factor_required: bool
    single_sign_on: str | None


@dataclass(frozen=True, slots=True)
class SessionView:
    """A signed-in browser. `id` names it without being its token; `here` is the one that asks."""

    id: str
    user_id: int
    method: str
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    here: bool


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A line of the record: who did what to whom. `kind` is one of `record.KINDS`."""

    id: int
    at: datetime
    actor: str
    actor_id: int | None
    action: str
    kind: str
    object: str
    object_id: int | None
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of the record, newest first; `before` asks for the next one, None at the end."""

    lines: tuple[RecordLine, ...]
    before: int | None
