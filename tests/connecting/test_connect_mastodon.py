"""`klankbord connect mastodon` as a process, against a server of the Mastodon API by other hands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.connecting.shell import Shell, parameters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]  # the server takes ten seconds of processor time to start
mock = pytest.importorskip("mastodon_mock.testing", reason="mastodon-mock is not installed")


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with mock.MockServer() as running:
        yield running


def allowed_as(who: str, address: str) -> str:
    """Where the server sends the browser of somebody who allows what is asked."""
    asked = parameters(address)
    form = {name: asked[name] for name in ("redirect_uri", "client_id", "scope", "state")}
    answer = httpx.post(address.split("?", maxsplit=1)[0], data={**form, "username": who})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_an_account_is_connected_read_and_known_by_its_name(server: Any, tmp_path: Path) -> None:
    shell = Shell(tmp_path, "sqlite:///data/test.db", server.base_url)
    environment = {"KLANKBORD_CONNECT_URL": server.base_url, "KLANKBORD_CONNECT_TOKEN": ""}
    running = shell.start("connect", "mastodon", "--no-browser", "--no-paste", "--port", "0", environment=environment)
    address = running.address()
    assert httpx.get(address).status_code == 200
    assert httpx.get(allowed_as("alice", address)).status_code == 200
    code, out = running.end()
    assert code == 0, running.said
    assert "Connected mastodon as @alice@" in out
    assert "✓ Answering, and taking back own posts: works." in running.said
    (source,) = [each for each in shell.loaded().sources if each.connector == "mastodon"]
    assert source.options["instances"][0]["url"] == server.base_url
    assert "mentions" in running.said.partition("Trying it:")[2].casefold()
    assert "✗" not in running.said.partition("Trying it:")[2]
    kept = shell.kept("mastodon")
    assert kept is not None
    assert kept.values is not None
    assert kept.values["token"] not in running.said + out + shell.config_file.read_text("utf-8")
