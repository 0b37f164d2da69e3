"""A small workspace of its own for each test: a configuration, a feed on a real loopback server, and a drop folder."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import Result
from typer.testing import CliRunner

from klankbord.cli import app

ENTRY = """<item><guid isPermaLink="false">story-{n}</guid><title>Acme story {n}</title>
<link>https://news.example/{n}</link><pubDate>Fri, 20 Nov 2026 10:{n:02d}:00 GMT</pubDate>
<description>What Acme did, part {n}.</description></item>"""
ROWS = (
    {"id": "m1", "datum": "2026-11-20 09:00", "auteur": "Jan", "tekst": "Waar blijft mijn pakket van Acme?"},
    {"id": "m2", "datum": "2026-11-20 09:05", "auteur": "Noor", "tekst": "=SUM(1) Acme rekent verkeerd"},
)
MONTH_FIRST = '{"id": "m4", "datum": "11/20/2026 09:10", "auteur": "Ann", "tekst": "Acme in America"}'
"""Unreadable while dates begin with the day; readable once the mapping says otherwise."""
POISON = '{"id": "m3", "tekst": "half a li'


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """Commands that run on say how this process logs; that ends with the test too."""
    levels, handlers = {one: one.level for one in _loggers()}, logging.root.handlers[:]
    yield
    logging.root.handlers[:] = handlers
    for one in _loggers():
        one.setLevel(levels.get(one, logging.NOTSET))


def _loggers() -> list[logging.Logger]:
    known = logging.root.manager.loggerDict.values()
    return [logging.root, *(one for one in known if isinstance(one, logging.Logger))]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that tell their children which configuration to use do so in a variable; it ends with the test."""
    monkeypatch.setenv("KLANKBORD_CONFIG", "set, so that it is put back at the end")
    monkeypatch.delenv("KLANKBORD_CONFIG")


@dataclass
class FeedServer:
    """A feed on loopback; change `body` or `status` to make it answer something else."""

    port: int
    body: bytes
    status: int = 200
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/rss"


def feed(count: int) -> bytes:
    """An RSS feed of so many entries, newest first."""
    entries = "".join(ENTRY.format(n=n) for n in range(count, 0, -1))
    return f'<rss version="2.0"><channel><title>News</title>{entries}</channel></rss>'.encode()


@pytest.fixture(scope="session")
def feed_server() -> Iterator[FeedServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            self.send_response(served.status)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(served.body)))
            self.end_headers()
            self.wfile.write(served.body)

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = FeedServer(server.server_address[1], feed(3))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield served
        server.shutdown()
        thread.join()


@dataclass(frozen=True)
class Workspace:
    """A folder with a configuration; `run` gives a command to the real command line."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def database(self) -> Path:
        return self.folder / "data" / "test.db"

    def run(self, *arguments: str | Path) -> Result:
        return CliRunner().invoke(app, [*map(str, arguments), "--config", str(self.config)], catch_exceptions=False)

    def json(self, *arguments: str | Path, exit_code: int = 0) -> Any:
        """What a command answers with `--json`."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == exit_code, result.output
        return orjson.loads(result.stdout)

    def edit(self, old: str, new: str) -> None:
        text = self.config.read_text("utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new), "utf-8")


def config_text(feed_url: str) -> str:
    return f"""\
database: sqlite:///data/test.db
timezone: Europe/Amsterdam
languages: [nl, en]
brands:
  - {{id: acme, name: Acme, query: acme}}
sources:
  - {{id: news, connector: feeds, every: 15m, urls: ['{feed_url}']}}
  - {{id: mail, connector: files, match: all, own: true, folder: drop}}
teams:
  - {{id: webcare, hours: 'mon-fri 09:00-17:00', holidays: NL, sla: {{first_response: 1h}}}}
"""


def made(folder: Path, feed_url: str) -> Workspace:
    """A workspace that has not collected yet: three news stories, two mails and two rows that cannot be read."""
    (folder / "drop").mkdir(parents=True)
    lines = [orjson.dumps(row).decode() for row in ROWS]
    mail = folder / "drop" / "mail.jsonl"
    mail.write_text("\n".join([*lines, MONTH_FIRST, POISON]) + "\n", "utf-8")
    os.utime(mail, (time.time() - 60, time.time() - 60))  # a file that was touched just now is left alone
    workspace = Workspace(folder)
    workspace.config.write_text(config_text(feed_url), "utf-8")
    return workspace


@pytest.fixture
def workspace(tmp_path: Path, feed_server: FeedServer) -> Iterator[Workspace]:
    """A workspace that has not collected yet."""
    yield made(tmp_path / "workspace", feed_server.url)
    feed_server.body, feed_server.status = feed(3), 200


@pytest.fixture(scope="session")
def _collected_once(tmp_path_factory: pytest.TempPathFactory, feed_server: FeedServer) -> Workspace:
    workspace = made(tmp_path_factory.mktemp("klankbord") / "workspace", feed_server.url)
    result = workspace.run("collect", "--once")
    assert result.exit_code == 0, result.output
    return workspace


@pytest.fixture
def collected(_collected_once: Workspace, tmp_path: Path, feed_server: FeedServer) -> Iterator[Workspace]:
    """A copy of a workspace that has collected everything once."""
    yield Workspace(Path(shutil.copytree(_collected_once.folder, tmp_path / "workspace")))
    feed_server.body, feed_server.status = feed(3), 200


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A port where surely nobody answers: it is taken, and nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
