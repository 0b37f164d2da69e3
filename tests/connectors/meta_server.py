"""Meta's platforms on loopback: pages of lists, edits, removals, limits, logins that end, and writes that go wrong."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.requests import HttpRequest
from tests.connectors.meta_fake import error, page_of, stamp
from tests.loopback import on_loopback

SECRET = "app-secret"
Answer = tuple[int, dict[str, str], Any]


class NoAnswer(Exception):  # noqa: N818 - what happens, not an error of ours
    """The caller hears nothing."""


class Refused(Exception):  # noqa: N818 - as above
    """An error of the Graph API."""

    def __init__(self, code: int, message: str, subcode: int | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.answer: Answer = (status, {}, error(code, message, subcode))


@dataclass(frozen=True)
class Asked:
    """One call as it came in, and what it was answered."""

    method: str
    path: str
    params: dict[str, str]
    body: dict[str, Any]
    said: Any


def asked_of(request: HttpRequest, said: Any) -> Asked:
    """A call and its answer, as a server notes them down."""
    sent = request.json if isinstance(request.json, dict) else dict(request.form or ())
    return Asked(request.method, urlsplit(request.url).path, dict(request.params), sent, said)


@dataclass
class GraphServer(ABC):
    """What all have: a login, misbehaviour, and what was asked.

    Attributes:
        now: the platform's clock.
        token: the login that is good; any other gets `dead`.
        faults: answers to the next calls, first come first served.
        fates: what becomes of the next writes: `unheard` is done and not answered, `lost` is neither.
        usage: the business usage header of every answer, as percentage and minutes to wait.
    """

    now: Callable[[], datetime]
    token: str = "very-secret"
    dead: tuple[str, int] = ("Session has expired", 463)
    faults: list[Answer] = field(default_factory=list)
    fates: list[str] = field(default_factory=list)
    usage: tuple[int, int] | None = None
    page_size: int = 5
    asked: list[Asked] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    numbers: int = 1000

    def handle(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer one call."""
        parts = urlsplit(url)
        params = dict(parse_qsl(parts.query))
        kind = headers.get("content-type", "")
        sent = json.loads(body) if "json" in kind and body else dict(parse_qsl(body.decode()))
        with self.lock:
            status, more, said = self._answer(method, parts.path, headers, params, sent)
            self.asked.append(Asked(method, parts.path, params, sent, said))
        if self.usage is not None:
            percent, minutes = self.usage
            used = {"type": "pages", "call_count": percent, "total_time": 1, "total_cputime": 1}
            told = {"1": [{**used, "estimated_time_to_regain_access": minutes}]}
            more = {**more, "X-Business-Use-Case-Usage": json.dumps(told)}
        return status, more, said

    def _answer(
        self, method: str, path: str, headers: dict[str, str], params: dict[str, str], sent: dict[str, Any]
    ) -> Answer:
        if self.faults:
            return self.faults.pop(0)
        try:
            return self._let_in(method, path.strip("/"), headers, params, sent)
        except Refused as refused:
            return refused.answer

    def _let_in(
        self, method: str, path: str, headers: dict[str, str], params: dict[str, str], sent: dict[str, Any]
    ) -> Answer:
        opened = self.open(method, path, params, sent)
        if opened is not None:
            return 200, {}, opened
        token = headers.get("authorization", "").removeprefix("Bearer ") or params.get("access_token", "")
        if token != self.token:
            raise Refused(190, f"Error validating access token: {self.dead[0]}", self.dead[1])
        shown = params.get("appsecret_proof")
        if shown is not None and shown != hmac.new(SECRET.encode(), token.encode(), hashlib.sha256).hexdigest():
            raise Refused(100, "Invalid appsecret_proof provided in the API argument")
        path = path.partition("/")[2] if path.startswith("v") else path
        if method == "GET":
            return 200, {}, self.read(path, params)
        fate = self.fates.pop(0) if self.fates else "works"
        if fate == "lost":
            raise NoAnswer
        said = self.write(method, path, {**params, **sent})
        if fate == "unheard":
            raise NoAnswer
        return 200, {}, said

    def open(self, method: str, path: str, params: dict[str, str], sent: dict[str, Any]) -> Any:  # noqa: ARG002
        """What is answered without a login, such as the exchange of a code; None for everything else."""
        return None

    @abstractmethod
    def read(self, path: str, params: dict[str, str]) -> Any:
        """Answer a question."""

    @abstractmethod
    def write(self, method: str, path: str, sent: dict[str, Any]) -> Any:
        """Do what is asked, and answer."""

    def number(self) -> int:
        """A new id."""
        self.numbers += 1
        return self.numbers

    def page(self, entries: list[Any], params: dict[str, str]) -> dict[str, Any]:
        """A page of a list, newest first."""
        size = min(int(params.get("limit", self.page_size)), self.page_size)
        return page_of(entries, params, size, "https://graph.example/next")

    def at(self) -> str:
        """The present instant as the API writes it."""
        return stamp(self.now())


@contextmanager
def served(server: GraphServer) -> Iterator[str]:
    """The server on loopback; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                status, more, said = server.handle(self.command, self.path, headers, self.rfile.read(length))
            except NoAnswer:
                self.close_connection = True
                return
            written = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **more, "Content-Length": len(written)}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(written)

        do_POST = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

    with on_loopback(Handler) as address:
        yield address
