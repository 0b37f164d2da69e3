"""A platform made up in memory, behind a real HTTP server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from tests.loopback import on_loopback


@dataclass(frozen=True)
class Asked:
    """One call as the platform hears it; header names in lower case."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True)
class Answer:
    """What the platform answers; `silent`: it does what was asked and the connection breaks."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] | None = None
    silent: bool = False

    @property
    def written(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)


@contextmanager
def listening(handle: Callable[[Asked], Answer]) -> Iterator[str]:
    """Serve a platform; gives its address."""
    one_by_one = threading.RLock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length") or 0))
            params = dict(parse_qsl(parts.query, keep_blank_values=True))
            with one_by_one:
                answer = handle(Asked(self.command, parts.path, params, headers, body))
            if answer.silent:
                self.close_connection = True
                return
            self.send_response(answer.status)
            told = {"Content-Type": "application/json; charset=UTF-8", **(answer.headers or {})}
            for name, value in {**told, "Content-Length": str(len(answer.written))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.written)

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

    with on_loopback(Handler) as address:
        yield address
