"""A platform in memory with a connector of its own: posts that appear late, are edited, deleted, and misbehave.

`Platform.answer` is the platform; `serve` puts it on loopback, `transport` plugs it into the client directly for
tests that make thousands of calls.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import httpx
import orjson
from aiohttp import web
from pydantic import SecretStr

from connectors.contract import Connector, Interval, Options, Page, Query, Task
from connectors.errors import (
    AuthDead,
    AuthExpired,
    BadRequest,
    BudgetExhausted,
    Forbidden,
    FormatChanged,
    Gone,
    RateLimited,
    Transient,
)
from connectors.items import Author, Deleted, Item, Json, Kind, Rejected
from connectors.requests import HttpRequest, HttpResponse, Request, Response

STEP = timedelta(microseconds=1)


@dataclass(frozen=True)
class Post:
    """A post: when it was written, from when the platform shows it, and what became of it."""

    id: str
    published: datetime
    visible: datetime
    text: str = "over acme"
    edited: datetime | None = None
    deleted: datetime | None = None
    channel: str = "main"
    poison: str = ""


@dataclass
class Platform:
    """Newest first, `page_size` posts a page, a cursor that stays true while posts are added.

    Attributes:
        now: the platform's clock.
        faults: answers given instead of the true one, per channel, first come first served.
        asked: parameters of every request, in order.
        token: what the Authorization header must say; None lets everybody in.
    """

    now: Callable[[], datetime]
    posts: list[Post] = field(default_factory=list)
    page_size: int = 5
    faults: dict[str, deque[tuple[int, dict[str, str], bytes]]] = field(default_factory=dict)
    asked: list[Mapping[str, str]] = field(default_factory=list)
    token: str | None = None
    etags: bool = False

    def fault(self, status: int, body: object = b"", *, channel: str = "main", **headers: str) -> None:
        """Answer the next request of a channel like this."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        self.faults.setdefault(channel, deque()).append((status, headers, raw))

    def shown(self, channel: str, since: datetime, until: datetime) -> list[Post]:
        """What the platform shows now, newest first."""
        now = self.now()
        found = [
            post
            for post in self.posts
            if post.channel == channel and post.visible <= now and since <= post.published < until
        ]
        return sorted(found, key=lambda post: (post.published, post.id), reverse=True)

    def answer(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        """One answer."""
        self.asked.append(dict(params))
        if path == "/token":
            self.token = "fresh-token"
            return 200, {}, orjson.dumps({"token": self.token})
        channel = params.get("channel", "main")
        if self.faults.get(channel):
            return self.faults[channel].popleft()
        if self.token is not None and headers.get("authorization") != f"Bearer {self.token}":
            return 401, {}, orjson.dumps({"error": "expired"})
        since, until = (datetime.fromisoformat(params[name]) for name in ("since", "until"))
        found = self.shown(channel, since, until)
        if params.get("cursor"):
            at, post_id = params["cursor"].split("|")
            found = [post for post in found if (post.published, post.id) < (datetime.fromisoformat(at), post_id)]
        page, rest = found[: self.page_size], found[self.page_size :]
        following = f"{page[-1].published.isoformat()}|{page[-1].id}" if rest else None
        body = orjson.dumps({"posts": [self._shape(post) for post in page], "next": following})
        etag = f'"{hash(body)}"'
        if self.etags and headers.get("if-none-match") == etag:
            return 304, {"etag": etag}, b""
        return 200, {"etag": etag} if self.etags else {}, body

    def _shape(self, post: Post) -> dict[str, Json]:
        now = self.now()
        if post.deleted is not None and post.deleted <= now:
            return {"id": post.id, "at": post.published.isoformat(), "deleted": True}
        edited = post.edited is not None and post.edited <= now
        return {
            "id": post.id,
            "at": post.published.isoformat(),
            "text": f"{post.text} (edited)" if edited else post.text,
            "poison": post.poison,
        }


class FakeOptions(Options):
    """Options of the fake source."""

    url: str = "http://127.0.0.1"
    channels: tuple[str, ...] = ("main",)
    token: SecretStr | None = None


class FakeConnector(Connector[FakeOptions]):
    """Reads the platform above the way a good connector does."""

    name: ClassVar[str] = "fake"
    platform: ClassVar[str] = "fake"
    options_type: ClassVar[type[Options]] = FakeOptions
    lookback: ClassVar[timedelta] = timedelta(minutes=15)

    def __init__(self, options: FakeOptions) -> None:
        super().__init__(options)
        self.token = options.token.get_secret_value() if options.token else None

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:  # noqa: ARG002
        return [Query(channel, channel, {"channel": channel}) for channel in self.options.channels]

    def plan(self, task: Task) -> Request:
        return self._ask(task, task.window.cursor, task.window.interval.end)

    def _ask(self, task: Task, cursor: str | None, top: datetime) -> HttpRequest:
        interval = task.window.interval
        params = {
            "channel": task.query.params["channel"],
            "since": interval.start.isoformat(),
            "until": interval.end.isoformat(),
        }
        if cursor is not None:
            params["cursor"] = cursor
        return HttpRequest(
            url=f"{self.options.url}/posts",
            params=tuple(params.items()),
            headers={"Authorization": f"Bearer {self.token}"} if self.token else {},
            conditional=True,
            step=top.isoformat(),
        )

    def parse(self, task: Task, response: Response) -> Page:
        assert isinstance(response, HttpResponse)
        interval = task.window.interval
        if response.unchanged:
            return Page(covered=interval)
        self._judge(response)
        try:
            body = orjson.loads(response.body)
            posts = body["posts"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            msg = "the answer is not a list of posts"
            raise FormatChanged(msg) from error
        items, rejected, deleted = [], [], []
        for post in posts:
            try:
                if post.get("deleted"):
                    deleted.append(Deleted(post["id"]))
                else:
                    items.append(self.reparse(post, "", task.query))
            except FormatChanged as error:
                rejected.append(Rejected(str(error), post, post.get("id")))
        top = datetime.fromisoformat(response.request.step)
        following = body["next"]
        if following is None:
            covered = Interval(interval.start, top) if interval.start < top else None
            return Page(tuple(items), tuple(rejected), tuple(deleted), covered=covered)
        low = datetime.fromisoformat(posts[-1]["at"]) + STEP
        covered = Interval(low, top) if low < top else None
        return Page(
            tuple(items),
            tuple(rejected),
            tuple(deleted),
            next=self._ask(task, following, min(low, top)),
            cursor=following,
            covered=covered,
        )

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:  # noqa: ARG002
        assert isinstance(raw, dict)
        if raw.get("poison") == "reject":
            msg = f"post {raw['id']} cannot be read"
            raise FormatChanged(msg)
        text = str(raw["text"])
        return Item(
            external_id="" if raw.get("poison") == "enrich" else str(raw["id"]),
            kind=Kind.POST,
            text=text,
            author=Author("u1", handle="piet"),
            published_at=datetime.fromisoformat(str(raw["at"])),
            raw=raw,
        )

    def refresh(self) -> Request | None:
        return HttpRequest(url=f"{self.options.url}/token", method="POST", safe_to_repeat=False)

    def refreshed(self, response: Response) -> None:
        assert isinstance(response, HttpResponse)
        self.token = orjson.loads(response.body)["token"]

    def hosts(self) -> frozenset[str]:
        return frozenset({"127.0.0.1"})

    def _judge(self, response: HttpResponse) -> None:
        """Named errors by the body's own word, for tests that want each of them."""
        if response.status == 200:
            return
        until = datetime(2026, 3, 10, 12, 5, tzinfo=UTC)
        errors: dict[str, Callable[[], Exception]] = {
            "slow": lambda: RateLimited("asked to wait", until=until, whole_host=False),
            "slow host": lambda: RateLimited("asked to wait", until=until),
            "budget": lambda: BudgetExhausted("the daily quota is used", until=until),
            "expired": lambda: AuthExpired("token ran out"),
            "revoked": lambda: AuthDead("the token was revoked"),
            "forbidden": lambda: Forbidden("needs an approval"),
            "gone": lambda: Gone("the channel is gone (410)"),
            "refused": lambda: BadRequest("the word is too short"),
            "bug": lambda: ZeroDivisionError("a fault in the connector"),
        }
        try:
            word = orjson.loads(response.body)["error"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            word = ""
        if response.status >= 500:
            msg = f"server trouble ({response.status})"
            raise Transient(msg)
        error = errors.get(word, lambda: FormatChanged("an unknown error"))()
        raise error


@asynccontextmanager
async def serve(platform: Platform) -> AsyncIterator[str]:
    """The platform on loopback; gives its URL."""

    async def handle(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        status, told, body = platform.answer(request.path, dict(request.query), headers)
        return web.Response(status=status, headers=told, body=body)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class Streamed(httpx.AsyncByteStream):
    """A body that can be streamed, as the client wants it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body


def transport(platform: Platform) -> httpx.MockTransport:
    """The platform as the client's network."""

    def handle(request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        status, told, body = platform.answer(request.url.path, dict(request.url.params), headers)
        return httpx.Response(status, headers=told, stream=Streamed(body))

    return httpx.MockTransport(handle)


def aged(post: Post, **changes: object) -> Post:
    """The post with changes."""
    return replace(post, **changes)  # type: ignore[arg-type]
