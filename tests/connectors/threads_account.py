"""A Threads account on loopback, with the posts of others that it may see."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.connectors.meta_server import GraphServer, Refused

US = "acme"
GONE = "Unsupported get request. Object with ID '{}' does not exist, cannot be loaded due to missing permissions"


@dataclass
class ThreadsAccount(GraphServer):
    """Posts and replies of everybody, containers that wait to be published, and a quota.

    Attributes:
        approved: keyword search finds the posts of others too.
        slow: answers after which a new container is ready.
        rejected: what a container's state says is wrong with it.
        quota: replies used and allowed.
    """

    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    containers: dict[str, dict[str, Any]] = field(default_factory=dict)
    approved: bool = True
    slow: int = 0
    rejected: str | None = None
    quota: tuple[int, int] = (0, 1000)
    refuses_publishing: int = 0

    def say(self, text: str, by: str = "jo_example", to: str | None = None) -> str:
        key = str(18_000_000_000_000_000 + self.number())
        said = {
            "id": key, "media_product_type": "THREADS", "media_type": "TEXT_POST", "username": by, "text": text,
            "permalink": f"https://www.threads.com/@{by}/post/D{key}", "timestamp": self.at(), "shortcode": f"D{key}",
            "is_quote_post": False, "has_replies": False, "is_reply": to is not None, "hide_status": "NOT_HUSHED",
            "is_reply_owned_by_me": to is not None and by == US,
        }  # fmt: skip
        if to is not None:
            above = self.posts[to]
            above["has_replies"] = True
            said["root_post"] = above.get("root_post", {"id": to})
            said["replied_to"] = {"id": to}
        self.posts[key] = said
        return key

    def ours(self) -> list[dict[str, Any]]:
        """Replies in our name."""
        return [each for each in self.posts.values() if each["username"] == US and each["is_reply"]]

    def _listed(self, wanted: Any, params: dict[str, str]) -> Any:
        found = [each for each in reversed(self.posts.values()) if wanted(each)]
        since = int(params.get("since", 0))
        found = [each for each in found if datetime.fromisoformat(each["timestamp"]).timestamp() >= since]
        return self.page(found, params)

    def open(self, method: str, path: str, params: dict[str, str], sent: dict[str, Any]) -> Any:  # noqa: ARG002
        if path == "oauth/access_token":
            if sent.get("code") != "a-code":
                raise Refused(100, "This authorization code has been used.")
            return {"access_token": self.token, "user_id": "1"}
        return None

    def read(self, path: str, params: dict[str, str]) -> Any:
        key, _, edge = path.partition("/")
        if path in {"access_token", "refresh_access_token"}:
            self.token = f"{self.token}-longer"
            return {"access_token": self.token, "token_type": "bearer", "expires_in": 5183944}
        if path == "keyword_search":
            word = params["q"].casefold()
            return self._listed(lambda each: word in each["text"].casefold() and self._findable(each), params)
        return self._me(edge, params) if key == "me" else self._post(key, edge, params)

    def _findable(self, post: dict[str, Any]) -> bool:
        return self.approved or post["username"] == US

    def _me(self, edge: str, params: dict[str, str]) -> Any:
        if edge == "threads_publishing_limit":
            used, most = self.quota
            config = {"quota_total": most, "quota_duration": 86400}
            return {"data": [{"reply_quota_usage": used, "reply_config": config}]}
        wanted = {
            "threads": lambda each: each["username"] == US and not each["is_reply"],
            "replies": lambda each: each["username"] == US and each["is_reply"],
            "mentions": lambda each: f"@{US}" in each["text"] and each["username"] != US,
        }
        return self._listed(wanted[edge], params) if edge else {"id": "1", "username": US}

    def _post(self, key: str, edge: str, params: dict[str, str]) -> Any:
        if key in self.containers:
            if self.slow > 0:
                self.slow -= 1
                return {"id": key, "status": "IN_PROGRESS"}
            state = "FINISHED" if self.rejected is None else "ERROR"
            return {"id": key, "status": state, "error_message": self.rejected}
        if key not in self.posts:
            raise Refused(100, GONE.format(key), 33)
        if edge == "conversation":
            return self._listed(lambda each: each.get("root_post", {}).get("id") == key, params)
        if edge == "replies":
            return self._listed(lambda each: each.get("replied_to", {}).get("id") == key, params)
        return self.posts[key]

    def write(self, method: str, path: str, sent: dict[str, Any]) -> Any:
        key, _, edge = path.partition("/")
        if path == "me/threads":
            made = f"c{self.number()}"
            self.containers[made] = sent
            return {"id": made}
        if path == "me/threads_publish":
            if self.refuses_publishing > 0:
                self.refuses_publishing -= 1
                raise Refused(24, "The requested resource does not exist", 4279009)
            held = self.containers.pop(sent["creation_id"])
            return {"id": self.say(held["text"], US, held["reply_to_id"])}
        if key not in self.posts:
            raise Refused(100, GONE.format(key), 33)
        if method == "DELETE":
            del self.posts[key]
            return {"success": True, "deleted_id": key}
        self.posts[key]["hide_status"] = "HIDDEN" if edge == "manage_reply" and sent["hide"] == "true" else "UNHUSHED"
        return {"success": True}
