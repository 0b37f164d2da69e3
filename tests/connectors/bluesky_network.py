"""The network in this process: accounts, sessions that run out, records, search, threads and limits. Stateful."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.bluesky.syntax import AtUri, parse_datetime
from tests.connectors.bluesky_posts import CID, JO, US, author, jwt, record, ref, stamp, uri_of
from tests.replying.platforms import Server

Answer = tuple[int, dict[str, str], Any]
POST, GATE = "app.bsky.feed.post", "app.bsky.feed.threadgate"
CHAT, DEFS, CONVO = "did:web:api.bsky.chat#bsky_chat", "chat.bsky.convo.defs", "c1"
FREE = {"app.bsky.feed.getPosts", "com.atproto.identity.resolveHandle"}
HANDLES = {"acme.example": US, "jo.example": JO}


def refused(name: str, message: str, code: int = 400) -> Answer:
    return code, {}, {"error": name, "message": message}


@dataclass
class Network(Server):
    """One server for everything. `records` by at-URI; sessions live two hours, a refresh token works once."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    indexed: dict[str, datetime] = field(default_factory=dict)
    sessions: dict[str, datetime] = field(default_factory=dict)
    renewal: str = ""
    password: str = "geheim"
    page: int = 100
    left: int | None = None
    resets_at: datetime | None = None
    hidden: set[str] = field(default_factory=set)
    answered: list[tuple[str, dict[str, list[str]], Any, Answer]] = field(default_factory=list)
    refusing: set[str] = field(default_factory=set)
    scope: str = "com.atproto.appPass"
    made: int = 0
    messages: list[dict[str, Any]] = field(default_factory=list)

    def handle(self, method: str, url: str, headers: dict[str, str], body: Any) -> Answer:
        parts = urlsplit(url)
        name = parts.path.removeprefix("/xrpc/")
        query = parse_qs(parts.query)
        with self.lock:
            self.asked.append((method, name))
            self._catch_up()
            if self.down:
                return super().handle(method, url, headers, body)
            answer = self._answer(method, name, query, headers, body)
            self.answered.append((name, query, body, answer))
            return answer

    def _answer(
        self, method: str, name: str, query: dict[str, list[str]], headers: dict[str, str], body: Any
    ) -> Answer:
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        if self.resets_at is not None and self.now() >= self.resets_at:
            self.left = self.resets_at = None
        if self.left is not None:
            if self.left == 0:
                self.resets_at = self.resets_at or self.now() + timedelta(minutes=4)
                status, more, said = refused("RateLimitExceeded", "Rate Limit Exceeded", 429)
                return status, {**more, "RateLimit-Reset": str(int(self.resets_at.timestamp()))}, said
            self.left -= 1
        if name.startswith("com.atproto.server.") and method == "POST":
            return self._log_in(name, bearer, body)
        if name not in FREE:
            if not bearer:
                return refused("AuthMissing", "Authentication Required", 401)
            if self.sessions.get(bearer, self.now()) <= self.now():
                return refused("ExpiredToken", "Token has expired")
        if name.startswith("chat.") and headers.get("atproto-proxy") != CHAT:
            return refused("MethodNotImplemented", "Method Not Implemented", 501)
        return self._write(name, headers, body) if method == "POST" else self.read(name, query)

    def _log_in(self, name: str, bearer: str, body: Any) -> Answer:
        if name.endswith("createSession") and (body["identifier"] not in HANDLES or body["password"] != self.password):
            return refused("AuthenticationRequired", "Invalid identifier or password", 401)
        if name.endswith("refreshSession") and bearer != self.renewal:
            return refused("ExpiredToken", "Token has been revoked")
        self.made += 1
        access = jwt(self.now() + timedelta(hours=2), number=self.made, scope=self.scope)
        self.renewal = f"renewal-{self.made}"
        self.sessions = {access: self.now() + timedelta(hours=2)}
        return 200, {}, {"did": US, "handle": "acme.example", "accessJwt": access, "refreshJwt": self.renewal}

    def post(self, text: str, did: str = JO, *, to: str | None = None, at: datetime | None = None, **more: Any) -> str:
        """Somebody writes; the post's address."""
        key = f"3k{len(self.records):011d}".translate(str.maketrans("0189", "xyzw"))
        if to is not None:
            root = self.records[to].get("reply", {}).get("root", ref(to))
            more["reply"] = {"root": root, "parent": ref(to)}
        uri = uri_of(key, did)
        self.records[uri] = record(text, at or self.now(), **more)
        self.indexed[uri] = self.now()
        return uri

    def ask(self, text: str, who: str = "piet", *, to: int | None = None) -> int:  # noqa: ARG002
        self.post(text, to=None if to is None else list(self.records)[to])
        return len(self.records) - 1

    def message(self, text: str, did: str = JO) -> str:
        """Somebody writes in private, in the one conversation there is; the message's id."""
        key = f"m{len(self.messages) + 1}"
        said = {"$type": f"{DEFS}#messageView", "id": key, "rev": key, "text": text, "sentAt": stamp(self.now())}
        self.messages.append({**said, "sender": {"did": did}})
        return key

    def ours(self) -> list[dict[str, Any]]:
        return [self.view(uri) for uri in self._posts() if uri.startswith(f"at://{US}/")]

    def remove(self, uri: str) -> None:
        del self.records[uri]

    def view(self, uri: str) -> dict[str, Any]:
        """A post as the network shows it."""
        return {
            "uri": uri,
            "cid": CID,
            "author": author(AtUri.parse(uri).authority, labels=[]),
            "record": self.records[uri],
            "replyCount": sum(self._parent(each) == uri for each in self._posts()),
            "repostCount": 0,
            "likeCount": sum(each.get("subject", {}).get("uri") == uri for each in self.records.values()),
            "quoteCount": 0,
            "indexedAt": stamp(self.indexed[uri]),
            "labels": [],
        }

    def read(self, path: str, query: dict[str, list[str]]) -> Answer:
        known: dict[str, Callable[[dict[str, list[str]]], Answer]] = {
            "app.bsky.feed.searchPosts": self._search,
            "app.bsky.notification.listNotifications": self._notifications,
            "app.bsky.feed.getAuthorFeed": self._feed,
            "app.bsky.feed.getPosts": self._some,
            "app.bsky.feed.getPostThread": self._thread,
            "com.atproto.repo.getRecord": self._record,
            "com.atproto.identity.resolveHandle": self._resolve,
            "chat.bsky.convo.listConvos": self._convos,
            "chat.bsky.convo.getMessages": self._said,
        }
        if path not in known or path in self.refusing:
            return refused("MethodNotImplemented", "Method Not Implemented", 501)
        return known[path](query)

    def write(self, path: str, headers: dict[str, str], body: Any) -> Answer:  # noqa: ARG002
        if path == "chat.bsky.convo.sendMessage":
            if body["convoId"] != CONVO:
                return refused("InvalidConvo", "convo not found")
            self.message(body["message"]["text"], US)
            return 200, {}, self.messages[-1]
        uri = f"at://{body['repo']}/{body['collection']}/{body['rkey']}"
        if body["repo"] != US:
            return refused("InvalidRequest", "Invalid repo")
        if path.endswith("deleteRecord"):
            self.records.pop(uri, None)
            return 200, {}, {}
        if "swapRecord" in body and body["swapRecord"] != (CID if uri in self.records else None):
            return refused("InvalidSwap", "Record was at another cid")
        if self.records.get(uri) != body["record"]:
            self.records[uri] = body["record"]
            self.indexed.setdefault(uri, self.now())
        return 200, {}, {"uri": uri, "cid": CID, "validationStatus": "valid"}

    def _posts(self) -> list[str]:
        return sorted(
            (uri for uri in self.records if f"/{POST}/" in uri),
            key=lambda uri: (self._sorted_at(uri), uri),
            reverse=True,
        )

    def _sorted_at(self, uri: str) -> datetime:
        return min(parse_datetime(self.records[uri]["createdAt"]), self.indexed[uri])

    def _parent(self, uri: str) -> str | None:
        parent: str | None = self.records[uri].get("reply", {}).get("parent", {}).get("uri")
        return parent

    def _paged(self, listed: str, shown: list[Any], query: dict[str, list[str]]) -> Answer:
        start = int(query.get("cursor", ["0"])[0])
        size = min(self.page, int(query["limit"][0]))
        more = {"cursor": str(start + size)} if start + size < len(shown) else {}
        return 200, {}, {listed: shown[start : start + size], **more}

    def _search(self, query: dict[str, list[str]]) -> Answer:
        wanted = query["q"][0].strip('"').casefold()
        since = parse_datetime(query["since"][0]) if "since" in query else self.now() - timedelta(days=1)
        until = parse_datetime(query["until"][0]) if "until" in query else self.now() + timedelta(days=1)
        found = [uri for uri in self._posts() if wanted in self.records[uri]["text"].casefold()]
        return self._paged("posts", [self.view(u) for u in found if since <= self._sorted_at(u) < until], query)

    def _notifications(self, query: dict[str, list[str]]) -> Answer:
        told = []
        for uri in self._posts():
            features = [f for facet in self.records[uri].get("facets", []) for f in facet["features"]]
            reply = (self._parent(uri) or "").startswith(f"at://{US}/")
            named = any(each.get("did") == US for each in features)
            if (reply or named) and not uri.startswith(f"at://{US}/") and uri not in self.hidden:
                view = self.view(uri)
                told.append(
                    {name: view[name] for name in ("uri", "cid", "author", "record", "indexedAt", "labels")}
                    | {"reason": "reply" if reply else "mention", "isRead": False}
                )
        return self._paged("notifications", told, query)

    def _feed(self, query: dict[str, list[str]]) -> Answer:
        did = HANDLES.get(query["actor"][0], query["actor"][0])
        return self._paged(
            "feed", [{"post": self.view(uri)} for uri in self._posts() if uri.startswith(f"at://{did}/")], query
        )

    def _some(self, query: dict[str, list[str]]) -> Answer:
        return 200, {}, {"posts": [self.view(uri) for uri in query["uris"] if uri in self.records]}

    def _thread(self, query: dict[str, list[str]]) -> Answer:
        uri = query["uri"][0]
        if uri not in self.records:
            return refused("NotFound", f"Post not found: {uri}")
        thread = self._below(uri, int(query["depth"][0]))
        node, parent = thread, self._parent(uri)
        while parent is not None:
            node["parent"] = (
                {"$type": "app.bsky.feed.defs#threadViewPost", "post": self.view(parent)}
                if parent in self.records
                else {"$type": "app.bsky.feed.defs#notFoundPost", "uri": parent, "notFound": True}
            )
            node, parent = node["parent"], self._parent(parent) if parent in self.records else None
        return 200, {}, {"thread": thread}

    def _below(self, uri: str, depth: int) -> dict[str, Any]:
        replies = [self._below(each, depth - 1) for each in self._posts() if self._parent(each) == uri] if depth else []
        return {"$type": "app.bsky.feed.defs#threadViewPost", "post": self.view(uri), "replies": replies}

    def _record(self, query: dict[str, list[str]]) -> Answer:
        uri = f"at://{query['repo'][0]}/{query['collection'][0]}/{query['rkey'][0]}"
        if uri not in self.records:
            return refused("RecordNotFound", f"Could not locate record: {uri}")
        return 200, {}, {"uri": uri, "cid": CID, "value": self.records[uri]}

    def _convos(self, query: dict[str, list[str]]) -> Answer:
        who = [{"did": did, "handle": handle} for handle, did in HANDLES.items()]
        convo = {"id": CONVO, "rev": "r", "members": who, "muted": False, "unreadCount": 1}
        return self._paged("convos", [{**convo, "lastMessage": self.messages[-1]}] if self.messages else [], query)

    def _said(self, query: dict[str, list[str]]) -> Answer:
        if query["convoId"] != [CONVO]:
            return refused("InvalidConvo", "convo not found")
        return self._paged("messages", self.messages[::-1], query)

    def _resolve(self, query: dict[str, list[str]]) -> Answer:
        did = HANDLES.get(query["handle"][0])
        return (200, {}, {"did": did}) if did else refused("HandleNotFound", "Unable to resolve handle")
