"""What the account does: answer a comment, like it, hide it, take an own one back, read a thread, look again."""

from __future__ import annotations

from connectors.contract import Action, ActionKind, ActionResult
from connectors.errors import BadRequest, FormatChanged
from connectors.fields import flag_of, items_of, need_text, number_of, text_of
from connectors.items import Deleted, Item, Json
from connectors.requests import HttpRequest, HttpResponse
from connectors.tiktok.account import Account
from connectors.tiktok.comments import answers_request, comment_request
from connectors.tiktok.reading import COMMENT, LONGEST, read, with_context

_MOST_ANSWERS = 300
"""Answers of one thread that are read."""


def request_for(account: Account, action: Action) -> HttpRequest:
    """Say which call performs an action.

    Raises:
        BadRequest: the answer is empty or too long, or the comment was kept without its video.
    """
    video, key = _known(action, "video_id"), action.external_id
    match action.kind:
        case ActionKind.REPLY:
            return _reply(account, action, video)
        case ActionKind.LIKE:
            return account.write("comment/like", {"comment_id": key, "action": "LIKE"}, step="like")
        case ActionKind.HIDE:
            body: dict[str, Json] = {"video_id": video, "comment_id": key, "action": "HIDE"}
            return account.write("comment/hide", body, step="hide")
        case ActionKind.DELETE_OWN:
            return account.write("comment/delete", {"comment_id": key}, step="delete")
        case ActionKind.RECHECK:
            return comment_request(account, video, key, step="recheck")
        case ActionKind.FETCH_THREAD:
            return _thread(account, action, video)


def _reply(account: Account, action: Action, video: str) -> HttpRequest:
    text = action.text or ""
    if not text.strip():
        msg = "the answer is empty"
        raise BadRequest(msg)
    if len(text) > LONGEST:
        msg = f"the answer counts {len(text)} characters; TikTok takes {LONGEST}"
        raise BadRequest(msg)
    body: dict[str, Json] = {"video_id": video, "comment_id": _known(action, "top_id"), "text": text}
    return account.write("comment/reply/create", body, step="reply")


def _thread(account: Account, action: Action, video: str) -> HttpRequest:
    """The answers beside an item; or, to see what an answer answers, the comment above it."""
    top = _known(action, "top_id")
    if action.newest or top == action.external_id:
        return answers_request(account, video, top, cursor=0, step="0")
    return comment_request(account, video, top, step="parent")


def result_of(account: Account, action: Action, response: HttpResponse) -> ActionResult:
    """Read what came of an action.

    Raises:
        ConnectorError: it failed; an error that leaves open whether it happened where that is so.
    """
    data = account.data(response)
    match action.kind:
        case ActionKind.DELETE_OWN:
            return ActionResult(deleted=(Deleted(action.external_id),))
        case ActionKind.LIKE | ActionKind.HIDE:
            return ActionResult()
        case ActionKind.REPLY:
            return ActionResult((_sent(account, action, data),))
        case _:
            return _found(account, action, response, data)


def _found(account: Account, action: Action, response: HttpResponse, data: dict[str, Json]) -> ActionResult:
    if not isinstance(data.get("comments"), list):
        msg = "TikTok answered without a list of comments"
        raise FormatChanged(msg)
    items = []
    for each in items_of(data, "comments"):
        try:
            items.append(_item(account, action, each))
        except FormatChanged:
            continue  # one odd comment must not hide our own
    if action.kind is ActionKind.RECHECK:
        same = tuple(item for item in items if item.external_id == action.external_id)
        # Nothing for this very id is TikTok's only way to say that it is gone; other comments say nothing about it.
        gone = not items_of(data, "comments")
        return ActionResult(same, deleted=(Deleted(action.external_id),) if gone else ())
    step, cursor = response.request.step, number_of(data, "cursor") or 0
    following = None
    if step.isdigit() and flag_of(data, "has_more") and int(step) < cursor < _MOST_ANSWERS:
        video, top = _known(action, "video_id"), _known(action, "top_id")
        following = answers_request(account, video, top, cursor=cursor, step=str(cursor))
    return ActionResult(tuple(items), next=following)


def _sent(account: Account, action: Action, data: dict[str, Json]) -> Item:
    """Our own answer, as far as TikTok's answer shows it, and what we sent for the rest."""
    sent: dict[str, Json] = {
        "video_id": _known(action, "video_id"),
        "parent_comment_id": _known(action, "top_id"),
        "text": action.text,
        "user_id": account.id,
        **data,
        "owner": True,
    }
    return _item(account, action, sent)


def _item(account: Account, action: Action, value: Json) -> Item:
    link = text_of(dict(action.extra), "link")
    try:
        return read(with_context(value, COMMENT, account.own, link=link))
    except ValueError as error:
        msg = f"TikTok's answer cannot be read: {error}"
        raise FormatChanged(msg) from error


def _known(action: Action, key: str) -> str:
    try:
        return need_text(dict(action.extra), key)
    except ValueError as error:
        msg = "this was kept without its video: answer it in TikTok"
        raise BadRequest(msg) from error
