"""The API as its users meet it: a folder with a configuration, real processes, the examples of the documentation."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.journey.house import ROOT, Workspace, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
CONFIG = """\
database: sqlite:///data/klankbord.db
web: {{port: {port}}}
brands:
  - {{id: acme, name: Acme, query: acme}}
sources:
  - {{id: shop, name: Webshop, connector: push, own: true, match: all}}
teams:
  - {{id: webcare, hours: 24/7, sla: {{first_response: 1h}}}}
"""


class Shop:
    """A workspace that a shop pushes to."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.house = Workspace(folder)
        self.house.config.write_text(CONFIG.format(port=self.port))
        scopes = [
            word
            for scope in ("read:mentions", "read:work", "read:figures", "write:mentions")
            for word in ("--scope", scope)
        ]
        self.token = self.house.json("token", "make", "Shop", *scopes, "--source", "shop")["token"]
        self.api = f"http://127.0.0.1:{self.port}/api/v1"

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.request(method, self.api + path, headers=headers, timeout=30, trust_env=False, **more)

    def push(self, number: int) -> None:
        """Until it is accepted, as a program would."""
        told = {"mentions": [{"external_id": f"r-{number}", "text": f"Vraag {number} over acme"}]}
        deadline = time.monotonic() + 60
        while True:
            try:
                if self.ask("POST", "/mentions", json=told).status_code == 202:
                    return
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def texts(self) -> list[str]:
        try:
            rows = self.ask("GET", "/mentions", params={"limit": 500}).json()["data"]
        except httpx.TransportError:  # a process that was just started
            return []
        return sorted(row["text"] for row in rows)

    def brands_called(self) -> dict[str, int]:
        """How often the brands were asked for, by status, as whichever process answers tells it."""
        told = httpx.get(f"http://127.0.0.1:{self.port}/metrics", trust_env=False).text
        named = r'^klankbord_api_requests_total{method="GET",route="/brands",status="(\d+)"} (\S+)$'
        return {status: int(float(n)) for status, n in re.findall(named, told, re.MULTILINE)}

    def wait_for(self, n: int, seconds: float = 60) -> float:
        """Until so many show; how long that took."""
        began = time.monotonic()
        while len(self.texts()) < n:
            assert time.monotonic() - began < seconds, self.texts()
            time.sleep(0.1)
        return time.monotonic() - began


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    for process in made.house.started:
        if process.child.poll() is None:
            for left in process.kill():
                left.kill()


def test_what_was_accepted_outlives_every_kill_and_shows_within_seconds(shop: Shop) -> None:
    web = shop.house.start("web")
    for number in range(6):
        shop.push(number)
        if number % 2:
            web.kill()  # the moment it said yes
            web = shop.house.start("web")
    shop.house.start("worker")
    shop.wait_for(6)
    for number in range(6):
        shop.push(number)  # the shop did not hear us
    shop.push(6)
    shop.wait_for(7)
    assert shop.texts() == [f"Vraag {number} over acme" for number in range(7)]
    deadline = time.monotonic() + 60
    while {talk["team_id"] for talk in shop.ask("GET", "/conversations").json()["data"]} != {"webcare"}:
        assert time.monotonic() < deadline  # routing comes a moment later
        time.sleep(0.2)


def test_several_web_processes_count_calls_together_and_go_on_when_one_dies(shop: Shop) -> None:
    shop.house.config.write_text(
        shop.house.config.read_text().replace("web: {", "web: {processes: 3, api: {per_minute: 1, burst: 40}, ")
    )
    web = shop.house.start("web")
    shop.push(1)
    answers = [shop.ask("GET", "/brands").status_code for _ in range(42)]  # each on a connection of its own
    assert answers.count(200) == 39
    assert answers.count(429) == 3
    assert shop.brands_called() == {"200": 39, "429": 3}
    children = psutil.Process(web.child.pid).children()
    assert len(children) == 3
    children[0].kill()
    psutil.wait_procs(children[:1], 5)
    assert shop.brands_called() == {"200": 39, "429": 3}
    assert shop.ask("GET", "/brands").status_code == 429
    web.child.terminate()
    assert web.child.wait(30) == 0
    assert not psutil.wait_procs(children, 5)[1]


def test_the_examples_of_the_documentation_do_what_they_say(shop: Shop, tmp_path: Path) -> None:
    shop.house.start("web")
    shop.house.start("worker")
    shop.push(1)
    shop.wait_for(1)
    time.sleep(11)  # lines of JSON stay ten seconds behind
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    blocks = re.findall(r"^```(sh|python)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 6
    environment = {**os.environ, "KLANKBORD_API": shop.api, "KLANKBORD_TOKEN": shop.token, "NO_PROXY": "*"}
    said = []
    for language, code in blocks:
        if code.startswith("export"):
            continue
        command = ["bash", "-euc", code] if language == "sh" else [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
        said.append(done.stdout)
    assert any("1 conversations" in each for each in said)
    assert (tmp_path / "mentions.jsonl").read_text().count("Vraag 1") == 2  # by curl, and again by Python
    assert int((tmp_path / "up-to.txt").read_text()) > 0
    shop.wait_for(3)
    assert "Snel geleverd, mooi ingepakt" in shop.texts()
    assert "Belde over de factuur" in shop.texts()


def test_tokens_are_listed_and_revoked_at_the_terminal(shop: Shop) -> None:
    (listed,) = shop.house.json("token", "list")
    assert listed["standing"] == "good"
    assert shop.token.startswith(listed["prefix"])
    assert shop.token not in str(listed)
    shop.house.start("web")
    shop.push(1)
    assert shop.house.run("token", "revoke", str(listed["id"])).code == 0
    assert shop.ask("GET", "/mentions").status_code == 401
    again = shop.house.run("token", "revoke", str(listed["id"]))
    assert again.code != 0
    assert "no token" in again.notes
    wrong = shop.house.run("token", "make", "x", "--scope", "write:mentions")
    assert wrong.code != 0
    assert "bound to the sources" in wrong.notes
