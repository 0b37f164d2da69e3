from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from connectors.conformance import ConnectorSuite, Utterance
from connectors.contract import Connector
from connectors.facebook import Facebook, FacebookOptions
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse, Request
from tests.connectors import facebook_contract
from tests.connectors.meta_fake import FakeGraph, error, stamp
from tests.connectors.meta_server import asked_of

PAGE = "102030405060708"
POST = f"{PAGE}_506070809010203"
LINES = ("posts", "visitor_posts", "tagged", "reviews", "messages")


class FakePage(FakeGraph):
    """A page of which one line of work is read."""

    line = "posts"

    def connector(self) -> Connector[Any]:
        lines = {name: name == self.line for name in LINES}
        return Facebook(FacebookOptions.model_validate({"page": PAGE, "token": "very-secret", **lines}))

    def entry(self, utterance: Utterance) -> Json:
        return {
            "id": f"506070809010203_{utterance.number}",
            "message": utterance.text,
            "created_time": stamp(utterance.at),
            "from": {"id": f"7{utterance.author}", "name": utterance.author.title()},
            "permalink_url": f"https://www.facebook.com/{POST}?comment_id={utterance.number}",
        }

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        answer = self.said(request)
        if facebook_contract.checked() and not (self.unknown_fields or any(each.broken for each in self.utterances)):
            facebook_contract.hold(PAGE, asked_of(request, orjson.loads(answer.body)))
        return answer

    def said(self, request: HttpRequest) -> HttpResponse:
        path = urlsplit(request.url).path.removeprefix("/v26.0/")
        if "/" in path:
            return self.edge(request, path)
        if path == PAGE:
            return self.json(request, {"id": PAGE})
        asked = dict(request.params)["ids"].split(",") if not path else [path]
        found = {key: self.utterances[int(key.rpartition("_")[2]) - 1] for key in asked}
        if any(each.removed for each in found.values()):
            missing = error(100, "Unsupported get request. Object does not exist", 33)
            return self.json(request, missing, 400)
        entries = {key: self.entry(each) for key, each in found.items()}
        return self.json(request, entries if not path else entries[path])

    def edge(self, request: HttpRequest, path: str) -> HttpResponse:  # noqa: ARG002
        return self.listed(request, self.entries(self.newest()))


@dataclass
class Comments(FakePage):
    """One post of the page with comments."""

    page_size = 20
    levels = 2

    def entry(self, utterance: Utterance) -> Json:
        plain = super().entry(utterance)
        assert isinstance(plain, dict)
        if utterance.answers is None:
            return plain
        return {**plain, "parent": {"id": f"506070809010203_{self.first_of(utterance).number}"}}

    def said(self, request: HttpRequest) -> HttpResponse:
        if urlsplit(request.url).path == f"/v26.0/{POST}":
            return self.json(request, {**self.post(), "comments": {"data": self.entries(self.newest()[:100])}})
        return super().said(request)

    def edge(self, request: HttpRequest, path: str) -> HttpResponse:
        if path.endswith("/comments"):
            return super().edge(request, path)
        summary = {"total_count": len(self.newest())}
        return self.listed(request, [{**self.post(), "comments": {"data": [], "summary": summary}}])

    def post(self) -> dict[str, Json]:
        first = min((each.at for each in self.utterances), default=self.now)
        return {
            "id": POST,
            "message": "Welkom",
            "created_time": stamp(first),
            "from": {"id": PAGE, "name": "Acme"},
            "permalink_url": f"https://www.facebook.com/{POST}",
        }


@dataclass
class Visitors(FakePage):
    """Posts of visitors, of which nobody said anything yet."""

    line = "visitor_posts"

    def entry(self, utterance: Utterance) -> Json:
        plain = super().entry(utterance)
        assert isinstance(plain, dict)
        return {**plain, "comments": {"data": [], "summary": {"total_count": 0}}}


@dataclass
class Tagged(FakePage):
    """Posts that tag the page."""

    line = "tagged"


@dataclass
class Reviews(FakePage):
    """Recommendations."""

    line = "reviews"

    def entry(self, utterance: Utterance) -> Json:
        return {
            "created_time": stamp(utterance.at),
            "recommendation_type": "negative",
            "review_text": utterance.text,
            "has_rating": False,
            "has_review": True,
            "reviewer": {"id": f"7{utterance.author}", "name": utterance.author.title()},
            "open_graph_story": {"id": f"9{utterance.number}"},
        }


@dataclass
class Messages(FakePage):
    """One conversation."""

    line = "messages"

    def edge(self, request: HttpRequest, path: str) -> HttpResponse:
        if path.endswith("/messages"):
            return super().edge(request, path)
        last = max((each.edited_at or each.at for each in self.utterances), default=self.now)
        return self.listed(request, [{"id": "t_1", "updated_time": stamp(last)}])

    def entry(self, utterance: Utterance) -> Json:
        return {
            "id": f"m_{utterance.number}",
            "created_time": stamp(utterance.at),
            "from": {"id": f"7{utterance.author}", "name": utterance.author.title()},
            "to": {"data": [{"id": PAGE, "name": "Acme"}]},
            "message": utterance.text,
        }


class TestComments(ConnectorSuite):
    platform = Comments


class TestVisitors(ConnectorSuite):
    platform = Visitors


class TestTagged(ConnectorSuite):
    platform = Tagged


class TestReviews(ConnectorSuite):
    platform = Reviews


class TestMessages(ConnectorSuite):
    platform = Messages


def test_the_fakes_refuse_as_the_platform_words_it() -> None:
    side = Comments()
    request = HttpRequest(f"https://graph.facebook.com/v26.0/{POST}/comments")
    refusals = (
        side.rate_limited(request, 60),
        side.unauthorized(request),
        side.revoked(request),
        side.denied(request),
        side.out_of_scope(request),
    )
    for refused in refusals:
        assert isinstance(refused, HttpResponse)
        facebook_contract.hold_refusal(orjson.loads(refused.body))
