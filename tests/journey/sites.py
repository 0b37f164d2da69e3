"""Web sites on loopback as the wild serves them: feeds that grow, a login page, a bomb, a redirect into the network."""

from __future__ import annotations

import threading
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.sax.saxutils import escape

import orjson

LOGIN_PAGE = b"""<!doctype html><html lang="nl"><head><title>Inloggen bij De Regiokrant</title></head>
<body><form method="post"><input name="user"><input name="pass" type="password"></form></body></html>"""
GIGABYTE = 1_000_000_000
_BLOCK = 1_000_000


@dataclass(frozen=True)
class Story:
    """One entry of a feed."""

    id: str
    title: str
    text: str
    at: datetime

    @property
    def link(self) -> str:
        return f"https://krant.example/{self.id}"


@dataclass(frozen=True)
class Answer:
    """What a path answers."""

    body: bytes
    kind: str = "application/xml"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Site:
    """A web server; put answers in `pages`, read in `asked` how often each path was asked."""

    port: int
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def site() -> Iterator[Site]:
    """Serve until the end of the block. Answers carry an ETag, and an unchanged one is a 304."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            served.asked[self.path] += 1
            found = served.pages.get(self.path, Answer(b"not here", "text/plain", 404))
            etag = f'"{sha256(found.body[:_BLOCK]).hexdigest()[:16]}"'
            same = found.status == 200 and self.headers.get("If-None-Match") == etag
            body = b"" if same else found.body
            with suppress(ConnectionError):  # a client that has seen enough, or was killed
                self.send_response(304 if same else found.status)
                for name, value in (("Content-Type", found.kind), ("ETag", etag), *found.headers):
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None: ...  # broken connections are part of the story

    with Server(("127.0.0.1", 0), Handler) as server:
        served = Site(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield served
        server.shutdown()
        thread.join()


def rss(stories: Sequence[Story]) -> Answer:
    """RSS 2.0, newest first."""
    items = "".join(
        f'<item><guid isPermaLink="false">{one.id}</guid><title>{escape(one.title)}</title><link>{one.link}</link>'
        f"<pubDate>{format_datetime(one.at)}</pubDate><description>{escape(f'<p>{one.text}</p>')}</description></item>"
        for one in reversed(stories)
    )
    whole = f'<rss version="2.0"><channel><title>De Regiokrant</title><link>https://krant.example/</link>{items}'
    return Answer(f"{whole}</channel></rss>".encode(), "application/rss+xml")


def atom(stories: Sequence[Story]) -> Answer:
    """Atom, newest first."""
    entries = "".join(
        f'<entry><id>{one.id}</id><title>{escape(one.title)}</title><link href="{one.link}"/>'
        f"<published>{one.at.isoformat()}</published><updated>{one.at.isoformat()}</updated>"
        f'<content type="html">{escape(f"<p>{one.text}</p>")}</content></entry>'
        for one in reversed(stories)
    )
    whole = f'<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:blog</id><title>Het Blog</title>{entries}</feed>'
    return Answer(whole.encode(), "application/atom+xml")


def json_feed(stories: Sequence[Story]) -> Answer:
    """JSON Feed 1.1, newest first."""
    items = [
        {
            "id": one.id,
            "url": one.link,
            "title": one.title,
            "content_text": one.text,
            "date_published": one.at.isoformat(),
        }
        for one in reversed(stories)
    ]
    whole = {"version": "https://jsonfeed.org/version/1.1", "title": "Het Podium", "items": items}
    return Answer(orjson.dumps(whole), "application/feed+json")


def bomb() -> Answer:
    """A gigabyte of zeros, as a megabyte of gzip.

    After a full flush the compressor knows nothing of what went before, so that one compressed block can be repeated.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bytes(_BLOCK)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    times = GIGABYTE // _BLOCK
    check = 0
    for _ in range(times):
        check = zlib.crc32(zeros, check)
    tail = packer.flush(zlib.Z_FINISH)
    trailer = check.to_bytes(4, "little") + (GIGABYTE % 2**32).to_bytes(4, "little")
    header = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    return Answer(
        header + block * times + tail + trailer, "application/rss+xml", headers=(("Content-Encoding", "gzip"),)
    )


def redirect(to: str) -> Answer:
    """A redirect."""
    return Answer(b"", status=302, headers=(("Location", to),))
