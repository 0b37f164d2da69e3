"""A filled store with people in it, the app under test, and a real server with real browsers."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
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
from store.schema import user_account
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
        # Has been shown around: the tour would stand before what journeys press.
        with self.store.write() as conn:
            conn.execute(
                user_account.update().where(user_account.c.id == made.user.id).values(toured_at=self.desk.clock())
            )
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


def decisions(test: Any) -> set[str]:
    """Which decisions have a button over the open conversation."""
    keys = (str(one.key) for one in test.button)
    return {key.removeprefix("do_").rpartition("_")[0] for key in keys if key.startswith("do_")}


def decision(test: Any, what: str) -> Any:
    """The button of a decision; its key names the conversation too."""
    return next(one for one in test.button if str(one.key).startswith(f"do_{what}_"))


@dataclass(frozen=True)
class Served:
    """A running dashboard. Its clock is the machine's, moved by `move`."""

    base: str
    house: House
    log: Path
    shift: Path
    process: subprocess.Popen[bytes]

    @contextmanager
    def halted(self) -> Iterator[None]:
        """The dashboard stands still meanwhile: what browsers tell it waits for it."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def now(self) -> datetime:
        """The dashboard's clock."""
        return datetime.now(UTC) + timedelta(seconds=float(self.shift.read_text() or 0))

    def move(self, delta: timedelta) -> datetime:
        """Move the dashboard's clock on; gives where it stands."""
        ahead = float(self.shift.read_text() or 0) + delta.total_seconds()
        self.shift.write_text(str(ahead))
        return self.now()


# As `dashboard.py`, but for the clock.
DASHBOARD = """
from datetime import UTC, datetime, timedelta
from pathlib import Path

import streamlit as st

from klankbord import compose
from klankbord.config_file import load_config
from inbox.service import Inbox
from screens import serve, state
from store.engine import open_store

SHIFT = Path({shift!r})


def clock():
    return datetime.now(UTC) + timedelta(seconds=float(SHIFT.read_text() or 0))


def inbox():
    config = load_config(compose.config_path())
    return Inbox(open_store(config.database, checkpoints=False), config.inbox_settings(), clock=clock)


serve.apply_settings()
state.use(inbox)
app = st.App(
    serve.PAGE,
    lifespan=serve.lifespan,
    routes=serve.routes(),
    middleware=serve.middleware(),
    on_script_error=serve.on_script_error,
)
"""


def serve(folder: Path, house: House, *, clocked: bool = False, port: int = 0, more: str = "") -> Iterator[Served]:
    """The real `dashboard.py` on loopback, on a free port if none is given; stopped at the end.

    `clocked`: with a clock to be moved. `more`: lines for the configuration; `{base}` is where the dashboard is.
    """
    shift = folder / "shift"
    shift.write_text("0")
    # Named otherwise than the real one, which is looked for by its name.
    script = folder / "clocked_dashboard.py"
    script.write_text(DASHBOARD.format(shift=str(shift)), encoding="utf-8")
    chosen = f", script=pathlib.Path({str(script)!r})" if clocked else ""
    with socket.socket() as probe:
        # A port that was just in use by a server of ours may be waited for by the kernel.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        port = probe.getsockname()[1]
    config = folder / "config.yaml"
    added = more.replace("{base}", f"http://127.0.0.1:{port}")
    config.write_text(CONFIG.format(url=house.url) + added, encoding="utf-8")
    log = folder / "server.log"
    command = [
        sys.executable, "-c",
        f"import pathlib; from screens.serve import run; run(host='127.0.0.1', port={port}{chosen})",
    ]  # fmt: skip
    environment = {**os.environ, "KLANKBORD_CONFIG": str(config), "PYTHONPATH": str(ROOT)}
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT)
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(base, process, log)
        yield Served(base, house, log, shift, process)
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
