from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from connectors.conformance import ConnectorSuite, Utterance
from connectors.contract import Connector
from connectors.instagram import Instagram, InstagramOptions
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse, Request
from tests.connectors import instagram_contract
from tests.connectors.meta_fake import FakeGraph, error, stamp
from tests.connectors.meta_server import asked_of

ACCOUNT = "17841400000000001"
MEDIUM = "17900000000000001"
LINK = "https://www.instagram.com/p/CMeo7rcJvTi/"
LINES: dict[str, Any] = {"comments": False, "tags": False, "messages": False}


class FakeAccount(FakeGraph):
    """An account of which one line of work is read, with Instagram's own login."""

    options: dict[str, Any]

    def connector(self) -> Connector[Any]:
        made = Instagram(InstagramOptions.model_validate({"account": ACCOUNT, **LINES, **self.options}))
        made.login_taken({"token": "very-secret"})
        return made

    def entry(self, utterance: Utterance) -> Json:
        name = utterance.author
        return {
            "id": str(utterance.number),
            "text": utterance.text,
            "timestamp": stamp(utterance.at),
            "username": name,
            "from": {"id": f"7{name}", "username": name},
            "media": {"id": MEDIUM, "permalink": LINK, "username": "acme"},
        }

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        answer = self.said(request)
        if instagram_contract.checked() and not (self.unknown_fields or any(each.broken for each in self.utterances)):
            instagram_contract.hold(ACCOUNT, asked_of(request, orjson.loads(answer.body)))
        return answer

    def said(self, request: HttpRequest) -> HttpResponse:
        path = urlsplit(request.url).path.removeprefix("/v26.0").strip("/")
        if path == "refresh_access_token":
            return self.json(request, {"access_token": "renewed", "token_type": "bearer", "expires_in": 5183944})
        if "/" in path:
            return self.edge(request, path)
        if path == ACCOUNT:
            return self.json(request, {"id": ACCOUNT})
        return self.one(request, path)

    def one(self, request: HttpRequest, path: str) -> HttpResponse:
        said = self.utterances[int(path) - 1]
        if said.removed:
            return self.json(request, error(100, "Unsupported get request. Object does not exist", 33), 400)
        return self.json(request, self.entry(said))

    def edge(self, request: HttpRequest, path: str) -> HttpResponse:  # noqa: ARG002
        return self.listed(request, self.entries(self.newest()))


@dataclass
class Comments(FakeAccount):
    """One medium with comments."""

    levels = 2
    options = {"comments": True}  # noqa: RUF012

    def entry(self, utterance: Utterance) -> Json:
        plain = super().entry(utterance)
        assert isinstance(plain, dict)
        if utterance.answers is not None:
            return {**plain, "parent_id": str(self.first_of(utterance).number)}
        below = [each for each in self.newest() if each.answers and self.first_of(each) is utterance]
        return {**plain, "replies": {"data": self.entries(below)}} if below else plain

    def edge(self, request: HttpRequest, path: str) -> HttpResponse:
        if path.endswith("/comments"):
            return self.listed(request, self.entries([each for each in self.newest() if each.answers is None]))
        first = min((each.at for each in self.utterances), default=self.now)
        medium = {
            "id": MEDIUM,
            "caption": "Welkom",
            "permalink": LINK,
            "timestamp": stamp(first),
            "username": "acme",
            "comments_count": len(self.newest()),
        }
        return self.listed(request, [medium])


class Photos(FakeAccount):
    """Media of others."""

    def entry(self, utterance: Utterance) -> Json:
        return {
            "id": str(utterance.number),
            "caption": utterance.text,
            "timestamp": stamp(utterance.at),
            "username": utterance.author,
            "permalink": LINK,
        }


@dataclass
class Tags(Photos):
    """Media that tag us; their list has places, but never says whether there is more."""

    options = {"tags": True}  # noqa: RUF012

    def edge(self, request: HttpRequest, path: str) -> HttpResponse:
        listed = super().edge(request, path)
        body = orjson.loads(listed.body)
        body["paging"].pop("next", None)
        return self.json(request, body)


@dataclass
class Hashtag(Photos):
    """Media with a hashtag, in no order."""

    options = {"hashtags": ["klankbord"], "login": "facebook"}  # noqa: RUF012

    def edge(self, request: HttpRequest, path: str) -> HttpResponse:
        if path.endswith("/recently_searched_hashtags"):
            return self.listed(request, [{"id": "178", "name": "iets"}])
        return super().edge(request, path)

    def one(self, request: HttpRequest, path: str) -> HttpResponse:
        if path == "ig_hashtag_search":
            return self.json(request, {"data": [{"id": "17843826142012701"}]})
        return super().one(request, path)


@dataclass
class Messages(FakeAccount):
    """One conversation."""

    options = {"messages": True}  # noqa: RUF012

    def edge(self, request: HttpRequest, path: str) -> HttpResponse:
        if path.endswith("/messages"):
            return super().edge(request, path)
        last = max((each.edited_at or each.at for each in self.utterances), default=self.now)
        return self.listed(request, [{"id": "aWd_1", "updated_time": stamp(last)}])

    def entry(self, utterance: Utterance) -> Json:
        return {
            "id": f"m_{utterance.number}",
            "created_time": stamp(utterance.at),
            "from": {"id": f"7{utterance.author}", "username": utterance.author},
            "to": {"data": [{"id": ACCOUNT, "username": "acme"}]},
            "message": utterance.text,
        }


class TestComments(ConnectorSuite):
    platform = Comments


class TestTags(ConnectorSuite):
    platform = Tags


class TestHashtag(ConnectorSuite):
    platform = Hashtag


class TestMessages(ConnectorSuite):
    platform = Messages
