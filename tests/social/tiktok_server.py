"""TikTok's Business API of one account: videos, comments one level deep, a token that lives for a day and rotates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.social.api_server import Answer, ApiServer, Asked

BUSINESS = "biz-1"
VIDEO = "7299999999999999999"
OTHER = "7299999999999999998"
LINK = f"https://www.tiktok.com/@acme/video/{VIDEO}"


def refusal(code: int, message: str = "") -> Answer:
    """An error as TikTok words it: with status 200."""
    return Answer({"code": code, "message": message, "request_id": "20261121", "data": {}})


def fine(data: dict[str, Any]) -> Answer:
    return Answer({"code": 0, "message": "OK", "request_id": "20261121", "data": data})


@dataclass
class TikTokServer(ApiServer):
    """One video, and what is said under it."""

    token: str = "t-1"
    refresh: str = "r-1"
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)
    likes: list[str] = field(default_factory=list)
    born: int = 0
    inline: int = 3
    """Answers that come with their comment."""
    closed: set[str] = field(default_factory=set)
    """Videos of which the comments are refused, though the login is good. `OTHER` is there only when it is one."""

    def __post_init__(self) -> None:
        self.born = int(self.now().timestamp()) - 3600

    def says(self, text: str | None, who: str = "jo_example", *, to: str | None = None, **more: Any) -> str:
        """Somebody comments; the comment's id."""
        key = str(7_300_000_000_000_000_001 + len(self.comments))
        self.comments[key] = {
            "comment_id": key,
            "video_id": VIDEO,
            "user_id": BUSINESS if who == "acme" else f"u-{who}",
            "unique_identifier": f"x-{who}",
            "username": who,
            "display_name": who.title(),
            "owner": who == "acme",
            "text": text,
            "create_time": str(int(self.now().timestamp())),
            "likes": 0,
            "liked": False,
            "pinned": False,
            "status": "PUBLIC",
            "parent_comment_id": to,
            **more,
        }
        return key

    def removes(self, key: str) -> None:
        del self.comments[key]

    def answer(self, asked: Asked) -> Answer:
        path = asked.path.strip("/")
        if path in {"tt_user/oauth2/refresh_token", "tt_user/oauth2/token"}:
            return self._login(asked.json)
        if asked.headers.get("access-token") != self.token:
            return refusal(40105, "Access token is incorrect or has been revoked.")
        body = asked.json or asked.query
        if body.get("business_id") != BUSINESS:
            return refusal(40001, "No permission to operate this account")
        calls: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "business/video/list": self._videos,
            "business/comment/list": self._comments,
            "business/comment/reply/list": self._answers,
            "business/comment/reply/create": self._create,
            "business/comment/like": self._like,
            "business/comment/hide": self._hide,
            "business/comment/delete": self._delete,
        }
        return calls[path](body)

    def _login(self, body: dict[str, str]) -> Answer:
        if body.get("refresh_token") != self.refresh and body.get("auth_code") != "a-code":
            return refusal(40110, "refresh_token is invalid")
        self.token, self.refresh = f"{self.token}x", f"{self.refresh}x"
        data = {"access_token": self.token, "refresh_token": self.refresh, "expires_in": 86_400, "open_id": BUSINESS}
        return fine(data)

    def _videos(self, _: dict[str, Any]) -> Answer:
        video = {
            "item_id": VIDEO,
            "caption": "Nieuwe schoenen",
            "create_time": self.born,
            "share_url": LINK,
            "likes": 12,
            "comments": len(self.comments),
            "shares": 1,
            "video_views": 900,
        }
        other = {**video, "item_id": OTHER, "share_url": LINK.replace(VIDEO, OTHER), "comments": 1}
        videos = [other, video] if OTHER in self.closed else [video]
        return fine({"videos": videos, "cursor": 0, "has_more": False})

    def _shown(self, each: dict[str, Any]) -> dict[str, Any]:
        below = self.below(each["comment_id"])
        return {**each, "replies": len(below), "reply_list": below[: self.inline]}

    def below(self, key: str) -> list[dict[str, Any]]:
        """The answers to a comment, newest first."""
        return [each for each in reversed(self.comments.values()) if each["parent_comment_id"] == key]

    def _comments(self, query: dict[str, str]) -> Answer:
        if query["video_id"] in self.closed:
            return refusal(40001, "No permission for this item")
        if query["video_id"] != VIDEO:
            return refusal(40002, "video_id: not found")
        found = [each for each in reversed(self.comments.values()) if each["parent_comment_id"] is None]
        if "comment_ids" in query:
            wanted = orjson.loads(query["comment_ids"])
            found = [each for each in found if each["comment_id"] in wanted]
        return self._listed([self._shown(each) for each in found], query)

    def _answers(self, query: dict[str, str]) -> Answer:
        return self._listed(self.below(query["comment_id"]), query)

    def _create(self, body: dict[str, Any]) -> Answer:
        if len(body["text"]) > 150 or body["comment_id"] not in self.comments:
            return refusal(40002, "text: too long, or no such comment")
        key = self.says(body["text"], "acme", to=body["comment_id"])
        return fine({"comment_id": key, "create_time": self.comments[key]["create_time"], "video_id": VIDEO})

    def _like(self, body: dict[str, Any]) -> Answer:
        self.likes.append(body["comment_id"])
        return fine({})

    def _hide(self, body: dict[str, Any]) -> Answer:
        self.comments[body["comment_id"]]["status"] = "HIDDEN"
        return fine({})

    def _delete(self, body: dict[str, Any]) -> Answer:
        if self.comments[body["comment_id"]]["username"] != "acme":
            return refusal(40001, "You can only delete your own comments")
        self.removes(body["comment_id"])
        return fine({})

    def _listed(self, found: list[dict[str, Any]], query: dict[str, str]) -> Answer:
        start, count = int(query.get("cursor", "0")), int(query.get("max_count", "30"))
        end = start + count
        return fine({"comments": found[start:end], "cursor": end, "has_more": end < len(found)})

    def ours(self) -> list[dict[str, Any]]:
        return [each for each in self.comments.values() if each["username"] == "acme"]
