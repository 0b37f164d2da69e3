"""What a page does: answer a comment, like it, take an own one back, read a thread, look whether a comment stands."""

from __future__ import annotations

from connectors.contract import Action, ActionKind, ActionResult
from connectors.errors import BadRequest, Forbidden, FormatChanged
from connectors.fields import as_object, need_text, text_of
from connectors.http_status import json_body
from connectors.items import Deleted, Item, Json
from connectors.linkedin.activity import comment_request
from connectors.linkedin.page import PLATFORM, CompanyPage, coded, is_gone
from connectors.linkedin.posts import COMMENTS, comments_request
from connectors.linkedin.reading import COMMENT, LONGEST, POST, parts_of, read, with_context
from connectors.requests import HttpRequest, HttpResponse

_MOST_ANSWERS = 500
"""Answers of one thread that are read."""


def request_for(page: CompanyPage, action: Action) -> HttpRequest:
    """Say which call performs an action.

    Raises:
        Forbidden: LinkedIn has no call for it.
        BadRequest: the answer is empty or too long, or the item was kept without its names.
    """
    match action.kind:
        case ActionKind.REPLY:
            return _reply(page, action)
        case ActionKind.LIKE:
            body: Json = {"root": action.external_id, "reactionType": "LIKE"}
            return page.request("reactions", ("actor", coded(page.urn)), method="POST", json=body, step="like")
        case ActionKind.DELETE_OWN:
            about, number = _comment(action)
            path = f"socialActions/{coded(about)}/comments/{number}"
            return page.request(path, ("actor", coded(page.urn)), method="DELETE", step="delete")
        case ActionKind.FETCH_THREAD:
            return _thread(page, action)
        case ActionKind.RECHECK:
            about, number = _comment(action)
            return page.request(f"socialActions/{coded(about)}/comments/{number}", step="recheck")
        case ActionKind.HIDE:
            msg = "LinkedIn offers no way to hide a comment through its API: hide it on the page itself"
            raise Forbidden(msg)


def _reply(page: CompanyPage, action: Action) -> HttpRequest:
    text = action.text or ""
    if not text.strip():
        msg = "the answer is empty"
        raise BadRequest(msg)
    if len(text) > LONGEST:
        msg = f"the answer counts {len(text)} characters; LinkedIn takes {LONGEST}"
        raise BadRequest(msg)
    target = _known(action, "reply_to")
    body: dict[str, Json] = {"actor": page.urn, "object": _known(action, "object"), "message": {"text": text}}
    if parts_of(target) is not None:
        body["parentComment"] = target
    return page.request(f"socialActions/{coded(target)}/comments", method="POST", json=body, step="reply")


def _thread(page: CompanyPage, action: Action) -> HttpRequest:
    """What stands around an item: the answers beside it; or, to see what it answers, that one itself."""
    target, post = _known(action, "reply_to"), text_of(dict(action.extra), "post")
    if action.newest or text_of(dict(action.extra), "what") != COMMENT:
        return comments_request(page, target, start=0, step="0")
    parent = comment_request(page, target, step="parent") if target != action.external_id else None
    if parent is not None:
        return parent
    if post is None:
        msg = "this comment was kept without the post it stands under: look on LinkedIn"
        raise BadRequest(msg)
    return page.request(f"posts/{coded(post)}", step="post")


def result_of(page: CompanyPage, action: Action, response: HttpResponse) -> ActionResult:
    """Read what came of an action.

    Raises:
        ConnectorError: it failed; `Transient` when it is unknown whether it happened.
    """
    if action.kind in {ActionKind.RECHECK, ActionKind.DELETE_OWN} and is_gone(response):
        return ActionResult(deleted=(Deleted(action.external_id),))
    page.check(response)
    match action.kind:
        case ActionKind.DELETE_OWN:
            return ActionResult(deleted=(Deleted(action.external_id),))
        case ActionKind.LIKE:
            return ActionResult()
        case ActionKind.REPLY:
            return ActionResult((_sent(page, action, response),))
        case ActionKind.FETCH_THREAD if response.request.step.isdigit():
            return _answers(page, action, response)
        case _:
            what = POST if response.request.step == "post" else COMMENT
            return ActionResult((_item(page, action, json_body(response, platform=PLATFORM), what),))


def _answers(page: CompanyPage, action: Action, response: HttpResponse) -> ActionResult:
    """One list of answers; a full one may have more behind it."""
    entries = page.elements(response)
    items = []
    for each in entries:
        try:
            items.append(_item(page, action, each, COMMENT))
        except FormatChanged:
            continue  # one odd comment must not hide our own
    seen = int(response.request.step) + len(entries)
    more = len(entries) >= COMMENTS and seen < _MOST_ANSWERS
    following = comments_request(page, _known(action, "reply_to"), start=seen, step=str(seen)) if more else None
    return ActionResult(tuple(items), next=following)


def _sent(page: CompanyPage, action: Action, response: HttpResponse) -> Item:
    """Our own comment: what the answer shows of it, and else what we sent under the number in its header."""
    said: Json = {}
    if response.body.lstrip()[:1] == b"{":
        said = json_body(response, platform=PLATFORM)
    number = response.headers.get("x-restli-id") or response.headers.get("x-linkedin-id") or ""
    known = as_object(said, "the answer")
    sent: dict[str, Json] = {
        "actor": page.urn,
        "object": _known(action, "object"),
        "message": {"text": action.text or ""},
        **known,
    }
    target, found = _known(action, "reply_to"), parts_of(number)
    if parts_of(target) is not None:
        sent.setdefault("parentComment", target)
    sent.setdefault("id", found[1] if found else number)
    if not sent["id"]:
        msg = "LinkedIn took the answer but does not say under which number"
        raise FormatChanged(msg)
    return _item(page, action, sent, COMMENT)


def _item(page: CompanyPage, action: Action, value: Json, what: str) -> Item:
    post = text_of(dict(action.extra), "post")
    try:
        return read(with_context(value, what, page.own, post=post))
    except ValueError as error:
        msg = f"LinkedIn's answer cannot be read: {error}"
        raise FormatChanged(msg) from error


def _comment(action: Action) -> tuple[str, str]:
    found = parts_of(action.external_id)
    if found is None:
        msg = "only comments can be asked for one by one: look at the post on LinkedIn"
        raise Forbidden(msg)
    return found


def _known(action: Action, key: str) -> str:
    try:
        return need_text(dict(action.extra), key)
    except ValueError as error:
        msg = "this was kept without its names on LinkedIn: answer there by hand"
        raise BadRequest(msg) from error
