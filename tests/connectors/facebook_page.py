"""A Facebook page on loopback, as the Graph API shows it with a page token."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.connectors.meta_server import GraphServer, Refused

PAGE = "102030405060708"
GONE = "Unsupported get request. Object with ID '{}' does not exist, cannot be loaded due to missing permissions"


@dataclass
class FacebookPage(GraphServer):
    """Posts with comments of two levels, reviews and conversations."""

    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    conversations: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    likes: set[str] = field(default_factory=set)
    granted: tuple[str, ...] = ("pages_show_list", "pages_read_engagement", "pages_read_user_content")

    def post(self, message: str, by: str = PAGE) -> str:
        key = f"{PAGE}_{self.number()}"
        self.nodes[key] = {
            "id": key, "message": message, "created_time": self.at(), "from": {"id": by, "name": by.title()},
            "permalink_url": f"https://www.facebook.com/{key}", "is_hidden": False, "can_reply_privately": False,
        }  # fmt: skip
        return key

    def comment(self, on: str, message: str, by: str | None = "7001", **more: Any) -> str:
        under = self.nodes[on]
        first = under.get("post") is not None
        post = under["post"] if first else on
        key = f"{post.partition('_')[2]}_{self.number()}"
        parent = on if not first or "parent" not in under else under["parent"]["id"]
        self.nodes[key] = {
            "id": key, "message": message, "created_time": self.at(), "post": post,
            "permalink_url": f"https://www.facebook.com/{post}?comment_id={key.rpartition('_')[2]}",
            "is_hidden": False, "can_hide": by != PAGE, "can_comment": True, "can_like": True,
            "can_remove": True, "can_reply_privately": by != PAGE, "comment_count": 0, "like_count": 0, **more,
        }  # fmt: skip
        if by is not None:
            self.nodes[key]["from"] = {"id": by, "name": f"Klant {by}"}
        if first:
            self.nodes[key]["parent"] = {"id": parent}
        return key

    def message(self, thread: str, text: str, by: str = "9001") -> str:
        key = f"m_{self.number()}"
        to = "9001" if by == PAGE else PAGE
        said = {
            "id": key, "created_time": self.at(), "message": text, "from": {"id": by, "name": by},
            "to": {"data": [{"id": to, "name": to}]},
        }  # fmt: skip
        self.conversations.setdefault(thread, []).insert(0, said)
        return key

    def comments_of(self, post: str) -> list[dict[str, Any]]:
        found = [each for each in self.nodes.values() if each.get("post") == post]
        return [{key: value for key, value in each.items() if key != "post"} for each in reversed(found)]

    def ours(self) -> list[dict[str, Any]]:
        """Comments in our name."""
        return [each for each in self.nodes.values() if "post" in each and each.get("from", {}).get("id") == PAGE]

    def _posts(self, *, own: bool) -> list[dict[str, Any]]:
        found = [each for each in self.nodes.values() if "post" not in each and (each["from"]["id"] == PAGE) == own]
        return [self._shown(each) for each in reversed(found)]

    def _shown(self, node: dict[str, Any]) -> dict[str, Any]:
        if "post" in node:
            return {key: value for key, value in node.items() if key != "post"}
        summary = {"order": "ranked", "total_count": len(self.comments_of(node["id"])), "can_comment": True}
        return {**node, "comments": {"data": [], "summary": summary}}

    def open(self, method: str, path: str, params: dict[str, str], sent: dict[str, Any]) -> Any:  # noqa: ARG002
        if not path.endswith("oauth/access_token"):
            return None
        if params.get("code") == "a-code":
            return {"access_token": "short-lived", "token_type": "bearer", "expires_in": 5000}
        if params.get("fb_exchange_token") == "short-lived":
            return {"access_token": self.token, "token_type": "bearer", "expires_in": 5183944}
        raise Refused(100, "This authorization code has been used.")

    def read(self, path: str, params: dict[str, str]) -> Any:
        if path.startswith("me/"):
            return self._person(path)
        if path == "":
            wanted = params["ids"].split(",")
            missing = [key for key in wanted if key not in self.nodes]
            if missing:
                raise Refused(100, GONE.format(missing[0]), 33)
            return {key: self._shown(self.nodes[key]) for key in wanted}
        key, _, edge = path.partition("/")
        if key == PAGE:
            lists = {
                "published_posts": lambda: self._posts(own=True),
                "visitor_posts": lambda: self._posts(own=False),
                "tagged": list,
                "ratings": lambda: self.reviews,
                "conversations": self._threads,
            }
            return self.page(lists[edge](), params) if edge else {"id": PAGE}
        if edge == "messages":
            return self.page(self.conversations[key], params)
        if key not in self.nodes:
            raise Refused(100, GONE.format(key), 33)
        if edge == "comments":
            return self.page(self.comments_of(key), params)
        shown = self._shown(self.nodes[key])
        if "comments.filter" in params["fields"] and "limit(0)" not in params["fields"]:
            shown["comments"] = {"data": self.comments_of(key)[:100]}
        return shown

    def _person(self, path: str) -> Any:
        if path == "me/permissions":
            return {"data": [{"permission": each, "status": "granted"} for each in self.granted]}
        page = {"id": PAGE, "name": "Acme", "tasks": ["MODERATE"], "access_token": "page-token"}
        return {"data": [page, {**page, "id": "555", "name": "Acme Zakelijk", "tasks": ["ANALYZE"]}]}

    def _threads(self) -> list[dict[str, Any]]:
        found = [{"id": key, "updated_time": said[0]["created_time"]} for key, said in self.conversations.items()]
        return sorted(found, key=lambda each: str(each["updated_time"]), reverse=True)

    def write(self, method: str, path: str, sent: dict[str, Any]) -> Any:
        key, _, edge = path.partition("/")
        if key == PAGE and edge == "messages":
            return {"recipient_id": "9001", "message_id": self.message("t_1", sent["message"]["text"], PAGE)}
        if key not in self.nodes:
            raise Refused(100, GONE.format(key), 33)
        if method == "DELETE":
            del self.nodes[key]
        elif edge == "comments":
            made = self.comment(key, sent["message"], PAGE)
            return self._shown(self.nodes[made]) if "fields" in sent else {"id": made}
        elif edge == "likes":
            self.likes.add(key)
        else:
            self.nodes[key]["is_hidden"] = sent["is_hidden"] == "true"
        return {"success": True}
