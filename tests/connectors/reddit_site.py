"""Reddit as its recorded answers show it, in memory: posts, comments, inbox, logins that run out, private feeds."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.connectors.loopback import Answer, Asked

OURS = "acme_helpt"
SUB = "klankbord"


def message(status: int, words: str, **more: Any) -> Answer:
    """An error as Reddit words it."""
    return Answer({"message": words, "error": status, **more}, status)


LEVELS = 10
"""Levels of comments that one answer shows, whatever is asked for; below the last it says where the thread goes on."""


@dataclass
class Thing:
    """A post, a comment or a private message."""

    name: str
    author: str
    at: datetime
    text: str
    title: str = ""
    link: str = ""
    parent: str = ""
    subreddit: str = SUB
    edited: datetime | None = None
    removed: str | None = None
    locked: bool = False
    to_us: bool = False
    subject: str = "vraag"
    root: str | None = None


@dataclass
class Site:
    """The API, the token endpoint and the feeds. Everything can be edited and removed behind our back."""

    now: Callable[[], datetime]
    things: list[Thing] = field(default_factory=list)
    page_size: int = 100
    most: int = 1000
    tokens: set[str] = field(default_factory=lambda: {"access-1"})
    refresh_token: str = "refresh-1"
    feed_token: str = "f33d"
    scope: str = "*"
    calls: list[Asked] = field(default_factory=list)
    next_answers: list[Callable[[Asked], Answer | None]] = field(default_factory=list)
    unfolded: int = 500
    shy: bool = False
    mixed: bool = False
    left: float = 598.0

    def post(self, text: str, *, author: str = "jo_example", title: str = "ACME down?", **more: Any) -> Thing:
        made = Thing(f"t3_p{len(self.things) + 1:04d}", author, self.now(), text, title=title, **more)
        made.link = made.name
        self.things.append(made)
        return made

    def comment(self, text: str, to: Thing, *, author: str = "sam_example", **more: Any) -> Thing:
        made = Thing(f"t1_c{len(self.things) + 1:04d}", author, self.now(), text, link=to.link, parent=to.name, **more)
        made.subreddit = to.subreddit
        self.things.append(made)
        return made

    def write_to_us(self, text: str, *, author: str = "jo_example", to: Thing | None = None) -> Thing:
        made = Thing(f"t4_m{len(self.things) + 1:04d}", author, self.now(), text, to_us=author != OURS)
        made.parent, made.root = (to.name, to.root or to.name) if to is not None else ("", None)
        self.things.append(made)
        return made

    def handle(self, asked: Asked) -> Answer:
        """Answer one call."""
        self.calls.append(asked)
        said = self.next_answers.pop(0)(asked) if self.next_answers else None
        if said is not None:
            return said
        if f"klankbord (by /u/{OURS})" not in asked.headers.get("user-agent", ""):
            return Answer(b"<html>whoa there, pardner!</html>", 429, {"Content-Type": "text/html"})
        if asked.path == "/api/v1/access_token":
            return self._token(asked)
        if asked.path.endswith(".rss"):
            return self._feed(asked)
        if asked.headers.get("authorization", "").removeprefix("bearer ") not in self.tokens:
            return message(401, "Unauthorized")
        answer = self._read(asked) if asked.method == "GET" else self._write(asked)
        left = {"X-Ratelimit-Remaining": f"{self.left:.1f}", "X-Ratelimit-Used": "2", "X-Ratelimit-Reset": "302"}
        return Answer(answer.body, answer.status, {**left, **(answer.headers or {})}, answer.silent)

    def _token(self, asked: Asked) -> Answer:
        app = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()
        if app != "app:geheim":
            return message(401, "Unauthorized")
        form = asked.form
        if form["grant_type"] == "refresh_token" and form["refresh_token"] != self.refresh_token:
            return Answer({"error": "invalid_grant"})
        token = f"access-{len(self.tokens) + 1}"
        self.tokens.add(token)
        given = {"access_token": token, "token_type": "bearer", "expires_in": 86400, "scope": self.scope}
        return Answer({**given, "refresh_token": self.refresh_token} if "code" in form else given)

    def data(self, thing: Thing, *, inbox: bool = False) -> dict[str, Any]:
        """A thing as the API writes it."""
        kind, _, key = thing.name.partition("_")
        made: dict[str, Any] = {
            "name": thing.name,
            "id": key,
            "author": thing.author,
            "author_fullname": "t2_acme" if thing.author == OURS else f"t2_{thing.author.replace('_', '')}",
            "created_utc": thing.at.timestamp(),
        }
        if thing.author == "[deleted]":
            del made["author_fullname"]
        if kind == "t4":
            parent = {"parent_id": thing.parent or None, "first_message_name": thing.root}
            return {**made, **parent, "subject": thing.subject, "body": thing.text, "was_comment": False, "new": True}
        made |= {
            "subreddit": thing.subreddit,
            "subreddit_type": "public",
            "edited": thing.edited.timestamp() if thing.edited else False,
            "score": 1,
            "locked": thing.locked,
            "archived": False,
            "removed_by_category": thing.removed if kind == "t3" else None,
        }
        path = f"/r/{thing.subreddit}/comments/{thing.link.partition('_')[2]}/acme_down/"
        if kind == "t3":
            made |= {"title": thing.title, "selftext": thing.text, "is_self": True, "permalink": path}
            return {**made, "num_comments": sum(each.link == thing.name for each in self.things) - 1}
        body = "[removed]" if thing.removed else thing.text
        made |= {"body": body, "parent_id": thing.parent}
        if inbox:
            return {**made, "context": f"{path}{key}/?context=3", "subject": "comment reply", "was_comment": True}
        return {**made, "link_id": thing.link, "permalink": f"{path}{key}/", "replies": ""}

    def wrapped(self, thing: Thing, *, inbox: bool = False) -> dict[str, Any]:
        return {"kind": thing.name[:2], "data": self.data(thing, inbox=inbox)}

    def listing(self, children: list[Any], after: str | None = None) -> dict[str, Any]:
        data = {"after": after, "before": None, "dist": len(children), "modhash": None, "children": children}
        return {"kind": "Listing", "data": {**data, "geo_filter": ""}}

    def newest(self, chosen: Callable[[Thing], bool]) -> list[Thing]:
        found = [each for each in self.things if chosen(each)]
        return sorted(found, key=lambda each: (each.at, each.name), reverse=True)[: self.most]

    def paged(self, found: list[Thing], asked: Asked, *, inbox: bool = False) -> Answer:
        """One page of a listing, going older by the fullname of the last thing shown."""
        size = min(int(asked.params.get("limit", "25")), self.page_size)
        after = asked.params.get("after")
        names = [each.name for each in found]
        if after is not None and after not in names:
            return Answer(self.listing([]))
        at = 0 if after is None else names.index(after) + 1
        page, rest = found[at : at + size], found[at + size :]
        last = page[-1].name if rest else None
        return Answer(self.listing([self.wrapped(each, inbox=inbox) for each in page], last))

    def chosen(self, path: str, params: dict[str, str]) -> Callable[[Thing], bool] | None:
        """What a listing shows."""
        parts = path.strip("/").removesuffix("/.rss").split("/")
        if path.startswith("/search"):
            words = params["q"].strip('"').casefold()
            return lambda each: each.name[:2] == "t3" and words in f"{each.title} {each.text}".casefold()
        if parts[0] == "r" and parts[2:] in (["new"], ["comments"]):
            kind = "t3" if parts[2] == "new" else "t1"
            return lambda each: (self.mixed or each.name[:2] == kind) and each.subreddit == parts[1]
        if path == "/message/inbox":
            return lambda each: each.to_us
        if path == "/message/mentions":
            return lambda each: each.name[:2] == "t1" and each.to_us and f"u/{OURS}" in each.text
        if path == f"/user/{OURS}/comments":
            return lambda each: each.name[:2] == "t1" and each.author == OURS
        return None

    def _read(self, asked: Asked) -> Answer:
        if asked.path == "/api/info":
            names = asked.params["id"].split(",")
            return Answer(self.listing([self.wrapped(each) for each in self.things if each.name in names]))
        if asked.path == "/api/v1/me":
            return Answer({"name": OURS, "id": "acme", "features": {}})
        if asked.path.startswith("/message/messages/"):
            root = f"t4_{asked.path.split('/')[-1]}"
            found = [each for each in self.things if root in {each.name, each.root}]
            first, *replies = [self.wrapped(each) for each in found]
            first["data"]["replies"] = self.listing(replies) if replies else ""
            return Answer(self.listing([first]))
        if asked.path.startswith("/comments/"):
            return self._thread(asked)
        chosen = self.chosen(asked.path, asked.params)
        if chosen is None:
            return message(404, "Not Found")
        return self.paged(self.newest(chosen), asked, inbox=asked.path.startswith("/message"))

    def _thread(self, asked: Asked) -> Answer:
        link = f"t3_{asked.path.split('/')[-1]}"
        posts = [each for each in self.things if each.name == link]
        if not posts:
            return message(404, "Not Found")
        shown = [each for each in self.things if each.link == link and each.name != link]
        about = {each.name: each for each in shown}
        focus = about.get(f"t1_{asked.params.get('comment')}")
        path = self._path(about, focus, int(asked.params.get("context", "0")))
        names = set(about) if focus is not None else {each.name for each in shown[: self.unfolded]}
        most = min(int(asked.params.get("depth", LEVELS)), LEVELS)

        def below(name: str, level: int) -> Any:
            children = [each for each in shown if each.parent == name and each.name in names]
            if name in path[:-1]:  # above the comment that was asked for only what leads to it is shown
                children = [each for each in children if each.name in path]
            if level == most and children:
                return self.listing([stub([], name, level)])
            return self.listing([branch(each, level) for each in children]) if children else ""

        def branch(each: Thing, level: int) -> dict[str, Any]:
            whole = self.wrapped(each)
            whole["data"]["replies"] = below(each.name, level + 1)
            return whole

        def stub(folded: list[str], under: str, level: int) -> dict[str, Any]:
            key = folded[0] if folded else "_"
            told = {"count": len(folded), "name": f"t1_{key}", "id": key, "parent_id": under, "depth": level}
            return {"kind": "more", "data": {**told, "children": folded}}

        if focus is not None:
            tree = [branch(about[path[0]], 0)]
        else:
            tree = [branch(each, 0) for each in shown if each.parent == link and each.name in names]
        folded = [each.name.partition("_")[2] for each in shown if each.name not in names]
        if folded:
            tree.append(stub(folded, link, 0))
        return Answer([self.listing([self.wrapped(posts[0])]), self.listing(tree)])

    @staticmethod
    def _path(about: dict[str, Thing], focus: Thing | None, context: int) -> list[str]:
        """The comment that was asked for, and so many above it, the highest first."""
        path: list[str] = []
        while focus is not None and len(path) <= min(context, 8):
            path.insert(0, focus.name)
            focus = about.get(focus.parent)
        return path

    def _write(self, asked: Asked) -> Answer:
        form = asked.form
        if asked.path == "/api/morechildren":
            keys = [f"t1_{each}" for each in form["children"].split(",")]
            things = [self.wrapped(each) for each in self.things if each.name in keys]
            return Answer({"json": {"errors": [], "data": {"things": things}}})
        if asked.path == "/api/del":
            self.things = [each for each in self.things if each.name != form["id"]]
            return Answer({})
        target = next((each for each in self.things if each.name == form.get("thing_id", form.get("id"))), None)
        if target is None:
            return refused("DELETED_COMMENT", "that comment has been deleted")
        if asked.path == "/api/remove":
            target.removed = "moderator"
            return Answer({})
        if target.locked:
            return refused("THREAD_LOCKED", "Comments are locked.")
        made = (
            self.write_to_us(form["text"], author=OURS, to=target)
            if target.name.startswith("t4")
            else self.comment(form["text"], target, author=OURS)
        )
        things = [] if self.shy else [self.wrapped(made)]
        return Answer({"json": {"errors": [], "data": {"things": things}}})

    def _feed(self, asked: Asked) -> Answer:
        if asked.params.get("feed") != self.feed_token:
            return Answer(b"<html><body>whoa there, pardner!</body></html>", 403, {"Content-Type": "text/html"})
        path = "/search" if asked.path == "/search.rss" else asked.path.removesuffix("/.rss")
        chosen = self.chosen(path, asked.params)
        if chosen is None:
            return Answer(b"<html>not found</html>", 404, {"Content-Type": "text/html"})
        found = self.newest(lambda each: chosen(each) and each.removed is None)
        names, after = [each.name for each in found], asked.params.get("after")
        at = names.index(after) + 1 if after in names else 0
        size = min(int(asked.params.get("limit", "25")), self.page_size)
        entries = "".join(self.entry(each) for each in found[at : at + size])
        head = '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>r</title>'
        return Answer(f"{head}{entries}</feed>".encode(), 200, {"Content-Type": "application/atom+xml; charset=UTF-8"})

    def entry(self, thing: Thing) -> str:
        """A thing as the feeds write it."""
        said = f'<!-- SC_OFF --><div class="md"><p>{html.escape(thing.text, quote=False)}</p></div><!-- SC_ON -->'
        if thing.name.startswith("t3"):
            said += " submitted by <a>/u/x</a> [link]"
        path = f"/r/{thing.subreddit}/comments/{thing.link.partition('_')[2]}/acme_down/"
        path += f"{thing.name.partition('_')[2]}/" if thing.name.startswith("t1") else ""
        at = thing.at.isoformat()
        return (
            f"<entry><author><name>/u/{thing.author}</name><uri>https://www.reddit.com/user/{thing.author}</uri></author>"
            f'<content type="html">{html.escape(said)}</content><id>{thing.name}</id>'
            f'<link href="https://www.reddit.com{path}"/><updated>{at}</updated><published>{at}</published>'
            f"<title>{html.escape(thing.title or f'/u/{thing.author} on ACME down?')}</title></entry>"
        )


def refused(code: str, words: str, **more: Any) -> Answer:
    """An error inside a 200."""
    return Answer({"json": {"errors": [[code, words, "parent"]], **more}})
