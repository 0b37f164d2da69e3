"""What a page does: answer, like, hide, take back, read a thread, ask whether something still stands.

An answer is always written below a comment or post (`/comments`): writing to a comment itself would change it.
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.contract import Action, ActionKind, ActionResult, Target
from connectors.errors import BadRequest, Forbidden, FormatChanged
from connectors.facebook.lines import COMMENTS
from connectors.facebook.reading import (
    COMMENT,
    COMMENT_FIELDS,
    COMMON_FIELDS,
    LONGEST,
    MESSAGE,
    POST,
    POST_FIELDS,
    REVIEW,
    Reader,
)
from connectors.fields import flag_of, items_of, part, text_of
from connectors.items import Deleted, Item, Json, Visibility
from connectors.meta.graph import Graph, Params, node
from connectors.meta.kept import OURS, read_each
from connectors.meta.messages import Desk
from connectors.meta.rechecking import Rechecking
from connectors.requests import HttpRequest, HttpResponse

_THREAD_FIELDS = f"{POST_FIELDS.partition(',comments.')[0]},comments.filter(stream).order(reverse_chronological)"


@dataclass(frozen=True, slots=True)
class Acting:
    """Acts for one page."""

    graph: Graph
    reader: Reader
    desk: Desk

    def request(self, action: Action) -> HttpRequest:
        """Say which call performs an action.

        Raises:
            Forbidden: Facebook does not offer it for this kind of item.
            BadRequest: the answer is empty or too long, or the item was kept without what is needed.
        """
        if action.extra.get("what") == MESSAGE:
            return self._message(action)
        if action.extra.get("what") == REVIEW and action.kind not in {ActionKind.REPLY, ActionKind.FETCH_THREAD}:
            msg = "Facebook lets a page only answer a review, and read what is said under it"
            raise Forbidden(msg)
        form: Params = ()
        match action.kind:
            case ActionKind.REPLY:
                return self._reply(action)
            case ActionKind.FETCH_THREAD:
                return self._thread(action)
            case ActionKind.RECHECK:
                return self.rechecking.begin((_target(action),))
            case ActionKind.DELETE_OWN:
                return self.graph.request(_own(action), method="DELETE", step="delete")
            case ActionKind.LIKE:
                path = f"{_own(action)}/likes"
            case ActionKind.HIDE:
                path, form = _own(action), (("is_hidden", "true"),)
        return self.graph.request(path, method="POST", form=form, step=action.kind.value)

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
                return self.rechecking.answer((_target(action),), response)
            case ActionKind.FETCH_THREAD:
                return self._threaded(action, response)
            case ActionKind.REPLY:
                return self._replied(action, response)
        body = self.graph.body(response)
        if not flag_of(body, "success"):
            msg = "Facebook does not say that it was done"
            raise FormatChanged(msg)
        gone = (Deleted(action.external_id),) if action.kind is ActionKind.DELETE_OWN else ()
        return ActionResult(deleted=gone)

    @property
    def rechecking(self) -> Rechecking:
        """Asks whether items still stand."""
        return Rechecking(self.graph, self.reader.page, COMMON_FIELDS, self.reader.again)

    def _message(self, action: Action) -> HttpRequest:
        if action.kind is ActionKind.REPLY:
            _checked(action, self.desk.most)
            return self.desk.reply(self.graph, action)
        if action.kind is ActionKind.FETCH_THREAD:
            return self.desk.thread(self.graph, action)
        msg = "Facebook offers nothing but an answer for private messages"
        raise Forbidden(msg)

    def _reply(self, action: Action) -> HttpRequest:
        if action.visibility is not Visibility.PUBLIC and action.extra.get("what") == COMMENT:
            _checked(action, self.desk.most)
            return self.desk.reply(self.graph, action)
        _checked(action, LONGEST)
        form = (("message", action.text or ""), ("fields", COMMENT_FIELDS))
        path = f"{node(action.extra.get('reply_to'))}/comments"
        return self.graph.request(path, method="POST", form=form, step="reply")

    def _replied(self, action: Action, response: HttpResponse) -> ActionResult:
        body = self.graph.body(response)
        key = text_of(body, "id")
        if key is None or key == action.extra.get("reply_to"):
            msg = "Facebook took the answer, but does not say under which id"
            raise FormatChanged(msg)
        to = action.extra.get("reply_to")
        post = action.extra.get("post")
        # Older versions answer with the id alone.
        known: dict[str, Json] = {"message": action.text, "from": {"id": self.reader.page}}
        around: dict[str, Json] = {"what": COMMENT, "post": post, "parent": None if to == post else to}
        return ActionResult((self.reader.comment({**known, **body, OURS: around}),))

    def _thread(self, action: Action) -> HttpRequest:
        post = node(action.extra.get("post"))
        if action.extra.get("what") == REVIEW:
            return self.graph.request(f"{post}/comments", params=(*COMMENTS, ("limit", "100")), step="comments")
        fields = f"{_THREAD_FIELDS}.limit(100){{{COMMENT_FIELDS}}}"
        return self.graph.request(post, params=(("fields", fields),), step="thread")

    def _threaded(self, action: Action, response: HttpResponse) -> ActionResult:
        body = self.graph.body(response)
        post = str(action.extra.get("post"))
        before: tuple[Item, ...] = ()
        if response.request.step == "comments":
            entries = items_of(body, "data")
        else:
            entries = items_of(part(body, "comments"), "data")
            edge = action.extra.get("edge")
            around: dict[str, Json] = {"what": POST, "edge": edge if isinstance(edge, str) else "own"}
            before, _ = read_each([body], around, self.reader.read)
        items, _ = read_each(entries, {"what": COMMENT, "post": post}, self.reader.read)
        return ActionResult((*before, *reversed(items)))


def _checked(action: Action, most: int) -> None:
    if not action.text or not action.text.strip():
        msg = "the answer is empty"
        raise BadRequest(msg)
    if len(action.text) > most:
        msg = f"the answer counts {len(action.text)} characters; Facebook allows {most}"
        raise BadRequest(msg)


def _own(action: Action) -> str:
    return node(action.extra.get("id"))


def _target(action: Action) -> Target:
    return Target(action.external_id, action.namespace, action.extra)
