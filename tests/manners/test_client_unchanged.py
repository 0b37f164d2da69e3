"""What the polite client makes of answers that did not change."""

import hashlib
from typing import Any

import pytest
from aiohttp import web

from connectors.errors import Transient
from connectors.requests import HttpRequest
from pipeline.http import validator_of, validator_url
from store.records import ValidatorRecord
from tests.manners.conftest import MakeClient, Serve


async def test_a_304_is_unchanged_and_weak_etags_go_back_verbatim(serve: Serve, make_client: MakeClient) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.headers.get("If-None-Match") == 'W/"a-1"':
            assert request.headers["If-Modified-Since"] == "Sun, 22 Nov 2026 10:00:00 GMT"
            return web.Response(status=304)
        headers = {"ETag": 'W/"a-1"', "Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT"}
        return web.Response(text="feed", headers=headers)

    port = await serve(handler)
    client = make_client()
    request = HttpRequest(f"http://127.0.0.1:{port}/", conditional=True)
    first = await client.fetch(request)
    known = validator_of(first)
    assert not first.unchanged
    assert known.body_sha256 == hashlib.sha256(b"feed").digest()
    second = await client.fetch(request, validator=known)
    assert (second.unchanged, second.body, second.status) == (True, b"", 304)
    assert validator_of(second, known) == known


async def test_the_same_body_is_unchanged_even_when_the_server_ignores_conditions(
    serve: Serve, make_client: MakeClient
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text="same", headers={"ETag": request.query.get("v", "")})

    port = await serve(handler)
    client = make_client()
    known = validator_of(await client.fetch(HttpRequest(f"http://127.0.0.1:{port}/", conditional=True)))
    again = await client.fetch(HttpRequest(f"http://127.0.0.1:{port}/", conditional=True), validator=known)
    assert (again.unchanged, again.body, again.status) == (True, b"", 200)
    plain = await client.fetch(HttpRequest(f"http://127.0.0.1:{port}/"), validator=known)
    assert (plain.unchanged, plain.body) == (False, b"same")


async def test_validators_of_a_server_that_says_expires_0_are_left_out(serve: Serve, make_client: MakeClient) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        assert "If-None-Match" not in request.headers
        return web.Response(text="same", headers={"ETag": '"x"', "Expires": "0"})

    port = await serve(handler)
    request = HttpRequest(f"http://127.0.0.1:{port}/", conditional=True)
    known = validator_of(await make_client().fetch(request))
    assert known.etag is None
    assert (await make_client().fetch(request, validator=known)).unchanged


async def test_an_error_answer_keeps_the_old_validators(serve: Serve, make_client: MakeClient) -> None:
    async def handler(_: Any) -> web.StreamResponse:
        return web.Response(status=500, headers={"ETag": '"error page"'})

    port = await serve(handler)
    old = ValidatorRecord(url="u", etag='"good"')
    answer = await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/", conditional=True), validator=old)
    assert validator_of(answer, old) is old


async def test_a_304_nobody_asked_for_is_trouble(serve: Serve, make_client: MakeClient) -> None:
    async def handler(_: Any) -> web.StreamResponse:
        return web.Response(status=304)

    port = await serve(handler)
    with pytest.raises(Transient, match="nothing changed"):
        await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/", conditional=True))


def test_validators_of_two_secret_urls_are_kept_apart_without_the_secrets() -> None:
    first = validator_url(HttpRequest("https://api.example/x", params=(("key", "abcdef1"),)))
    second = validator_url(HttpRequest("https://api.example/x", params=(("key", "abcdef2"),)))
    assert first != second
    assert "abcdef" not in first + second
