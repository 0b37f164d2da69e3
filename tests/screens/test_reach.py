"""Behind a proxy: who the visitor is, is believed from trusted proxies only; cookies and websockets fit the address."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from inbox.throttle import subject_of
from screens.gate import COOKIE
from store.schema import sign_in_attempt
from tests.screens.conftest import CONFIG, PASSWORD, ROOT, House, _wait

VISITOR = "203.0.113.7"


@contextmanager
def dashboard(house: House, folder: Path, more: str = "") -> Iterator[str]:
    """`klankbord dashboard` as an administrator starts it, with these lines more in the configuration."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "config.yaml"
    config.write_text(f"{CONFIG.format(url=house.url)}\ndashboard: {{port: {port}}}\n{more}", encoding="utf-8")
    log = folder / "dashboard.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "klankbord", "dashboard", "--config", str(config)],
            cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def tried(house: House) -> set[str]:
    """From which of these addresses a wrong sign-in was noted."""
    with house.store.read() as conn:
        noted = set(conn.execute(select(sign_in_attempt.c.subject)).scalars())
    return {one for one in (VISITOR, "127.0.0.1") if subject_of("address", one) in noted}


def sign_in(base: str, password: str, **headers: str) -> httpx.Response:
    return httpx.post(
        f"{base}/login",
        data={"login": "daan", "password": password},
        headers={"sec-fetch-site": "same-origin", **headers},
    )


@pytest.fixture
def daan(house: House) -> House:
    """The house with a password for Daan."""
    from inbox import people

    link = people.make_sign_in_link(house.desk, house.ids["daan"], actor_id=house.ids["sanne"])
    house.inbox.use_link(link.token, PASSWORD, address="127.0.0.1")
    return house


@pytest.mark.slow
@pytest.mark.parametrize(("more", "noted"), [("", VISITOR), ("trusted_proxies: []", "127.0.0.1")])
def test_who_the_visitor_is_is_believed_from_trusted_proxies_only(
    daan: House, tmp_path: Path, more: str, noted: str
) -> None:
    with dashboard(daan, tmp_path, more) as base:
        sign_in(base, "a wrong password", **{"x-forwarded-for": VISITOR})
    assert tried(daan) == {noted}


@pytest.mark.slow
def test_under_a_public_https_address_cookies_are_secure_and_strange_hosts_get_no_websocket(
    daan: House, tmp_path: Path
) -> None:
    with dashboard(daan, tmp_path, "public_url: https://inbox.acme.example") as base:
        answer = sign_in(base, PASSWORD)
        cookie = answer.headers["set-cookie"]
        assert answer.status_code == 303
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        token = answer.cookies.get(COOKIE) or cookie.split("=", 1)[1].split(";")[0]

        def socket_from(origin: str, host: str) -> None:
            headers = {"Cookie": f"{COOKIE}={token}"}
            port = base.rsplit(":", 1)[1]
            with (
                socket.create_connection(("127.0.0.1", int(port))) as raw,
                connect(f"ws://{host}/_stcore/stream", sock=raw, additional_headers=headers, origin=origin),  # type: ignore[arg-type]
            ):
                pass

        socket_from("https://inbox.acme.example", "inbox.acme.example")
        for origin, host in (
            ("https://evil.example", "inbox.acme.example"),
            ("https://evil.example", "evil.example"),
        ):
            with pytest.raises(InvalidStatus, match="403"):
                socket_from(origin, host)


@pytest.mark.parametrize("more", ["public_url: inbox.acme.example", "trusted_proxies: [proxy.acme.example]"])
def test_an_address_that_is_none_is_explained(tmp_path: Path, more: str) -> None:
    from klankbord.config_file import ConfigError, load_config

    (tmp_path / "config.yaml").write_text(more, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"write (it as https|10\.0\.0\.5)"):
        load_config(tmp_path / "config.yaml")
