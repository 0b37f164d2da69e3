from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson

from connectors.conformance import ConnectorSuite, FakePlatform, Utterance
from connectors.contract import Connector
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse, Request, Response
from connectors.tiktok import TikTok, TikTokOptions


@dataclass
class OwnVideos(FakePlatform):
    """Comments under two videos, every tenth an answer to the one before; all errors come with status 200."""

    page_size = 20
    levels = 2
    shows_edits = False  # a comment cannot be changed in TikTok

    def connector(self) -> Connector[Any]:
        login = {"token": "t-secret", "refresh_token": "r-secret", "client_id": "app", "client_secret": "s-secret"}
        return TikTok(TikTokOptions.model_validate({"business_id": "biz-1", "username": "acme", **login}))

    def video(self, number: int) -> str:
        return f"729999999999999999{self.first(number) // 10 % 2}"

    def first(self, number: int) -> int:
        return self.first_of(self.utterances[number - 1]).number if 0 < number <= len(self.utterances) else number

    def key(self, number: int) -> str:
        return str(7_300_000_000_000_000_000 + number)

    def top(self, number: int) -> int | None:
        if self.first(number) != number:
            return self.first(number)
        return number - 1 if number % 10 == 5 else None

    def entry(self, utterance: Utterance) -> Json:
        top = self.top(utterance.number)
        below = [each for each in self.shown() if self.top(each.number) == utterance.number]
        return {
            "comment_id": self.key(utterance.number),
            "video_id": self.video(utterance.number),
            "user_id": f"user-{utterance.author}",
            "username": utterance.author,
            "owner": False,
            "text": utterance.text,
            "create_time": str(int(utterance.at.timestamp())),
            "likes": 3,
            "replies": len(below),
            "status": "PUBLIC",
            "parent_comment_id": None if top is None else self.key(top),
            "reply_list": [],
        }

    def shown(self) -> list[Utterance]:
        return list(self.newest())

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        path, params = urlsplit(request.url).path.removeprefix("/open_api/v1.3/"), dict(request.params)
        if path == "tt_user/oauth2/refresh_token/":
            return self.said(request, {"access_token": "t-2", "refresh_token": "r-2", "open_id": "biz-1"})
        if path == "business/video/list/":
            videos = [self.listed(number) for number in (0, 10)]
            return self.said(request, {"videos": videos, "cursor": 0, "has_more": False})
        under = [each for each in self.shown() if self.video(each.number) == params["video_id"]]
        if "comment_ids" in params:
            wanted = orjson.loads(params["comment_ids"])
            under = [each for each in under if self.key(each.number) in wanted]
            return self.said(request, {"comments": self.entries(under), "cursor": 0, "has_more": False})
        if path == "business/comment/reply/list/":
            under = [each for each in under if self.key(self.top(each.number) or 0) == params["comment_id"]]
        else:
            under = [each for each in under if self.top(each.number) is None]
        start = int(params["cursor"])
        shown, end = under[start : start + self.page_size], start + self.page_size
        more = end < len(under)
        return self.said(request, {"comments": self.entries(shown), "cursor": end, "has_more": more})

    def listed(self, number: int) -> Json:
        key = self.video(number)
        return {
            "item_id": key,
            "caption": "Nieuwe schoenen",
            "create_time": int((self.now - timedelta(days=3)).timestamp()),
            "share_url": f"https://www.tiktok.com/@acme/video/{key}",
            "comments": sum(self.video(each.number) == key for each in self.shown()),
        }

    def said(self, request: Request, data: Json) -> HttpResponse:
        return self.json(request, {"code": 0, "message": "OK", "request_id": "20261121", "data": data})

    def rate_limited(self, request: Request, wait_s: int | None) -> Response:
        headers = {} if wait_s is None else {"retry-after": str(wait_s)}
        return self.json(request, {"code": 40100, "message": "Too many requests", "data": {}}, 200, headers)

    def unauthorized(self, request: Request) -> Response:
        words = "Access token is incorrect or has been revoked."
        return self.json(request, {"code": 40105, "message": words, "data": {}})

    def denied(self, renewal: Request) -> Response:
        return self.unauthorized(renewal)

    def out_of_scope(self, request: Request) -> Response:
        return self.json(request, {"code": 40001, "message": "No permission to operate.", "data": {}})


class TestOwnVideos(ConnectorSuite):
    platform = OwnVideos
