"""A small X on loopback: posts that are answered, edited, removed and hidden, messages, logins, limits, credits.

It shapes its answers as `saying` does, which the contract tests hold to X's OpenAPI files.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.items import Json
from tests.connectors.loopback import Answer, Asked
from tests.connectors.x.saying import OUR_NAME, US, escaped, page, post, problem, snowflake, stamp, user

INDEX_LAG = timedelta(seconds=30)
LOGIN_LASTS = timedelta(hours=2)
NOT_SUMMONED = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author "
    "of the post you are replying to."
)


@dataclass
class Said:
    """One post: its versions, newest last."""

    versions: list[str]
    author: str
    text: str
    at: datetime
    root: str
    parent: str | None = None
    hidden: bool = False
    protected: bool = False

    @property
    def key(self) -> str:
        return self.versions[-1]


@dataclass
class XSite:
    """The service.

    Attributes:
        now: its clock.
        fates: what becomes of the next writes: `unheard` (done, and the connection breaks), `lost` (neither),
            `failing` (done, and 502), `refused` (not done, and 502).
        credits: dollars left; None is plenty.
        left: calls left until `resets`; None is plenty.
        paid: dollars charged so far: each post, user and message once a UTC day, as X's price list says.
    """

    now: Callable[[], datetime]
    posts: dict[str, Said] = field(default_factory=dict)
    messages: list[dict[str, Json]] = field(default_factory=list)
    fates: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    credits: float | None = None
    left: int | None = None
    resets: datetime | None = None
    announced: int = 0
    paid: float = 0.0
    login: dict[str, Any] = field(default_factory=lambda: {"access": "user-1", "refresh": "renew-1", "until": None})
    revoked: bool = False
    page_size: int = 100
    index_lag: timedelta = INDEX_LAG
    _bought: set[tuple[str, str]] = field(default_factory=set)
    _number: int = 0

    # --- what people do ----------------------------------------------------------------------------------------------

    def say(self, text: str, author: str = "jo_example", *, to: str | None = None) -> str:
        """Somebody says something; its id."""
        self._number += 1
        key = snowflake(self.now(), self._number)
        parent = None if to is None else self._find(to)
        self.posts[key] = Said([key], author, text, self.now(), parent.root if parent else key, to)
        return key

    def ask(self, text: str) -> str:
        """A customer calls on us."""
        return self.say(f"@{OUR_NAME} {text}")

    def edit(self, key: str, text: str) -> str:
        said = self._find(key)
        assert said is not None
        self._number += 1
        said.versions.append(snowflake(self.now(), self._number))
        said.text = text
        return said.key

    def remove(self, key: str) -> None:
        del self.posts[key]

    def message(self, text: str, sender: str = "jo_example") -> str:
        self._number += 1
        key = snowflake(self.now(), self._number)
        other = user("jo_example")["id"]
        self.messages.append(
            {
                "id": key, "event_type": "MessageCreate", "text": text, "created_at": stamp(self.now()),
                "sender_id": user(sender)["id"], "dm_conversation_id": f"{US}-{other}",
            }
        )  # fmt: skip
        return key

    def ours(self) -> list[Said]:
        return [said for said in self.posts.values() if said.author == OUR_NAME]

    def expire(self) -> None:
        self.login["until"] = self.now()

    # --- what is asked -----------------------------------------------------------------------------------------------

    def handle(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if asked.path == "/2/oauth2/token":
            return self._token(asked)
        refusal = self._refusal(asked)
        if refusal is not None:
            return refusal
        if asked.method != "GET":
            return self._fated(asked)
        status, body = self._read(asked)
        self._charge(body)
        headers = {}
        if self.left is not None and self.resets is not None:
            headers = {
                "x-rate-limit-limit": "5",
                "x-rate-limit-remaining": str(self.left),
                "x-rate-limit-reset": str(int(self.resets.timestamp())),
            }
        return Answer(body, status, headers)

    def _refusal(self, asked: Asked) -> Answer | None:
        carried = asked.headers.get("authorization", "")
        until = self.login["until"]
        valid = carried == f"Bearer {self.login['access']}" and (until is None or self.now() < until)
        if not (valid or carried == "Bearer app-token"):
            blank: dict[str, Json] = {"title": "Unauthorized", "type": "about:blank", "status": 401}
            return Answer({**blank, "detail": "Unauthorized"}, 401)
        if self.credits is not None and self.credits <= 0:
            return Answer(problem("credits", "CreditsDepleted", account_id=1), 402)
        if self.left is not None and self.resets is not None:
            if self.now() >= self.resets:
                self.left = 5
                self.resets = self.now() + timedelta(minutes=15)
            if self.left <= 0:
                self.announced += 1
                body: dict[str, Json] = {"title": "Too Many Requests", "status": 429, "type": "about:blank"}
                return Answer(body, 429, {"x-rate-limit-reset": str(int(self.resets.timestamp()))})
            self.left -= 1
        return None

    def _token(self, asked: Asked) -> Answer:
        form = asked.form
        renews = form.get("grant_type") == "refresh_token" and form.get("refresh_token") == self.login["refresh"]
        begins = form.get("grant_type") == "authorization_code" and form.get("code") == "a-code"
        if self.revoked or not (renews or begins):
            self.revoked |= form.get("grant_type") == "refresh_token"  # a token used twice ends the login
            refused = {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}
            return Answer(refused, 400)
        self._number += 1
        until = self.now() + LOGIN_LASTS
        self.login = {"access": f"user-{self._number}", "refresh": f"renew-{self._number}", "until": until}
        scope = "tweet.read users.read tweet.write dm.read offline.access"
        return Answer(
            {
                "token_type": "bearer", "expires_in": 7200, "scope": scope,
                "access_token": self.login["access"], "refresh_token": self.login["refresh"],
            }
        )  # fmt: skip

    def _fated(self, asked: Asked) -> Answer:
        fate = self.fates.pop(0) if self.fates else "works"
        if fate == "lost":
            return Answer(silent=True)
        if fate == "refused":
            return Answer(b"<html>502 Bad Gateway</html>", 502)
        done = self._write(asked)
        if fate == "unheard":
            return Answer(silent=True)
        return Answer(b"<html>502 Bad Gateway</html>", 502) if fate == "failing" else done

    def _write(self, asked: Asked) -> Answer:
        parts = asked.path.split("/")
        if asked.method == "POST" and asked.path == "/2/tweets":
            return self._post(asked.json)
        if asked.method == "POST":
            key = self.message(asked.json["text"], OUR_NAME)
            return Answer({"data": {"dm_conversation_id": parts[3], "dm_event_id": key}}, 201)
        said = self._find(parts[3])
        if said is None:
            gone = problem("resource-not-found", "Not Found Error", resource_id=parts[3], resource_type="tweet")
            return Answer({"errors": [gone]}, 404)
        if asked.method == "PUT":
            said.hidden = True
            return Answer({"data": {"hidden": True}})
        self.remove(said.versions[0])
        return Answer({"data": {"deleted": True}})

    def _post(self, wished: dict[str, Any]) -> Answer:
        to = self._find(wished["reply"]["in_reply_to_tweet_id"])
        refused: dict[str, Json] = {"title": "Forbidden", "status": 403, "type": "about:blank"}
        if to is None or f"@{OUR_NAME}" not in to.text:
            return Answer({**refused, "detail": NOT_SUMMONED}, 403)
        if any(said.text == wished["text"] for said in self.ours()):
            detail = "You are not allowed to create a Tweet with duplicate content."
            return Answer({**refused, "detail": detail}, 403)
        key = self.say(wished["text"], OUR_NAME, to=to.versions[0])
        return Answer({"data": {"id": key, "text": escaped(wished["text"]), "edit_history_tweet_ids": [key]}}, 201)

    def _read(self, asked: Asked) -> tuple[int, Json]:
        path, params = asked.path, asked.params
        if path == "/2/users/me":
            return 200, {"data": user(OUR_NAME)}
        if path == "/2/tweets":
            return 200, self._looked_up(params)
        if path.endswith("dm_events"):
            newest = sorted(self.messages, key=lambda each: int(str(each["id"])), reverse=True)
            return 200, self._paged(newest, params, [user("jo_example")])
        found = [said for said in self._newest() if self._fits(path, params, said)]
        shown: list[Json] = [self._shape(said) for said in found]
        return 200, self._paged(shown, params, [user(name) for name in sorted({said.author for said in found})])

    def _fits(self, path: str, params: dict[str, str], said: Said) -> bool:
        start, end = params.get("start_time"), params.get("end_time")
        at = self._shown_at(said)
        after = start is None or at >= datetime.fromisoformat(start)
        before = end is None or at < datetime.fromisoformat(end)
        if path.endswith("/mentions"):
            wanted = f"@{OUR_NAME}" in said.text and said.author != OUR_NAME
        elif path.endswith("/tweets"):
            wanted = said.author == OUR_NAME
        else:
            wanted = at <= self.now() - self.index_lag and self._matches(params["query"], said)
        return after and before and wanted

    @staticmethod
    def _matches(query: str, said: Said) -> bool:
        if f"-from:{OUR_NAME}" in query and said.author == OUR_NAME:
            return False
        if f"-@{OUR_NAME}" in query and f"@{OUR_NAME}" in said.text:
            return False
        roots = re.findall(r"conversation_id:(\d+)", query)
        words = re.findall(r'"([^"]+)"', query)
        return said.root in roots if roots else any(word.casefold() in said.text.casefold() for word in words)

    def _paged(self, shown: list[Any], params: dict[str, str], users: list[Json]) -> Json:
        at = int(params.get("next_token") or params.get("pagination_token") or 0)
        size = min(int(params["max_results"]), self.page_size)
        more = str(at + size) if len(shown) > at + size else None
        if more is not None:
            more = more.rjust(16, "0")
        asked, some = params.get("expansions", ""), shown[at : at + size]
        authors = {each.get("author_id") or each.get("sender_id") for each in some}
        named = [each for each in users if isinstance(each, dict) and each["id"] in authors]
        return page(some, named if "author_id" in asked or "sender_id" in asked else [], more)

    def _looked_up(self, params: dict[str, str]) -> Json:
        found, errors = [], []
        for key in params["ids"].split(","):
            said = self._find(key)
            if said is None:
                errors.append(problem("resource-not-found", "Not Found Error", resource_id=key, resource_type="tweet"))
            elif said.protected:
                errors.append(problem("not-authorized-for-resource", "Authorization Error", resource_id=key))
            else:
                found.append(self._shape(said))
        authors = sorted({said.author for said in self.posts.values()})
        users: list[Json] = [user(name) for name in authors] if "author_id" in params.get("expansions", "") else []
        body: dict[str, Json] = {"data": found} if found else {}
        body |= {"includes": {"users": users}} if found and users else {}
        return {**body, **({"errors": errors} if errors else {})}  # type: ignore[dict-item]

    def _shape(self, said: Said) -> dict[str, Json]:
        more: dict[str, Any] = {"conversation_id": said.root, "edit_history_tweet_ids": list(said.versions)}
        parent = None if said.parent is None else self._find(said.parent)
        if said.parent is not None:
            more["referenced_tweets"] = [{"type": "replied_to", "id": said.parent}]
            more["in_reply_to_user_id"] = user(parent.author)["id"] if parent else "404"
        return post(said.key, said.text, self._shown_at(said), said.author, **more)

    def _charge(self, body: Json) -> None:
        assert isinstance(body, dict)
        includes: Any = body.get("includes") or {}
        data: Any = body.get("data") or []
        day = self.now().date().isoformat()
        for usd, each in [*((0.005, one) for one in data), *((0.010, one) for one in includes.get("users", []))]:
            if isinstance(each, dict) and (day, str(each["id"])) not in self._bought:
                self._bought.add((day, str(each["id"])))
                self.paid += usd
                if self.credits is not None:
                    self.credits -= usd

    def _newest(self) -> list[Said]:
        return sorted(self.posts.values(), key=lambda said: int(said.key), reverse=True)

    def _find(self, key: str) -> Said | None:
        return next((said for said in self.posts.values() if key in said.versions), None)

    @staticmethod
    def _shown_at(said: Said) -> datetime:
        return said.at if len(said.versions) == 1 else said.at + timedelta(seconds=len(said.versions))
