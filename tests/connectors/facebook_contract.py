"""Holds calls to a page, and what it answers, to Meta's lists of fields and edges.

Three things that the lists name have no list of their own: a private message (`UnifiedMessage`), a person (`User`), and
a refusal. They are held here to Meta's pages about them
(developers.facebook.com/docs/graph-api/reference/message and /docs/graph-api/guides/error-handling).
"""

from __future__ import annotations

from typing import Any

from tests.connectors.contracts import at_hand
from tests.connectors.meta_contract import INSTANT, hold_call, hold_fields, hold_page, hold_shape
from tests.connectors.meta_server import Asked

FILE = "meta-graph/Page.json"
LISTED = {
    "published_posts": "PagePost", "visitor_posts": "PagePost", "tagged": "PagePost", "ratings": "Recommendation",
    "conversations": "UnifiedThread",
}  # fmt: skip
INSIDE = frozenset({"comments"})
"""An edge that is asked for like a field stands among a node's fields."""
MESSAGE_FIELDS: dict[str, type | tuple[type, ...]] = {
    "id": str, "created_time": str, "from": dict, "to": dict, "message": str, "attachments": dict, "shares": dict,
    "sticker": str, "tags": dict, "reactions": dict, "story": dict, "is_unsupported": bool, "reply_to": dict,
}  # fmt: skip
ERROR_FIELDS: dict[str, type | tuple[type, ...]] = {
    "message": str, "type": str, "code": int, "error_subcode": int, "is_transient": bool, "error_user_title": str,
    "error_user_msg": str, "fbtrace_id": str,
}  # fmt: skip
TYPES = frozenset({"RESPONSE", "UPDATE", "MESSAGE_TAG"})
TAGS = frozenset({"HUMAN_AGENT", "ACCOUNT_UPDATE", "CONFIRMED_EVENT_UPDATE", "POST_PURCHASE_UPDATE"})


def checked() -> bool:
    """Whether Meta's lists are on this machine, for tests of something else that hold their fixtures to them beside."""
    return at_hand(FILE)


def hold(page: str, asked: Asked) -> str:
    """One call, and what it was answered; gives the edge that was asked."""
    key, edge = _parts(asked)
    refused = isinstance(asked.said, dict) and "error" in asked.said
    if refused:
        hold_refusal(asked.said)
    if key == page:
        hold_call(asked, "Page", edge)
        if edge in LISTED:
            hold_fields(LISTED[edge], asked.params["fields"])
        elif edge == "messages":
            hold_sending(asked.body)
        if not refused:
            _hold_of_the_page(asked, edge)
        return edge
    if edge == "messages":
        hold_call(asked, "UnifiedThread", "messages")
        assert set(asked.params["fields"].split(",")) <= set(MESSAGE_FIELDS)
    elif key:
        _hold_call_of_a_node(page, asked)
    if not refused:
        _hold_of_a_node(page, asked)
    return edge


def _parts(asked: Asked) -> tuple[str, str]:
    """The node that a path names, and its edge; without either of them ""."""
    key, _, edge = asked.path.strip("/").partition("/")[2].partition("/")
    return key, edge


def _hold_of_the_page(asked: Asked, edge: str) -> None:
    if edge in LISTED:
        hold_page(LISTED[edge], asked.said, beside=INSIDE)
        for each in asked.said["data"]:
            hold_people(each)
    elif edge == "messages":
        assert asked.method == "POST"
        assert set(asked.said) == {"recipient_id", "message_id"}
    else:
        assert asked.said == {"id": asked.path.rpartition("/")[2]}


def _hold_call_of_a_node(page: str, asked: Asked) -> None:
    key, edge = _parts(asked)
    hold_call(asked, kind_of(page, key), edge)
    fields = asked.params.get("fields")
    if fields is not None:
        hold_fields("Comment" if edge == "comments" else kind_of(page, key), fields)


def _hold_of_a_node(page: str, asked: Asked) -> None:
    key, edge = _parts(asked)
    if edge == "messages":
        assert set(asked.said) <= {"data", "paging"}
        for each in asked.said["data"]:
            hold_message(each)
    elif not key:
        for known, shown in asked.said.items():
            hold_node(page, known, shown)
    elif edge == "comments" and asked.method == "GET":
        hold_page("Comment", asked.said)
        for each in asked.said["data"]:
            hold_people(each)
    elif edge == "comments":
        hold_shape("Comment", asked.said)
    elif asked.method == "GET":
        hold_node(page, key, asked.said)
    else:
        assert asked.said == {"success": True}


def kind_of(page: str, key: str) -> str:
    """A post is called by its page and its number, a comment by its post's number and its own."""
    return "PagePost" if key.startswith(f"{page}_") else "Comment"


def hold_node(page: str, key: str, shown: dict[str, Any]) -> None:
    """A post or a comment by its id, with the comments that were asked for inside it."""
    assert shown["id"] == key
    hold_shape(kind_of(page, key), shown, beside=INSIDE)
    hold_people(shown)
    for each in shown.get("comments", {"data": []})["data"]:
        hold_shape("Comment", each)
        hold_people(each)


def hold_message(said: dict[str, Any]) -> None:
    """One private message."""
    _hold_plain("a message", MESSAGE_FIELDS, said)
    assert INSTANT.fullmatch(said["created_time"])
    hold_people(said)
    for each in said.get("to", {"data": []})["data"]:
        _hold_person(each)


def hold_people(node: dict[str, Any]) -> None:
    """Who wrote something: an id, a name, and no more than is asked for."""
    for name in ("from", "reviewer"):
        if node.get(name) is not None:
            _hold_person(node[name])


def hold_refusal(said: dict[str, Any]) -> None:
    """A refusal, as the Graph API words it."""
    assert set(said) == {"error"}
    _hold_plain("a refusal", ERROR_FIELDS, said["error"])
    assert {"message", "type", "code"} <= set(said["error"])


def hold_sending(body: dict[str, Any]) -> None:
    """What a private message is sent with."""
    assert set(body["recipient"]) in ({"id"}, {"comment_id"})
    assert set(body["message"]) == {"text"}
    assert body.get("messaging_type", "RESPONSE") in TYPES
    assert ("tag" in body) == (body.get("messaging_type") == "MESSAGE_TAG")
    assert body.get("tag", "HUMAN_AGENT") in TAGS


def _hold_person(person: dict[str, Any]) -> None:
    assert {"id"} <= set(person) <= {"id", "name", "email", "username", "picture"}
    assert all(isinstance(person[name], str) for name in set(person) - {"picture"})


def _hold_plain(what: str, known: dict[str, type | tuple[type, ...]], said: dict[str, Any]) -> None:
    for name, value in said.items():
        assert name in known, f"{what} has no field {name}"
        assert isinstance(value, known[name]), f"{name} of {what} is no {known[name]}: {value!r}"
