"""Holds calls to a professional account, and what it answers, to Meta's lists.

Hashtag calls are not in the lists, nor is renewing a login.
"""

from __future__ import annotations

from typing import Any

from tests.connectors.contracts import at_hand
from tests.connectors.facebook_contract import hold_message, hold_refusal
from tests.connectors.meta_contract import hold_call, hold_fields, hold_page, hold_shape
from tests.connectors.meta_server import Asked

INSIDE = frozenset({"replies"})
"""An edge that is asked for like a field stands among a comment's fields."""
_HASHTAGS = frozenset({"ig_hashtag_search", "recent_media", "recently_searched_hashtags"})

_INBOX = frozenset({"conversations", "messages"})
"""The inbox of an account is listed as that of its page."""


def checked() -> bool:
    """Whether Meta's lists are on this machine, for tests of something else that hold their fixtures to them beside."""
    return at_hand("meta-graph/IGComment.json")


def hold(account: str, asked: Asked) -> str:
    """One call, and what it was answered; gives the edge that was asked."""
    key, _, edge = asked.path.strip("/").partition("/")[2].partition("/")
    if isinstance(asked.said, dict) and "error" in asked.said:
        hold_refusal(asked.said)
        return edge
    if key == account:
        _hold_of_the_account(asked, edge)
    elif edge == "messages":
        hold_call(asked, "UnifiedThread", edge)
        for each in asked.said["data"]:
            hold_message(each)
    elif edge == "comments":
        hold_call(asked, "IGMedia", edge)
        if asked.method == "GET":
            hold_fields("IGComment", asked.params["fields"])
            for each in asked.said["data"]:
                hold_comment(each)
    elif key and not {key, edge} & _HASHTAGS:
        _hold_of_a_comment(asked, edge)
    return edge


def hold_comment(shown: dict[str, Any]) -> None:
    """A comment, with the answers that were asked for inside it."""
    hold_shape("IGComment", shown, beside=INSIDE)
    for each in shown.get("replies", {"data": []})["data"]:
        hold_shape("IGComment", each)


def _hold_of_the_account(asked: Asked, edge: str) -> None:
    if edge in _HASHTAGS:
        return
    hold_call(asked, "Page" if edge in _INBOX else "IGUser", edge)
    if edge == "conversations":
        hold_page("UnifiedThread", asked.said)
    if edge in {"media", "tags"}:
        hold_fields("IGMedia", asked.params["fields"])
        for each in asked.said["data"]:
            hold_shape("IGMedia", each)
    elif edge == "" and asked.method == "GET":
        hold_fields("IGUser", asked.params["fields"])
        hold_shape("IGUser", asked.said)


def _hold_of_a_comment(asked: Asked, edge: str) -> None:
    hold_call(asked, "IGComment", edge)
    if "fields" not in asked.params:
        return
    hold_fields("IGComment", asked.params["fields"])
    for each in asked.said["data"] if edge else [asked.said]:
        hold_comment(each)
