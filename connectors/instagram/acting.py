"""What an account does: answer, hide, take back, read a thread, ask whether a comment still stands. Nobody can like."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from connectors.contract import Action, ActionKind, ActionResult, Target
from connectors.errors import BadRequest, Forbidden, FormatChanged
from connectors.fields import flag_of, part, text_of
from connectors.instagram.lines import below
from connectors.instagram.reading import (
    ANSWER_FIELDS,
    COMMENT,
    COMMENT_FIELDS,
    HASHTAG,
    LONGEST,
    MEDIA_FIELDS,
    MEDIUM,
    MENTION,
    MESSAGE,
    TAGGED,
    Reader,
    answers_in,
)
from connectors.items import Deleted, Json, Visibility
from connectors.meta.graph import Graph, node, onward
from connectors.meta.kept import OURS, read_each
from connectors.meta.messages import Desk
from connectors.meta.rechecking import Rechecking
from connectors.requests import HttpRequest, HttpResponse

_LIMIT = ("limit", "50")


@dataclass(frozen=True, slots=True)
class Acting:
    """Acts for one account."""

    graph: Graph
    account: str
    reader: Reader
    desk: Desk

    def request(self, action: Action) -> HttpRequest:
        """Say which call performs an action.

        Raises:
            Forbidden: Instagram does not offer it for this kind of item.
            BadRequest: the answer is empty or too long, or the item was kept without what is needed.
        """
        what, edge = action.extra.get("what"), action.extra.get("edge")
        if what == MESSAGE or edge in {TAGGED, HASHTAG, MENTION}:
            return self._message(action) if what == MESSAGE else self._elsewhere(action)
        key = node(action.extra.get("id"))
        match action.kind:
            case ActionKind.REPLY:
                return self._reply(action)
            case ActionKind.FETCH_THREAD:
                return self._thread(action)
            case ActionKind.RECHECK:
                return self.rechecking(what).begin((_target(action),))
            case ActionKind.HIDE if what == COMMENT:
                return self.graph.request(key, method="POST", params=(("hide", "true"),), step="hide")
            case ActionKind.DELETE_OWN if what == COMMENT:
                return self.graph.request(key, method="DELETE", step="delete")
        msg = "Instagram offers no way to like, or to hide or remove media, through its API"
        raise Forbidden(msg)

    def result(self, action: Action, response: HttpResponse) -> ActionResult:
        """Read what came of it.

        Raises:
            ConnectorError: it failed; `FormatChanged` when it is unknown whether it happened.
        """
        if response.request.step == "message":
            return self.desk.replied(self.graph, action, response)
        if response.request.step == "messages":
            return self.desk.threaded(self.graph, action, response)
        match action.kind:
            case ActionKind.RECHECK:
                return self.rechecking(action.extra.get("what")).answer((_target(action),), response)
            case ActionKind.FETCH_THREAD:
                return self._threaded(action, response)
            case ActionKind.REPLY:
                return self._replied(action, response)
        if not flag_of(self.graph.body(response), "success"):
            msg = "Instagram does not say that it was done"
            raise FormatChanged(msg)
        return ActionResult(deleted=(Deleted(action.external_id),) if action.kind is ActionKind.DELETE_OWN else ())

    def rechecking(self, what: Json) -> Rechecking:
        """Asks whether an item of this kind still stands."""
        fields = MEDIA_FIELDS if what == MEDIUM else ANSWER_FIELDS
        return Rechecking(self.graph, self.account, fields, self.reader.again)

    def _message(self, action: Action) -> HttpRequest:
        if action.kind is ActionKind.REPLY:
            _checked(action.text, len((action.text or "").encode()), self.desk.most, "bytes")
            return self.desk.reply(self.graph, action)
        if action.kind is ActionKind.FETCH_THREAD:
            return self.desk.thread(self.graph, action)
        msg = "Instagram offers nothing but an answer for private messages"
        raise Forbidden(msg)

    def _reply(self, action: Action) -> HttpRequest:
        if action.visibility is not Visibility.PUBLIC and action.extra.get("what") == COMMENT:
            _checked(action.text, len((action.text or "").encode()), self.desk.most, "bytes")
            return self.desk.reply(self.graph, action)
        text = _said(action)
        _checked(action.text, len(text), LONGEST, "characters")
        edge = "comments" if action.extra.get("what") == MEDIUM else "replies"
        path = f"{node(action.extra.get('reply_to'))}/{edge}"
        return self.graph.request(path, method="POST", form=(("message", text),), step="reply")

    def _elsewhere(self, action: Action) -> HttpRequest:
        """Answer a mention on other people's media; nothing else can be done there."""
        if action.extra.get("edge") != MENTION:
            msg = "Instagram shows other people's media, and lets nothing be done with them through its API"
            raise Forbidden(msg)
        if action.kind is not ActionKind.REPLY:
            msg = "Instagram lets a mention on other people's media only be answered"
            raise Forbidden(msg)
        text = _said(action)
        _checked(action.text, len(text), LONGEST, "characters")
        form = [("media_id", node(action.extra.get("media"))), ("message", text)]
        if action.extra.get("what") == COMMENT:
            form.append(("comment_id", node(action.extra.get("id"))))
        return self.graph.request(f"{self.account}/mentions", method="POST", form=tuple(form), step="reply")

    def _replied(self, action: Action, response: HttpResponse) -> ActionResult:
        key = text_of(self.graph.body(response), "id")
        if key is None or key == action.extra.get("reply_to"):
            msg = "Instagram took the answer, but does not say under which id"
            raise FormatChanged(msg)
        to = action.extra.get("reply_to")
        around: dict[str, Json] = {
            "what": COMMENT,
            "media": action.extra.get("media"),
            "permalink": action.extra.get("permalink"),
            "us": action.extra.get("us"),
            "parent": None if action.extra.get("what") == MEDIUM else to,
            "edge": action.extra.get("edge") if action.extra.get("edge") == MENTION else None,
        }
        sent: dict[str, Json] = {"id": key, "text": _said(action), "from": {"id": self.account}, OURS: around}
        return ActionResult((replace(self.reader.comment(sent), is_own=True, addressed=False),))

    def _thread(self, action: Action) -> HttpRequest:
        """The first comment with its answers; under a medium, its newest comments."""
        if action.extra.get("what") == MEDIUM:
            params = (("fields", COMMENT_FIELDS), _LIMIT)
            return self.graph.request(f"{node(action.extra.get('media'))}/comments", params=params, step="comments")
        return self.graph.request(
            node(action.extra.get("reply_to")), params=(("fields", COMMENT_FIELDS),), step="first"
        )

    def _threaded(self, action: Action, response: HttpResponse) -> ActionResult:
        body, step, extra = self.graph.body(response), response.request.step, action.extra
        known = {
            "what": COMMENT,
            "media": extra.get("media"),
            "permalink": extra.get("permalink"),
            "us": extra.get("us"),
        }
        answers = {**known, "parent": extra.get("reply_to")}
        if step == "replies":
            items, _ = read_each(body_entries(body), answers, self.reader.read)
            return ActionResult(items, next=self._more(action, body))
        if step == "first":
            first, _ = read_each([body], known, self.reader.read)
            items, _ = read_each(answers_in(body), answers, self.reader.read)
            return ActionResult((*first, *items), next=self._more(action, part(body, "replies")))
        found = []
        for item in read_each(body_entries(body), known, self.reader.read)[0]:
            inside = answers_in(item.raw) if isinstance(item.raw, dict) else []
            found += [item, *read_each(inside, below(item), self.reader.read)[0]]
        return ActionResult(tuple(found))

    def _more(self, action: Action, listed: dict[str, Json]) -> HttpRequest | None:
        place = onward(listed)
        if place is None:
            return None
        path = f"{node(action.extra.get('reply_to'))}/replies"
        return self.graph.request(path, params=(("fields", ANSWER_FIELDS), _LIMIT, *place), step="replies")


def body_entries(body: dict[str, Json]) -> list[Json]:
    """The entries of a list.

    Raises:
        FormatChanged: there are none.
    """
    entries = body.get("data")
    if not isinstance(entries, list):
        msg = "Instagram answered without the list that was asked for"
        raise FormatChanged(msg)
    return entries


def with_name(text: str, handle: str | None) -> str:
    """Name the person who is answered, unless the agent did: an answer to an answer hangs under somebody else."""
    if not handle or re.search(rf"(?<![\w@])@{re.escape(handle)}(?![\w.])", text, re.IGNORECASE):
        return text
    return f"@{handle} {text}"


def _said(action: Action) -> str:
    text = action.text or ""
    return text if action.extra.get("parent") is None else with_name(text, action.author_handle)


def _checked(text: str | None, length: int, most: int, unit: str) -> None:
    if not text or not text.strip():
        msg = "the answer is empty"
        raise BadRequest(msg)
    if length > most:
        msg = f"the answer counts {length} {unit}; Instagram allows {most}"
        raise BadRequest(msg)


def _target(action: Action) -> Target:
    return Target(action.external_id, action.namespace, action.extra)
