"""An invented platform with a strict OAuth login: short tokens, and refresh tokens that work once.

A refresh token that comes a second time revokes the whole login, as careful platforms do: whoever renews twice with one
token, or loses the answer, is locked out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.loopback import on_loopback

CLIENT = ("klankbord-client", "clientSecret-0123456789")


class NoAnswerError(Exception):
    """The connection breaks before an answer."""


@dataclass
class Plaza:
    """The platform.

    Attributes:
        now: aware UTC.
        life: of an access token.
        scopes: what the person grants.
        denies: the person says no.
        strict: False takes the last refresh token again as long as its successor was not used.
        fates: what happens to the next renewals: works, failing (nothing happens), unheard (done, and the answer lost).
        on_use: called with each access token that is used, before the answer.
        on_renewal: called before a renewal is done.
        on_exchange: called when a code was exchanged, before the answer.
        faults: what a path answers instead: status and page.
    """

    now: Callable[[], datetime]
    life: timedelta = timedelta(hours=2)
    scopes: str = "read write"
    denies: bool = False
    strict: bool = True
    fates: list[str] = field(default_factory=list)
    on_use: Callable[[str], None] = lambda _: None
    on_renewal: Callable[[], None] = lambda: None
    on_exchange: Callable[[], None] = lambda: None
    faults: dict[str, tuple[int, str]] = field(default_factory=dict)
    revoked: bool = False
    posts: list[dict[str, Any]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    access: dict[str, datetime] = field(default_factory=dict)
    refresh: str | None = None
    spent: list[str] = field(default_factory=list)
    renewals: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _numbers: int = 0

    def post(self, text: str, who: str = "piet") -> None:
        """Somebody says something."""
        self.posts.append({"id": len(self.posts) + 1, "who": who, "text": text, "at": self.now().isoformat()})

    def login(self) -> dict[str, str]:
        """A login as `PlazaConnector.login_taken` wants it, as if just connected."""
        given = self._tokens()
        ends = self.now() + timedelta(seconds=given["expires_in"])
        return {"access": given["access_token"], "refresh_token": given["refresh_token"], "ends_at": ends.isoformat()}

    def handle(self, method: str, path: str, query: dict[str, str], token: str, form: dict[str, str]) -> Any:
        """Answer one call: status, headers, body."""
        with self.lock:
            self.asked.append(f"{method} {path}")
        if path == "/authorize":
            return self._authorize(query)
        if path == "/token":
            return self._token(form)
        self.on_use(token)
        with self.lock:
            standing = not self.revoked and token in self.access
            if not standing or self.access[token] <= self.now():
                return 401, {}, {"error": "expired" if standing else "revoked"}
            if path == "/me":
                return 200, {}, {"name": "acme"}
            if method == "POST":
                self.post(form["text"], "acme")
                return 200, {}, self.posts[-1]
            return 200, {}, {"posts": self.posts[::-1]}

    def _authorize(self, query: dict[str, str]) -> Any:
        if query["client_id"] != CLIENT[0] or query["code_challenge_method"] != "S256":
            return 400, {}, {"error": "invalid_request"}
        back = {"state": query["state"], "error": "access_denied", "error_description": "The person said no"}
        if not self.denies:
            code = self._new("code")
            self.codes[code] = query
            back = {"state": query["state"], "code": code}
        return 302, {"Location": f"{query['redirect_uri']}?{urlencode(back)}"}, {}

    def _token(self, form: dict[str, str]) -> Any:
        if (form.get("client_id"), form.get("client_secret")) != CLIENT:
            return 401, {}, {"error": "invalid_client"}
        if form.get("grant_type") == "refresh_token":
            return self._renew(form["refresh_token"])
        asked = self.codes.pop(form.get("code", ""), None)
        made = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode()
        if asked is None or made.rstrip("=") != asked["code_challenge"]:
            return 400, {}, {"error": "invalid_grant"}
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {}, {"error": "invalid_grant"}
        given = self._tokens()
        self.on_exchange()
        return 200, {}, given

    def _renew(self, token: str) -> Any:
        self.on_renewal()
        with self.lock:
            fate = self.fates.pop(0) if self.fates else "works"
            self.renewals.append(token)
            if fate == "failing":
                return 503, {}, {"error": "down"}
            last = not self.strict and self.spent[-1:] == [token]
            if token in self.spent and not last:
                self.revoked = True
            if self.revoked or (token != self.refresh and not last):
                return 400, {}, {"error": "invalid_grant"}
            if not last:
                self.spent.append(token)
            answer = self._tokens()
            if fate == "unheard":
                raise NoAnswerError
            return 200, {}, answer

    def _tokens(self) -> dict[str, Any]:
        access, self.refresh = self._new("access"), self._new("refresh")
        self.access[access] = self.now() + self.life
        return {
            "access_token": access,
            "refresh_token": self.refresh,
            "expires_in": int(self.life.total_seconds()),
            "scope": self.scopes,
        }

    def _new(self, kind: str) -> str:
        self._numbers += 1
        return f"Secret-{kind}-{self._numbers:04d}-Abcdefghijkl"


@contextmanager
def served(plaza: Plaza) -> Iterator[str]:
    """The platform on loopback; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            form = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()))
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            try:
                status, headers, said = plaza.handle(
                    self.command, parts.path, dict(parse_qsl(parts.query)), token, form
                )
            except NoAnswerError:
                self.close_connection = True
                return
            written, kind = json.dumps(said).encode(), "application/json"
            if parts.path in plaza.faults:
                status, page = plaza.faults[parts.path]
                written, kind = page.encode(), "text/html" if page.startswith("<") else kind
            self.send_response(status)
            shape = {"Content-Type": kind, "Content-Length": str(len(written))}
            for name, value in {**headers, **shape}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(written)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

    with on_loopback(Handler) as address:
        yield address
