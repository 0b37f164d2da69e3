"""What a stranger may cost us: bytes, seconds, and tries."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.requests import Request

LARGEST_BODY = 4_000_000
"""Bytes. Platforms put up to a thousand changes into one delivery."""
SLOWEST_BODY_S = 10.0
"""Seconds within which a body must have come in; platforms that wait for an answer give up sooner."""
TRIES = 20
"""So many refusals of one visitor within `TRIES_WITHIN`, and it is not listened to for as long."""
TRIES_WITHIN = timedelta(minutes=1)
_MOST_VISITORS = 10_000


class TooLarge(Exception):  # noqa: N818 - what happened, told by a status
    """More bytes than are taken."""


class TooSlow(Exception):  # noqa: N818 - as above
    """It did not come in within the time."""


async def read_bounded(request: Request, *, most: int, seconds: float) -> bytes:
    """The raw body; never more than `most` bytes are held, and what says that it is larger is not read at all.

    Raises:
        TooLarge: it has more bytes.
        TooSlow: it did not come in within `seconds`.
    """
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told[:20]) > most:
        raise TooLarge
    held = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for some in request.stream():
                held += some
                if len(held) > most:
                    raise TooLarge
    except TimeoutError as error:
        raise TooSlow from error
    return bytes(held)


class Visitors:
    """Who was refused how often lately. Whoever signs rightly is never counted, so a stranger costs a platform nothing.

    Args:
        clock: aware UTC.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._refused: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def must_wait(self, visitor: str) -> timedelta | None:
        """How long this visitor is not listened to any more; None when it is."""
        since, count = self._refused.get(visitor, (self._clock(), 0))
        left = since + TRIES_WITHIN - self._clock()
        return left if count >= TRIES and left > timedelta(0) else None

    def refused(self, visitor: str) -> None:
        """Count a refusal."""
        now = self._clock()
        since, count = self._refused.pop(visitor, (now, 0))
        self._refused[visitor] = (since, count + 1) if now - since < TRIES_WITHIN else (now, 1)
        while len(self._refused) > _MOST_VISITORS:
            self._refused.popitem(last=False)
