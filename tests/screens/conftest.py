"""A filled store with people in it, the app under test, and a real server with real browsers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from inbox import people, sessions
from inbox.desk import Desk
from inbox.permissions import Role
from inbox.service import Inbox
from screens import state
from screens.gate import COOKIE
from store.engine import Store, open_store
from tests.screens import sample

ROOT = Path(__file__).parents[2]
BROWSER = Path(os.environ.get("KLANKBORD_CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "een lange zin vol gewone woorden"
CONFIG = """
database: {url}
timezone: Europe/Amsterdam
brands:
  - {{id: northwind, name: Northwind, query: northwind}}
sources: []
teams:
  - {{id: webcare, name: Webcare, hours: 24/7, sla: {{first_response: 1h, resolution: 24h}}}}
  - {{id: press, name: Persvoorlichting, hours: 24/7, sla: {{first_response: 4h}}}}
"""


@dataclass
class House:
    """A filled store, its inbox, and its people by login."""

    store: Store
    url: str
    inbox: Inbox
    desk: Desk
    ids: dict[str, int] = field(default_factory=dict)

    def person(self, login: str, name: str, role: Role) -> str:
        """Add somebody; gives their one-time token."""
        made = people.add(self.desk, login=login, name=name, role=role, team_id="webcare")
        self.ids[login] = made.user.id
        return made.token

    def token(self, login: str) -> str:
        """A fresh session."""
        return sessions.start_for(self.desk, self.ids[login]).token


def make_house(folder: Path, *, extra: int = 0, now: datetime | None = None) -> House:
    url = f"sqlite:///{folder / 'klankbord.db'}"
    store = open_store(url)
    store.migrate()
    sample.fill(store, now or datetime.now(UTC), extra=extra)
    house = House(store, url, Inbox(store, sample.SETTINGS), Desk(store, sample.SETTINGS))
    for login, name, role in (
        ("sanne", "Sanne de Wit", Role.ADMINISTRATOR),
        ("daan", "Daan Mulder", Role.AGENT),
        ("robin", "Robin Smit", Role.READ_ONLY),
        ("iris", "Iris Prins", Role.SPECIALIST),
    ):
        house.person(login, name, role)
    return house


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """A filled database to copy: filling takes seconds, copying milliseconds."""
    folder = tmp_path_factory.mktemp("template")
    made = make_house(folder)
    made.store.close()
    return folder / "klankbord.db", made.ids


@pytest.fixture
def house(tmp_path: Path, template: tuple[Path, dict[str, int]]) -> Iterator[House]:
    path, ids = template
    shutil.copy(path, tmp_path / "klankbord.db")
    url = f"sqlite:///{tmp_path / 'klankbord.db'}"
    store = open_store(url)
    yield House(store, url, Inbox(store, sample.SETTINGS), Desk(store, sample.SETTINGS), dict(ids))
    store.close()


@pytest.fixture
def app(house: House) -> Iterator[Callable[..., Any]]:
    """Open the app as somebody: `app("daan")`, with query parameters; nobody when the login is empty."""
    from streamlit.testing.v1 import AppTest

    tokens: dict[str, str] = {"now": ""}
    state.use(lambda: house.inbox, token_of=lambda: tokens["now"])

    def open_as(login: str, **query: str) -> AppTest:
        tokens["now"] = house.token(login) if login else ""
        test = AppTest.from_file(str(ROOT / "screens" / "page.py"), default_timeout=30)
        test.context["locale"] = "en-GB"
        test.context["timezone"] = "Europe/Amsterdam"
        for name, value in query.items():
            test.query_params[name] = value
        return test.run()

    yield open_as
    state.use(lambda: house.inbox)


@dataclass(frozen=True)
class Served:
    """A running dashboard."""

    base: str
    house: House
    log: Path


def serve(folder: Path, house: House) -> Iterator[Served]:
    """The real `dashboard.py` on a free port of loopback; stopped at the end."""
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(url=house.url), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "server.log"
    command = [
        sys.executable, "-c",
        f"from screens.serve import run; run(host='127.0.0.1', port={port})",
    ]  # fmt: skip
    environment = {**os.environ, "KLANKBORD_CONFIG": str(config), "PYTHONPATH": str(ROOT)}
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT)
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(base, process, log)
        yield Served(base, house, log)
    finally:
        process.terminate()
        process.wait(20)


def _wait(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the dashboard stopped: {log.read_text()}")
        try:
            with urllib.request.urlopen(f"{base}/_stcore/health", timeout=2) as answer:  # noqa: S310 - loopback
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the dashboard did not answer within a minute: {log.read_text()}")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server per module, on a store with 140 conversations."""
    if not BROWSER.exists():
        pytest.skip(f"no browser at {BROWSER} (set KLANKBORD_CHROMIUM)")
    folder = tmp_path_factory.mktemp("served")
    house = make_house(folder, extra=120)
    yield from serve(folder, house)
    house.store.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not BROWSER.exists():
        pytest.skip(f"no browser at {BROWSER} (set KLANKBORD_CHROMIUM)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(BROWSER), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any, served: Served) -> Iterator[Callable[..., Any]]:
    """A page of the inbox as somebody, in a browser of its own; what it asked for elsewhere is in `page.elsewhere`."""
    contexts: list[Any] = []

    def go(login: str = "", path: str = "/", **options: Any) -> Any:
        context = chromium.new_context(
            **{
                "viewport": {"width": 1440, "height": 900},
                "locale": "en-GB",
                "timezone_id": "Europe/Amsterdam",
                **options,
            }
        )
        context.set_default_timeout(45_000)
        contexts.append(context)
        if login:
            context.add_cookies([{"name": COOKIE, "value": served.house.token(login), "url": served.base}])
        page = context.new_page()
        page.elsewhere = []
        page.on("request", lambda request: _note(page, request.url, served.base))
        page.goto(served.base + path)
        return page

    yield go
    for context in contexts:
        context.close()


def _note(page: Any, url: str, base: str) -> None:
    if not url.startswith((base, base.replace("http", "ws"), "data:", "blob:")):
        page.elsewhere.append(url)
