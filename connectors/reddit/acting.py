"""What we do on Reddit: answer, remove in a subreddit of ours, take back our own, read a thread, ask what still stands.

Nothing is idempotent. Whether an answer got through is seen in the list of our own newest comments, which also shows
what a filter hides from everybody else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from connectors.contract import Action, ActionKind, ActionResult, Target
from connectors.errors import BadRequest, Forbidden, FormatChanged, Transient
from connectors.fields import items_of, part, text_of
from connectors.items import Deleted, Item, Json
from connectors.reddit.api import PER_PAGE, Api
from connectors.reddit.reading import COMMENT, MESSAGE, MOST_CHARACTERS, Found, read_things
from connectors.reddit.trouble import body_of, check
from connectors.reddit.walk import listing_of
from connectors.requests import HttpRequest, HttpResponse

_FULLNAME = re.compile(r"t[134]_[0-9a-z]+")
_MOST_MORE = 5
"""Calls for the rest of a thread."""
_TREE = (("limit", "500"), ("depth", "20"), ("sort", "old"))
_CONTEXT = ("context", "8")
"""Levels above a comment: the most that Reddit shows."""


def request_for(api: Api, action: Action) -> HttpRequest:
    """Say which call performs an action.

    Raises:
        Forbidden: nobody is logged in, or Reddit does not allow it.
        BadRequest: the answer is empty or too long, or the item has no fullname.
    """
    name = _name(action.external_id)
    if action.kind is ActionKind.RECHECK:
        return recheck(api, [Target(name, extra=action.extra)])
    if action.kind is ActionKind.LIKE:
        msg = "Reddit forbids voting by software: vote there by hand"
        raise Forbidden(msg)
    if action.kind is ActionKind.FETCH_THREAD and api.login.renewable:
        return _thread(api, action, name)
    if not api.login.acts:
        msg = "no account is logged in on Reddit for this source: act there by hand"
        raise Forbidden(msg)
    match action.kind:
        case ActionKind.HIDE:
            subreddit = text_of(dict(action.extra), "subreddit") or ""
            if subreddit.casefold() not in api.ours:
                msg = "only in a subreddit of ours (own_subreddits) can something be removed"
                raise Forbidden(msg)
            return api.post("/api/remove", (("id", name), ("spam", "false")), again=True, step="hide")
        case ActionKind.DELETE_OWN:
            return api.post("/api/del", (("id", name),), again=True, step="delete")
    return _reply(api, action, name)


def _reply(api: Api, action: Action, name: str) -> HttpRequest:
    text = action.text or ""
    if not text.strip():
        msg = "the answer is empty"
        raise BadRequest(msg)
    if len(text) > MOST_CHARACTERS:
        msg = f"the answer counts {len(text)} characters; Reddit allows {MOST_CHARACTERS}"
        raise BadRequest(msg)
    return api.post("/api/comment", (("thing_id", name), ("text", text)), step="reply")


def _thread(api: Api, action: Action, name: str) -> HttpRequest:
    link = _link(action)
    if name.startswith(MESSAGE):
        if not api.login.acts:
            msg = "private messages are read with the login of the account they are for"
            raise Forbidden(msg)
        return api.get(f"/message/messages/{link.partition('_')[2]}", step="messages")
    if action.newest and api.options.username is not None:  # an answer of ours is looked for
        wanted = (("sort", "new"), ("limit", str(PER_PAGE)))
        return api.get(f"/user/{api.options.username}/comments", wanted, step="ours")
    if name.startswith(COMMENT):
        return _around(api, action, name, "thread", _CONTEXT)
    return api.get(f"/comments/{link.partition('_')[2]}", _TREE, step="thread")


def result_of(api: Api, action: Action, response: HttpResponse) -> ActionResult:
    """Read what came of an action.

    Raises:
        ConnectorError: it failed; `Transient` when it is unknown whether it happened.
    """
    match action.kind:
        case ActionKind.RECHECK:
            return rechecked(api, [Target(action.external_id, extra=action.extra)], response)
        case ActionKind.FETCH_THREAD:
            return _fetched(api, action, response)
        case ActionKind.REPLY:
            return ActionResult((_sent(api, action, response),))
    check(response, renewable=api.login.renewable)
    deleted = (Deleted(action.external_id),) if action.kind is ActionKind.DELETE_OWN else ()
    return ActionResult(deleted=deleted)


def _sent(api: Api, action: Action, response: HttpResponse) -> Item:
    """Our own new comment or message, out of the answer to sending it."""
    body = body_of(response, renewable=api.login.renewable)
    things = items_of(part(part(body, "json"), "data"), "things") if isinstance(body, dict) else []
    if not things:
        msg = "Reddit took the answer without showing it: a filter may hold it back"
        raise Transient(msg)
    found = read_things(api, things)
    if not found.items:
        msg = "Reddit did it, but its answer cannot be read"
        raise FormatChanged(msg)
    own = replace(found.items[0], is_own=True, addressed=False)
    if own.thread_external_id is None:
        own = replace(own, thread_external_id=_link(action))
    return own if own.parent_external_id is not None else replace(own, parent_external_id=action.external_id)


def _fetched(api: Api, action: Action, response: HttpResponse) -> ActionResult:
    """Read a thread; what Reddit folded away, or shows to eight levels up and ten down only, is asked for too."""
    body = body_of(response, renewable=api.login.renewable)
    step = response.request.step
    if step in {"ours", "messages"}:
        found = read_things(api, items_of(listing_of(body), "children"), addressed=step == "messages")
        link = _link(action)
        items = tuple(item for item in found.items if step == "messages" or item.thread_external_id == link)
        return ActionResult(items, tuple(found.deleted))
    rest = _Rest() if step == "thread" else _Rest(*orjson.loads(step))
    found = _shown(api, body)
    waiting = [*rest.waiting, *found.more]
    above = _above(body) if "context" in dict(response.request.params) else None
    if step != "thread" and "context" in dict(response.request.params):
        waiting = [*rest.waiting]  # on the way up: what stands below was read before
    parent = next((each.parent_external_id for each in found.items if each.external_id == action.external_id), None)
    following = _following(api, action, _Rest(above, waiting, rest.called))
    return ActionResult(tuple(found.items), tuple(found.deleted), parent=parent, next=following)


@dataclass(frozen=True, slots=True)
class _Rest:
    """What of a thread was not shown yet.

    Attributes:
        above: the comment above the highest one that was shown.
        waiting: ids of folded comments, and names of those under which the thread goes on.
        called: calls for the rest so far.
    """

    above: str | None = None
    waiting: Sequence[str] = ()
    called: int = 0


def _shown(api: Api, body: Json) -> Found:
    """A thread, which is a list of two listings, or comments that were folded away in one."""
    if not isinstance(body, list):
        return read_things(api, items_of(part(part(body, "json"), "data"), "things") if isinstance(body, dict) else [])
    found = Found()
    for each in body:
        more = read_things(api, items_of(listing_of(each), "children"))
        found.items += more.items
        found.deleted += more.deleted
        found.more += more.more
    return found


def _above(body: Json) -> str | None:
    """The comment above the highest one of an answer about one comment, of which Reddit shows eight above at most."""
    tree = items_of(listing_of(body[1]), "children") if isinstance(body, list) and len(body) == 2 else []
    highest = part(tree[0], "data") if tree and isinstance(tree[0], dict) else {}
    parent = text_of(highest, "parent_id") or ""
    return parent if parent.startswith(COMMENT) else None


def _following(api: Api, action: Action, rest: _Rest) -> HttpRequest | None:
    """The next call for the rest of a thread: first what stands above, then what was folded, then what lies deeper."""
    folded = [each for each in rest.waiting if not each.startswith(COMMENT)]
    deeper = [each for each in rest.waiting if each.startswith(COMMENT)]
    if rest.called >= _MOST_MORE or not (rest.above or rest.waiting):
        return None
    if rest.above is not None:
        return _around(api, action, rest.above, _step([*folded, *deeper], rest), _CONTEXT)
    if folded:
        asked, left = folded[:PER_PAGE], folded[PER_PAGE:]
        form = (("link_id", _link(action)), ("children", ",".join(asked)), ("limit_children", "false"))
        return api.post("/api/morechildren", (*form, ("sort", "old")), again=True, step=_step([*left, *deeper], rest))
    return _around(api, action, deeper[0], _step(deeper[1:], rest))


def _step(waiting: Sequence[str], rest: _Rest) -> str:
    return orjson.dumps([None, waiting, rest.called + 1]).decode()


def _around(api: Api, action: Action, name: str, step: str, *more: tuple[str, str]) -> HttpRequest:
    """The thread as seen from one comment: what stands below it, and above it as far as it is asked for."""
    params = (*_TREE, ("comment", _name(name).partition("_")[2]), *more)
    return api.get(f"/comments/{_link(action).partition('_')[2]}", params, step=step)


def recheck(api: Api, targets: Sequence[Target]) -> HttpRequest:
    """Ask for posts and comments by their fullnames, at most a hundred.

    Raises:
        Forbidden: messages and what was read without an app cannot be asked for.
    """
    names = [_name(target.external_id) for target in targets]
    if not api.login.renewable:
        msg = "without an app that Reddit approved it cannot be asked what still stands"
        raise Forbidden(msg)
    if any(name.startswith(MESSAGE) for name in names):
        msg = "Reddit cannot be asked whether a private message still stands"
        raise Forbidden(msg)
    return api.get("/api/info", (("id", ",".join(names)),), step="info")


def rechecked(api: Api, targets: Sequence[Target], response: HttpResponse) -> ActionResult:
    """Read which still stand: what is missing is gone, and so is what has become `[deleted]` or `[removed]`."""
    listing = listing_of(body_of(response, renewable=api.login.renewable))
    items: list[Item] = []
    deleted: list[Deleted] = []
    there: set[str] = set()
    for each in items_of(listing, "children"):
        name = text_of(part(each, "data"), "name") if isinstance(each, dict) else None
        found = read_things(api, [each])
        items += found.items
        deleted += found.deleted
        there |= {name} if name is not None else set()
    missing = [Deleted(each.external_id) for each in targets if each.external_id not in there]
    return ActionResult(tuple(items), (*deleted, *missing))


def _link(action: Action) -> str:
    """The thread: a post, or a conversation's first message."""
    link = text_of(dict(action.extra), "link") or action.thread_external_id
    if link is None:
        link = action.external_id if not action.external_id.startswith(COMMENT) else None
    if link is None:
        msg = "this comment was kept without its post: answer there by hand"
        raise BadRequest(msg)
    return _name(link)


def _name(key: Json) -> str:
    if not isinstance(key, str) or _FULLNAME.fullmatch(key) is None:
        msg = f"{key!r} is no name of a thing on Reddit"
        raise BadRequest(msg)
    return key
