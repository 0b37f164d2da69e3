"""Two platforms that take answers: a forum without idempotency keys, and an instance with them. Both can misbehave.

A write meets the next of `fates`; without any left it simply works. `late` is what the platform does only after we
stopped waiting.
"""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import httpx

from tests.connectors import mastodon_posts
from tests.loopback import on_loopback

HOME = "social.example"
LATE = timedelta(seconds=20)
ERROR = {"errors": ["down for maintenance"]}


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class NoAnswer(Exception):  # noqa: N818 - what happens, not an error of ours
    """The caller hears nothing."""


class Unreachable(NoAnswer):
    """No connection is made at all."""


@dataclass
class Server(ABC):
    """What both have: posts, misbehaviour, and what was asked."""

    now: Callable[[], datetime]
    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    fates: list[str] = field(default_factory=list)
    down: bool = False
    moderated: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    late: list[tuple[datetime, Callable[[], Any]]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    on_write: Callable[[], None] = lambda: None
    unlisted: set[int] = field(default_factory=set)
    """Posts that no list shows any more; only their thread does."""

    def handle(self, method: str, url: str, headers: dict[str, str], body: Any) -> tuple[int, dict[str, str], Any]:
        """Answer one call."""
        parts = urlsplit(url)
        with self.lock:
            self.asked.append((method, parts.path))
            self._catch_up()
            if self.down:
                raise Unreachable
            if method == "DELETE":
                key = parts.path.removesuffix(".json").split("/")[-1]
                return 200, {}, self.posts.pop(int(key))
            if method != "POST":
                return self.read(parts.path, parse_qs(parts.query))
            return self._write(parts.path, headers, body)

    def _catch_up(self) -> None:
        """What arrived late was done when it arrived, not when somebody asks next: keys are kept from then."""
        clock = self.now
        ripe = [(at, work) for at, work in self.late if at <= clock()]
        self.late = [(at, work) for at, work in self.late if at > clock()]
        for arrived, work in ripe:
            self.now = lambda arrived=arrived: arrived
            work()
        self.now = clock

    def _write(self, path: str, headers: dict[str, str], body: Any) -> tuple[int, dict[str, str], Any]:
        fate = self.fates.pop(0) if self.fates else "works"
        if fate == "unreachable":
            raise Unreachable
        if fate == "lost":
            raise NoAnswer
        if fate == "refused":
            return 502, {}, ERROR
        if fate == "limited":
            return 429, {"Retry-After": "20"}, ERROR
        if fate == "late":
            self.late.append((self.now() + LATE, lambda: self.write(path, headers, body)))
            raise NoAnswer
        self.on_write()
        answer = self.write(path, headers, body)
        if fate == "unheard":
            raise NoAnswer
        if fate == "garbled":
            return 200, {}, "<html>?"
        if fate == "failing":
            return 502, {}, ERROR
        return answer

    @abstractmethod
    def read(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, str], Any]:
        """Answer a question."""

    @abstractmethod
    def write(self, path: str, headers: dict[str, str], body: Any) -> tuple[int, dict[str, str], Any]:
        """Do what is asked, and answer."""

    @abstractmethod
    def ask(self, text: str, who: str = "piet", *, to: int | None = None) -> int:
        """A customer says something, to the post with that id; its id."""

    @abstractmethod
    def ours(self) -> list[dict[str, Any]]:
        """What stands there in our name."""


class Forum(Server):
    """A Discourse forum of one topic. It knows no idempotency keys: every POST that gets through makes a post."""

    def ask(self, text: str, who: str = "piet", *, to: int | None = None) -> int:
        number = None if to is None else self.posts[to]["post_number"]
        return int(self._add(text, who, number)["id"])

    def ours(self) -> list[dict[str, Any]]:
        return [each for each in self.posts.values() if each["username"] == "webcare"]

    def write(self, path: str, headers: dict[str, str], body: Any) -> tuple[int, dict[str, str], Any]:
        if headers.get("api-key") != "sleutel":
            return 403, {}, {"errors": ["The API username or key is invalid."], "error_type": "invalid_access"}
        if path == "/post_actions.json":
            return self._like(self.posts[body["id"]])
        if self.moderated:
            return 200, {}, {"success": True, "action": "enqueued", "pending_post": {"id": 1, "raw": body["raw"]}}
        return 200, {}, self._add(body["raw"], "webcare", body.get("reply_to_post_number"))

    def _like(self, post: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        """A second like of the same post is refused."""
        if "actions_summary" in post:
            return 403, {}, {"errors": ["Oops! You already performed this action. Can you try refreshing the page?"]}
        post["actions_summary"] = [{"id": 2, "count": 1, "acted": True, "can_undo": True}]
        return 200, {}, post

    def read(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, str], Any]:
        shown = [self.posts[key] for key in sorted(self.posts, reverse=True)]
        if path == "/posts.json":
            before = int(query.get("before", ["1000000"])[0])
            listed = [each for each in shown if each["id"] not in self.unlisted]
            return 200, {}, {"latest_posts": [each for each in listed if each["id"] <= before][:50]}
        if path == "/latest.json":
            reread = shown and not self.unlisted
            topics = [{"id": 512, "title": "Storing", "bumped_at": shown[0]["created_at"]}] if reread else []
            return 200, {}, {"topic_list": {"topics": topics}}
        if path.startswith("/posts/"):
            post = self.posts.get(int(path.removesuffix(".json").split("/")[-1]))
            return (200, {}, post) if post else (404, {}, {"errors": ["weg"], "error_type": "not_found"})
        posts = list(reversed(shown))
        near = int(path.removesuffix(".json").split("/")[-1]) if path.count("/") > 2 else 1
        near = min(near, posts[-1]["post_number"])
        first = max(0, next(n for n, each in enumerate(posts) if each["post_number"] >= near) - 10)
        stream = {"posts": posts[first : first + 20], "stream": [each["id"] for each in posts]}
        return 200, {}, {"id": 512, "title": "Storing", "tags": [], "post_stream": stream}

    def _add(self, raw: str, who: str, answers: int | None) -> dict[str, Any]:
        number = len(self.posts) + 1
        at = stamp(self.now())
        self.posts[99 + number] = {
            "id": 99 + number,
            "username": who,
            "name": who.title(),
            "user_id": {"webcare": 1, "piet": 77}.get(who, 1000 + len(who)),
            "created_at": at,
            "updated_at": at,
            "cooked": f"<p>{raw}</p>",
            "raw": raw,
            "post_number": number,
            "post_type": 1,
            "topic_id": 512,
            "topic_slug": "storing",
            "topic_title": "Storing",
            "reply_to_post_number": answers,
            "version": 1,
        }
        return self.posts[99 + number]


@dataclass
class Instance(Server):
    """A Mastodon instance that remembers idempotency keys for an hour."""

    keys: dict[str, tuple[datetime, int]] = field(default_factory=dict)

    def ask(self, text: str, who: str = "piet", *, to: int | None = None, visibility: str = "public") -> int:
        return int(self._add(f"<p>{text}</p>", who, None if to is None else str(to), visibility)["id"])

    def ours(self) -> list[dict[str, Any]]:
        return [each for each in self.posts.values() if each["account"]["username"] == "acme"]

    def write(self, path: str, headers: dict[str, str], body: Any) -> tuple[int, dict[str, str], Any]:
        if headers.get("authorization") != "Bearer sleutel":
            return 401, {}, {"error": "The access token is invalid"}
        if path != "/api/v1/statuses":
            post = self.posts[int(path.split("/")[4])]
            post["favourited"] = path.endswith("/favourite")
            return 200, {}, post
        key = headers.get("idempotency-key", "")
        known = self.keys.get(key)
        if known is not None and self.now() - known[0] < timedelta(hours=1):
            return 200, {}, self.posts[known[1]]
        made = self._add(f"<p>{body['status']}</p>", "acme", body["in_reply_to_id"], body["visibility"])
        self.keys[key] = (self.now(), int(made["id"]))
        return 200, {}, made

    def read(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, str], Any]:
        if path == "/api/v1/accounts/verify_credentials":
            return 200, {}, mastodon_posts.credentials("acme", HOME, statuses_count=1)
        if path.endswith("/context"):
            return self._context(path.split("/")[4])
        if path.startswith("/api/v1/statuses/"):
            post = self.posts.get(int(path.split("/")[4]))
            return (200, {}, post) if post else (404, {}, {"error": "Record not found"})
        shown = [self.posts[key] for key in sorted(self.posts, reverse=True)]
        most = int(query.get("max_id", ["1000000"])[0])
        least = max(int(query.get(name, ["0"])[0]) for name in ("min_id", "since_id"))
        found = [each for each in shown if least < int(each["id"]) < most]
        if path == "/api/v1/notifications":
            named = [each for each in found if "@acme" in each["content"] and each["account"]["username"] != "acme"]
            return 200, {}, [self._told(each) for each in named][:40]
        found = [each for each in found if each["visibility"] == "public"]
        return 200, {}, [each for each in found if "#acme" in each["content"]][:40]

    def _told(self, post: dict[str, Any]) -> dict[str, Any]:
        """A notification of a post that names us."""
        told = {name: post[name] for name in ("id", "created_at", "account")}
        return {**told, "type": "mention", "group_key": f"ungrouped-{post['id']}", "status": post}

    def _context(self, key: str) -> tuple[int, dict[str, str], Any]:
        if int(key) not in self.posts:
            return 404, {}, {"error": "Record not found"}
        above: list[dict[str, Any]] = []
        up = self.posts[int(key)]["in_reply_to_id"]
        while up is not None and int(up) in self.posts:
            above.insert(0, self.posts[int(up)])
            up = above[0]["in_reply_to_id"]
        answers = [each for each in self.posts.values() if each["in_reply_to_id"] is not None]
        below = [each for each in answers if each not in above and each["id"] != key]
        return 200, {}, {"ancestors": above, "descendants": below}

    def _add(self, content: str, who: str, answers: str | None, visibility: str) -> dict[str, Any]:
        key, tag = 100 + len(self.posts), {"name": "acme", "url": f"https://{HOME}/tags/acme"}
        self.posts[key] = mastodon_posts.status(
            str(key),
            mastodon_posts.account(who, HOME, id=who),
            created_at=stamp(self.now()),
            in_reply_to_id=answers,
            visibility=visibility,
            content=content,
            tags=[tag],
        )
        return self.posts[key]


class Wire(httpx.AsyncBaseTransport):
    """The network between the polite client and a server in this process."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        try:
            status, headers, said = self._server.handle(request.method, str(request.url), dict(request.headers), body)
        except Unreachable:
            key = aiohttp.client_reqrep.ConnectionKey("x", 80, False, True, None, None, None)  # noqa: FBT003
            raise aiohttp.ClientConnectorError(key, ConnectionRefusedError(111, "refused")) from None
        except NoAnswer:
            msg = "no answer"
            raise httpx.ReadTimeout(msg) from None
        return httpx.Response(status, headers=headers, stream=_Body(json.dumps(said).encode()), request=request)


class _Body(httpx.AsyncByteStream):
    """An answer's bytes as they come off a wire."""

    def __init__(self, written: bytes) -> None:
        self._written = written

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._written


@contextmanager
def served(server: Server, port: int = 0) -> Iterator[str]:
    """The server on loopback, on a free port if none is given; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                status, more, said = server.handle(self.command, self.path, headers, body)
            except NoAnswer:
                self.close_connection = True
                return
            written = json.dumps(said).encode()
            self.send_response(status)
            for name, value in {
                **more,
                "Content-Type": "application/json",
                "Content-Length": str(len(written)),
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(written)

        do_POST = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

    with on_loopback(Handler, port) as address:
        yield address
