"""Tokens of the API as rows. Whether one is good is decided by `inbox.tokens`."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from store.schema import api_token, user_account


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as it is kept, with the name of who made it, and whether they may still sign in. Instants aware UTC."""

    id: int
    prefix: str
    token_sha256: bytes = field(repr=False)
    name: str
    scopes: tuple[str, ...]
    brand_ids: tuple[str, ...]
    source_ids: tuple[str, ...]
    created_by: int | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    maker: str | None
    maker_active: bool


_PLAIN = [one.name for one in fields(TokenRow)][:-2]
_TOKENS = select(*(api_token.c[name] for name in _PLAIN), user_account.c.name, user_account.c.active).select_from(
    api_token.outerjoin(user_account, user_account.c.id == api_token.c.created_by)
)
# Built once: it is asked for every call of the API.
_BY_PREFIX = _TOKENS.where(api_token.c.prefix == bindparam("prefix"))


def by_prefix(conn: Connection, prefix: str) -> TokenRow | None:
    """The token that begins so (unique key)."""
    row = conn.execute(_BY_PREFIX, {"prefix": prefix}).first()
    return None if row is None else _row(row)


def every(conn: Connection) -> list[TokenRow]:
    """All tokens that were ever made, newest first; a workspace has a handful."""
    return [_row(row) for row in conn.execute(_TOKENS.order_by(api_token.c.id.desc()))]


def add(conn: Connection, values: dict[str, Any]) -> None:
    """Keep a new token."""
    conn.execute(api_token.insert().values(**values))


def revoke(conn: Connection, token_id: int, *, at: datetime, by: int | None) -> bool:
    """End a token; False when there is none, or it was revoked before."""
    c = api_token.c
    done = conn.execute(
        api_token.update().where(c.id == token_id, c.revoked_at.is_(None)).values(revoked_at=at, revoked_by=by)
    )
    return bool(done.rowcount)


def touch(conn: Connection, token_id: int, *, at: datetime) -> None:
    """Note that a token was used."""
    conn.execute(api_token.update().where(api_token.c.id == token_id).values(last_used_at=at))


def _row(row: Any) -> TokenRow:
    values = list(row)
    for name in ("scopes", "brand_ids", "source_ids"):
        place = _PLAIN.index(name)
        values[place] = tuple(values[place] or ())
    values[-1] = values[-1] is None or bool(values[-1])  # made on the command line: by nobody who could be gone
    return TokenRow(*values)
