"""A platform where an answer takes two calls, a draft that nobody sees and its publishing, and a thread comes in pages.

It knows no idempotency keys. Misbehaviour as in `platforms`: each write, the draft too, meets the next of `fates`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.contract import (
    Action,
    ActionKind,
    ActionResult,
    Connector,
    Options,
    Page,
    Query,
    Task,
)
from connectors.errors import Forbidden, FormatChanged
from connectors.http_status import json_body, raise_for_status
from connectors.items import Author, Capabilities, Item, Kind
from connectors.requests import HttpRequest, Request, Response
from pipeline.settings import SourceSettings
from tests.replying.platforms import Server

PAGE = 3
"""Posts of a thread in one answer."""


@dataclass
class Press(Server):
    """One thread. A draft can be published once."""

    drafts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def ask(self, text: str, who: str = "piet", *, to: int | None = None) -> int:
        return int(self._add(text, who, to)["id"])

    def ours(self) -> list[dict[str, Any]]:
        return [each for each in self.posts.values() if each["who"] == "acme"]

    def write(self, path: str, headers: dict[str, str], body: Any) -> tuple[int, dict[str, str], Any]:
        if headers.get("authorization") != "Bearer sleutel":
            return 401, {}, {"error": "The access token is invalid"}
        if path == "/drafts":
            key = f"draft{len(self.drafts)}"
            self.drafts[key] = body
            return 200, {}, {"draft": key}
        draft = self.drafts.pop(path.split("/")[2], None)
        if draft is None:
            return 400, {}, {"error": "this draft was published before"}
        return 200, {}, self._add(draft["text"], "acme", draft["answers"])

    def read(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, str], Any]:
        shown = [self.posts[key] for key in sorted(self.posts, reverse=True)]
        if path == "/posts":
            return 200, {}, {"posts": [each for each in shown if each["id"] not in self.unlisted], "more": False}
        before = int(query.get("before", ["1000000"])[0])
        older = [each for each in shown if each["id"] <= before]  # pages overlap
        return 200, {}, {"posts": older[:PAGE], "more": len(older) > PAGE}

    def _add(self, text: str, who: str, answers: int | None) -> dict[str, Any]:
        key = 100 + len(self.posts)
        self.posts[key] = {"id": key, "who": who, "text": text, "answers": answers, "at": self.now().isoformat()}
        return self.posts[key]


class PressOptions(Options):
    """Where it is."""

    url: str


class PressConnector(Connector[PressOptions]):
    """Reads and answers `Press`."""

    name = "press"
    platform = "press"
    options_type = PressOptions

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:
        del terms
        return (Query("posts", "Posts"),)

    def plan(self, task: Task) -> Request:
        del task
        return HttpRequest(f"{self.options.url}/posts")

    def parse(self, task: Task, response: Response) -> Page:
        return Page(self._items(self._body(response)), covered=task.window.interval)

    def act(self, action: Action) -> Request:
        if action.kind is ActionKind.FETCH_THREAD:
            return HttpRequest(f"{self.options.url}/thread")
        if action.kind is not ActionKind.REPLY:
            msg = "not here"
            raise Forbidden(msg)
        return self._post("drafts", {"text": action.text, "answers": int(action.external_id)})

    def acted(self, action: Action, response: Response) -> ActionResult:
        body = self._body(response)
        if action.kind is ActionKind.FETCH_THREAD:
            items = self._items(body)
            before = (("before", items[-1].external_id),) if items else ()
            following = HttpRequest(f"{self.options.url}/thread", params=before) if body["more"] else None
            return ActionResult(items, next=following)
        if "draft" in body:
            return ActionResult(next=self._post(f"drafts/{body['draft']}/publish", {}))
        return ActionResult((self._item(body),))

    def hosts(self) -> frozenset[str]:
        return frozenset({"127.0.0.1"})

    def _post(self, path: str, body: Any) -> HttpRequest:
        headers = {"Authorization": "Bearer sleutel"}
        url = f"{self.options.url}/{path}"
        return HttpRequest(url, method="POST", headers=headers, json=body, safe_to_repeat=False)

    def _body(self, response: Response) -> dict[str, Any]:
        raise_for_status(response, platform="the press")  # type: ignore[arg-type]
        body = json_body(response)  # type: ignore[arg-type]
        if not isinstance(body, dict):
            msg = "not what was asked for"
            raise FormatChanged(msg)
        return body

    def _items(self, body: dict[str, Any]) -> tuple[Item, ...]:
        return tuple(self._item(each) for each in body["posts"])

    def _item(self, post: dict[str, Any]) -> Item:
        answers = post["answers"]
        return Item(
            str(post["id"]),
            Kind.POST,
            text=post["text"],
            author=Author(post["who"], handle=post["who"]),
            url=f"https://press.example/{post['id']}",
            published_at=datetime.fromisoformat(post["at"]),
            parent_external_id=None if answers is None else str(answers),
            thread_external_id="100",
            is_own=post["who"] == "acme",
            capabilities=Capabilities(can_reply=True),
            raw=post,
        )


def press_of(source: SourceSettings) -> Connector[Options]:
    """The connector of a source of these tests."""
    return PressConnector(PressOptions.model_validate(source.options))
