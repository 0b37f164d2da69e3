"""A professional Instagram account on loopback, as both of its APIs show it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.connectors.meta_server import GraphServer, Refused

ACCOUNT = "17841400000000001"
GONE = "Unsupported get request. Object with ID '{}' does not exist, cannot be loaded due to missing permissions"
INSIDE = 3
"""Answers that stand inside a comment's entry."""


@dataclass
class InstagramAccount(GraphServer):
    """Own media with comments of two levels, tags, hashtags and messages.

    Attributes:
        lately: hashtags that were asked for in the last seven days.
        elsewhere: comments and media of others that name us, which no list shows.
        under_mentions: what we answered there, with what was answered.
    """

    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: list[dict[str, Any]] = field(default_factory=list)
    hashtags: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    lately: list[str] = field(default_factory=list)
    conversations: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    approved: bool = True
    elsewhere: dict[str, dict[str, Any]] = field(default_factory=dict)
    under_mentions: list[dict[str, str]] = field(default_factory=list)

    def mention(self, text: str, by: str = "jo_example") -> tuple[str, str]:
        """Somebody names us below somebody's medium; the medium and the comment."""
        medium, key = str(self.number()), str(self.number())
        link = {"id": medium, "permalink": f"https://www.instagram.com/p/M{medium}/"}
        self.elsewhere[key] = {"id": key, "text": text, "timestamp": self.at(), "username": by, "media": link}
        return medium, key

    def medium(self, caption: str) -> str:
        key = str(self.number())
        self.media[key] = {
            "id": key, "caption": caption, "media_type": "IMAGE", "media_product_type": "FEED",
            "permalink": f"https://www.instagram.com/p/C{key}/", "timestamp": self.at(), "username": "acme",
            "like_count": 3, "media_url": "https://cdn.example/a.jpg",
        }  # fmt: skip
        return key

    def photo(self, caption: str, name: str | None = "jo_example") -> dict[str, Any]:
        key = str(self.number())
        shown = {
            "id": key, "caption": caption, "media_type": "IMAGE", "permalink": f"https://www.instagram.com/p/D{key}/",
            "timestamp": self.at(), "comments_count": 0, "like_count": 1,
        }  # fmt: skip
        return shown if name is None else {**shown, "username": name}

    def comment(self, on: str, text: str, by: str | None = "jo_example") -> str:
        key = str(self.number())
        medium = self.comments[on]["medium"] if on in self.comments else on
        said = {
            "id": key, "text": text, "timestamp": self.at(), "like_count": 0, "hidden": False, "medium": medium,
            "media": {name: self.media[medium][name] for name in ("id", "permalink", "username")},
        }  # fmt: skip
        if by is not None:
            said["username"] = by
            said["from"] = {"id": ACCOUNT if by == "acme" else f"98{sum(map(ord, by))}", "username": by}
        if on in self.comments:
            said["parent_id"] = self.comments[on].get("parent_id", on)
        self.comments[key] = said
        return key

    def message(self, thread: str, text: str, by: str = "9001") -> str:
        key = f"m_{self.number()}"
        to = "9001" if by == ACCOUNT else ACCOUNT
        said = {
            "id": key, "created_time": self.at(), "message": text, "from": {"id": by, "username": by},
            "to": {"data": [{"id": to, "username": to}]},
        }  # fmt: skip
        self.conversations.setdefault(thread, []).insert(0, said)
        return key

    def ours(self) -> list[dict[str, Any]]:
        """Comments in our name."""
        return [each for each in self.comments.values() if each.get("username") == "acme"]

    def _shown(self, comment: dict[str, Any], *, inside: bool = True) -> dict[str, Any]:
        shown = {key: value for key, value in comment.items() if key != "medium"}
        answers = self._answers(comment["id"])
        if inside and answers:
            paging: dict[str, Any] = {"cursors": {"after": f"QV{len(answers) - INSIDE}"}}
            if len(answers) > INSIDE:
                paging["next"] = f"https://graph.example/x?access_token=very-secret&after=QV{len(answers) - INSIDE}"
            shown["replies"] = {"data": [self._plain(each) for each in answers[:INSIDE]], "paging": paging}
        return shown

    def _plain(self, comment: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in comment.items() if key not in {"medium", "media"}}

    def _answers(self, key: str) -> list[dict[str, Any]]:
        return [each for each in self.comments.values() if each.get("parent_id") == key]

    def _own_media(self) -> list[dict[str, Any]]:
        counted = [each["medium"] for each in self.comments.values()]
        return [{**each, "comments_count": counted.count(key)} for key, each in reversed(self.media.items())]

    def open(self, method: str, path: str, params: dict[str, str], sent: dict[str, Any]) -> Any:  # noqa: ARG002
        if path.endswith("/oauth/access_token") and method == "GET":
            return {"access_token": self.token, "token_type": "bearer"}
        if path == "oauth/access_token":
            if sent.get("code") != "a-code":
                raise Refused(400, "This authorization code has been used")
            scopes = "instagram_business_basic,instagram_business_manage_comments"
            return {"access_token": self.token, "user_id": int(ACCOUNT), "permissions": scopes}
        return None

    def read(self, path: str, params: dict[str, str]) -> Any:
        key, _, edge = path.partition("/")
        if path in {"access_token", "refresh_access_token"} or key == "me":
            return self._login(path)
        if path == "ig_hashtag_search":
            return self._search(params["q"])
        if key == ACCOUNT:
            return self._account(edge, params)
        if edge == "recent_media":
            return self.page(self.hashtags[key.removeprefix("178")], params)
        if edge == "messages":
            return self.page(self.conversations[key], params)
        return self._node(key, edge, params)

    def _login(self, path: str) -> Any:
        if path == "me":
            return {"user_id": ACCOUNT, "username": "acme", "account_type": "BUSINESS", "id": "555"}
        if path == "me/permissions":
            return {
                "data": [
                    {"permission": "instagram_basic", "status": "granted"},
                    {"permission": "x", "status": "declined"},
                ]
            }
        if path == "me/accounts":
            linked = {"instagram_business_account": {"id": ACCOUNT, "username": "acme"}}
            page = {"id": "555", "name": "Acme", "access_token": "page-token"}
            return {"data": [{**page, **linked}, {**page, "id": "556", "name": "Zonder Instagram"}]}
        self.token = f"{self.token}-longer"
        return {"access_token": self.token, "token_type": "bearer", "expires_in": 5183944}

    def _account(self, edge: str, params: dict[str, str]) -> Any:
        if edge == "media":
            return self.page(self._own_media(), params)
        if edge == "tags":
            return self.page(self.tags, params)
        if edge == "recently_searched_hashtags":
            return {"data": [{"id": f"178{name}", "name": name} for name in self.lately]}
        if edge == "conversations":
            found = [{"id": key, "updated_time": said[0]["created_time"]} for key, said in self.conversations.items()]
            return self.page(sorted(found, key=lambda each: str(each["updated_time"]), reverse=True), params)
        return {"id": ACCOUNT, **self._mentioned(params.get("fields", ""))}

    def _mentioned(self, fields: str) -> dict[str, Any]:
        """A field with the id in brackets: the only way to see what names us elsewhere."""
        asked = re.match(r"(mentioned_comment|mentioned_media)\.(comment|media)_id\((\w+)\)\{", fields)
        if asked is None:
            return {}
        if asked[3] not in self.elsewhere:
            raise Refused(100, GONE.format(asked[3]), 33)
        return {asked[1]: self.elsewhere[asked[3]]}

    def _search(self, word: str) -> Any:
        if not self.approved:
            raise Refused(10, "(#10) To use Instagram Public Content Access, your use must be reviewed", status=403)
        self.lately.append(word)
        return {"data": [{"id": f"178{word}"}]}

    def _node(self, key: str, edge: str, params: dict[str, str]) -> Any:
        if key not in self.comments and key not in self.media:
            raise Refused(100, GONE.format(key), 33)
        if edge == "comments":
            first = [each for each in self.comments.values() if each["medium"] == key and "parent_id" not in each]
            return self.page([self._shown(each) for each in reversed(first)], params)
        if edge == "replies":
            return self.page([self._shown(each, inside=False) for each in self._answers(key)], params)
        return self.media[key] if key in self.media else self._shown(self.comments[key])

    def write(self, method: str, path: str, sent: dict[str, Any]) -> Any:
        key, _, edge = path.partition("/")
        if edge == "messages":
            return {"recipient_id": "9001", "message_id": self.message("t_1", sent["message"]["text"], ACCOUNT)}
        if key == ACCOUNT and edge == "mentions":
            self.under_mentions.append(sent)
            return {"id": str(self.number())}
        if key not in self.comments and key not in self.media:
            raise Refused(100, GONE.format(key), 33)
        if method == "DELETE":
            del self.comments[key]
        elif edge in {"replies", "comments"}:
            if "parent_id" in self.comments.get(key, {}):
                raise Refused(100, "Replies to replies are not allowed")
            return {"id": self.comment(key, sent["message"], "acme")}
        else:
            self.comments[key]["hidden"] = sent["hide"] == "true"
        return {"success": True}
