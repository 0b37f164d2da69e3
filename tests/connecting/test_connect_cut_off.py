"""`klankbord connect` cut off: by kill -9, by Ctrl+C, and what is left to go on with."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.engine import utc_now
from tests.connecting.plaza import Plaza, served
from tests.connecting.shell import Shell, allowed, browse

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def plaza() -> Plaza:
    return Plaza(utc_now)


@pytest.fixture
def shell(tmp_path: Path, plaza: Plaza) -> Iterator[Shell]:
    with served(plaza) as url:
        yield Shell(tmp_path, "sqlite:///data/test.db", url)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_killed_between_the_exchange_and_the_keeping_nothing_is_kept_and_a_second_run_connects(
    shell: Shell, plaza: Plaza
) -> None:
    before = shell.config_file.read_bytes()
    running = shell.connect()
    plaza.on_exchange = lambda: os.kill(running.process.pid, signal.SIGKILL)
    browse(running.address())
    assert running.end()[0] == -signal.SIGKILL
    assert len(plaza.access) == 1, "the platform gave a login that nobody has"
    assert shell.kept() is None
    assert shell.config_file.read_bytes() == before
    assert names(shell.folder) == {"config.yaml", "answers.yaml", "plugin", "data"}
    plaza.on_exchange = lambda: None
    running = shell.connect()
    browse(running.address())
    assert running.end()[0] == 0
    assert shell.kept() is not None


def test_stopped_by_hand_nothing_is_kept_and_the_port_is_free_again(shell: Shell) -> None:
    running = shell.connect()
    home = allowed(running.address())
    port = home.split("/")[2].rpartition(":")[2]
    running.process.send_signal(signal.SIGINT)
    code, _ = running.end()
    assert code not in {0, -signal.SIGINT}
    assert "Traceback" not in running.said
    assert shell.kept() is None
    running = shell.connect("--port", port)
    browse(running.address())
    assert running.end()[0] == 0


def test_a_login_whose_source_was_never_written_is_seen_and_gets_its_source(shell: Shell) -> None:
    before = shell.config_file.read_bytes()
    running = shell.connect()
    browse(running.address())
    running.end()
    shell.config_file.write_bytes(before)  # as if it was killed before it wrote the file
    _, out = shell.start("connect", "--list", "--json").end()
    (row,) = json.loads(out)
    assert (row["configured"], row["trouble"]) == (False, "no source of this id is configured")
    running = shell.connect("--source", "plaza")
    browse(running.address())
    assert running.end()[0] == 0
    assert "the new one replaces it" in running.said
    assert [source.id for source in shell.loaded().sources] == ["news", "plaza"]
    kept = shell.kept()
    assert kept is not None
    assert kept.version == 2
