"""Each line of work against the rules that every connector keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from connectors.conformance import ConnectorSuite, FakePlatform, Utterance
from connectors.contract import Connector
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse, Request, Response
from connectors.x import X, XOptions
from tests.connectors.x.saying import OUR_NAME, US, page, post, problem, renamed, reply_to, snowflake, stamp, user


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


@dataclass
class SearchedX(FakePlatform):
    """Answers recent search, by start, end and token, newest first."""

    page_size = 100
    levels = 0
    options = {"bearer_token": "app-token"}  # noqa: RUF012

    def connector(self) -> Connector[Any]:
        return X(XOptions.model_validate(self.options))

    def key(self, said: Utterance) -> str:
        return snowflake(said.at, said.number)

    def entry(self, utterance: Utterance) -> Json:
        key, text = self.key(utterance), utterance.text
        shown = post(key, text, utterance.at, utterance.author)
        if utterance.edited_at is not None:
            newer = snowflake(utterance.edited_at, utterance.number)
            shown |= {"id": newer, "edit_history_tweet_ids": [key, newer], "created_at": stamp(utterance.edited_at)}
        if utterance.answers is not None:
            answered, root = self.utterances[utterance.answers - 1], self.first_of(utterance)
            shown |= reply_to(self.key(answered), answered.author, self.key(root))
        return shown

    def shown(self, request: HttpRequest) -> list[Utterance]:
        """What a window and a token leave, newest first."""
        params = dict(request.params)
        start, end = _instant(params.get("start_time")), _instant(params.get("end_time"))
        token = params.get("next_token") or params.get("pagination_token")
        below = None if token is None else int(token.removeprefix("below"))
        return [
            said
            for said in self.newest()
            if (start is None or self.at(said) >= start)
            and (end is None or self.at(said) < end)
            and (below is None or said.number < below)
        ]

    @staticmethod
    def at(said: Utterance) -> datetime:
        return said.edited_at or said.at

    def listed(self, request: HttpRequest, found: Sequence[Utterance]) -> HttpResponse:
        size = int(dict(request.params)["max_results"])
        some = found[:size]
        token = f"below{some[-1].number}" if len(found) > size else None
        return self.json(request, page(self.entries(some), [user("piet84")], token))

    def looked_up(self, request: HttpRequest) -> HttpResponse:
        ids = dict(request.params)["ids"].split(",")
        here = {self.key(said): said for said in self.newest()}
        if any(name.endswith(".fields") for name in dict(request.params)):
            return self.json(request, page(self.entries([here[key] for key in ids if key in here]), [user("piet84")]))
        errors: list[Json] = [
            problem("resource-not-found", "Not Found Error", resource_id=key, resource_type="tweet", value=key)
            for key in ids
            if key not in here
        ]
        body: dict[str, Json] = {"data": [{"id": key, "text": here[key].text} for key in ids if key in here]}
        return self.json(request, {name: value for name, value in {**body, "errors": errors}.items() if value})

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        if urlsplit(request.url).path == "/2/tweets":
            return self.looked_up(request)
        return self.listed(request, self.shown(request))

    def rate_limited(self, request: Request, wait_s: int | None) -> Response:
        until = {} if wait_s is None else {"x-rate-limit-reset": str(int(self.now.timestamp()) + wait_s)}
        body = {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
        return self.json(request, body, 429, until)

    def unauthorized(self, request: Request) -> Response:
        body = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
        return self.json(request, body, 401)

    def out_of_scope(self, request: Request) -> Response:
        said = problem("client-forbidden", "Client Forbidden", detail="This app lacks the right", status=403)
        return self.json(request, said, 403)


@dataclass
class RenamedX(SearchedX):
    """The same service after it took up the names of 2026."""

    options = {"bearer_token": "app-token", "fields": "post"}  # noqa: RUF012

    def entry(self, utterance: Utterance) -> Json:
        return renamed(super().entry(utterance))


@dataclass
class StreamedX(SearchedX):
    """Two searches that lead to a stream, and fill what it missed."""

    options = {  # noqa: RUF012
        "bearer_token": "app-token", "stream": True, "query_length": 100,
        "terms": ["a" * 70, "b" * 70], "search": False,
    }  # fmt: skip

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        if urlsplit(request.url).path.endswith("/rules"):
            values = [f'"{"a" * 70}" -is:retweet', f'"{"b" * 70}" -is:retweet']
            rules = [{"id": str(n), "value": value, "tag": "klankbord conformance"} for n, value in enumerate(values)]
            return self.json(request, {"data": rules, "meta": {"sent": "now"}})
        if "bbb" in dict(request.params).get("query", ""):
            return self.json(request, page([], []))
        return super().answer(request)


@dataclass
class MentioningX(SearchedX):
    """Our mentions, read with a login that renews itself."""

    options = {"search": False, "mentions": True, "account": OUR_NAME, "account_id": US}  # noqa: RUF012

    def connector(self) -> Connector[Any]:
        made = X(XOptions.model_validate(self.options))
        made.login_taken({"access_token": "one", "refresh_token": "two", "client_id": "app"})
        return made

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        path = urlsplit(request.url).path
        if path == "/2/oauth2/token":
            granted = {"access_token": "three", "refresh_token": "four", "expires_in": 7200, "token_type": "bearer"}
            return self.json(request, granted)
        return super().answer(request)


@dataclass
class AnsweredX(MentioningX):
    """Replies under a post of ours."""

    levels = None
    options = {"search": False, "conversations": True, "account": OUR_NAME, "account_id": US}  # noqa: RUF012
    root = snowflake(datetime(2026, 11, 19, 9, 0, tzinfo=UTC))

    def entry(self, utterance: Utterance) -> Json:
        entry = super().entry(utterance)
        assert isinstance(entry, dict)
        return {**entry, **reply_to(self.root, OUR_NAME)}

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        path = urlsplit(request.url).path
        if path == f"/2/users/{US}/tweets":
            at = self.now - timedelta(days=1)
            return self.json(request, page([post(self.root, "Onderhoud vannacht", at, OUR_NAME)], []))
        if path == "/2/tweets/search/recent" and self.root not in dict(request.params)["query"]:
            return self.json(request, page([], []))
        return super().answer(request)


@dataclass
class MessagedX(MentioningX):
    """Direct messages; X takes no start and no end here, and tells of a removal nowhere."""

    options = {"search": False, "messages": True, "account": OUR_NAME, "account_id": US}  # noqa: RUF012
    shows_edits = False
    levels = None

    def entry(self, utterance: Utterance) -> Json:
        sender = user(utterance.author)["id"]
        return {
            "id": self.key(utterance),
            "event_type": "MessageCreate",
            "text": utterance.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
            "created_at": stamp(utterance.at),
            "sender_id": sender,
            "dm_conversation_id": f"{US}-{sender}",
        }


class TestSearch(ConnectorSuite):
    platform = SearchedX


class TestSearchUnderNewNames(ConnectorSuite):
    platform = RenamedX


class TestStream(ConnectorSuite):
    platform = StreamedX


class TestMentions(ConnectorSuite):
    platform = MentioningX


class TestReplies(ConnectorSuite):
    platform = AnsweredX


class TestMessages(ConnectorSuite):
    platform = MessagedX
