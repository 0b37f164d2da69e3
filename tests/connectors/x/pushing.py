"""The small X with its filtered stream: rules, connections that follow a script, refusals, and the bill.

It runs in the test's own event loop. A step of a script ends when the other side has taken it in, so that the clock,
which only the script and the waits of the client move, tells the same on both sides.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from aiohttp import web

from connectors.items import Json
from tests.connectors.loopback import Answer, Asked
from tests.connectors.x.saying import problem, snowflake, user
from tests.connectors.x.site import XSite

STREAM = "/2/tweets/search/stream"
KEEP_ALIVE = timedelta(seconds=20)
Refusal = tuple[int, Json | bytes, dict[str, str]]


class GoneError(Exception):
    """The other side has left."""


@dataclass
class Pushing(XSite):
    """The service.

    Attributes:
        step: moves the clock.
        rules: what stands on the server.
        most_rules: as the access allows.
        script: what each connection does; when it is through, the connection stays and is kept alive.
        refusals: what the next connections get instead.
        opened: when each connection was made.
        connects: connections left in `window`; None is plenty.
        committed, heard: set when the other side stored something, or read something.
    """

    step: Callable[[timedelta], datetime] = lambda _: datetime.max.replace(tzinfo=UTC)
    rules: list[dict[str, str]] = field(default_factory=list)
    most_rules: int = 1000
    script: list[Callable[[Connection], Awaitable[None]]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    opened: list[datetime] = field(default_factory=list)
    params: list[dict[str, str]] = field(default_factory=list)
    connects: int | None = None
    window_ends: datetime | None = None
    rule_calls: list[str] = field(default_factory=list)
    committed: bool = False
    heard: bool = False

    def progress(self) -> None:
        self.committed = True

    def clock_read(self) -> datetime:
        """The clock of whoever reads the stream; reads it at each sign of life."""
        self.heard = True
        return self.now()

    # --- what is asked -----------------------------------------------------------------------------------------------

    def handle(self, asked: Asked) -> Answer:
        if asked.path == f"{STREAM}/rules":
            return self._refusal(asked) or self._ruled(asked)
        return super().handle(asked)

    def _ruled(self, asked: Asked) -> Answer:
        self.rule_calls.append(asked.method)
        if asked.method == "GET":
            body: dict[str, Json] = {"meta": {"sent": "2026-11-22T12:00:00.000Z", "result_count": len(self.rules)}}
            return Answer({**body, **({"data": list(self.rules)} if self.rules else {})})  # type: ignore[dict-item]
        if "delete" in asked.json:
            gone = set(asked.json["delete"]["ids"])
            self.rules = [each for each in self.rules if each["id"] not in gone]
            summary = {"deleted": len(gone), "not_deleted": 0}
            return Answer({"meta": {"sent": "2026-11-22T12:00:00.000Z", "summary": summary}})
        return self._add(asked.json["add"])

    def _add(self, wished: list[dict[str, str]]) -> Answer:
        errors: list[Json] = []
        made: list[dict[str, str]] = []
        for each in wished:
            if any(rule["value"] == each["value"] for rule in self.rules):
                errors.append(problem("duplicate-rules", "DuplicateRule", value=each["value"], id="1"))
            elif "nonsense:" in each["value"]:
                reason: Json = ["Reference to invalid operator 'nonsense'."]
                errors.append(problem("invalid-rules", "Invalid Rule", value=each["value"], details=reason))
            elif len(self.rules) + len(made) >= self.most_rules:
                errors.append(problem("rule-cap", "RulesCapExceeded", "Rules must not exceed the cap."))
            else:
                self._number += 1
                made.append({"id": snowflake(self.now(), self._number), **each})
        self.rules += made
        summary = {"created": len(made), "not_created": len(errors), "valid": len(made), "invalid": len(errors)}
        body: dict[str, Any] = {"meta": {"sent": "2026-11-22T12:00:00.000Z", "summary": summary}}
        body |= {"data": made} if made else {}
        body |= {"errors": errors} if errors else {}
        return Answer(body, 201 if made else 200)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.method, request.path, dict(request.query), headers, await request.read())
        if request.path == STREAM:
            return await self._pushed(request, asked)
        answer = self.handle(asked)
        told = {"Content-Type": "application/json", **(answer.headers or {})}
        return web.Response(body=answer.written, status=answer.status, headers=told)

    async def _pushed(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        self.opened.append(self.now())
        self.params.append(asked.params)
        refused = self._refused(asked)
        if refused is not None:
            status, body, headers = refused
            written = body if isinstance(body, bytes) else orjson.dumps(body)
            return web.Response(body=written, status=status, headers={"Content-Type": "application/json", **headers})
        response = web.StreamResponse(headers={"Content-Type": "application/json", **self._limits()})
        await response.prepare(request)
        connection = Connection(self, request, response)
        try:
            if self.script:
                await self.script.pop(0)(connection)
            else:
                while True:
                    await connection.alive()
        except (GoneError, ConnectionError):
            pass
        return response

    def _refused(self, asked: Asked) -> Refusal | None:
        if asked.headers.get("authorization") != "Bearer app-token":
            return 401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}, {}
        if self.refusals:
            return self.refusals.pop(0)
        if self.connects is not None:
            if self.window_ends is None or self.now() >= self.window_ends:
                self.connects, self.window_ends = 5, self.now() + timedelta(minutes=15)
            if self.connects == 0:
                self.announced += 1
                return 429, {"title": "Too Many Requests", "status": 429, "type": "about:blank"}, self._limits()
            self.connects -= 1
        if not self.rules:
            issue = problem("streaming-connection", "ConnectionException", connection_issue="RuleConfigurationIssue")
            return 409, issue, {}
        return None

    def _limits(self) -> dict[str, str]:
        if self.connects is None or self.window_ends is None:
            return {}
        return {
            "x-rate-limit-limit": "5",
            "x-rate-limit-remaining": str(self.connects),
            "x-rate-limit-reset": str(int(self.window_ends.timestamp())),
        }

    def line(self, key: str) -> bytes:
        """A post as the stream tells it; charged with its author."""
        said = self.posts[key]
        matching = [{"id": r["id"], "tag": r["tag"]} for r in self.rules if self._matches(r["value"], said)]
        shape, author = self._shape(said), user(said.author)
        self._charge({"data": [shape], "includes": {"users": [author]}})
        return orjson.dumps({"data": shape, "includes": {"users": [author]}, "matching_rules": matching}) + b"\r\n"


@dataclass
class Connection:
    """One connection, for a script."""

    site: Pushing
    request: web.Request
    response: web.StreamResponse

    async def says(self, text: str, author: str = "jo_example") -> str:
        """Somebody writes a post that a rule asks for."""
        key = self.site.say(text, author)
        await self.tells(key)
        return key

    async def tells(self, key: str) -> None:
        """A post is delivered; ends when it was stored."""
        self.site.committed = False
        await self.response.write(self.site.line(key))
        await self._until(lambda: self.site.committed)

    async def alive(self, times: int = 1) -> None:
        """Twenty seconds pass, and an empty line says that the connection stands."""
        for _ in range(times):
            self.site.step(KEEP_ALIVE)
            await self.writes(b"\r\n")

    async def writes(self, some: bytes) -> None:
        """Something is sent; ends when it was read."""
        self.site.heard = False
        await self.response.write(some)
        await self._until(lambda: self.site.heard)

    def breaks(self) -> None:
        """The connection is torn."""
        if self.request.transport is not None:
            self.request.transport.abort()

    async def _until(self, done: Callable[[], bool]) -> None:
        while not done():
            if self.request.transport is None or self.request.transport.is_closing():
                raise GoneError
            await asyncio.sleep(0.001)  # the other side's turn


@asynccontextmanager
async def serving(site: Pushing) -> AsyncIterator[str]:
    """Serve it on loopback; gives its address."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", site.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    one = web.TCPSite(runner, "127.0.0.1", 0)
    await one.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
