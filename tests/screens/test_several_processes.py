"""Several dashboards on one port: tabs are dealt out over them, and none depends on which one answers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from inbox.views import View
from screens.gate import COOKIE
from tests.journey.house import wait_for
from tests.screens.conftest import CONFIG, ROOT, House, make_house

pytestmark = pytest.mark.slow


class Team:
    """`klankbord dashboard` with `processes: 2`."""

    def __init__(self, base: str, house: House, process: psutil.Process) -> None:
        self.base, self.house, self._process = base, house, process

    def dashboards(self) -> list[psutil.Process]:
        """The processes that draw pages and listen now."""
        return [one for one in self._process.children() if _listens(one)]

    def tabs(self) -> list[int]:
        """Open connections of each."""
        return [sum(one.status == "ESTABLISHED" for one in each.net_connections()) for each in self.dashboards()]


def _listens(process: psutil.Process) -> bool:
    try:
        return any(one.status == "LISTEN" for one in process.net_connections())
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder: Path = tmp_path_factory.mktemp("team")
    house = make_house(folder, extra=20)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(url=house.url) + f"dashboard: {{port: {port}, processes: 2}}\n", encoding="utf-8")
    command = [sys.executable, "-m", "klankbord", "dashboard", "--config", str(config)]
    with (folder / "log").open("wb") as out:
        child = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env={**os.environ})
    made = Team(f"http://127.0.0.1:{port}", house, psutil.Process(child.pid))
    try:
        wait_for(lambda: len(made.dashboards()) == 2, "both dashboards listen", seconds=90)
        yield made
    finally:
        child.send_signal(signal.SIGTERM)
        assert child.wait(40) == 0
        house.store.close()


def open_page(chromium: Any, team: Team, path: str = "/") -> Any:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.set_default_timeout(45_000)
    context.add_cookies([{"name": COOKIE, "value": team.house.token("daan"), "url": team.base}])
    page = context.new_page()
    page.goto(team.base + path)
    page.locator(".kb-head").first.wait_for()
    return page


def test_tabs_are_dealt_out_and_each_one_works(team: Team, chromium: Any) -> None:
    waiting = [card.id for card in team.house.inbox.listing(team.house.token("daan"), View.NEW, limit=14).cards]
    pages: list[Any] = []
    while (not pages or min(team.tabs()) == 0 or len(pages) < 4) and len(pages) < len(waiting):
        pages.append(open_page(chromium, team, f"/?c={waiting[len(pages)]}"))
    assert min(team.tabs()) > 0, "each process holds a tab"
    chosen = waiting[len(pages) - 4 : len(pages)]
    for page, number in zip(pages[-4:], chosen, strict=True):
        page.locator(f'.kb-head[data-conversation="{number}"]').first.wait_for()
        page.locator('[class*="st-key-do_resolve_"] button').click()
        page.locator(f'.kb-head:not([data-conversation="{number}"])').first.wait_for()
    resolved = {card.id for card in team.house.inbox.listing(team.house.token("daan"), View.RESOLVED).cards}
    assert resolved >= set(chosen)
    for page in pages:
        page.context.close()


def test_a_process_that_dies_takes_no_tab_and_no_text_with_it(team: Team, chromium: Any) -> None:
    page = open_page(chromium, team)
    number = page.locator(".kb-head").first.get_attribute("data-conversation")
    held = [sum(one.status == "ESTABLISHED" for one in each.net_connections()) for each in team.dashboards()]
    holder = team.dashboards()[held.index(max(held))]
    box = page.get_by_role("textbox", name="Internal note")
    if not box.count():
        page.get_by_role("tab", name="Internal note").click()
    box.fill("half a thought")
    page.get_by_text("Saved ").first.wait_for()
    holder.kill()
    page.goto(f"{team.base}/?c={number}")
    page.locator(f'.kb-head[data-conversation="{number}"]').first.wait_for()
    assert page.get_by_role("textbox", name="Internal note").input_value() == "half a thought"
    wait_for(lambda: len(team.dashboards()) == 2, "the dead one is started again", seconds=90)
    with urllib.request.urlopen(f"{team.base}/_stcore/health", timeout=5) as answer:  # noqa: S310 - loopback
        assert answer.status == 200
    page.context.close()
