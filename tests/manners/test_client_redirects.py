"""Where the polite client lets itself be sent, and what travels along."""

from typing import Any

import pytest
from aiohttp import web

from connectors.errors import BadRequest, Forbidden, Transient
from connectors.requests import HttpRequest
from tests.manners.conftest import MakeClient, Serve


@pytest.mark.parametrize(
    ("path", "remembered"),
    [("301", True), ("308", True), ("302", False), ("303", False), ("307", False), ("301-then-302", False)],
)
async def test_only_permanent_redirects_are_remembered(
    serve: Serve, make_client: MakeClient, path: str, remembered: bool
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        codes = request.path[1:].split("-then-")
        if codes[0].isdigit():
            target = "/" + ("-then-".join(codes[1:]) or "end")
            return web.Response(status=int(codes[0]), headers={"Location": target})
        return web.Response(text="here")

    port = await serve(handler)
    answer = await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/{path}"))
    end = f"http://127.0.0.1:{port}/end"
    assert (answer.body, answer.url, answer.moved_to) == (b"here", end, end if remembered else None)


async def test_a_circle_of_redirects_ends(serve: Serve, make_client: MakeClient) -> None:
    asked = []

    async def handler(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(status=302, headers={"Location": "/round"})

    port = await serve(handler)
    with pytest.raises(Transient, match="more than 5 times"):
        await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/round"))
    assert len(asked) == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://inside.test/",
        "http://mixed.test/",
        "http://[::1]/",
        "http://localhost:1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://one.test@169.254.169.254/",
        "http://[::ffff:169.254.169.254]/",
        "//10.0.0.1/",
        "ftp://one.test/x",
        "file:///etc/passwd",
        "gopher://one.test:70/",
    ],
)
async def test_a_redirect_to_where_we_do_not_go_is_refused(
    serve: Serve, make_client: MakeClient, location: str
) -> None:
    async def handler(_: Any) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": location})

    port = await serve(handler)
    with pytest.raises((Forbidden, BadRequest, Transient)) as refused:
        await make_client().fetch(HttpRequest(f"http://one.test:{port}/"))
    assert "could not be read" not in str(refused.value)


async def test_credentials_stay_with_the_host_they_are_for(serve: Serve, make_client: MakeClient) -> None:
    seen = []

    async def other(request: web.Request) -> web.StreamResponse:
        seen.append(dict(request.headers))
        return web.Response(text="other")

    other_port = await serve(other)

    async def first(request: web.Request) -> web.StreamResponse:
        assert request.headers["Authorization"] == "Bearer s3cret-token"
        return web.Response(status=302, headers={"Location": f"http://two.test:{other_port}/", "Set-Cookie": "s=1"})

    port = await serve(first)
    headers = {
        "Authorization": "Bearer s3cret-token",
        "Cookie": "a=b",
        "X-Api-Key": "s3cret",
        "User-Api-Key": "s3cret",
        "Accept": "text/html",
    }
    answer = await make_client().fetch(HttpRequest(f"http://one.test:{port}/", headers=headers))
    assert answer.body == b"other"
    assert "s3cret" not in str(seen)
    assert "Cookie" not in seen[0]
    assert seen[0]["Accept"] == "text/html"


async def test_credentials_travel_within_one_host(serve: Serve, make_client: MakeClient) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/":
            return web.Response(status=301, headers={"Location": "/new"})
        return web.Response(text=request.headers.get("Authorization", ""))

    port = await serve(handler)
    request = HttpRequest(f"http://one.test:{port}/", headers={"Authorization": "Bearer abcdef"})
    assert (await make_client().fetch(request)).body == b"Bearer abcdef"


async def test_a_write_is_not_repeated_at_another_address(serve: Serve, make_client: MakeClient) -> None:
    async def handler(_: Any) -> web.StreamResponse:
        return web.Response(status=308, headers={"Location": "/elsewhere"})

    port = await serve(handler)
    with pytest.raises(BadRequest, match="a call that writes is not repeated"):
        await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/", method="POST", safe_to_repeat=False))


async def test_cookies_of_one_call_are_not_sent_with_the_next(serve: Serve, make_client: MakeClient) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text=request.headers.get("Cookie", "none"), headers={"Set-Cookie": "session=1; Path=/"})

    port = await serve(handler)
    client = make_client()
    await client.fetch(HttpRequest(f"http://one.test:{port}/"))
    answer = await client.fetch(HttpRequest(f"http://one.test:{port}/"))
    assert answer.body == b"none"
    assert "set-cookie" not in answer.headers
