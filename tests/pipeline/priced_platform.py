"""A platform in memory that sells search results as X does: a price per post, a limit of calls, a week of reach.

The words on the wire are X's (`GET /2/tweets/search/recent`, sheet of 2026-11-22), so that the X connector can be put
in front of it as well as `BoughtSearch` below, which reads it the plain way. It keeps the books that a test holds ours
against: `bill` is what was really charged, `announced` the calls that were refused although the headers had said so.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

import httpx
import orjson

from connectors.contract import Connector, Interval, Meter, Options, Page, Period, Purpose, Query, Task
from connectors.errors import BadRequest, RateLimited, Transient
from connectors.http_status import json_body, raise_for_status
from connectors.items import Author, Item, Json, Kind
from connectors.requests import HttpRequest, HttpResponse, Request, Response
from tests.pipeline.fake_platform import Streamed

SEARCH = "/2/tweets/search/recent"
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_MS = 1_288_834_974_657  # of X's ids


def post_id(at: datetime, number: int = 0) -> int:
    """An id as X makes them: it tells when the post was written."""
    return (int(at.timestamp() * 1000) - _EPOCH_MS << 22) | number


def written_at(number: int) -> datetime:
    """When the post with this id was written."""
    return datetime.fromtimestamp(((number >> 22) + _EPOCH_MS) / 1000, UTC)


def busy_day(day: datetime, count: int, *, seed: int = 1) -> list[int]:
    """Ids of so many posts on one day, more in the evening than at night, as a seed decides; ascending."""
    chance = random.Random(seed)
    moments = sorted(86_400_000 * chance.betavariate(2, 1.6) for _ in range(count))
    return sorted(post_id(day + timedelta(milliseconds=int(at)), number % 4096) for number, at in enumerate(moments))


@dataclass
class PricedPlatform:
    """The platform.

    Attributes:
        now: its clock.
        posts: ids, ascending.
        per_post, per_user: charged for each in an answer; each time, because once a day is only "best effort".
        calls, window: so many calls in so long.
        horizon: how far back it answers.
        faults: what happens to the next calls instead, charged all the same: `503`, `html`, `cut` (it breaks off).
        bill: charged so far, by UTC day.
        announced: calls that were refused by the limit after the headers had said that nothing is left.
        asked: parameters of every call that was answered.
    """

    now: Callable[[], datetime]
    posts: Sequence[int] = ()
    per_post: Decimal = Decimal("0.005")
    per_user: Decimal = Decimal("0.010")
    calls: int = 300
    window: timedelta = timedelta(minutes=15)
    horizon: timedelta = timedelta(days=7)
    faults: deque[str] = field(default_factory=deque)
    bill: defaultdict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    announced: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    _resets: datetime = _LONG_AGO
    _left: int = 0

    def transport(self) -> httpx.AsyncBaseTransport:
        """Plugs it into the client."""

        def handle(request: httpx.Request) -> httpx.Response:
            status, headers, body = self.answer(request.url.path, dict(request.url.params))
            return httpx.Response(status, headers=headers, stream=Streamed(body))

        return httpx.MockTransport(handle)

    def answer(self, path: str, params: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        """One answer."""
        if path != SEARCH:
            return 404, {}, b'{"title":"Not Found","status":404,"type":"about:blank"}'
        now = self.now()
        if now >= self._resets:
            self._resets, self._left = now.replace(microsecond=0) + self.window, self.calls
        if self._left == 0:
            self.announced += 1
            return 429, self._headers(), b'{"title":"Too Many Requests","status":429,"type":"about:blank"}'
        self._left -= 1
        status, body = self._search(params, now)
        fault = self.faults.popleft() if self.faults else ""
        if fault == "503":
            return 503, self._headers(), b"<html>Service Unavailable</html>"
        if fault == "html":
            return 200, self._headers(), b"<html>Please log in</html>"
        return status, self._headers(), body[: len(body) // 2] if fault == "cut" else body

    def _search(self, params: Mapping[str, str], now: datetime) -> tuple[int, bytes]:
        until = _instant(params.get("end_time")) or now - timedelta(seconds=30)
        since = _instant(params.get("start_time"))
        if since is not None and since < now - self.horizon:
            return 400, _problem("'start_time' must be on or after the last 7 days")
        if until > now - timedelta(seconds=10):
            return 400, _problem("'end_time' must be a minimum of 10 seconds prior to the request time")
        low = post_id(since or now - self.horizon)
        high = post_id(until)
        if "since_id" in params:
            low = max(low, int(params["since_id"]) + 1)
        if "until_id" in params:
            high = min(high, int(params["until_id"]))
        if token := params.get("next_token") or params.get("pagination_token"):
            high = min(high, int(token, 36))
        self.asked.append(dict(params))
        first, last = bisect_left(self.posts, low), bisect_left(self.posts, high)
        page = self.posts[max(first, last - int(params.get("max_results", "10"))) : last]
        rest = last - first > len(page)
        users = "author_id" in params.get("expansions", "")
        self.bill[now.date()] += len(page) * self.per_post + (len(page) * self.per_user if users else 0)
        return 200, self._body([*reversed(page)], int(page[0]) if rest else None, users=users)

    def _body(self, page: Sequence[int], following: int | None, *, users: bool) -> bytes:
        meta: dict[str, Json] = {"result_count": len(page)}
        if not page:
            return orjson.dumps({"meta": meta})
        meta |= {"newest_id": str(page[0]), "oldest_id": str(page[-1])}
        if following is not None:
            meta["next_token"] = _base36(following)
        body: dict[str, Json] = {"data": [_shape(number) for number in page], "meta": meta}
        if users:
            body["includes"] = {
                "users": [{"id": _author(n), "username": f"jo{_author(n)}", "name": "Jo"} for n in page]
            }
        return orjson.dumps(body)

    def _headers(self) -> dict[str, str]:
        return {
            "x-rate-limit-limit": str(self.calls),
            "x-rate-limit-remaining": str(self._left),
            "x-rate-limit-reset": str(int(self._resets.timestamp())),
            "content-type": "application/json; charset=utf-8",
        }


def _shape(number: int) -> dict[str, Json]:
    return {
        "id": str(number),
        "text": f"@acme where is parcel {number % 10_000}?",
        "created_at": f"{written_at(number):%Y-%m-%dT%H:%M:%S}.{written_at(number).microsecond // 1000:03}Z",
        "author_id": _author(number),
        "conversation_id": str(number),
        "lang": "en",
        "edit_history_tweet_ids": [str(number)],
    }


def _author(number: int) -> str:
    return str(10_000 + number % 977)


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _problem(detail: str) -> bytes:
    kind = "https://api.x.com/2/problems/invalid-request"
    return orjson.dumps({"title": "Invalid Request", "detail": detail, "type": kind, "errors": [{"message": detail}]})


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, last = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[last] + digits
    return digits


class BoughtOptions(Options):
    """Options of the fake source."""

    usd_a_day: float = 50
    words: tuple[str, ...] = ("acme",)


class BoughtSearch(Connector[BoughtOptions]):
    """Reads the platform newest first, prices each page, and says what it really cost."""

    name: ClassVar[str] = "bought"
    platform: ClassVar[str] = "bought"
    options_type: ClassVar[type[Options]] = BoughtOptions
    lookback: ClassVar[timedelta] = timedelta(minutes=2)
    horizon: ClassVar[timedelta | None] = timedelta(days=7) - timedelta(minutes=1)

    def meters(self) -> Sequence[Meter]:
        return (Meter("usd", "USD", self.options.usd_a_day, Period.DAY, "UTC"),)

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:  # noqa: ARG002
        return [Query(word, word, {"q": word}) for word in self.options.words]

    def plan(self, task: Task) -> Request:
        return self._ask(task, task.window.cursor, "")

    def _ask(self, task: Task, token: str | None, top: str) -> HttpRequest:
        interval = task.window.interval
        params = {
            "query": task.query.params["q"],
            "max_results": "100",
            "start_time": interval.start.isoformat(),
        }
        if task.window.purpose is not Purpose.EXTEND:
            params["end_time"] = interval.end.isoformat()  # X refuses an end within the last ten seconds
        if token is not None:
            params["next_token"] = token
        return HttpRequest(
            url=f"https://api.x.com{SEARCH}", params=tuple(params.items()), price={"usd": 100 * 0.005}, step=top
        )

    def parse(self, task: Task, response: Response) -> Page:
        assert isinstance(response, HttpResponse)
        if response.status == 429:
            reset = datetime.fromtimestamp(int(response.headers["x-rate-limit-reset"]), UTC)
            refused = RateLimited("asked to wait", until=reset)
            refused.spent = {}
            raise refused
        if response.status == 503:
            msg = "server trouble"
            raise Transient(msg)
        if response.status == 400:
            raise BadRequest(response.body.decode())
        raise_for_status(response, platform="bought")
        body = json_body(response, platform="bought")
        interval = task.window.interval
        posts = body.get("data", [])
        items = tuple(self.reparse(post, "", task.query) for post in posts)
        top = datetime.fromisoformat(response.request.step) if response.request.step else interval.end
        spent = {"usd": len(posts) * 0.005}
        following = body["meta"].get("next_token")
        if following is None:
            covered = Interval(interval.start, top) if interval.start < top else None
            return Page(items, covered=covered, spent=spent)
        low = datetime.fromisoformat(posts[-1]["created_at"]) + timedelta(milliseconds=1)
        return Page(
            items,
            next=self._ask(task, following, min(low, top).isoformat()),
            cursor=following,
            covered=Interval(low, top) if low < top else None,
            spent=spent,
        )

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:  # noqa: ARG002
        assert isinstance(raw, dict)
        return Item(
            external_id=str(raw["id"]),
            kind=Kind.POST,
            text=str(raw["text"]),
            author=Author(str(raw["author_id"])),
            published_at=datetime.fromisoformat(str(raw["created_at"])),
            raw=raw,
        )
