"""A workspace with its web application, and programs that call it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette

from connectors.push import PushedMessage
from inbox.desk import Desk
from inbox.programs.mentions import SETTLED
from inbox.settings import InboxSettings
from inbox.tokens import keeping
from inbox.tokens.scopes import Scope
from inbox.tokens.views import Wish
from store.brands import BrandRecord, sync_brands
from store.engine import Store
from store.ingest import commit_page
from store.records import MentionRecord
from store.sources import SourceRecord, sync_sources
from tests.conftest import Clock
from tests.store.making import mention, page
from web.api.settings import ApiSettings, Pushing
from web.app import make_app

EVERY = tuple(Scope)
BASE = "/api/v1"


@dataclass
class Outside:
    """A workspace with sources forum, shop (pushed to) and dm, and brands acme and rival."""

    store: Store
    clock: Clock
    settings: ApiSettings = field(default_factory=lambda: ApiSettings(per_minute=100_000, burst=10_000))
    app: Starlette = field(init=False)
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.desk = Desk(self.store, InboxSettings(timezone="Europe/Amsterdam"), self.clock)
        known = [
            SourceRecord(name, connector, platform, name.title(), 300, 172_800)
            for name, connector, platform in (
                ("forum", "discourse", "forum"),
                ("dm", "mastodon", "mastodon"),
                ("shop", "push", "push"),
            )
        ]
        sync_sources(self.store, known, self.clock())
        sync_brands(self.store, [BrandRecord("acme", "Acme", "acme"), BrandRecord("rival", "Rival", "x")], self.clock())
        push = Pushing(PushedMessage, {"shop": "push:shop"})
        self.app = make_app(self.desk, api=self.settings, push=push)

    def token(self, *scopes: Scope, days: int = 30, **bound: tuple[str, ...]) -> str:
        wanted = scopes or EVERY
        if Scope.WRITE_MENTIONS in wanted and scopes == ():
            wanted = tuple(scope for scope in EVERY if scope is not Scope.WRITE_MENTIONS)
        return keeping.make(self.desk, Wish("tests", wanted, days, **bound)).secret

    def program(self, token: str | None = None) -> Program:
        return Program(self.app, self.token() if token is None else token)

    def said(self, *found: MentionRecord, **values: Any) -> list[int]:
        return list(commit_page(self.store, page(*found, fetched_at=self.clock(), **values)).new_ids)

    def say(self, *external_ids: str, **values: Any) -> list[int]:
        """Messages that come in together."""
        return self.said(*(mention(one, **values) for one in external_ids))

    def settle(self) -> None:
        """Let as much time pass as lines of JSON stay behind."""
        self.clock.step(SETTLED * 2)


class Program:
    """Something that calls the API with a token."""

    def __init__(self, app: Starlette, token: str) -> None:
        self._app = app
        self._headers = {b"Authorization": f"Bearer {token}".encode()} if token else {}

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app, raise_app_exceptions=False)
            headers = {
                **self._headers,
                **{name.encode(): value.encode() for name, value in more.pop("headers", {}).items()},
            }
            async with httpx.AsyncClient(transport=transport, base_url="http://web.example") as client:
                return await client.request(method, path, headers=headers, **more)

        return asyncio.run(asked())

    def get(self, path: str, headers: dict[str, str] | None = None, **params: Any) -> httpx.Response:
        return self.ask("GET", BASE + path, params=params, headers=headers or {})

    def data(self, path: str, **params: Any) -> Any:
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def pages(self, path: str, **params: Any) -> list[list[dict[str, Any]]]:
        """All pages of a list."""
        found: list[list[dict[str, Any]]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = self.get(path, **params, **cursor)
            assert answer.status_code == 200, answer.text
            told = answer.json()
            found.append(told["data"])
            if told["next"] is None:
                return found
            cursor = {"cursor": told["next"]}

    def push(self, *messages: Any, **params: Any) -> httpx.Response:
        return self.ask("POST", BASE + "/mentions", json={"mentions": list(messages)}, params=params)


def refused(answer: httpx.Response, status: int) -> str:
    """What a refusal says; it is one in the form of problem details."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert told["detail"].endswith((".", ")"))
    assert told["detail"][0].isupper()
    return str(told["detail"])
