"""What an account does: reply in steps, hide, take back, read a thread, ask whether a post still stands.

A reply takes four calls: the quota, a container, its state, its publishing. Only the last one can be seen. It is not
repeatable: after an unclear end our newest replies are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from connectors.contract import Action, ActionKind, ActionResult, Target
from connectors.errors import BadRequest, BudgetExhausted, Forbidden, FormatChanged, Transient
from connectors.fields import flag_of, items_of, number_of, part, text_of
from connectors.items import Deleted, Json
from connectors.meta.graph import Graph, Params, node, onward
from connectors.meta.kept import OURS, read_each
from connectors.meta.rechecking import Rechecking
from connectors.meta.refusals import refusal_of
from connectors.requests import HttpRequest, HttpResponse
from connectors.threads.reading import FIELDS, LONGEST, OWN, REPLY, Reader

QUOTA_FIELDS = "reply_quota_usage,reply_config"
_QUOTA, _CREATE, _STATUS, _PUBLISH = "quota", "create", "status", "publish"
_NOT_READY = 24
_LIST = (("fields", FIELDS), ("limit", "50"))


@dataclass(frozen=True, slots=True)
class Acting:
    """Acts for one account."""

    graph: Graph
    reader: Reader

    def request(self, action: Action) -> HttpRequest:
        """Say which call an action begins with.

        Raises:
            Forbidden: Threads does not offer it for this item.
            BadRequest: the reply is empty or too long, or the item was kept without what is needed.
        """
        key, ask = node(action.extra.get("id")), self.graph.request
        match action.kind:
            case ActionKind.REPLY:
                _checked(action.text)
                path = "me/threads_publishing_limit"
                return ask(path, params=(("fields", QUOTA_FIELDS),), step=_QUOTA)
            case ActionKind.FETCH_THREAD:
                return self._thread(action)
            case ActionKind.RECHECK if action.extra.get("own_thread") is True or action.extra.get("edge") == OWN:
                return self.rechecking.begin((_target(action),))
            case ActionKind.HIDE if action.extra.get("own_thread") is True:
                return ask(f"{key}/manage_reply", method="POST", params=(("hide", "true"),), step="hide")
            case ActionKind.DELETE_OWN:
                return ask(key, method="DELETE", step="delete")
            case ActionKind.LIKE:
                msg = "Threads offers no way to like through its API"
            case _:
                msg = "Threads lets this be done only with replies in your own threads"
        raise Forbidden(msg)

    def result(self, action: Action, response: HttpResponse) -> ActionResult:
        """Read what came of a call.

        Raises:
            ConnectorError: it failed; `FormatChanged` when it is unknown whether it happened.
        """
        match action.kind:
            case ActionKind.REPLY:
                return self._replying(action, response)
            case ActionKind.RECHECK:
                return self.rechecking.answer((_target(action),), response)
            case ActionKind.FETCH_THREAD:
                return self._threaded(action, response)
        if not flag_of(self.graph.body(response), "success"):
            msg = "Threads does not say that it was done"
            raise FormatChanged(msg)
        return ActionResult(deleted=(Deleted(action.external_id),) if action.kind is ActionKind.DELETE_OWN else ())

    @property
    def rechecking(self) -> Rechecking:
        """Asks whether posts still stand."""
        return Rechecking(self.graph, "me", FIELDS, self.reader.again)

    def _replying(self, action: Action, response: HttpResponse) -> ActionResult:
        step, _, container = response.request.step.partition(" ")
        if step == _PUBLISH:
            return self._published(action, response)
        body, ask = self.graph.body(response), self.graph.request
        if step == _QUOTA:
            _within_quota(body, response)
            to = node(action.extra.get("id"))
            form: Params = (("media_type", "TEXT"), ("text", action.text or ""), ("reply_to_id", to))
            return ActionResult(next=ask("me/threads", method="POST", form=form, step=_CREATE))
        if step == _CREATE:
            made = node(text_of(body, "id"))
            status = ask(made, params=(("fields", "status,error_message"),), step=f"{_STATUS} {made}")
            return ActionResult(next=status)
        _ready(body)
        form = (("creation_id", container),)
        return ActionResult(next=ask("me/threads_publish", method="POST", form=form, step=f"{_PUBLISH} {container}"))

    def _published(self, action: Action, response: HttpResponse) -> ActionResult:
        refusal = refusal_of(response)
        if refusal is not None and refusal.code == _NOT_READY:
            msg = f"Threads was not ready to publish yet ({refusal.words})"
            raise Transient(msg, retry_after_s=30, arrived=False)
        key = text_of(self.graph.body(response), "id")
        if key is None:
            msg = "Threads published the reply, but does not say under which id"
            raise FormatChanged(msg)
        root = action.extra.get("root") or action.external_id
        sent: dict[str, Json] = {
            "id": key,
            "text": action.text or "",
            "username": self.reader.username,
            "is_reply": True,
            "is_reply_owned_by_me": True,
            "replied_to": {"id": action.external_id},
            "root_post": {"id": root},
            OURS: {"edge": OWN, "own_thread": action.extra.get("own_thread") is True},
        }
        return ActionResult((self.reader.read(sent),))

    def _thread(self, action: Action) -> HttpRequest:
        """After an unclear end: our newest replies. Else the conversation of an own thread, or what a post answers."""
        ask, extra = self.graph.request, action.extra
        if action.newest:
            return ask("me/replies", params=_LIST, step="own")
        if extra.get("own_thread") is True:
            return ask(node(extra.get("root")), params=(("fields", FIELDS),), step="root")
        if extra.get("replied_to") is None:
            msg = "this post does not say what it answers"
            raise Forbidden(msg)
        return ask(node(extra.get("replied_to")), params=(("fields", FIELDS),), step="parent")

    def _threaded(self, action: Action, response: HttpResponse) -> ActionResult:
        step, own_thread = response.request.step, action.extra.get("own_thread") is True
        body = self.graph.body(response)
        root = action.extra.get("root")
        if step in {"root", "parent"}:
            around: dict[str, Json] = {"edge": OWN if step == "root" else REPLY, "own_thread": own_thread}
            items, _ = read_each([body], around, self.reader.read)
            return ActionResult(items, next=self._conversation(root, ()) if step == "root" else None)
        around = {"edge": OWN if step == "own" else REPLY, "own_thread": own_thread and step != "own"}
        if step != "own":
            around["root"] = root
        items, _ = read_each(items_of(body, "data"), around, self.reader.read)
        place = onward(body) if step == "conversation" else None
        return ActionResult(items, next=None if place is None else self._conversation(root, place))

    def _conversation(self, root: Json, place: Params) -> HttpRequest:
        params = (("fields", FIELDS), ("reverse", "true"), ("limit", "100"), *place)
        return self.graph.request(f"{node(root)}/conversation", params=params, step="conversation")


def _within_quota(body: dict[str, Json], response: HttpResponse) -> None:
    """Look whether a reply is left.

    Raises:
        BudgetExhausted: none is.
    """
    told = next((each for each in items_of(body, "data") if isinstance(each, dict)), {})
    used, most = number_of(told, "reply_quota_usage"), number_of(part(told, "reply_config"), "quota_total")
    if used is not None and most is not None and used >= most:
        msg = f"Threads allows {most} replies in 24 hours, and that many were sent"
        raise BudgetExhausted(msg, until=response.received_at + timedelta(hours=1))


def _ready(body: dict[str, Json]) -> None:
    """Look whether a container can be published.

    Raises:
        Transient: not yet; nothing that others can see has happened.
        BadRequest: it never will.
    """
    status = text_of(body, "status")
    if status == "FINISHED":
        return
    if status in {"ERROR", "EXPIRED"}:
        msg = f"Threads does not take this reply: {text_of(body, 'error_message') or status}"
        raise BadRequest(msg)
    msg = f"Threads is still preparing the reply ({status})"
    raise Transient(msg, retry_after_s=30, arrived=False)


def _checked(text: str | None) -> None:
    if not text or not text.strip():
        msg = "the reply is empty"
        raise BadRequest(msg)
    if len(text) > LONGEST:
        msg = f"the reply counts {len(text)} characters; Threads allows {LONGEST}"
        raise BadRequest(msg)


def _target(action: Action) -> Target:
    return Target(action.external_id, action.namespace, action.extra)
