"""A platform's API on loopback: what was asked is written down, and it can misbehave.

`faults` stand in front of the next calls, whatever they ask; a write meets the next of `fates`: `lost` (the call never
arrives), `unheard` (it is done, and nobody hears), `failing` (it is done, and 502 comes back).
"""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.loopback import on_loopback


class Asked(NamedTuple):
    """One call as it came in."""

    method: str
    raw: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    json: Any
    form: dict[str, str]


class Answer(NamedTuple):
    """What goes back: a body of JSON, or text or bytes as they are."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = {}


@dataclass
class ApiServer(ABC):
    """What all have. `now` is the clock of the test."""

    now: Callable[[], datetime]
    faults: list[Answer] = field(default_factory=list)
    fates: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @abstractmethod
    def answer(self, asked: Asked) -> Answer:
        """Answer one call."""

    def is_write(self, asked: Asked) -> bool:
        """Whether the call changes something that others see."""
        return asked.method != "GET"

    def handle(self, asked: Asked) -> Answer | None:
        """Answer one call, or fall silent."""
        with self.lock:
            self.asked.append(asked)
            if self.faults:
                return self.faults.pop(0)
            fate = self.fates.pop(0) if self.fates and self.is_write(asked) else "works"
            if fate == "lost":
                return None
            answer = self.answer(asked)
            if fate == "failing":
                return Answer("<html>502</html>", 502)
            return None if fate == "unheard" else answer


@contextmanager
def served(server: ApiServer) -> Iterator[str]:
    """The server on a free port of loopback; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            written = body.decode()
            is_form = "form" in (self.headers.get("Content-Type") or "")
            asked = Asked(
                self.command,
                self.path,
                parts.path,
                {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()},
                {name.lower(): value for name, value in self.headers.items()},
                json.loads(written) if written and not is_form else None,
                {name: values[-1] for name, values in parse_qs(written).items()} if is_form else {},
            )
            answer = server.handle(asked)
            if answer is None:
                self.close_connection = True
                return
            text = answer.body if isinstance(answer.body, str | bytes) else json.dumps(answer.body)
            body = text if isinstance(text, bytes) else text.encode()
            kind = "text/html" if isinstance(answer.body, str) else "application/json"
            self.send_response(answer.status)
            for name, value in {"Content-Type": kind, **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

    with on_loopback(Handler) as address:
        yield address
