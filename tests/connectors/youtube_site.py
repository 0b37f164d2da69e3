"""YouTube as its discovery document describes it, in memory: videos, threads, quota, logins that run out."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.connectors.loopback import Answer, Asked

CHANNEL = "UC" + "acme" * 5 + "ac"
OTHER = "UC" + "jojo" * 5 + "jo"
VIDEO = "AbCdEfGhIjK"
INCLUDED = 5


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def error(status: int, reason: str, message: str = "Because.") -> Answer:
    """An error as Google words it."""
    told = {"message": message, "domain": "youtube.api", "reason": reason}
    return Answer({"error": {"code": status, "message": message, "errors": [told]}}, status)


@dataclass
class Comment:
    """A comment; a reply when it has a `parent`."""

    id: str
    text: str
    author: str
    at: datetime
    video: str = VIDEO
    parent: str | None = None
    edited: datetime | None = None
    status: str = "published"


@dataclass
class Video:
    """A video of anybody."""

    id: str
    title: str
    at: datetime
    channel: str = OTHER
    closed: bool = False


@dataclass
class Site:
    """The API. Everything can be edited and removed behind our back."""

    now: Callable[[], datetime]
    comments: list[Comment] = field(default_factory=list)
    videos: dict[str, Video] = field(default_factory=dict)
    page_size: int = 20
    tokens: set[str] = field(default_factory=lambda: {"access-1"})
    refresh_token: str = "refresh-1"
    key: str = "the-key"
    calls: list[Asked] = field(default_factory=list)
    units: int = 0
    searches: int = 0
    most_units: int = 10_000
    next_answers: list[Callable[[Asked], Answer | None]] = field(default_factory=list)
    stale_page_tokens: bool = False
    all_held: bool = False

    def comment(
        self, text: str, *, author: str = OTHER, to: Comment | None = None, ago: timedelta = timedelta(), **more: Any
    ) -> Comment:
        """Somebody comments."""
        number = len(self.comments) + 1
        key = f"Ugw{number:05d}" if to is None else f"{to.id}.9r{number:05d}"
        made = Comment(key, text, author, self.now() - ago, parent=to.id if to else None, **more)
        if to is not None:
            made.video = to.video
        self.comments.append(made)
        return made

    def handle(self, asked: Asked) -> Answer:
        """Answer one call."""
        self.calls.append(asked)
        said = self.next_answers.pop(0)(asked) if self.next_answers else None
        if said is not None:
            return said
        if asked.path == "/token":
            return self._token(asked)
        return self._refused(asked) or self._answered(asked, asked.path.removeprefix("/youtube/v3/"))

    def _refused(self, asked: Asked) -> Answer | None:
        bearer = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if bearer:
            return None if bearer in self.tokens else error(401, "authError", "Invalid Credentials")
        if "x-goog-api-key" not in asked.headers:
            return error(403, "forbidden", "The request is missing a valid API key.")
        if asked.headers["x-goog-api-key"] != self.key:
            return error(400, "keyInvalid", "API key not valid. Please pass a valid API key.")
        return None if asked.method == "GET" else error(401, "required", "Login Required.")

    def _answered(self, asked: Asked, path: str) -> Answer:
        if path == "search":
            self.searches += 1
            return self._search(asked) if self.searches <= 100 else error(403, "quotaExceeded")
        self.units += 1 if asked.method == "GET" else 50
        if self.units > self.most_units:
            return error(403, "quotaExceeded", "The request cannot be completed because you have exceeded your quota.")
        if asked.params.get("pageToken") and self.stale_page_tokens:
            self.stale_page_tokens = False
            return error(400, "invalidPageToken")
        answer: Answer = getattr(self, f"_{asked.method.lower()}_{path.replace('/', '_')}")(asked)
        return answer

    def _token(self, asked: Asked) -> Answer:
        form = asked.form
        if form.get("grant_type") == "refresh_token" and form["refresh_token"] != self.refresh_token:
            told = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
            return Answer(told, 400)
        token = f"access-{len(self.tokens) + 1}"
        self.tokens.add(token)
        scope = "https://www.googleapis.com/auth/youtube.force-ssl"
        given = {"access_token": token, "expires_in": 3599, "scope": scope, "token_type": "Bearer"}
        return Answer(given if "refresh_token" in form else {**given, "refresh_token": self.refresh_token})

    def listed(self, kind: str, items: list[Any], asked: Asked) -> dict[str, Any]:
        """One page of a list, by a token that says how many were shown."""
        size = min(int(asked.params.get("maxResults", "20")), self.page_size)
        at = int(asked.params.get("pageToken", "T0").removeprefix("T"))
        page, rest = items[at : at + size], items[at + size :]
        info = {"totalResults": len(items), "resultsPerPage": size}
        body = {"kind": f"youtube#{kind}", "etag": "e", "pageInfo": info, "items": page}
        return {**body, "nextPageToken": f"T{at + size}"} if rest else body

    def resource(self, comment: Comment) -> dict[str, Any]:
        """A comment as the API writes it; a reply does not say under which video it stands."""
        snippet: dict[str, Any] = {
            "channelId": self.videos[comment.video].channel if comment.video in self.videos else CHANNEL,
            "textDisplay": comment.text,
            "textOriginal": comment.text,
            "authorDisplayName": "@acme" if comment.author == CHANNEL else "@jo-example",
            "authorProfileImageUrl": "https://yt3.ggpht.com/a",
            "authorChannelUrl": "http://www.youtube.com/@jo-example",
            "authorChannelId": {"value": comment.author},
            "canRate": True,
            "viewerRating": "none",
            "likeCount": 0,
            "publishedAt": stamp(comment.at),
            "updatedAt": stamp(comment.edited or comment.at),
        }
        if comment.parent is not None:
            snippet["parentId"] = comment.parent
        else:
            snippet["videoId"] = comment.video
        return {"kind": "youtube#comment", "etag": "c", "id": comment.id, "snippet": snippet}

    def replies_to(self, key: str) -> list[Comment]:
        return sorted((each for each in self.comments if each.parent == key), key=lambda each: each.at, reverse=True)

    def thread(self, first: Comment) -> dict[str, Any]:
        """A thread as the API writes it, with up to five replies."""
        replies = self.replies_to(first.id)
        resource = self.resource(first)
        snippet = {
            "channelId": resource["snippet"]["channelId"],
            "videoId": first.video,
            "canReply": True,
            "totalReplyCount": len(replies),
            "isPublic": first.status == "published",
            "topLevelComment": resource,
        }
        whole: dict[str, Any] = {"kind": "youtube#commentThread", "etag": "t", "id": first.id, "snippet": snippet}
        if replies:
            whole["replies"] = {"comments": [self.resource(each) for each in replies[:INCLUDED]]}
        return whole

    def _get_commentThreads(self, asked: Asked) -> Answer:  # noqa: N802 -- named as the API names it
        params = asked.params
        wanted = params.get("moderationStatus", "published")
        tops = [e for e in self.comments if e.parent is None and (self.all_held or e.status == wanted)]
        if "videoId" in params:
            if params["videoId"] in self.videos and self.videos[params["videoId"]].closed:
                return error(403, "commentsDisabled")
            tops = [each for each in tops if each.video == params["videoId"]]
        if "id" in params:
            tops = [each for each in tops if each.id in params["id"].split(",")]
        tops.sort(key=lambda each: each.at, reverse=True)
        return Answer(self.listed("commentThreadListResponse", [self.thread(each) for each in tops], asked))

    def _get_comments(self, asked: Asked) -> Answer:
        if "parentId" in asked.params:
            found = self.replies_to(asked.params["parentId"])
            return Answer(self.listed("commentListResponse", [self.resource(each) for each in found], asked))
        keys = asked.params["id"].split(",")
        found = [each for each in self.comments if each.id in keys and each.status == "published"]
        body = {"kind": "youtube#commentListResponse", "etag": "e", "items": [self.resource(each) for each in found]}
        return Answer(body)

    def _get_videos(self, asked: Asked) -> Answer:
        found = [self.videos[key] for key in asked.params["id"].split(",") if key in self.videos]
        items = [self.video(each) for each in found]
        info = {"totalResults": len(items), "resultsPerPage": len(items)}
        return Answer({"kind": "youtube#videoListResponse", "etag": "e", "items": items, "pageInfo": info})

    def video(self, video: Video) -> dict[str, Any]:
        """A video as the API writes it."""
        count = sum(each.video == video.id for each in self.comments)
        picture = {"url": f"https://i.ytimg.com/vi/{video.id}/hqdefault.jpg", "width": 480, "height": 360}
        snippet = {
            "publishedAt": stamp(video.at),
            "channelId": video.channel,
            "title": video.title,
            "description": "Over klankbord & meer",
            "channelTitle": "Jo",
            "defaultAudioLanguage": "nl",
            "tags": ["acme"],
            "thumbnails": {"high": picture},
        }
        statistics = {"viewCount": "1200", "likeCount": "3"}
        if not video.closed:
            statistics["commentCount"] = str(count)
        return {"kind": "youtube#video", "etag": "v", "id": video.id, "snippet": snippet, "statistics": statistics}

    def _search(self, asked: Asked) -> Answer:
        after, before = asked.params["publishedAfter"], asked.params["publishedBefore"]
        found = [each for each in self.videos.values() if after <= stamp(each.at) < before]
        found.sort(key=lambda each: each.at, reverse=True)
        return Answer(self.listed("searchListResponse", [hit(each) for each in found], asked))

    def _post_comments(self, asked: Asked) -> Answer:
        snippet = asked.json["snippet"]
        parent = next((each for each in self.comments if each.id == snippet["parentId"] and each.parent is None), None)
        if parent is None:
            return error(404, "parentCommentNotFound")
        return Answer(self.resource(self.comment(snippet["textOriginal"], author=CHANNEL, to=parent)))

    def _post_commentThreads(self, asked: Asked) -> Answer:  # noqa: N802
        snippet = asked.json["snippet"]
        text = snippet["topLevelComment"]["snippet"]["textOriginal"]
        return Answer(self.thread(self.comment(text, author=CHANNEL, video=snippet["videoId"])))

    def _post_comments_setModerationStatus(self, asked: Asked) -> Answer:  # noqa: N802
        for each in self.comments:
            if each.id in asked.params["id"].split(","):
                each.status = asked.params["moderationStatus"]
        return Answer(status=204)

    def _delete_comments(self, asked: Asked) -> Answer:
        before = len(self.comments)
        self.comments = [each for each in self.comments if each.id != asked.params["id"]]
        return Answer(status=204) if len(self.comments) < before else error(404, "commentNotFound")

    def _get_channels(self, asked: Asked) -> Answer:  # noqa: ARG002
        item = {"kind": "youtube#channel", "etag": "c", "id": CHANNEL, "snippet": {"title": "Acme"}}
        return Answer({"kind": "youtube#channelListResponse", "etag": "e", "items": [item]})


def hit(video: Video) -> dict[str, Any]:
    """A search result; its title is escaped as HTML."""
    snippet = {
        "publishedAt": stamp(video.at),
        "channelId": video.channel,
        "title": html.escape(video.title),
        "description": "…",
        "channelTitle": "Jo",
        "liveBroadcastContent": "none",
    }
    key = {"kind": "youtube#video", "videoId": video.id}
    return {"kind": "youtube#searchResult", "etag": "h", "id": key, "snippet": snippet}
