"""What screens, the command line and the API are shown of tokens: frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from inbox.tokens.scopes import Scope


class Standing(StrEnum):
    """Whether a token works, and if not, why."""

    GOOD = "good"
    EXPIRED = "expired"
    REVOKED = "revoked"
    MAKER_GONE = "maker_gone"
    """Who made it may not sign in any more."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for who makes a token.

    Attributes:
        days: it expires after so many.
        brand_ids, source_ids: what it is narrowed to; empty: everything. Writing needs sources.
    """

    name: str
    scopes: tuple[Scope, ...]
    days: int
    brand_ids: tuple[str, ...] = ()
    source_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as it is listed. `prefix` is its beginning, which is no secret; instants aware UTC."""

    id: int
    name: str
    prefix: str
    scopes: tuple[Scope, ...]
    brand_ids: tuple[str, ...]
    source_ids: tuple[str, ...]
    maker: str | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class TokenMade:
    """A token that was just made: the only moment at which `secret` can be read."""

    secret: str = field(repr=False)
    view: TokenView


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever calls with a good token.

    Attributes:
        person: whose account of what leaves in a day it counts on: who made it, or the command line.
        brand_ids, source_ids: what it is narrowed to; empty: everything.
    """

    id: int
    name: str
    person: str
    scopes: frozenset[Scope]
    brand_ids: tuple[str, ...]
    source_ids: tuple[str, ...]
