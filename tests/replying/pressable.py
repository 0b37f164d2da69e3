"""What else is done with a message, one row for each platform that offers it: likes and hides, and what then stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from connectors.bluesky.syntax import LIKE, THREADGATE
from tests.connectors import bluesky_posts
from tests.connectors.x import saying
from tests.replying.writable import QUESTION, WRITABLE, Writable
from tests.social import telegram_server


@dataclass(frozen=True)
class Pressable:
    """One wish on one platform.

    Attributes:
        row: the platform, how the message comes about there, and the call that others can see.
        kind: `like` or `hide`.
        done: whether it stands: of the server, and the message's id as it is kept.
    """

    row: Writable
    kind: str
    done: Callable[[Any, str], bool]


def _press(
    name: str, kind: str, visible: str, done: Callable[[Any, str], bool], asks: Callable[[Any], str] | None = None
) -> Pressable:
    row = WRITABLE[name]
    return Pressable(replace(row, visible=visible, asks=asks or row.asks), kind, done)


def _one(found: Any) -> Any:
    (only,) = found
    return only


def _hidden(page: Any) -> list[Any]:
    return [each for each in page.nodes.values() if each["is_hidden"]]


def _below_ours_on_x(server: Any) -> str:
    return str(server.say(f"@{saying.OUR_NAME} {QUESTION}", to=server.say("Storing", saying.OUR_NAME)))


def _in_a_group(server: telegram_server.TelegramServer) -> str:
    server.admin_in.add(telegram_server.GROUP["id"])
    said = server.says(telegram_server.GROUP, QUESTION)
    return f"{said['chat']['id']}:{said['message_id']}"


def _gate_hides(server: Any, key: str) -> bool:
    hidden: list[str] = _one(one for uri, one in server.records.items() if THREADGATE in uri)["hiddenReplies"]
    return hidden == [key]


def _thumbs(server: telegram_server.TelegramServer, key: str) -> bool:
    given = {(f"{chat}:{number}", str(reaction)) for chat, number, reaction in server.reactions}
    return _one(given) == (key, str([{"type": "emoji", "emoji": "👍"}]))


_META_COMMENT = r"POST /v[\d.]+/[\d_]+$"
PRESSABLE: dict[str, Pressable] = {
    "mastodon like": _press(
        "mastodon", "like", r"POST /api/v1/statuses/\d+/favourite$",
        lambda server, key: [each["uri"] for each in server.posts.values() if each.get("favourited")] == [key],
    ),
    "discourse like": _press(
        "discourse", "like", r"POST /post_actions\.json$",
        lambda server, key: server.posts[int(key)]["actions_summary"][0]["acted"] is True,
    ),
    "bluesky like": _press(
        "bluesky", "like", r"POST /xrpc/com\.atproto\.repo\.putRecord$",
        lambda server, key: _one(one for uri, one in server.records.items() if LIKE in uri)["subject"]["uri"] == key,
    ),
    "bluesky hide": _press(
        "bluesky", "hide", r"POST /xrpc/com\.atproto\.repo\.putRecord$", _gate_hides,
        lambda server: str(server.post(QUESTION, to=server.post("Storing", bluesky_posts.US))),
    ),
    "x hide": _press(
        "x", "hide", r"PUT /2/tweets/\d+/hidden$", lambda server, key: server.posts[key].hidden, _below_ours_on_x,
    ),
    "youtube hide": _press(
        "youtube", "hide", r"POST /youtube/v3/comments/setModerationStatus$",
        lambda server, key: _one(one for one in server.comments if one.id == key).status != "published",
    ),
    "reddit hide": _press(
        "reddit", "hide", r"POST /api/remove$",
        lambda server, key: _one(one for one in server.things if one.name == key).removed == "moderator",
    ),
    "facebook like": _press(
        "facebook", "like", r"POST /v[\d.]+/[\d_]+/likes$",
        lambda server, key: [each.rpartition("_")[2] for each in server.likes] == [key],
    ),
    "facebook hide": _press(
        "facebook", "hide", _META_COMMENT,
        lambda server, key: [one["id"].rpartition("_")[2] for one in _hidden(server)] == [key],
    ),
    "instagram hide": _press(
        "instagram", "hide", _META_COMMENT, lambda server, key: server.comments[key]["hidden"] is True,
    ),
    "threads hide": _press(
        "threads", "hide", r"POST /v[\d.]+/\d+/manage_reply$",
        lambda server, key: server.posts[key]["hide_status"] == "HIDDEN",
    ),
    "linkedin like": _press(
        "linkedin", "like", r"POST /rest/reactions$",
        lambda server, key: {each["root"] for each in server.likes} == {key},
    ),
    "tiktok like": _press(
        "tiktok", "like", r"POST .*/comment/like/?$", lambda server, key: set(server.likes) == {key},
    ),
    "tiktok hide": _press(
        "tiktok", "hide", r"POST .*/comment/hide/?$", lambda server, key: server.comments[key]["status"] == "HIDDEN",
    ),
    "telegram like": _press("telegram", "like", r"POST /bot.*/setMessageReaction$", _thumbs),
    "telegram hide": _press(
        "telegram", "hide", r"POST /bot.*/deleteMessage$",
        lambda server, key: [f"{chat}:{number}" for chat, number in server.removed] == [key], _in_a_group,
    ),
}  # fmt: skip
"""Every like and every hide that a connector offers."""
