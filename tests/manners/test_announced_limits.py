"""A limit that a host announces is never run into, however it spells it and however many calls are made at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from aiohttp import web

from connectors.errors import RateLimited
from connectors.requests import HttpRequest
from tests.manners.conftest import NOW, MakeClient, Serve, Time

MOST = 7
WINDOW = timedelta(minutes=5)

Spelling = Callable[[int, datetime, datetime], dict[str, str]]
"""Headers for so many calls left until an instant, said at an instant."""


def x(left: int, reset: datetime, _now: datetime) -> dict[str, str]:
    at = str(int(reset.timestamp()))
    return {"x-rate-limit-limit": str(MOST), "x-rate-limit-remaining": str(left), "x-rate-limit-reset": at}


def mastodon(left: int, reset: datetime, _now: datetime) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(MOST),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": f"{reset:%Y-%m-%dT%H:%M:%S.%fZ}",
    }


def bluesky(left: int, reset: datetime, _now: datetime) -> dict[str, str]:
    told = {"RateLimit-Limit": str(MOST), "RateLimit-Remaining": str(left), "RateLimit-Policy": f"{MOST};w=300"}
    return told | {"RateLimit-Reset": str(int(reset.timestamp()))}


def reddit(left: int, reset: datetime, now: datetime) -> dict[str, str]:
    wait = (reset - now).total_seconds()
    return {"x-ratelimit-used": "1", "x-ratelimit-remaining": f"{left:.1f}", "x-ratelimit-reset": f"{int(wait)}"}


def draft(left: int, reset: datetime, now: datetime) -> dict[str, str]:
    return {"RateLimit": f'"default";r={left};t={int((reset - now).total_seconds())}'}


def meta_app(left: int, _reset: datetime, _now: datetime) -> dict[str, str]:
    used = 100 - left * 100 // MOST
    return {"X-App-Usage": json.dumps({"call_count": used, "total_time": 3, "total_cputime": 2})}


def meta_page(left: int, reset: datetime, now: datetime) -> dict[str, str]:
    used = 100 - left * 100 // MOST
    minutes = 0 if left else -(-int((reset - now).total_seconds()) // 60)
    usage = {"type": "pages", "call_count": used, "total_time": 1, "total_cputime": 1}
    return {
        "X-Business-Use-Case-Usage": json.dumps({"17": [{**usage, "estimated_time_to_regain_access": minutes}]}),
        "X-App-Usage": json.dumps({"call_count": 1, "total_time": 1, "total_cputime": 1}),
    }


COUNTED = [x, mastodon, bluesky, reddit, draft]
PERCENT = [meta_app, meta_page]


class Host:
    """Counts in windows, answers slowly so that calls overlap, and keeps what it had to refuse."""

    def __init__(self, time: Time, spelling: Spelling) -> None:
        self.refused = self.served = 0
        self._time, self._spelling = time, spelling
        self._reset, self._left = NOW - timedelta(days=1), 0

    async def answer(self, _request: web.Request) -> web.StreamResponse:
        now = self._time()
        if now >= self._reset:
            self._reset, self._left = now + WINDOW + timedelta(microseconds=700_000), MOST
        if self._left == 0:
            self.refused += 1
            return web.Response(status=429, headers=self._spelling(0, self._reset, now))
        self._left -= 1
        self.served += 1
        headers = self._spelling(self._left, self._reset, now)
        await asyncio.sleep(0.002 * (self.served % 3))  # answers overtake each other
        return web.Response(headers=headers)


async def all_at_once(client: Any, url: Callable[[], str], calls: int) -> int:
    """How many of so many calls made together were answered; the others were told to wait before they left."""

    async def one() -> bool:
        try:
            return bool((await client.fetch(HttpRequest(url()))).status == 200)
        except RateLimited:
            return False

    return sum(await asyncio.gather(*(one() for _ in range(calls))))


@pytest.mark.parametrize("spelling", [*COUNTED, *PERCENT], ids=lambda spelling: str(spelling.__name__))
async def test_one_call_after_another_stops_at_the_announced_end_and_goes_on_after_it(
    serve: Serve, make_client: MakeClient, time: Time, spelling: Spelling
) -> None:
    host = Host(time, spelling)
    port, client, pages = await serve(host.answer), make_client(), count()
    for _ in range(3):
        while await all_at_once(client, lambda: f"http://127.0.0.1:{port}/2/posts?next_token={next(pages)}", 1):
            pass
        with pytest.raises(RateLimited) as limited:
            await client.fetch(HttpRequest(f"http://127.0.0.1:{port}/2/posts"))
        assert limited.value.until is not None
        time.now = limited.value.until.astimezone(UTC)
    assert (host.served, host.refused) == (3 * MOST, 0)


@pytest.mark.parametrize("spelling", COUNTED, ids=lambda spelling: str(spelling.__name__))
@pytest.mark.parametrize("at_once", [2, 4])
async def test_calls_made_together_do_not_run_into_it_either(
    serve: Serve, make_client: MakeClient, time: Time, spelling: Spelling, at_once: int
) -> None:
    host = Host(time, spelling)
    port, client, pages = await serve(host.answer), make_client(per_host=at_once), count()
    ends = ("posts", "threads", "users/17")
    for _ in range(2):
        await all_at_once(client, lambda: f"http://127.0.0.1:{port}/2/posts", 1)
        for _ in range(4):
            await all_at_once(client, lambda: f"http://127.0.0.1:{port}/2/{ends[next(pages) % 3]}", 6)
        time.now += WINDOW + timedelta(seconds=3)
    assert host.refused == 0
    assert host.served >= 2 * (MOST - 2)
