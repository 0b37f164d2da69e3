"""Whether what a program calls with is a good token. Asked at every call, so that a revoked one is refused at once."""

from __future__ import annotations

import hmac
import re
from contextlib import suppress
from datetime import timedelta

from inbox import reaching
from inbox.desk import Desk
from inbox.errors import StoreBusy
from inbox.sessions import digest
from inbox.tokens.keeping import MARK, scopes_of, standing_of
from inbox.tokens.views import Bearer, Standing
from store import api_tokens

_SHAPE = re.compile(rf"{MARK}_([0-9a-f]{{12}})_[A-Za-z0-9_-]{{43}}")
# Use is written down at most so often, so that reading does not queue for the write lock.
_TOUCH = timedelta(minutes=5)
COMMAND = "command"
"""Whose account a token counts on that was made on the command line: nobody knows who it is."""


def look(desk: Desk, secret: str) -> Bearer | Standing | None:
    """Who calls with this; why not, when the token was good once; None when it never was one.

    A stranger who does not have the whole token learns nothing of it, nor by how long the answer takes.
    """
    shaped = _SHAPE.fullmatch(secret)
    if shaped is None:
        return None
    now = desk.clock()
    with desk.store.read() as conn:
        row = api_tokens.by_prefix(conn, shaped[1])
    kept = b"" if row is None else row.token_sha256
    if not hmac.compare_digest(kept, digest(secret)) or row is None:
        return None
    standing = standing_of(row, now)
    if standing is not Standing.GOOD:
        return standing
    if row.last_used_at is None or now - row.last_used_at > _TOUCH:
        with suppress(StoreBusy), reaching.in_words(), desk.store.write() as conn:
            api_tokens.touch(conn, row.id, at=now)
    person = COMMAND if row.created_by is None else str(row.created_by)
    return Bearer(row.id, row.name, person, frozenset(scopes_of(row)), row.brand_ids, row.source_ids)
