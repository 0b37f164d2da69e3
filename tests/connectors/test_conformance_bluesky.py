from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

import orjson

from connectors.bluesky import Bluesky, BlueskyOptions
from connectors.bluesky.syntax import parse_datetime
from connectors.conformance import ConnectorSuite, FakePlatform, Utterance
from connectors.contract import Connector
from connectors.items import Json
from connectors.requests import (
    HttpRequest,
    HttpResponse,
    Request,
    Response,
    StreamBatch,
    StreamEvent,
    StreamRequest,
)
from tests.connectors import jetstream_contract
from tests.connectors.bluesky_posts import JO, US, jwt, kept_login, notification, ref, stamp, uri_of, view
from tests.connectors.contracts import at_hand
from tests.connectors.lexicons import answer_misses, request_misses

NODE = "app.bsky.feed.defs#threadViewPost"
ALONE = {"search": False, "notifications": False, "own_posts": False}


@dataclass
class Network(FakePlatform):
    """What all lines of work share: pages of a hundred behind an opaque cursor, a session, a place to recheck."""

    page_size = 100
    shows_edits = True
    options: ClassVar = ALONE
    method = "app.bsky.feed.searchPosts"
    listed = "posts"

    def connector(self) -> Connector[Any]:
        made = Bluesky(
            BlueskyOptions.model_validate({"handle": "acme.example", "app_password": "geheim", **self.options})
        )
        made.login_taken(kept_login())
        return made

    def entry(self, utterance: Utterance) -> Json:
        return view(f"3k{utterance.number:011d}", utterance.text, utterance.at, **self.reply(utterance))

    def reply(self, utterance: Utterance) -> dict[str, Any]:
        """What an answer says of its place in a thread."""
        if utterance.answers is None:
            return {}
        root, parent = (uri_of(f"3k{key:011d}") for key in (self.first_of(utterance).number, utterance.answers))
        return {"reply": {"root": ref(root), "parent": ref(parent)}}

    def thread(self, params: dict[str, str]) -> Json:
        """A post with what stands above and below it, as far as is asked."""
        number = int(params["uri"].rpartition("3k")[2])
        node = top = self.below(number, int(params["depth"]))
        for _ in range(int(params["parentHeight"])):
            answered = self.utterances[number - 1].answers
            if answered is None:
                break
            number, node["parent"] = answered, {"$type": NODE, "post": self.post(self.utterances[answered - 1])}
            node = node["parent"]
        return {"thread": top}

    def below(self, number: int, depth: int) -> dict[str, Any]:
        answers = [each.number for each in self.utterances if each.answers == number] if depth else []
        replies = [self.below(each, depth - 1) for each in answers]
        return {"$type": NODE, "post": self.post(self.utterances[number - 1]), "replies": replies}

    def shown(self, params: dict[str, str]) -> list[Utterance]:  # noqa: ARG002
        return list(self.newest())

    def unauthorized(self, request: Request) -> Response:
        return self.json(request, {"error": "ExpiredToken", "message": "Token has expired"}, 400)

    def denied(self, renewal: Request) -> Response:
        return self.unauthorized(renewal)

    def out_of_scope(self, request: Request) -> Response:
        return self.json(request, {"error": "InvalidToken", "message": "Bad token scope"}, 400)

    def rate_limited(self, request: Request, wait_s: int | None) -> Response:
        headers = {} if wait_s is None else {"ratelimit-reset": str(int(self.now.timestamp()) + wait_s)}
        return self.json(request, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, 429, headers)

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        method = urlsplit(request.url).path.removeprefix("/xrpc/")
        body = self.body(method, request)
        assert not (at_hand("atproto/lexicons") and request_misses(request))
        assert not (self.checked() and answer_misses(method, body))
        return self.json(request, body)

    def checked(self) -> bool:
        """Whether what is said is held to the lexicons: they are on this machine, and nothing odd is wished for."""
        odd = self.unknown_fields or any(each.broken for each in self.utterances)
        return at_hand("atproto/lexicons") and not odd

    def post(self, utterance: Utterance) -> dict[str, Any]:
        """The post itself, without what a list tells beside it."""
        entry: Any = self.entry(utterance)
        return {name: value for name, value in entry.items() if name not in {"isRead", "reason", "reasonSubject"}}

    def body(self, method: str, request: HttpRequest) -> Json:
        if method == "com.atproto.server.refreshSession":
            return {"did": US, "handle": "acme.example", "accessJwt": jwt(self.now), "refreshJwt": "another"}
        if method == "app.bsky.feed.getPosts":
            asked = [value for name, value in request.params if name == "uris"]
            return {"posts": [entry for each in self.newest() if (entry := self.post(each))["uri"] in asked]}
        if method == "app.bsky.feed.getPostThread":
            return self.thread(dict(request.params))
        assert method == self.method
        assert request.headers["Authorization"] == "Bearer an-access"
        params = dict(request.params)
        shown = self.shown(params)
        start = int(params.get("cursor", "from-0").removeprefix("from-"))
        size = int(params["limit"])
        page = shown[start : start + size]
        more = {"cursor": f"from-{start + size}"} if start + size < len(shown) else {}
        return {self.listed: self.entries(page), **more}


@dataclass
class Searched(Network):
    """Search finds by a word, from newest to oldest, within since and until."""

    levels = 0
    options: ClassVar = {**ALONE, "search": True}

    def shown(self, params: dict[str, str]) -> list[Utterance]:
        since, until = params.get("since"), params.get("until")
        return [
            each
            for each in self.everything()
            if (since is None or each.at >= parse_datetime(since))
            and (until is None or each.at < parse_datetime(until))
        ]

    def everything(self) -> list[Utterance]:
        return list(self.newest())


@dataclass
class Filtering(Searched):
    """Takes blocked posts out of a page after it was cut: pages may be short, and even empty."""

    def everything(self) -> list[Utterance]:
        return sorted((each for each in self.utterances if not each.removed), key=lambda each: -each.number)

    def entries(self, utterances: Any) -> list[Json]:
        return super().entries([each for each in utterances if not each.hidden])


@dataclass
class Notified(Network):
    options: ClassVar = {**ALONE, "notifications": True}
    method, listed = "app.bsky.notification.listNotifications", "notifications"

    def entry(self, utterance: Utterance) -> Json:
        return notification(f"3k{utterance.number:011d}", utterance.text, utterance.at)


@dataclass
class OurPosts(Network):
    options: ClassVar = {**ALONE, "own_posts": True}
    method, listed = "app.bsky.feed.getAuthorFeed", "feed"

    def entry(self, utterance: Utterance) -> Json:
        return {"post": view(f"3k{utterance.number:011d}", utterance.text, utterance.at, did=US)}

    def body(self, method: str, request: HttpRequest) -> Json:
        if method == "app.bsky.feed.getPosts":
            asked = [value for name, value in request.params if name == "uris"]
            keys = {uri_of(f"3k{each.number:011d}", US): self.entry(each) for each in self.newest()}
            return {"posts": [keys[uri]["post"] for uri in asked if uri in keys]}  # type: ignore[index, call-overload]
        return super().body(method, request)


@dataclass
class Messaged(Network):
    """Three conversations, the one with the latest activity first; a removed message leaves its place."""

    says_removed = True
    shows_edits = False
    options: ClassVar = {**ALONE, "messages": True}

    def entry(self, utterance: Utterance) -> Json:
        kind = "deletedMessageView" if utterance.removed else "messageView"
        said = {"$type": f"chat.bsky.convo.defs#{kind}", "id": f"m{utterance.number}", "rev": f"r{utterance.number}"}
        text = {} if utterance.removed else {"text": utterance.text}
        return {**said, **text, "sender": {"did": JO}, "sentAt": stamp(utterance.at)}

    def body(self, method: str, request: HttpRequest) -> Json:
        if method == "com.atproto.server.refreshSession":
            return super().body(method, request)
        assert request.headers["atproto-proxy"] == "did:web:api.bsky.chat#bsky_chat"
        params = dict(request.params)
        if method == "chat.bsky.convo.listConvos":
            latest = {each.number % 3: each for each in sorted(self.newest(), key=lambda each: each.at)}
            ordered = sorted(latest, key=lambda key: latest[key].at, reverse=True)
            return {"convos": [self.convo(key, latest[key]) for key in ordered]}
        assert method == "chat.bsky.convo.getMessages"
        said = [each for each in self.newest() if each.number % 3 == int(params["convoId"])]
        start = int(params.get("cursor", "from-0").removeprefix("from-"))
        more = {"cursor": f"from-{start + 40}"} if start + 40 < len(said) else {}
        return {"messages": self.entries(said[start : start + 40]), **more}

    def convo(self, key: int, latest: Utterance) -> Json:
        who = [{"did": JO, "handle": "jo.example", "displayName": "Jo"}, {"did": US, "handle": "acme.example"}]
        last = {} if latest.broken else {"lastMessage": self.entry(latest)}
        return {"id": str(key), "rev": "r", "members": who, "muted": False, "unreadCount": 0, **last}


@dataclass
class Streamed(Searched):
    """The first stretch is searched; after that the stream tells what was said and changed since a cursor."""

    streams = True
    options: ClassVar = {**ALONE, "search": True, "stream": True}

    def answer(self, request: Request) -> Any:
        if not isinstance(request, StreamRequest):
            return super().answer(request)
        cursor = int(dict(request.params)["cursor"])
        told = sorted(event for each in self.newest() for event in self.told(each) if event[0] >= cursor)
        events = tuple(StreamEvent(data) for _, data in told)
        return StreamBatch(request, events, self.now, self.now, self.now, closed=True)

    def told(self, utterance: Utterance) -> list[tuple[int, str]]:
        entry = self.entry(utterance)
        assert isinstance(entry, dict)
        found = []
        for at, operation in ((utterance.at, "create"), (utterance.edited_at, "update")):
            if at is not None:
                commit = {"operation": operation, "collection": "app.bsky.feed.post", "cid": entry["cid"]}
                commit |= {"rkey": f"3k{utterance.number:011d}", "record": entry["record"], "rev": "3m5yq2kabcd2x"}
                micros = int(at.timestamp() * 1_000_000)
                event = {"did": JO, "time_us": micros, "kind": "commit", "commit": commit}
                assert not (self.checked() and jetstream_contract.frame_misses(event))
                found.append((micros, orjson.dumps(event).decode()))
        return found


class TestSearch(ConnectorSuite):
    platform = Searched


class TestSearchWithFilters(ConnectorSuite):
    platform = Filtering


class TestMessages(ConnectorSuite):
    platform = Messaged


class TestStream(ConnectorSuite):
    platform = Streamed


class TestNotifications(ConnectorSuite):
    platform = Notified


class TestOwnPosts(ConnectorSuite):
    platform = OurPosts
