"""Between us and any platform: calls that others can see meet misfortune, whatever platform it is.

Each call that `visible` names meets the next of `fates`; all others pass. The platform behind keeps its own state,
which is what a test looks at in the end.
"""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.loopback import on_loopback

LATE = timedelta(seconds=20)
FATES = ("works", "lost", "unheard", "failing", "garbled", "limited", "late")
"""Done and told; neither done nor told; done and not told; done, and 500 comes back; done, and a web page comes back;
not done, and 429 comes back; done only after we stopped waiting."""
SLOW_S = 3.0
"""Seconds for which `slow` keeps a caller waiting, in vain, for the answer to what was done."""


class Call(NamedTuple):
    """One call as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Said(NamedTuple):
    """What the platform answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Misfortune:
    """A way to a platform that things can happen on.

    Args:
        now: the test's clock.
        platform: address of the platform.
        visible: method and path of the calls that others can see.
    """

    def __init__(self, now: Callable[[], datetime], platform: str, visible: re.Pattern[str]) -> None:
        self.now = now
        self.fates: list[str] = []
        self.asked: list[tuple[str, str]] = []
        self.on_write: Callable[[], None] = lambda: None
        self._host = urlsplit(platform).netloc
        self._visible = visible
        self._late: list[tuple[datetime, Call]] = []
        self._lock = threading.RLock()

    @property
    def late(self) -> list[tuple[datetime, Call]]:
        """What is still on its way to the platform."""
        with self._lock:
            ripe = [call for at, call in self._late if at <= self.now()]
            self._late = [(at, call) for at, call in self._late if at > self.now()]
            for call in ripe:
                self._done(call)
            return self._late

    def handle(self, call: Call) -> Said | None:
        """Pass a call on; None when nobody hears what became of it."""
        if not self._visible.search(f"{call.method} {urlsplit(call.path).path}"):
            with self._lock:
                self.asked.append((call.method, call.path))
                assert self.late is not None
                return self._done(call)
        with self._lock:
            self.asked.append((call.method, call.path))
            fate = self.fates.pop(0) if self.fates else "works"
        return self._meet(fate, call)

    def _meet(self, fate: str, call: Call) -> Said | None:
        if fate == "late":
            with self._lock:
                self._late.append((self.now() + LATE, call))
        if fate in {"lost", "late", "limited"}:
            return _WORDS.get(fate)
        self.on_write()
        with self._lock:
            said = self._done(call)
        if fate == "slow":
            time.sleep(SLOW_S)
        return said if fate == "works" else _WORDS.get(fate)

    def _done(self, call: Call) -> Said:
        line = http.client.HTTPConnection(self._host, timeout=20)
        try:
            line.request(call.method, call.path, call.body or None, call.headers)
            answer = line.getresponse()
            return Said(answer.status, answer.getheaders(), answer.read())
        finally:
            line.close()


_PAGE = ("Content-Type", "text/html")
_WORDS = {
    "limited": Said(429, [("Retry-After", "20"), _PAGE], b"<html>Slow down</html>"),
    "failing": Said(500, [_PAGE], b"<html>Internal Server Error</html>"),
    "garbled": Said(200, [_PAGE], b"<html>?</html>"),
}
"""What is heard where it is not the platform's own answer; nothing where a fate is missing here."""


@contextmanager
def on_the_way(way: Misfortune) -> Iterator[str]:
    """The way on loopback; gives the address to ask in place of the platform's."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {k: v for k, v in self.headers.items() if k.lower() not in {"host", "connection"}}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            said = way.handle(Call(self.command, self.path, headers, body))
            if said is None:
                self.close_connection = True
                return
            self.send_response(said.status)
            for name, value in said.headers:
                if name.lower() not in {"content-length", "connection", "transfer-encoding", "date", "server"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    with on_loopback(Handler) as address:
        yield address
