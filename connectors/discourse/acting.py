"""What we do on a forum: reply, like, take back an own post, read a topic, look whether a post still stands."""

from __future__ import annotations

import orjson

from connectors.contract import Action, ActionKind, ActionResult
from connectors.discourse.latest import as_body
from connectors.discourse.reading import about_of, read_posts, read_topic
from connectors.discourse.site import Site
from connectors.errors import BadRequest, Forbidden, FormatChanged
from connectors.fields import items_of, number_of, part, text_of
from connectors.items import Deleted, Json
from connectors.requests import HttpRequest, HttpResponse

_LIKE = 2
"""`post_action_type_id` of a like."""
_STANDS = "stands"
_NEAREST = 50
"""Posts of a topic that a wish for what stands around one brings; a topic's page shows twenty."""
_BEYOND = 1_000_000
"""A topic is shown around the post nearest to the number asked for: beyond the last one, its end."""


def request_for(site: Site, action: Action) -> HttpRequest:
    """Say which call performs an action.

    Raises:
        Forbidden: no key is configured, or a forum cannot do this.
        BadRequest: the item does not carry what the call needs.
    """
    reads = {ActionKind.FETCH_THREAD, ActionKind.RECHECK}
    if action.kind not in reads and not site.keyed:
        msg = f"give the source an api_key to answer on {site.host} from here"
        raise Forbidden(msg)
    post = _whole(action.external_id, "post id")
    match action.kind:
        case ActionKind.REPLY:
            return _reply(site, action)
        case ActionKind.LIKE:
            body: Json = {"id": post, "post_action_type_id": _LIKE}
            return site.request("/post_actions.json", method="POST", json=body, safe_to_repeat=False, step="like")
        case ActionKind.DELETE_OWN:
            return site.request(f"/posts/{post}.json", method="DELETE", safe_to_repeat=False, step="delete")
        case ActionKind.FETCH_THREAD:
            topic = _topic(action)
            number = _BEYOND if action.newest else _answered(action)
            return site.request(f"/t/{topic}/{number}.json", params=(("include_raw", "true"),), step="thread")
        case ActionKind.RECHECK:
            return site.request(f"/posts/{post}.json", step="recheck")
        case ActionKind.HIDE:
            msg = "a forum lets only its moderators hide posts, on the forum itself"
            raise Forbidden(msg)


def _reply(site: Site, action: Action) -> HttpRequest:
    if not action.text or not action.text.strip():
        msg = "the reply is empty"
        raise BadRequest(msg)
    body: dict[str, Json] = {"raw": action.text, "topic_id": _topic(action)}
    number = number_of(dict(action.extra), "post_number")
    if number is not None and number > 1:
        body["reply_to_post_number"] = number
    # A forum has no idempotency key: sending twice could post twice, so nobody may repeat this call blindly.
    return site.request("/posts.json", method="POST", json=body, safe_to_repeat=False, step="reply")


def result_of(site: Site, action: Action, response: HttpResponse) -> ActionResult:
    """Read what came of an action.

    Raises:
        ConnectorError: it failed; `Transient` when it is unknown whether it happened.
    """
    if action.kind is ActionKind.RECHECK and _is_gone(response):
        return ActionResult(deleted=(Deleted(action.external_id, site.namespace),))
    if action.kind is ActionKind.DELETE_OWN:
        if not _is_gone(response):
            site.check(response)
        return ActionResult(deleted=(Deleted(action.external_id, site.namespace),))
    if action.kind is ActionKind.REPLY:
        return _replied(site, action, response)
    if action.kind is ActionKind.LIKE:
        return _liked(site, action, response)
    if action.kind is ActionKind.RECHECK:
        return _rechecked(site, action, response)
    body = as_body(site, response)
    return _fetched(site, action, body, response.request.step)


def _fetched(site: Site, action: Action, body: dict[str, Json], step: str) -> ActionResult:
    _, _, about = step.partition(" ")
    topic = read_topic(orjson.loads(about) if about else body)
    reading = read_posts(items_of(part(body, "post_stream"), "posts"), site, topic)
    numbers = {each.extra["post_number"]: each.external_id for each in reading.items}
    following = _around(site, action, body) if not about and not action.newest else None
    parent = numbers.get(_answered(action))
    return ActionResult(tuple(reading.items), tuple(reading.deleted), parent=parent, next=following)


def _around(site: Site, action: Action, body: dict[str, Json]) -> HttpRequest | None:
    """More of a long topic than its page shows: the posts nearest to the item, also those that were shown.

    A post names the one it answers by its number in the topic, so all of them must stand in one answer.
    """
    stream = part(body, "post_stream")
    keys = [each for each in items_of(stream, "stream") if isinstance(each, int)]
    shown = {number_of(each, "id") for each in items_of(stream, "posts") if isinstance(each, dict)}
    post = _whole(action.external_id, "post id")
    middle = keys.index(post) if post in keys else 0
    first = max(0, min(middle - _NEAREST // 2, len(keys) - _NEAREST))
    near = keys[first : first + _NEAREST]
    if shown.issuperset(near):
        return None
    wanted = tuple(("post_ids[]", str(each)) for each in near)
    about = orjson.dumps(about_of(body)).decode()
    path = f"/t/{_topic(action)}/posts.json"
    return site.request(path, params=(*wanted, ("include_raw", "true")), step=f"around {about}")


def _liked(site: Site, action: Action, response: HttpResponse) -> ActionResult:
    """A like, or the look at the post after one was refused: a forum refuses a second like of the same post."""
    step, _, refusal = response.request.step.partition(" ")
    if step == "like":
        try:
            body = as_body(site, response)
        except (Forbidden, BadRequest) as error:
            post = _whole(action.external_id, "post id")
            return ActionResult(next=site.request(f"/posts/{post}.json", step=f"{_STANDS} {error}"))
    else:
        body = as_body(site, response)
        acts = (each for each in items_of(body, "actions_summary") if isinstance(each, dict))
        if not any(each.get("id") == _LIKE and each.get("acted") is True for each in acts):
            raise Forbidden(refusal)
    return ActionResult(tuple(read_posts([_named(body, action)], site).items))


def _rechecked(site: Site, action: Action, response: HttpResponse) -> ActionResult:
    """What became of a post: one that was moved where our user may not look is unknown, and stays as it is."""
    try:
        body = as_body(site, response)
    except Forbidden:
        if site.keyed:
            return ActionResult()
        raise
    reading = read_posts([_named(body, action)], site)
    return ActionResult(tuple(reading.items), tuple(reading.deleted))


def _replied(site: Site, action: Action, response: HttpResponse) -> ActionResult:
    try:
        body = as_body(site, response)
    except BadRequest as error:
        if _is_repeat(str(error)):
            msg = (
                f"{site.host} says nearly the same text was just posted: it was probably sent by an earlier try; "
                "read the topic again before sending"
            )
            raise BadRequest(msg) from error
        raise
    if text_of(body, "action") == "enqueued" or "pending_post" in body:
        return ActionResult(held_for_moderation=True)
    post = part(body, "post") or body
    reading = read_posts([_named(post, action)], site)
    if not reading.items:
        reason = reading.rejected[0].error if reading.rejected else "it is not among its visible posts"
        msg_0 = f"{site.host} took the reply but its answer cannot be read: {reason}"
        raise FormatChanged(msg_0)
    return ActionResult(tuple(reading.items))


def _named(post: dict[str, Json], action: Action) -> dict[str, Json]:
    """Give a single post its topic's title back: only lists carry it, and losing it would look like an edit."""
    title = action.extra.get("topic_title")
    return post if text_of(post, "topic_title") or not isinstance(title, str) else {**post, "topic_title": title}


def _is_repeat(words: str) -> bool:
    folded = words.casefold()
    return "too similar" in folded or "lijkt te veel" in folded


def _is_gone(response: HttpResponse) -> bool:
    """A definite "not there" of the forum itself, not of a proxy or a wrong address before it."""
    if response.status == 410:
        return True
    return response.status == 404 and b'"not_found"' in response.body


def _answered(action: Action) -> int:
    """The number of the post that this one answers; the topic's first where it names none."""
    return number_of(dict(action.extra), "reply_to_post_number") or 1


def _topic(action: Action) -> int:
    topic = number_of(dict(action.extra), "topic_id")
    if topic is None:
        msg = "this post was kept without its topic: answer on the forum itself"
        raise BadRequest(msg)
    return topic


def _whole(value: str, what: str) -> int:
    if not value.isdigit():
        msg = f"{value!r} is no {what}"
        raise BadRequest(msg)
    return int(value)
