from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

import orjson

from connectors.conformance import ConnectorSuite, FakePlatform, Utterance
from connectors.contract import Connector
from connectors.items import Json
from connectors.reddit import Reddit, RedditOptions
from connectors.requests import HttpRequest, HttpResponse, Request, Response
from tests.connectors.loopback import Asked
from tests.connectors.reddit_site import SUB, Site, Thing, message

APP = {"approved": True, "username": "acme_helpt", "client_id": "app", "client_secret": "geheim"}
LOGIN = {**APP, "refresh_token": "refresh-1"}


@dataclass
class OnReddit(FakePlatform):
    """Posts with our word. What the suite says is put into the site of the other tests."""

    says_removed = True
    options: dict[str, Any] = field(default_factory=lambda: {**LOGIN, "terms": ["klankbord"]})

    def connector(self) -> Connector[Any]:
        made = Reddit(RedditOptions.model_validate(self.options))
        made.login_taken({"client_id": "app", "refresh_token": "refresh-1", "access_token": "access-1"})
        return made

    def thing(self, said: Utterance) -> Thing:
        name = f"t3_{said.number:05d}"
        made = Thing(name, said.author, said.at, said.text, title="Vraag", link=name, edited=said.edited_at)
        made.removed = "deleted" if said.removed else None
        return made

    def around(self) -> list[Thing]:
        """What stands there beside what the suite says."""
        return []

    def site(self) -> Site:
        site = Site(lambda: self.now, page_size=self.page_size)
        site.things = [self.thing(said) for said in self.newest()]
        site.things += self.around()
        site.mixed = True
        return site

    def entry(self, utterance: Utterance) -> Json:  # noqa: ARG002 -- the site writes them
        return {}

    def said_by(self, request: HttpRequest) -> HttpResponse:
        site = self.site()
        headers = {name.lower(): value for name, value in request.headers.items()}
        site.tokens = {headers.get("authorization", "").removeprefix("bearer ")}
        body = urlencode(request.form or ()).encode()
        said = site.handle(Asked(request.method, urlsplit(request.url).path, dict(request.params), headers, body))
        return self.raw(
            request, said.written, said.status, {"content-type": "application/json", **(said.headers or {})}
        )

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        said = self.said_by(request)
        body = orjson.loads(said.body)
        if isinstance(body, list) or body.get("kind") != "Listing":
            return said
        numbers = {each.number: each for each in self.utterances}
        written: list[Json] = []
        for child in body["data"]["children"]:
            utterance = numbers[int(child["data"]["name"][3:])]
            self.entry = lambda _, child=child: child  # type: ignore[method-assign, misc]
            written += self.entries([utterance])
        body["data"]["children"] = written
        return self.json(request, body)

    def rate_limited(self, request: Request, wait_s: int | None) -> Response:
        headers = {} if wait_s is None else {"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": str(wait_s)}
        return self.raw(request, b"<html>429</html>", 429, headers)

    def unauthorized(self, request: Request) -> Response:
        return self.json(request, message(401, "Unauthorized").body, 401)

    def out_of_scope(self, request: Request) -> Response:
        return self.json(request, message(403, "Forbidden").body, 403)


@dataclass
class WithoutAnAccount(OnReddit):
    """An approved app where nobody is logged in: it reads."""

    options: dict[str, Any] = field(default_factory=lambda: {**APP, "subreddits": [SUB]})
    proving: ClassVar[frozenset[str] | None] = frozenset({f"posts:{SUB}"})

    def connector(self) -> Connector[Any]:
        made = Reddit(RedditOptions.model_validate(self.options))
        made.login_taken({"client_id": "app", "access_token": "access-1"})
        return made


@dataclass
class Comments(OnReddit):
    """Comments in a subreddit of ours."""

    levels = 0
    options: dict[str, Any] = field(default_factory=lambda: {**LOGIN, "own_subreddits": [SUB]})
    proving: ClassVar[frozenset[str] | None] = frozenset({f"comments:{SUB}"})

    def around(self) -> list[Thing]:
        return [
            Thing("t3_1abcde", "iemand", self.now, "Een vraag", title="Vraag", link="t3_1abcde", subreddit="elders")
        ]

    def thing(self, said: Utterance) -> Thing:
        parent = "t3_1abcde" if said.answers is None else f"t1_{said.answers:05d}"
        made = Thing(f"t1_{said.number:05d}", said.author, said.at, said.text, link="t3_1abcde", parent=parent)
        made.removed, made.edited = "deleted" if said.removed else None, said.edited_at
        return made


@dataclass
class Inbox(Comments):
    """Answers to our own comments."""

    options: dict[str, Any] = field(default_factory=lambda: {**LOGIN, "inbox": True})
    proving: ClassVar[frozenset[str] | None] = frozenset({"inbox"})

    def thing(self, said: Utterance) -> Thing:
        made = super().thing(said)
        made.to_us = True
        return made


@dataclass
class Messages(OnReddit):
    """Private messages: they cannot be edited, and nobody tells when one is removed."""

    shows_edits = False
    says_removed = False
    options: dict[str, Any] = field(default_factory=lambda: {**LOGIN, "inbox": True})
    proving: ClassVar[frozenset[str] | None] = frozenset({"inbox"})

    def thing(self, said: Utterance) -> Thing:
        return Thing(f"t4_{said.number:05d}", said.author, said.at, said.text, to_us=True)


@dataclass
class Feed(OnReddit):
    """The private feeds of an account, without an app."""

    says_removed = False
    options: dict[str, Any] = field(
        default_factory=lambda: {"feed_user": "acme_helpt", "feed_token": "f33d", "subreddits": [SUB]}
    )
    proving: ClassVar[frozenset[str] | None] = frozenset({f"feed-posts:{SUB}"})

    def connector(self) -> Connector[Any]:
        return Reddit(RedditOptions.model_validate(self.options))

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        said = self.said_by(request)
        text = said.body.decode()
        for each in self.utterances:
            if each.broken:
                text = text.replace(f"<id>t3_{each.number:05d}</id>", "<id>urn:x</id>")
        if self.unknown_fields:
            text = text.replace("<entry>", "<entry><zz>1</zz>")
        return self.raw(request, text.encode(), said.status, {"content-type": "application/atom+xml"})

    def rate_limited(self, request: Request, wait_s: int | None) -> Response:
        return self.raw(request, b"<html>", 429, {} if wait_s is None else {"retry-after": str(wait_s)})

    def unauthorized(self, request: Request) -> Response:
        return self.raw(request, b"<html>whoa there</html>", 403, {})


class TestSearch(ConnectorSuite):
    platform = OnReddit


class TestSubredditWithoutAnAccount(ConnectorSuite):
    platform = WithoutAnAccount


class TestCommentsInASubredditOfOurs(ConnectorSuite):
    platform = Comments


class TestInbox(ConnectorSuite):
    platform = Inbox


class TestPrivateMessages(ConnectorSuite):
    platform = Messages


class TestFeed(ConnectorSuite):
    platform = Feed
