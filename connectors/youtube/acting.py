"""What we do on YouTube: answer, hide, take back an own comment, read a thread, look whether something still stands.

Replies all hang under a thread's first comment: an answer to a reply goes there too and begins with the name of whom it
answers. Nothing is idempotent, so an answer that may have gone out is looked for among the thread's replies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from connectors.contract import Action, ActionKind, ActionResult, Target
from connectors.errors import BadRequest, Forbidden
from connectors.fields import items_of, text_of
from connectors.items import Deleted, Item, Json
from connectors.requests import HttpRequest, HttpResponse
from connectors.youtube.api import Api
from connectors.youtube.reading import (
    MOST_CHARACTERS,
    VIDEOS,
    Thread,
    ahead_of,
    read_comment,
    read_replies,
    read_threads,
)
from connectors.youtube.rereading import REPLIES
from connectors.youtube.search import SHOWN, read_videos
from connectors.youtube.threads import KIND, following_token
from connectors.youtube.trouble import body_of, check, reason_of

_COMMENT = re.compile(r"[\w.-]+")
_GONE = {"commentNotFound", "commentThreadNotFound", "parentCommentNotFound"}
_MOST_PAGES = 10
"""Pages of replies read to find one: a thread of a thousand replies."""


def request_for(api: Api, action: Action) -> HttpRequest:
    """Say which call performs an action.

    Raises:
        Forbidden: there is no login, or YouTube cannot do this.
        BadRequest: the answer is empty or too long, or the item was kept without its place.
    """
    if action.kind not in {ActionKind.FETCH_THREAD, ActionKind.RECHECK} and not api.login.acts:
        msg = "connect the channel's account to act on YouTube from here: an API key only reads"
        raise Forbidden(msg)
    key = _id(action.external_id)
    match action.kind:
        case ActionKind.REPLY:
            return _reply(api, action)
        case ActionKind.HIDE:
            params = (("id", key), ("moderationStatus", api.options.hide_as.value))
            return api.write("comments/setModerationStatus", params, again=True, step="hide")
        case ActionKind.DELETE_OWN:
            return api.write("comments", (("id", key),), method="DELETE", again=True, step="delete")
        case ActionKind.FETCH_THREAD:
            return _thread(api, action)
        case ActionKind.RECHECK:
            return recheck(api, [Target(action.external_id, action.namespace, action.extra)])
        case ActionKind.LIKE:
            msg = "YouTube's API cannot like or heart a comment"
            raise Forbidden(msg)


def _reply(api: Api, action: Action) -> HttpRequest:
    if not action.text or not action.text.strip():
        msg = "the answer is empty"
        raise BadRequest(msg)
    text = text_with_name(action)
    if len(text) > MOST_CHARACTERS:
        msg = f"the answer counts {len(text)} characters with the name in front; YouTube allows {MOST_CHARACTERS}"
        raise BadRequest(msg)
    if action.namespace == VIDEOS:
        first: dict[str, Json] = {"snippet": {"textOriginal": text}}
        snippet: dict[str, Json] = {"videoId": action.external_id, "topLevelComment": first}
        channel = text_of(dict(action.extra), "channel")
        if channel is not None:
            snippet["channelId"] = channel
        return api.write("commentThreads", (("part", "snippet"),), json={"snippet": snippet}, step="thread")
    body: dict[str, Json] = {"snippet": {"parentId": _top(action), "textOriginal": text}}
    return api.write("comments", (("part", "snippet"),), json=body, step="reply")


def text_with_name(action: Action) -> str:
    """The answer as it goes out: to a reply with the name in front, unless the agent wrote it."""
    text = action.text or ""
    name = ahead_of(action.author_handle)
    answers_a_reply = action.namespace != VIDEOS and "." in action.external_id
    if not name or not answers_a_reply or text.casefold().startswith(name.strip().casefold()):
        return text
    return f"{name}{text}"


def _thread(api: Api, action: Action) -> HttpRequest:
    if action.namespace == VIDEOS:
        return api.threads((("videoId", action.external_id),), step="under")
    if action.newest:  # to find an answer of ours again: among the replies
        return api.replies(_top(action), step="replies 1")
    return api.thread(_top(action), step="root")


def result_of(api: Api, action: Action, response: HttpResponse) -> ActionResult:
    """Read what came of an action.

    Raises:
        ConnectorError: it failed; `Transient` when it is unknown whether it happened.
    """
    renewable = api.login.renewable
    match action.kind:
        case ActionKind.RECHECK:
            return rechecked(api, [Target(action.external_id, action.namespace, action.extra)], response)
        case ActionKind.FETCH_THREAD:
            return _fetched(api, action, response)
        case ActionKind.REPLY:
            return ActionResult((_own(api, action, response),))
        case ActionKind.DELETE_OWN:
            if reason_of(response) not in _GONE:
                check(response, renewable=renewable)
            return ActionResult(deleted=(Deleted(action.external_id),))
    check(response, renewable=renewable)
    return ActionResult()


def _own(api: Api, action: Action, response: HttpResponse) -> Item:
    """Our own new comment, out of the answer to sending it."""
    known = Thread.load(dict(action.extra))
    if action.namespace == VIDEOS:
        body = body_of(response, kind="commentThread", renewable=api.login.renewable)
        found = read_threads(api, [body])
        if found.items:
            return found.items[0]
        raise BadRequest(found.rejected[0].error)
    body = body_of(response, kind="comment", renewable=api.login.renewable)
    return read_comment(api, body, known)


def _fetched(api: Api, action: Action, response: HttpResponse) -> ActionResult:
    """Read the first comment with what came along, and then its replies; each answer brings the next call."""
    step, _, page = response.request.step.partition(" ")
    parent = None if "." not in action.external_id else _top(action)
    if step in {"root", "under"}:
        body = body_of(response, kind=KIND, renewable=api.login.renewable)
        found = read_threads(api, items_of(body, "items"))
        more = step == "root" and bool(found.missing)
        asking = api.replies(_top(action), step="replies 1") if more else None
        return ActionResult(tuple(found.items), parent=parent, next=asking)
    if reason_of(response) in _GONE:
        return ActionResult()
    body = body_of(response, kind=REPLIES, renewable=api.login.renewable)
    found = read_replies(api, items_of(body, "items"), Thread.load({**action.extra, "top": _top(action)}))
    token, number = following_token(body, dict(response.request.params).get("pageToken")), int(page or "1")
    following = None
    if token is not None and number < _MOST_PAGES:
        following = api.replies(_top(action), token=token, step=f"replies {number + 1}")
    return ActionResult(tuple(found.items), parent=parent, next=following)


def recheck(api: Api, targets: Sequence[Target]) -> HttpRequest:
    """Ask for comments, or for videos, by their ids."""
    keys = tuple(_id(target.external_id) for target in targets)
    if targets[0].namespace == VIDEOS:
        return api.videos(keys, step="videos")
    return api.comments(keys, step="comments")


def rechecked(api: Api, targets: Sequence[Target], response: HttpResponse) -> ActionResult:
    """Read which still stand. An id that no longer comes back was removed: the API says it in no other way."""
    videos = targets[0].namespace == VIDEOS
    body = body_of(response, kind=SHOWN if videos else REPLIES, renewable=api.login.renewable)
    entries = items_of(body, "items")
    there = {text_of(entry, "id") for entry in entries if isinstance(entry, dict)}
    deleted = tuple(Deleted(each.external_id, each.namespace) for each in targets if each.external_id not in there)
    if videos:
        return ActionResult(tuple(read_videos(api, entries).items), deleted)
    known = {target.external_id: Thread.load(dict(target.extra)) for target in targets}
    items: list[Item] = []
    for entry in entries:
        key = text_of(entry, "id") if isinstance(entry, dict) else None
        if key in known:
            items += read_replies(api, [entry], known[key]).items
    return ActionResult(tuple(items), deleted)


def _top(action: Action) -> str:
    """The thread's first comment: a reply's id begins with it."""
    return _id(text_of(dict(action.extra), "top") or action.external_id.partition(".")[0])


def _id(key: str) -> str:
    if _COMMENT.fullmatch(key) is None:
        msg = f"{key!r} is no id of YouTube"
        raise BadRequest(msg)
    return key
