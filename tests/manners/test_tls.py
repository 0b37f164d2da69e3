"""TLS: the connection goes to the judged address, the certificate is checked against the name."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from connectors.errors import Forbidden, Transient
from connectors.requests import HttpRequest, MailboxRequest
from pipeline import mailbox
from pipeline.http import ClientSettings, PoliteClient
from pipeline.http.transport import PinnedTransport
from tests.manners.conftest import Time, resolve

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command makes the certificates")

SETTINGS = ClientSettings(allow_private_hosts=frozenset({"one.test", "two.test"}), tries=1)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for one.test, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=one.test"
    subprocess.run(
        [*made.split(), "-addext", "subjectAltName=DNS:one.test", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    return certificate, key


@pytest.fixture
async def secure_port(certificate: tuple[Path, Path]) -> AsyncIterator[int]:
    """An HTTPS server that tells which name it was asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    names: list[str | None] = []
    context.sni_callback = lambda _, name, __: names.append(name)

    async def handler(request: web.Request) -> web.Response:
        if request.path == "/down":
            return web.Response(status=301, headers={"Location": "http://one.test/plain"})
        return web.Response(text=f"{names[-1]} {request.host.partition(':')[0]}")

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield int(runner.addresses[0][1])
    await runner.cleanup()


def client(time: Time, certificate: tuple[Path, Path] | None) -> PoliteClient:
    trusted = ssl.create_default_context(cafile=str(certificate[0])) if certificate else None
    return PoliteClient(
        SETTINGS, clock=time, sleep=time.sleep, resolve=resolve, transport=PinnedTransport(SETTINGS, tls=trusted)
    )


async def test_the_server_is_asked_by_its_name(secure_port: int, certificate: tuple[Path, Path], time: Time) -> None:
    async with client(time, certificate) as polite:
        answer = await polite.fetch(HttpRequest(f"https://one.test:{secure_port}/"))
    assert answer.body == b"one.test one.test"


async def test_a_certificate_for_another_name_is_refused_also_over_a_warm_connection(
    secure_port: int, certificate: tuple[Path, Path], time: Time
) -> None:
    async with client(time, certificate) as polite:
        await polite.fetch(HttpRequest(f"https://one.test:{secure_port}/"))
        with pytest.raises(Transient, match="its TLS certificate is not valid"):
            await polite.fetch(HttpRequest(f"https://two.test:{secure_port}/"))


async def test_an_untrusted_certificate_is_refused(secure_port: int, time: Time) -> None:
    async with client(time, None) as polite:
        with pytest.raises(Transient, match="its TLS certificate is not valid"):
            await polite.fetch(HttpRequest(f"https://one.test:{secure_port}/"))


async def test_a_redirect_from_https_to_http_is_refused(
    secure_port: int, certificate: tuple[Path, Path], time: Time
) -> None:
    async with client(time, certificate) as polite:
        with pytest.raises(Forbidden, match="from https to unprotected http"):
            await polite.fetch(HttpRequest(f"https://one.test:{secure_port}/down"))


async def test_a_server_that_does_not_speak_tls_is_named(time: Time) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        async with client(time, None) as polite:
            with pytest.raises(Transient, match="no TLS connection could be made"):
                await polite.fetch(HttpRequest(f"https://one.test:{server.sockets[0].getsockname()[1]}/"))
    finally:
        server.close()


async def test_a_mailbox_with_a_bad_certificate_gets_no_password(secure_port: int, time: Time) -> None:
    request = MailboxRequest("127.0.0.1", "u", "demopass", port=secure_port)
    with pytest.raises(Transient, match="its TLS certificate is not valid"):
        await mailbox.read(request, time)
    assert "demopass" not in repr(replace(request, port=1))
