"""Making, listing and revoking tokens. Also serves the command line (no actor)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from inbox import events
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.printable import printable
from inbox.sentences import Sentence
from inbox.sessions import digest
from inbox.tokens.scopes import Scope
from inbox.tokens.views import Standing, TokenMade, TokenView, Wish
from store import api_tokens, brands
from store.api_tokens import TokenRow
from store.schema import source

TOKEN = "api_token"  # noqa: S105 - the type of an object in the record
MARK = "klb"
MOST_DAYS = 730
_LONGEST_NAME = 100
_MOST_TOKENS = 500
_PREFIX_BYTES = 6
_SECRET_BYTES = 32


def make(desk: Desk, wish: Wish, *, actor_id: int | None = None) -> TokenMade:
    """Make a token; its secret is given this once.

    Raises:
        BadInput: no name, no scope, too long a life, a brand or source that is not there, or writing without a source.
    """
    name = " ".join(printable(wish.name).split())
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise BadInput(Sentence("A token has a name of 1 to {most} characters.", most=_LONGEST_NAME))
    if not wish.scopes:
        raise BadInput(Sentence("Say what the token may do: choose at least one scope."))
    if not 1 <= wish.days <= MOST_DAYS:
        raise BadInput(Sentence("A token works for 1 to {most} days.", most=MOST_DAYS))
    if Scope.WRITE_MENTIONS in wish.scopes and not wish.source_ids:
        raise BadInput(Sentence("A token that pushes messages is bound to the sources it writes to; choose them."))
    now, prefix = desk.clock(), secrets.token_hex(_PREFIX_BYTES)
    secret = f"{MARK}_{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    token_id = desk.store.new_id()
    with desk.store.write() as conn:
        _check_known(conn, wish)
        if len(api_tokens.every(conn)) >= _MOST_TOKENS:
            raise BadInput(Sentence("There are {most} tokens already; use one that is there.", most=_MOST_TOKENS))
        scopes = [scope.value for scope in Scope if scope in wish.scopes]
        values = {
            "id": token_id,
            "prefix": prefix,
            "token_sha256": digest(secret),
            "name": name,
            "scopes": scopes,
            "brand_ids": sorted(set(wish.brand_ids)),
            "source_ids": sorted(set(wish.source_ids)),
            "created_by": actor_id,
            "created_at": now,
            "expires_at": now + timedelta(days=wish.days),
        }
        api_tokens.add(conn, values)
        facts = {"name": name, "scopes": scopes, "days": wish.days}
        events.append(desk, conn, (TOKEN, str(token_id)), "token_made", actor_id=actor_id, after={"facts": facts})
        row = api_tokens.by_prefix(conn, prefix)
    if row is None:  # pragma: no cover - it was inserted in the same transaction
        raise NotFound(what="token", key=prefix)
    return TokenMade(secret, view_of(row, now))


def listing(desk: Desk) -> tuple[TokenView, ...]:
    """Every token, those that work first, then newest first."""
    now = desk.clock()
    with desk.store.read() as conn:
        found = [view_of(row, now) for row in api_tokens.every(conn)]
    return tuple(sorted(found, key=lambda one: one.standing is not Standing.GOOD))


def revoke(desk: Desk, token_id: int, *, actor_id: int | None = None) -> None:
    """End a token: it is refused from the next call on.

    Raises:
        NotFound: there is no such token, or it was revoked before.
    """
    with desk.store.write() as conn:
        name = next((row.name for row in api_tokens.every(conn) if row.id == token_id), "")
        if not api_tokens.revoke(conn, token_id, at=desk.clock(), by=actor_id):
            raise NotFound(what="token", key=token_id)
        about = (TOKEN, str(token_id))
        events.append(desk, conn, about, "token_revoked", actor_id=actor_id, after={"facts": {"name": name}})


def standing_of(row: TokenRow, now: datetime) -> Standing:
    """Whether a token works now."""
    if row.revoked_at is not None:
        return Standing.REVOKED
    if row.expires_at <= now:
        return Standing.EXPIRED
    return Standing.GOOD if row.maker_active else Standing.MAKER_GONE


def scopes_of(row: TokenRow) -> tuple[Scope, ...]:
    """The scopes that this version knows."""
    return tuple(scope for scope in Scope if scope.value in row.scopes)


def view_of(row: TokenRow, now: datetime) -> TokenView:
    """A row as it is shown."""
    return TokenView(
        id=row.id,
        name=row.name,
        prefix=f"{MARK}_{row.prefix}",
        scopes=scopes_of(row),
        brand_ids=row.brand_ids,
        source_ids=row.source_ids,
        maker=row.maker,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        standing=standing_of(row, now),
    )


def _check_known(conn: Connection, wish: Wish) -> None:
    known_brands = {one.id for one in brands.all_brands(conn)}
    known_sources = set(conn.execute(select(source.c.id)).scalars())
    for missing in sorted(set(wish.brand_ids) - known_brands):
        raise BadInput(Sentence("There is no brand “{id}”.", id=missing))
    for missing in sorted(set(wish.source_ids) - known_sources):
        raise BadInput(
            Sentence("There is no source “{id}”. It is there once a worker started with it in config.yaml.", id=missing)
        )
