"""A real HTTP server on loopback that takes webhooks and chats, and misbehaves when asked to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.loopback import on_loopback


@dataclass
class Hook:
    """What a server got and what it does next.

    `script`: what is done with each call in turn: a status, `(status, headers)`, or "drop" for a connection that is
    cut after the call was read; 200 when it is over.
    """

    url: str = ""
    script: list[Any] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def documents(self) -> list[Any]:
        """The bodies that came, as JSON."""
        return [json.loads(body) for _path, _headers, body in self.got]


@contextmanager
def hooked() -> Iterator[Hook]:
    """Serve while the block runs."""
    hook = Hook()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            hook.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            what = hook.script.pop(0) if hook.script else 200
            if what == "drop":
                self.close_connection = True
                self.connection.close()
                return
            status, headers = what if isinstance(what, tuple) else (what, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_PUT = do_GET = do_POST  # noqa: N815

        def log_message(self, *_anything: Any) -> None:
            """Quiet."""

    with on_loopback(Answering) as url:
        hook.url = url
        yield hook
