"""The gate: who calls with which token, whether it may do this, and whether it calls too often. At every call anew."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from inbox.desk import Desk
from inbox.tokens.checking import look
from inbox.tokens.views import Bearer, Standing
from web.api.buckets import Buckets, Turn
from web.api.problems import Refused

TOKEN = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="A token of the API, made on the page “API tokens” or with `klankbord token make`.",
)
_WHY = {
    Standing.EXPIRED: "This token has expired. Ask an administrator for a new one.",
    Standing.REVOKED: "This token was revoked. Ask an administrator for a new one.",
    Standing.MAKER_GONE: "Who made this token has no access any more. Ask an administrator for a new one.",
}
_NONE = "Send a token of the API: `Authorization: Bearer klb_…`. An administrator makes one on the page “API tokens”."
_UNKNOWN = "This is no token of this workspace. Check that it was copied whole."


class Gate:
    """Lets calls through. A dependency of every route, with the scopes that the route needs.

    Args:
        desk: for its store and clock.
        buckets: how often a token may call.
    """

    def __init__(self, desk: Desk, buckets: Buckets) -> None:
        self._desk = desk
        self._buckets = buckets

    async def __call__(
        self,
        request: Request,
        needed: SecurityScopes,
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(TOKEN)],
    ) -> Bearer:
        """Who calls.

        Raises:
            Refused: no token, no good one, one that may not do this, or one that calls too often.
        """
        if given is None:
            raise _unknown(_NONE)
        bearer = await asyncio.to_thread(look, self._desk, given.credentials)
        if bearer is None:
            raise _unknown(_UNKNOWN)
        if isinstance(bearer, Standing):
            raise _unknown(_WHY[bearer])
        turn = self._buckets.take(bearer.id, asyncio.get_running_loop().time())
        request.state.turn = turn
        if not turn.allowed:
            said = (
                f"This token called too often: {self._buckets.per_minute} calls a minute, {self._buckets.burst} at "
                f"once. Go on in {turn.wait_s} s; for many rows take mentions.jsonl, which is one call."
            )
            raise Refused(429, said, headers={"Retry-After": str(turn.wait_s)})
        missing = [scope for scope in needed.scopes if scope not in bearer.scopes]
        if missing:
            said = f"This token lacks the scope {', '.join(missing)}. Ask an administrator for a token that has it."
            told = f'Bearer realm="Klankbord", error="insufficient_scope", scope="{" ".join(needed.scopes)}"'
            raise Refused(403, said, headers={"WWW-Authenticate": told})
        return bearer

    def still_good(self, request: Request) -> bool:
        """Whether the token of a call that is under way is good still."""
        return isinstance(look(self._desk, request.headers.get("authorization", "").partition(" ")[2].strip()), Bearer)

    def told(self, turn: Turn) -> dict[str, str]:
        """The headers that say how often a token may call (draft-ietf-httpapi-ratelimit-headers)."""
        policy = f'"token";q={self._buckets.per_minute};w=60'
        return {"RateLimit-Policy": policy, "RateLimit": f'"token";r={turn.left};t={turn.wait_s}'}


def _unknown(said: str) -> Refused:
    return Refused(401, said, headers={"WWW-Authenticate": 'Bearer realm="Klankbord"'})
