"""What the polite client makes of hosts that are dead, slow, broken or hostile."""

import asyncio
import gzip
from typing import Any

import pytest
from aiohttp import web

from connectors.errors import BadRequest, FormatChanged, Transient
from connectors.requests import HttpRequest
from tests.manners.conftest import MakeClient, Serve, ServeRaw, Time


async def test_a_dead_host_is_tried_a_few_times_and_named(make_client: MakeClient, time: Time) -> None:
    with pytest.raises(Transient, match=r"http://127.0.0.1:1/ could not be read: no connection could be made"):
        await make_client().fetch(HttpRequest("http://127.0.0.1:1/"))
    assert time.slept == [0.5, 1.0]


async def test_a_name_that_does_not_resolve_is_said_so(make_client: MakeClient) -> None:
    with pytest.raises(Transient, match=r"nowhere\.test does not resolve"):
        await make_client().fetch(HttpRequest("http://nowhere.test/"))


async def test_a_write_that_fails_is_not_repeated(serve_raw: ServeRaw, make_client: MakeClient, time: Time) -> None:
    calls = []

    async def handler(_: Any, writer: asyncio.StreamWriter) -> None:
        calls.append(1)
        writer.transport.abort()

    port = await serve_raw(handler)
    with pytest.raises(Transient):
        await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/", method="POST", safe_to_repeat=False))
    assert (len(calls), time.slept) == (1, [])


async def test_server_trouble_that_passes_is_not_seen_by_the_connector(
    serve: Serve, make_client: MakeClient, time: Time
) -> None:
    calls = []

    async def handler(_: Any) -> web.StreamResponse:
        calls.append(1)
        return web.Response(status=503 if len(calls) < 3 else 200, text="ok")

    port = await serve(handler)
    assert (await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/"))).body == b"ok"
    assert len(calls) == 3
    assert time.slept == [0.5, 1.0]


async def test_lasting_server_trouble_reaches_the_connector(serve: Serve, make_client: MakeClient) -> None:
    async def handler(_: Any) -> web.StreamResponse:
        return web.Response(status=502, text="<html>proxy</html>")

    port = await serve(handler)
    assert (await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/"))).status == 502


async def test_a_reset_in_the_middle_of_a_body_is_transient(serve_raw: ServeRaw, make_client: MakeClient) -> None:
    async def handler(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        await writer.drain()
        writer.transport.abort()

    port = await serve_raw(handler)
    with pytest.raises(Transient, match="broke off"):
        await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/"))


async def test_a_body_shorter_than_announced_is_transient(serve_raw: ServeRaw, make_client: MakeClient) -> None:
    async def handler(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nhalf")
        await writer.drain()

    port = await serve_raw(handler)
    with pytest.raises(Transient, match="broke off"):
        await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/"))


async def test_an_old_server_that_ends_by_closing_is_read(serve_raw: ServeRaw, make_client: MakeClient) -> None:
    async def handler(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold but whole")
        await writer.drain()

    port = await serve_raw(handler)
    assert (await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/"))).body == b"old but whole"


async def test_headers_that_are_not_utf8_are_read(serve_raw: ServeRaw, make_client: MakeClient) -> None:
    async def handler(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Place: Caf\xe9\r\nX-Twice: a\r\nX-Twice: b\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()

    port = await serve_raw(handler)
    answer = await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/"))
    assert answer.headers["x-twice"] == "a, b"
    assert answer.headers["x-place"].startswith("Caf")


async def test_something_that_is_not_http_is_named(serve_raw: ServeRaw, make_client: MakeClient) -> None:
    async def handler(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n\r\n")
        await writer.drain()

    port = await serve_raw(handler)
    with pytest.raises(Transient, match="did not answer in HTTP"):
        await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/"))


async def test_a_slow_drip_ends_at_the_total_limit(serve_raw: ServeRaw, make_client: MakeClient, time: Time) -> None:
    async def handler(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    port = await serve_raw(handler)
    with pytest.raises(Transient, match=r"took longer than 0.3 s"):
        await make_client(total_s=0.3).fetch(HttpRequest(f"http://127.0.0.1:{port}/"))
    assert time.slept == []


async def test_a_silent_server_ends_at_the_read_limit(serve_raw: ServeRaw, make_client: MakeClient) -> None:
    async def handler(_: Any, __: Any) -> None:
        await asyncio.sleep(5)

    port = await serve_raw(handler)
    with pytest.raises(Transient, match="fell silent"):
        await make_client(read_s=0.1, tries=1).fetch(HttpRequest(f"http://127.0.0.1:{port}/"))


async def test_a_bomb_stops_at_the_cap(serve: Serve, make_client: MakeClient) -> None:
    bomb = gzip.compress(bytes(50_000_000))

    async def handler(_: Any) -> web.StreamResponse:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    port = await serve(handler)
    with pytest.raises(FormatChanged, match="larger than 1 MB"):
        await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/", max_bytes=1_000_000))


async def test_a_cut_off_gzip_is_transient(serve: Serve, make_client: MakeClient) -> None:
    async def handler(_: Any) -> web.StreamResponse:
        return web.Response(body=gzip.compress(b"feed" * 1000)[:-20], headers={"Content-Encoding": "gzip"})

    port = await serve(handler)
    with pytest.raises(Transient, match="ends in the middle"):
        await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/"))


async def test_a_login_page_is_handed_over_as_it_is(serve: Serve, make_client: MakeClient) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/feed":
            return web.Response(status=302, headers={"Location": "/login"})
        return web.Response(text="<html>log in</html>", content_type="text/html")

    port = await serve(handler)
    answer = await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/feed"))
    assert (answer.headers["content-type"], answer.url[-6:]) == ("text/html; charset=utf-8", "/login")


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "café", "a\0"])
async def test_a_header_that_cannot_be_sent_is_refused_without_showing_it(make_client: MakeClient, value: str) -> None:
    with pytest.raises(BadRequest) as refused:
        await make_client().fetch(HttpRequest("http://one.test/", headers={"X-Token": value}))
    assert value not in str(refused.value)
