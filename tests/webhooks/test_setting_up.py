"""Webhooks in the configuration, as a process, and in what people look at."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from klankbord import pushed
from klankbord.cli import app
from klankbord.commands.running import parts_of
from klankbord.config_file import ConfigError, load_config
from store import intake
from store.engine import Store, utc_now
from tests.conftest import Clock
from tests.journey.house import free_port
from tests.webhooks.street import SECRET, TOKEN, push, told_of
from web.api.meter import Meter
from web.metrics import render

ROOT = Path(__file__).parents[2]
FILE = """
database: {database}
sources:
  - {{id: page, connector: facebook, page: '102030405060708'}}
  - {{id: insta, connector: instagram, account: '17841400000000001'}}
  - {{id: news, connector: feeds, urls: ['https://news.example/rss']}}
webhooks:
  port: {port}
  hooks:
    - {{id: meta, sources: {sources}, secret: '{secret}'{more}}}
"""


def written(folder: Path, *, sources: str = "[page, insta]", more: str = f", verify_token: {TOKEN}", port: int = 0,
            database: str = "sqlite:///k.db", secret: str = SECRET) -> Path:  # fmt: skip
    path = folder / "config.yaml"
    path.write_text(FILE.format(sources=sources, more=more, port=port, database=database, secret=secret), "utf-8")
    return path


def test_one_app_may_tell_of_several_sources(tmp_path: Path) -> None:
    config = load_config(written(tmp_path))
    assert pushed.sources_of(config) == {"meta": ("page", "insta")}
    assert list(pushed.signings(config)) == ["meta"]
    assert SECRET not in repr(config)
    assert [part.name for part in parts_of(config)] == ["worker", "web", "dashboard", "webhooks"]


def test_without_them_nothing_listens(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("sources: []\n", "utf-8")
    config = load_config(path)
    assert [part.name for part in parts_of(config)] == ["worker", "web", "dashboard"]
    assert (config.webhooks, pushed.sources_of(config), pushed.signings(config)) == (None, {}, {})
    result = CliRunner().invoke(app, ["webhooks", "--config", str(path)])
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("sources", "more", "words"),
    [
        ("[pages]", f", verify_token: {TOKEN}", "did you mean 'page'?"),
        ("[news]", "", "feeds takes nothing that is pushed"),
        ("[page]", "", "greets with a verify token"),
        ("[]", "", "at least 1 item"),
        ("[page]", f", verify_token: {TOKEN}, path: /x", "not known"),
        ("[page, news]", f", verify_token: {TOKEN}", "sign differently"),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(tmp_path: Path, sources: str, more: str, words: str) -> None:
    with pytest.raises(ConfigError) as found:
        load_config(written(tmp_path, sources=sources, more=more))
    assert words in str(found.value)
    assert "line 10" in str(found.value)


def test_a_short_secret_is_refused_without_being_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as found:
        load_config(written(tmp_path, secret="kort"))
    assert "kort" not in str(found.value)


@pytest.mark.slow
def test_the_process_takes_deliveries_and_says_how_it_does(tmp_path: Path) -> None:
    port = free_port()
    path = written(tmp_path, port=port)
    process = subprocess.Popen([sys.executable, "-m", "klankbord", "webhooks", "--config", str(path)], cwd=ROOT)
    try:
        url, deadline = f"http://127.0.0.1:{port}/hooks/meta", time.monotonic() + 60
        while True:
            try:
                asked = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "7"}
                assert httpx.get(url, params=asked, trust_env=False).text == "7"
                break
            except httpx.ConnectError:
                assert time.monotonic() < deadline
                assert process.poll() is None
                time.sleep(0.05)
        assert push(url, told_of("page", "102030405060708", utc_now(), ("feed", {}))).status_code == 200
    finally:
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(timeout=30) in {0, -signal.SIGTERM}
    result = CliRunner().invoke(app, ["webhooks", "--json", "--config", str(path)])
    (one,) = json.loads(result.stdout)
    assert (one["webhook"], one["waiting"], one["read"]) == ("meta", 1, 0)
    assert "meta" in CliRunner().invoke(app, ["webhooks", "--status", "--config", str(path)]).stdout


def test_what_was_pushed_is_a_figure(store: Store, clock: Clock) -> None:
    intake.take_in(store, "meta", b"1", now=clock())
    intake.take_in(store, "meta", b"2", now=clock())
    (first, _second) = intake.take_some(store, by="a reader", now=clock(), until=clock(), limit=5)
    intake.done(store, first.id, outcome="nobody", now=clock())
    told = render(store, clock(), Meter()).decode()
    assert 'klankbord_webhook_deliveries{outcome="waiting",webhook="meta"} 1.0' in told
    assert 'klankbord_webhook_deliveries{outcome="nobody",webhook="meta"} 1.0' in told
    assert 'klankbord_webhook_last_timestamp_seconds{webhook="meta"} 1.7731368e+09' in told
