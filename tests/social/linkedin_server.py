"""LinkedIn's API of one page: posts, comments one level deep, news of them, tokens that run out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.social.api_server import Answer, ApiServer, Asked

PAGE = "urn:li:organization:1234"
JO = "urn:li:person:rboDhL7Xsf"
POST, ACTIVITY = "urn:li:share:70000001", "urn:li:activity:7000000000000000001"


def refusal(status: int, code: str, message: str = "", **more: Any) -> Answer:
    """An error as LinkedIn words it."""
    return Answer({"status": status, "code": code, "message": message, **more}, status)


@dataclass
class LinkedInServer(ApiServer):
    """One post of the page, and what happens under it."""

    token: str = "t-1"
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)
    likes: list[dict[str, Any]] = field(default_factory=list)
    bare: bool = False
    """Whether the answer to a new comment has no body, as some versions have it."""
    blocked: set[str] = field(default_factory=set)

    def ms(self) -> int:
        return int(self.now().timestamp() * 1000)

    def urn(self, number: str) -> str:
        return f"urn:li:comment:({ACTIVITY},{number})"

    def says(self, text: str | None, who: str | None = JO, *, to: str | None = None, **more: Any) -> str:
        """Somebody comments; the comment's number."""
        number = str(6_636_062_862_760_562_688 + len(self.comments))
        stamp = {"actor": who, "time": self.ms()}
        made: dict[str, Any] = {
            "id": number,
            "commentUrn": self.urn(number),
            "actor": who,
            "object": ACTIVITY,
            "message": {"text": text, "attributes": []},
            "created": stamp,
            "lastModified": dict(stamp),
            "likesSummary": {"totalLikes": 0, "aggregatedTotalLikes": 0},
            "commentsSummary": {"totalFirstLevelComments": 0, "aggregatedTotalComments": 0},
            "content": [],
            **more,
        }
        if to is not None:
            made["parentComment"] = self.urn(to)
            self.comments[to]["commentsSummary"]["totalFirstLevelComments"] += 1
        self.comments[number] = made
        self.tells("COMMENT", number)
        return number

    def edits(self, number: str, text: str) -> None:
        self.comments[number]["message"]["text"] = text
        self.comments[number]["lastModified"]["time"] = self.ms()
        self.tells("COMMENT_EDIT", number)

    def removes(self, number: str) -> None:
        del self.comments[number]
        self.tells("COMMENT_DELETE", number)

    def tells(self, action: str, number: str) -> None:
        self.told.append(
            {
                "notificationId": len(self.told) + 1,
                "organizationalEntity": PAGE,
                "action": action,
                "sourcePost": POST,
                "generatedActivity": self.urn(number),
                "lastModifiedAt": self.ms(),
                "subscriber": JO,
            }
        )

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/oauth/v2/accessToken":
            return self._login(asked.form)
        if asked.headers.get("linkedin-version") != "202608" or "x-restli-protocol-version" not in asked.headers:
            return refusal(426, "NONEXISTENT_VERSION", "Requested version is not active")
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return refusal(401, "EXPIRED_ACCESS_TOKEN", "The token has expired", serviceErrorCode=65602)
        parts = [unquote(each) for each in asked.path.removeprefix("/rest/").split("/")]
        if parts[0] != "socialActions":
            return {
                "organizationAcls": self._administers,
                "organizationalEntityNotifications": self._news,
                "posts": self._posts,
                "reactions": self._like,
            }[parts[0]](asked)
        if asked.method == "POST":
            return self._comment(asked, parts[1])
        return self._one(asked, parts[3]) if len(parts) == 4 else self._under(asked, parts[1])

    def _administers(self, asked: Asked) -> Answer:
        if asked.query.get("role") != "ADMINISTRATOR":
            return refusal(400, "PARAM_INVALID")
        found = [{"organization": PAGE, "role": "ADMINISTRATOR", "state": "APPROVED"}]
        return Answer({"paging": {"start": 0, "count": 10, "links": []}, "elements": found})

    def _like(self, asked: Asked) -> Answer:
        self.likes.append({"actor": asked.query["actor"], **asked.json})
        return Answer({"id": "urn:li:reaction:1"}, 201)

    def _login(self, form: dict[str, str]) -> Answer:
        coming = (form.get("grant_type"), form.get("code"), form.get("client_secret"))
        if form.get("refresh_token") != "r-1" and coming != ("authorization_code", "a-code", "app-secret"):
            return Answer(
                {"error": "invalid_request", "error_description": "The provided refresh token is revoked"}, 400
            )
        self.token = "t-2"
        return Answer({"access_token": "t-2", "expires_in": 5_184_000, "refresh_token": "r-1"})

    def _news(self, asked: Asked) -> Answer:
        low, high = (int(each.partition(":")[2]) for each in asked.query["timeRange"].strip("()").split(","))
        wanted = asked.query["actions"].removeprefix("List(").rstrip(")").split(",")
        found = [each for each in self.told if low <= each["lastModifiedAt"] < high and each["action"] in wanted]
        return self._listed(asked, found)

    def _posts(self, asked: Asked) -> Answer:
        at = self.ms() - 3_600_000
        post = {
            "id": POST,
            "author": PAGE,
            "commentary": "Nieuw \\(groter\\) kantoor",
            "publishedAt": at,
            "createdAt": at,
        }
        return self._listed(asked, [post]) if asked.query else Answer(post)

    def _under(self, asked: Asked, urn: str) -> Answer:
        if urn in self.blocked:
            return refusal(403, "ACCESS_DENIED", "Comments are disabled")
        parent = None if urn in {POST, ACTIVITY} else urn
        return self._listed(asked, [each for each in self.comments.values() if each.get("parentComment") == parent])

    def _one(self, asked: Asked, number: str) -> Answer:
        if number not in self.comments:
            return refusal(404, "NOT_FOUND", "Could not find entity")
        if asked.method == "DELETE":
            self.removes(number)
            return Answer("", 204)
        return Answer(self.comments[number])

    def _comment(self, asked: Asked, urn: str) -> Answer:
        if any(each["message"]["text"] == asked.json["message"]["text"] for each in self.comments.values()):
            return refusal(422, "DUPLICATE", "Duplicate comment")
        parent = asked.json.get("parentComment")
        assert urn == (parent or asked.json["object"])
        to = None if parent is None else parent.rpartition(",")[2].rstrip(")")
        number = self.says(asked.json["message"]["text"], asked.json["actor"], to=to)
        return Answer("" if self.bare else self.comments[number], 201, {"x-restli-id": number})

    def _listed(self, asked: Asked, found: list[dict[str, Any]]) -> Answer:
        start, count = int(asked.query["start"]), int(asked.query["count"])
        paging = {"start": start, "count": count, "links": []}
        return Answer({"paging": paging, "elements": found[start : start + count]})

    def ours(self) -> list[dict[str, Any]]:
        return [each for each in self.comments.values() if each["actor"] == PAGE]
