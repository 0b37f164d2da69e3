"""What we do on X: answer, hide a reply, take back an own post, read a conversation, look whether posts still stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.contract import Action, ActionKind, ActionResult, Target
from connectors.errors import BadRequest, Forbidden, FormatChanged
from connectors.fields import items_of, part, text_of
from connectors.items import Author, Capabilities, Deleted, Item, Json, Kind, LengthUnit, Visibility
from connectors.requests import HttpRequest, HttpResponse
from connectors.x import messages, prices
from connectors.x.answers import PLATFORM, Object, body_of, kind_of, problems_of
from connectors.x.house import House
from connectors.x.reading import Reader, author_of, time_of
from connectors.x.vocabulary import references_of, versions_of
from connectors.x.walk import bought

RECHECK_MANY = 100
"""Most ids in one question (`GET /2/tweets`)."""
_THREAD_SIZE, _NEWEST = 30, 50
_LINK = re.compile(r"https?://|(?<![@\w.])[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.IGNORECASE)
_NO_LOGIN = "our X account is not connected: run `klankbord connect x`"


def request_for(house: House, action: Action) -> HttpRequest:
    """Say which call performs an action.

    Raises:
        Forbidden: our account is not connected, or X does not let an app do this.
        BadRequest: the reply is empty, or the item was kept without its number.
    """
    if action.kind is ActionKind.LIKE:
        msg = f"{PLATFORM} took liking away from apps in 2026: like it there by hand"
        raise Forbidden(msg)
    dm = _known(action.extra, "dm") is not None
    if action.kind is ActionKind.RECHECK:
        return recheck(house, [Target(action.external_id, action.namespace, action.extra)])
    if action.kind is ActionKind.FETCH_THREAD:
        return _thread(house, action)
    token = house.login.user
    if token is None:
        raise Forbidden(_NO_LOGIN)
    if action.kind is ActionKind.REPLY:
        return _reply(house, action, token)
    if dm:
        msg = f"{PLATFORM} lets an app do this with posts, not with direct messages"
        raise Forbidden(msg)
    key, price = _post(action.extra, action.external_id), prices.price(prices.INTERACT)
    if action.kind is ActionKind.HIDE:
        return house.calls.hide(key, token=token, price=price, step="hide")
    return house.calls.delete(key, token=token, price=price, step="delete")


def _reply(house: House, action: Action, token: str) -> HttpRequest:
    text = action.text or ""
    if not text.strip():
        msg = "the reply is empty"
        raise BadRequest(msg)
    price = prices.price(prices.WRITE_WITH_LINK if _LINK.search(text) else prices.WRITE)
    conversation = _known(action.extra, "conversation")
    if _known(action.extra, "dm") is not None:
        if conversation is None:
            msg = "this message was kept without its conversation: answer it there by hand"
            raise BadRequest(msg)
        return house.calls.message(conversation, text, token=token, price=price, step="message")
    return house.calls.reply(_post(action.extra, action.external_id), text, token=token, price=price, step="reply")


def _thread(house: House, action: Action) -> HttpRequest:
    """The thread around an item. Its newest end is where our own latest posts stand, which are shown at once."""
    conversation = _known(action.extra, "conversation")
    if _known(action.extra, "dm") is not None:
        price = prices.price(_NEWEST * (prices.EVENT + prices.USER))
        return house.calls.messages(
            size=_NEWEST, conversation=conversation, token=house.login.own(), price=price, step="messages"
        )
    if action.newest:
        us = house.options.account_id
        if us is None:
            raise Forbidden(_NO_LOGIN)
        price = prices.price(_NEWEST * (house.unit(house.owned) - prices.USER))
        return house.calls.own_posts(us, size=_NEWEST, token=house.login.own(), price=price, step="newest")
    around = dict.fromkeys([_post(action.extra, action.external_id), *([_root(action)] if _root(action) else [])])
    price = prices.price(len(around) * house.unit(prices.POST))
    return house.calls.posts(list(around), token=house.login.reading(), price=price, step="around")


def _root(action: Action) -> str:
    root = action.thread_external_id or ""
    return root if root.isdigit() else ""


def result_of(house: House, action: Action, response: HttpResponse) -> ActionResult:
    """Read what came of an action.

    Raises:
        ConnectorError: it failed; `Transient` when it is unknown whether it happened.
    """
    if action.kind is ActionKind.RECHECK:
        return rechecked(house, [Target(action.external_id, action.namespace, action.extra)], response)
    removed = ActionResult(deleted=(Deleted(action.external_id, action.namespace),))
    if action.kind is ActionKind.DELETE_OWN and response.status == 404 and response.body.lstrip()[:1] == b"{":
        return replace(removed, spent={})
    body = body_of(response, renewable=house.login.renewable(response.request))
    if action.kind is ActionKind.REPLY:
        return ActionResult((_sent(house, action, body, response),))
    if action.kind is ActionKind.FETCH_THREAD:
        return _fetched(house, action, body, response.request.step)
    _need(body, "hidden" if action.kind is ActionKind.HIDE else "deleted")
    return ActionResult() if action.kind is ActionKind.HIDE else removed


def _fetched(house: House, action: Action, body: Object, step: str) -> ActionResult:
    if step == "messages":
        items, _ = messages.read(house.us, body)
        return ActionResult(items, spent=_sum(messages.bought(body)))
    newest = step == "newest"
    items, _ = Reader(house.us, by_us=newest).read(body)
    spent = _sum(bought(body, house.owned if newest else prices.POST))
    parent = references_of(_data_of(body, action)).get("replied_to")
    return ActionResult(items, parent=parent, next=_rest(house, action, step), spent=spent)


def _rest(house: House, action: Action, step: str) -> HttpRequest | None:
    """After the item and its root: what was said between and under them, as far as search reaches back."""
    if step != "around" or not _root(action):
        return None
    price = prices.price(_THREAD_SIZE * house.unit(prices.POST))
    query = f"conversation_id:{_root(action)}"
    return house.calls.conversation(query, size=_THREAD_SIZE, token=house.login.reading(), price=price, step="thread")


def _sent(house: House, action: Action, body: Object, response: HttpResponse) -> Item:
    """Our own new post or message. X tells its number and its text; the number holds the time."""
    data, us = part(body, "data"), house.us.account
    dm = response.request.step == "message"
    key = text_of(data, "dm_event_id") if dm else (versions_of(data) or [text_of(data, "id") or ""])[0]
    if not key:
        msg = f"{PLATFORM} took it, but does not say under which number"
        raise FormatChanged(msg)
    author: Author | None = author_of(us.id, {}, us)
    common = Item(
        external_id=key,
        kind=Kind.COMMENT,
        text=text_of(data, "text") or action.text,
        author=author,
        url=f"https://x.com/{us.handle or 'i'}/status/{key}",
        published_at=time_of(key),
        parent_external_id=action.external_id,
        thread_external_id=action.thread_external_id,
        is_own=True,
        capabilities=Capabilities(
            why_not_reply="This is a post of your own account.",
            max_length=house.us.max_length,
            length_unit=LengthUnit.WEIGHTED,
            deep_link=f"https://x.com/intent/post?in_reply_to={key}",
            can_recheck=True,
        ),
        extra={"post": key},
        raw=data,
    )
    if not dm:
        return common
    conversation = text_of(data, "dm_conversation_id") or _known(action.extra, "conversation")
    return replace(
        common,
        namespace=messages.NAMESPACE,
        kind=Kind.MESSAGE,
        text=action.text,
        url=f"https://x.com/messages/{conversation}",
        parent_external_id=None,
        thread_external_id=conversation,
        visibility=Visibility.PRIVATE,
        capabilities=Capabilities(why_not_reply="This is a message of your own account."),
        extra={"dm": key, "conversation": conversation},
    )


def recheck(house: House, targets: Sequence[Target]) -> HttpRequest:
    """Ask whether posts still stand: only for their numbers, which is the cheapest question.

    Raises:
        Forbidden: they are direct messages.
    """
    if any(target.namespace == messages.NAMESPACE for target in targets):
        msg = f"{PLATFORM} is not asked again about direct messages"
        raise Forbidden(msg)
    ids = [_post(target.extra, target.external_id) for target in targets]
    price = prices.price(len(ids) * prices.POST)
    return house.calls.standing(ids, token=house.login.reading(), price=price, step="recheck")


def rechecked(house: House, targets: Sequence[Target], response: HttpResponse) -> ActionResult:
    """Read which posts were removed: a post that is only protected or suspended still stands.

    Raises:
        ConnectorError: the whole answer is an error.
    """
    if response.status == 404 and response.body.lstrip()[:1] == b"{":
        response = replace(response, status=200)  # nothing at all was found; the body names each
    body = body_of(response, renewable=house.login.renewable(response.request))
    standing = {text_of(each, "id") for each in items_of(body, "data") if isinstance(each, dict)}
    gone = {
        text_of(each, "resource_id") or text_of(each, "value")
        for each in problems_of(body)
        if kind_of(each) == "resource-not-found"
    }
    deleted = [
        Deleted(target.external_id, target.namespace)
        for target in targets
        if (key := _post(target.extra, target.external_id)) in gone and key not in standing
    ]
    return ActionResult(deleted=tuple(deleted), spent=prices.price(len(standing) * prices.POST))


def _data_of(body: Object, action: Action) -> Object:
    """The item acted on, where it stands in the answer."""
    wanted = {action.external_id, _known(action.extra, "post")}
    found = (each for each in items_of(body, "data") if isinstance(each, dict))
    return next((each for each in found if text_of(each, "id") in wanted), {})


def _need(body: Object, flag: str) -> None:
    if part(body, "data").get(flag) is not True:
        msg = f"{PLATFORM} did not say that it is {flag}"
        raise FormatChanged(msg)


def _sum(paid: Sequence[tuple[str, float]]) -> dict[str, float]:
    return prices.price(sum(dict(paid).values()))


def _known(extra: Mapping[str, Json], key: str) -> str | None:
    value = extra.get(key)
    return value if isinstance(value, str) and value else None


def _post(extra: Mapping[str, Json], external_id: str) -> str:
    """The number of the newest version that we know of a post.

    Raises:
        BadRequest: it is no number.
    """
    key = _known(extra, "post") or external_id
    if not (key.isascii() and key.isdigit()):
        msg = "this post was kept without its number on X: answer there by hand"
        raise BadRequest(msg)
    return key
