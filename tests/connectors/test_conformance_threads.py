from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from connectors.conformance import ConnectorSuite, Utterance
from connectors.contract import Connector
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse, Request
from connectors.threads import Threads, ThreadsOptions
from tests.connectors.meta_fake import FakeGraph, error, stamp

ROOT = "18000000000000001"
LINES: dict[str, Any] = {"replies": False, "own_replies": False, "mentions": False}


class FakeThreads(FakeGraph):
    """An account of which one line of work is read."""

    options: dict[str, Any]

    def connector(self) -> Connector[Any]:
        made = Threads(ThreadsOptions.model_validate({"username": "acme", **LINES, **self.options}))
        made.login_taken({"token": "very-secret"})
        return made

    def entry(self, utterance: Utterance) -> Json:
        return {
            "id": str(utterance.number),
            "text": utterance.text,
            "timestamp": stamp(utterance.at),
            "username": utterance.author,
            "permalink": f"https://www.threads.com/@{utterance.author}/post/D{utterance.number}",
            "is_reply": True,
            "root_post": {"id": ROOT},
            "replied_to": {"id": ROOT if utterance.answers is None else str(utterance.answers)},
        }

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        path = urlsplit(request.url).path.removeprefix("/v1.0").strip("/")
        if path == "refresh_access_token":
            return self.json(request, {"access_token": "renewed", "token_type": "bearer", "expires_in": 5183944})
        first = min((each.at for each in self.utterances), default=self.now)
        own = {"id": ROOT, "text": "Welkom", "timestamp": stamp(first), "username": "acme", "has_replies": True}
        if path == ROOT:
            return self.json(request, own)
        if path in {"me/threads", "me/replies"}:
            return self.listed(request, [own] if "after" not in dict(request.params) else [])
        if path == "me":
            return self.json(request, {"id": "1"})
        if "/" in path or path == "keyword_search":
            return self.listed(request, self.entries(self.newest()))
        said = self.utterances[int(path) - 1]
        missing = error(100, "Unsupported get request. Object does not exist", 33)
        return self.json(request, missing, 400) if said.removed else self.json(request, self.entry(said))


@dataclass
class Replies(FakeThreads):
    """Replies to one own thread."""

    levels = 0
    options = {"replies": True}  # noqa: RUF012


@dataclass
class OwnReplies(FakeThreads):
    """Replies to a reply of ours."""

    options = {"own_replies": True}  # noqa: RUF012


@dataclass
class Mentions(FakeThreads):
    """Posts that mention us."""

    options = {"mentions": True}  # noqa: RUF012


@dataclass
class Search(FakeThreads):
    """Hits of a search."""

    options = {"search": True, "search_approved": True}  # noqa: RUF012


class TestReplies(ConnectorSuite):
    platform = Replies


class TestOwnReplies(ConnectorSuite):
    platform = OwnReplies


class TestMentions(ConnectorSuite):
    platform = Mentions


class TestSearch(ConnectorSuite):
    platform = Search
