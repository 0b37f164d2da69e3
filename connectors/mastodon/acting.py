"""What we do on an instance: reply, like, take back an own post, read a thread, look whether a post still stands."""

from __future__ import annotations

import re

from connectors.contract import Action, ActionKind, ActionResult
from connectors.errors import BadRequest, Forbidden, FormatChanged
from connectors.fields import items_of
from connectors.items import Deleted, Json, Visibility
from connectors.mastodon.instance import Instance
from connectors.mastodon.lines import root_of
from connectors.mastodon.reading import Reader, length_of, local_uris
from connectors.requests import HttpRequest, HttpResponse

_NARROWNESS = ("public", "unlisted", "private", "direct")
_WORD_FOR = {Visibility.PUBLIC: "public", Visibility.UNLISTED: "unlisted", Visibility.PRIVATE: "direct"}


def reply_visibility(item: Visibility, word: str | None) -> str:
    """Say how visible a reply is: as its parent or narrower, never wider.

    A post for followers only is answered directly: `private` would show our answer to our own followers, who could
    not see the question.

    Args:
        item: visibility of the item as kept.
        word: the platform's own word for it, when known.
    """
    known = word if word in _NARROWNESS else None
    narrowest = max(_WORD_FOR[item], known or "public", key=_NARROWNESS.index)
    return "direct" if narrowest == "private" else narrowest


def with_mention(text: str, handle: str | None, host: str) -> str:
    """Put the author's name in front unless the agent wrote it: without it nobody is told of the reply."""
    if not handle:
        return text
    name = handle.lstrip("@").removesuffix(f"@{host}")
    written = re.search(rf"(?<![\w/@])@{re.escape(name)}(@{re.escape(host)})?(?![\w@])", text, re.IGNORECASE)
    return text if written else f"@{name} {text}"


def request_for(instance: Instance, action: Action) -> HttpRequest:
    """Say which call performs an action.

    Raises:
        Forbidden: no token is configured, or the network cannot do this.
        BadRequest: the reply is empty or too long.
    """
    key = status_id(action)
    reads = {ActionKind.FETCH_THREAD, ActionKind.RECHECK}
    if action.kind not in reads and not instance.has_token:
        msg = f"give {instance.host} a token to act there from here"
        raise Forbidden(msg)
    match action.kind:
        case ActionKind.REPLY:
            return _reply(instance, action, key)
        case ActionKind.LIKE:
            return instance.request(f"/api/v1/statuses/{key}/favourite", method="POST", step="like")
        case ActionKind.DELETE_OWN:
            return instance.request(f"/api/v1/statuses/{key}", method="DELETE", step="delete")
        case ActionKind.FETCH_THREAD:
            return instance.request(f"/api/v1/statuses/{key}/context", step="thread")
        case ActionKind.RECHECK:
            return instance.request(f"/api/v1/statuses/{key}", step="recheck")
        case ActionKind.HIDE:
            msg = "nobody can hide another person's post on Mastodon; mute, block or report it there"
            raise Forbidden(msg)


def _reply(instance: Instance, action: Action, key: str) -> HttpRequest:
    if not action.text or not action.text.strip():
        msg = "the reply is empty"
        raise BadRequest(msg)
    text = with_mention(action.text, action.author_handle, instance.host)
    warning, language = _known(action, "spoiler_text"), _known(action, "language")
    length, most = length_of(text) + length_of(warning or ""), instance.options.max_characters
    if length > most:
        msg = f"the reply counts {length} characters with the name in front; {instance.host} allows {most}"
        raise BadRequest(msg)
    body: dict[str, Json] = {
        "status": text,
        "in_reply_to_id": key,
        "visibility": reply_visibility(action.visibility, _known(action, "visibility")),
    }
    if language is not None:
        body["language"] = language
    if warning is not None:
        body["spoiler_text"] = warning  # who hid the question behind a warning expects it of the answer
    return instance.request(
        "/api/v1/statuses", method="POST", json=body, idempotency_key=action.idempotency_key, step="reply"
    )


def result_of(instance: Instance, own: frozenset[str], action: Action, response: HttpResponse) -> ActionResult:
    """Read what came of an action.

    Raises:
        ConnectorError: it failed; `Transient` when it is unknown whether it happened.
    """
    gone = response.status == 410 or (response.status == 404 and response.body.lstrip()[:1] == b"{")
    if gone and action.kind in {ActionKind.RECHECK, ActionKind.DELETE_OWN}:
        return ActionResult(deleted=(Deleted(action.external_id),))
    if action.kind is ActionKind.DELETE_OWN:
        instance.check(response)
        return ActionResult(deleted=(Deleted(action.external_id),))
    body = instance.body(response)
    if not isinstance(body, dict):
        msg = f"{instance.host} answered with something else than was asked for"
        raise FormatChanged(msg)
    us = _known(action, "us")
    reader = Reader(instance, own=own | ({us.casefold()} if us else set()), us=us)
    if action.kind is ActionKind.FETCH_THREAD:
        return _thread(reader, action, body)
    if action.kind is ActionKind.REPLY:
        reader = Reader(instance, all_own=True, us=us, uris={status_id(action): action.external_id})
    items, rejected = reader.read([body])
    if not items:
        reason = rejected[0].error if rejected else "it is a boost"
        msg = f"{instance.host} did it, but its answer cannot be read: {reason}"
        raise FormatChanged(msg)
    return ActionResult(tuple(items))


def _thread(reader: Reader, action: Action, body: dict[str, Json]) -> ActionResult:
    """Read ancestors and descendants. The post itself is not among them, but their links to it are known."""
    ancestors = items_of(body, "ancestors")
    alone = not ancestors and _known(action, "in_reply_to_id") is None
    found = Reader(
        reader.instance,
        own=reader.own,
        us=reader.us,
        root=action.external_id if alone else root_of(ancestors),
        uris={**local_uris(ancestors), status_id(action): action.external_id},
    )
    items, _ = found.read([*ancestors, *items_of(body, "descendants")])
    return ActionResult(tuple(items), parent=found.uris.get(_known(action, "in_reply_to_id") or ""))


def _known(action: Action, key: str) -> str | None:
    value = action.extra.get(key)
    return value if isinstance(value, str) and value else None


def status_id(action: Action) -> str:
    """The local id of the item acted on.

    Raises:
        BadRequest: it was kept without one, or it is no id.
    """
    key = _known(action, "status_id")
    if key is None or not key.replace("-", "").replace("_", "").isalnum():
        msg = "this post was kept without its id on the instance: answer there by hand"
        raise BadRequest(msg)
    return key
