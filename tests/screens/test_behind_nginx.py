"""The shipped nginx file, tried: TLS, signing in through it in a real browser, the websocket, and the visitor."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from screens.gate import COOKIE
from tests.screens.conftest import PASSWORD, ROOT, House
from tests.screens.test_reach import VISITOR, daan, dashboard, tried

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
SHIPPED = ROOT / "deploy" / "nginx" / "klankbord.conf"
AROUND = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 768; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/klankbord.conf;
}}
"""
__all__ = ["daan"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path(NGINX).exists(), reason="no nginx here (apt-get install nginx)"),
]


def certificate(folder: Path) -> None:
    """A self-signed one for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, form, plain))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def nginx(folder: Path, upstream: str, http: int, https: int) -> Iterator[None]:
    """nginx with the shipped file; only names, ports and paths are changed."""
    certificate(folder)
    shipped = SHIPPED.read_text("utf-8")
    for pattern, replacement in (
        (r"^ *listen \[::\].*\n", ""),
        (r"listen 80;", f"listen 127.0.0.1:{http};"),
        (r"listen 443 ssl http2;", f"listen 127.0.0.1:{https} ssl http2;"),
        (r"inbox\.acme\.example", "localhost"),
        (r"/etc/ssl/klankbord", str(folder)),
        (r"http://127\.0\.0\.1:8501", upstream),
    ):
        shipped, changed = re.subn(pattern, replacement, shipped, flags=re.MULTILINE)
        assert changed, f"{pattern} is no longer in the shipped file"
    (folder / "klankbord.conf").write_text(shipped, encoding="utf-8")
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder), encoding="utf-8")
    process = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE)
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{http}/", timeout=2)
                break
            except httpx.TransportError:
                assert process.poll() is None, process.stderr.read() if process.stderr else ""
        yield
    finally:
        process.terminate()
        process.wait(20)


def test_an_agent_works_through_the_shipped_proxy_over_tls(daan: House, tmp_path: Path, chromium: Any) -> None:
    http, https = free_port(), free_port()
    public = f"https://localhost:{https}"
    with dashboard(daan, tmp_path, f"public_url: {public}") as base, nginx(tmp_path, base, http, https):
        context = chromium.new_context(ignore_https_errors=True, locale="en-GB")
        context.set_default_timeout(45_000)
        page = context.new_page()
        page.goto(public)
        assert page.url == f"{public}/login"
        page.get_by_label("Name").fill("daan")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_selector(".kb-head")
        page.get_by_role("button", name="Take it").click()
        page.get_by_role("button", name="Give back").wait_for()
        cookie = next(one for one in context.cookies() if one["name"] == COOKIE)
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
        context.close()
        moved = httpx.get(f"http://127.0.0.1:{http}/?c=1", headers={"host": "localhost"})
        assert (moved.status_code, moved.headers["location"]) == (301, "https://localhost/?c=1")


def test_a_visitor_cannot_name_another_address_through_the_proxy(daan: House, tmp_path: Path) -> None:
    http, https = free_port(), free_port()
    with dashboard(daan, tmp_path) as base, nginx(tmp_path, base, http, https):
        answer = httpx.post(
            f"https://localhost:{https}/login",
            data={"login": "daan", "password": "a wrong password"},
            headers={"sec-fetch-site": "same-origin", "x-forwarded-for": VISITOR},
            verify=False,  # noqa: S501 - our own certificate of a minute ago
        )
        assert answer.status_code == 422
        assert answer.headers["strict-transport-security"]
    assert tried(daan) == {"127.0.0.1"}
