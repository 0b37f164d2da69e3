"""The worker and the listening process as the command line starts them, behind the shipped nginx too."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from store.engine import Store, open_store, utc_now
from tests.connectors.facebook_page import PAGE, FacebookPage
from tests.connectors.meta_server import served
from tests.journey.house import free_port
from tests.pipeline.bench import kept
from tests.replying.house import RealTime
from tests.screens.test_behind_nginx import AROUND, NGINX, certificate
from tests.webhooks.street import HTTP, SECRET, TOKEN, signature, told_of, written

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
FILE = """
database: sqlite:///k.db
sources:
  - {{id: fb, connector: facebook, match: all, every: 1d, page: '{page}', token: very-secret, url: '{url}'}}
webhooks:
  port: {port}
  hooks:
    - {{id: meta, sources: [fb], secret: '{secret}', verify_token: '{token}'}}
"""


@contextmanager
def started(command: str, config: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "klankbord", command, "--config", str(config)], cwd=ROOT)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(true: Callable[[], object], *, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def greeted(url: str) -> bool:
    asked = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "7"}
    try:
        return httpx.get(url, params=asked, trust_env=False, verify=False).text == "7"  # noqa: S501 - our own certificate
    except httpx.TransportError:
        return False


def test_what_no_list_shows_is_in_the_store_seconds_after_it_was_pushed(tmp_path: Path) -> None:
    page, port = FacebookPage(RealTime(utc_now())), free_port()
    post = page.post("Tarief")
    with served(page) as url:
        config = tmp_path / "config.yaml"
        config.write_text(FILE.format(page=PAGE, url=url, port=port, secret=SECRET, token=TOKEN), "utf-8")
        with started("webhooks", config), started("worker", config):
            hook = f"http://127.0.0.1:{port}/hooks/meta"
            until(lambda: greeted(hook))
            store: Store = open_store(f"sqlite:///{tmp_path / 'k.db'}", checkpoints=False)
            until(lambda: [row.text for row in kept(store)] == ["Tarief"])
            comment = page.comment(post, "Klopt deze prijs?")
            del page.nodes[post]
            value = {"item": "comment", "verb": "add", "post_id": post, "comment_id": comment}
            body = written(told_of("page", PAGE, utc_now(), ("feed", value)))
            assert HTTP.post(hook, content=body, headers=signature(body)).status_code == 200
            until(lambda: "Klopt deze prijs?" in [row.text for row in kept(store)])
            store.close()


@pytest.mark.skipif(not Path(NGINX).exists() and shutil.which("nginx") is None, reason="there is no nginx here")
def test_the_shipped_proxy_passes_deliveries_and_nothing_else(tmp_path: Path) -> None:
    port, https = free_port(), free_port()
    config = tmp_path / "config.yaml"
    config.write_text(FILE.format(page=PAGE, url="http://127.0.0.1:1", port=port, secret=SECRET, token=TOKEN), "utf-8")
    certificate(tmp_path)
    shipped = (ROOT / "deploy" / "nginx" / "webhooks.conf").read_text("utf-8")
    for pattern, replacement in (
        (r"^ *listen \[::\].*\n", ""),
        (r"listen 443 ssl http2;", f"listen 127.0.0.1:{https} ssl http2;"),
        (r"hooks\.acme\.example", "localhost"),
        (r"/etc/ssl/klankbord", str(tmp_path)),
        (r"http://127\.0\.0\.1:8503", f"http://127.0.0.1:{port}"),
    ):
        shipped, changed = re.subn(pattern, replacement, shipped, flags=re.MULTILINE)
        assert changed, pattern
    (tmp_path / "klankbord.conf").write_text(shipped, encoding="utf-8")
    (tmp_path / "nginx.conf").write_text(AROUND.format(folder=tmp_path), encoding="utf-8")
    proxy = subprocess.Popen([NGINX, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")])
    client = httpx.Client(verify=False, trust_env=False)  # noqa: S501 - as above
    try:
        with started("webhooks", config):
            base = f"https://localhost:{https}"
            until(lambda: greeted(f"{base}/hooks/meta"))
            body = written(told_of("page", PAGE, utc_now(), ("feed", {"item": "é"})))
            assert client.post(f"{base}/hooks/meta", content=body, headers=signature(body)).status_code == 200
            assert client.post(f"{base}/hooks/meta", content=b"x" * 5_000_000).status_code == 413
            assert [client.get(f"{base}{path}").status_code for path in ("/", "/metrics", "/hooks/x")] == [404] * 3
            made_up = {"X-Forwarded-For": "203.0.113.9"}
            guesses = [client.post(f"{base}/hooks/meta", content=b"{}", headers=made_up).status_code for _ in range(21)]
            assert guesses[-1] == 429  # it is the proxy's word that counts: one visitor, whatever it calls itself
            assert client.post(f"{base}/hooks/meta", content=b"{}").status_code == 429
    finally:
        client.close()
        proxy.terminate()
        proxy.wait(20)
