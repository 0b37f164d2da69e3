"""When the polite client asks, and how many calls it makes at once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from connectors.errors import RateLimited
from connectors.requests import HttpRequest
from tests.manners.conftest import NOW, MakeClient, Serve, Time


@pytest.mark.parametrize("form", ["120", "Sun, 22 Nov 2026 12:02:00 GMT"])
async def test_a_host_that_said_wait_is_not_asked_before(
    serve: Serve, make_client: MakeClient, time: Time, form: str
) -> None:
    calls = []

    async def handler(_: Any) -> web.StreamResponse:
        calls.append(1)
        return web.Response(status=429 if len(calls) == 1 else 200, headers={"Retry-After": form, "Date": ""})

    port = await serve(handler)
    client = make_client()
    request = HttpRequest(f"http://one.test:{port}/")
    assert (await client.fetch(request)).status == 429
    with pytest.raises(RateLimited, match="asks us to wait until 2026-11-22 12:02:00") as limited:
        await client.fetch(request)
    assert limited.value.until == NOW + timedelta(seconds=120)
    assert len(calls) == 1
    time.now += timedelta(seconds=121)
    assert (await client.fetch(request)).status == 200


async def test_a_short_wait_is_slept_out(serve: Serve, make_client: MakeClient, time: Time) -> None:
    calls = []

    async def handler(_: Any) -> web.StreamResponse:
        calls.append(1)
        return web.Response(status=429 if len(calls) == 1 else 200, headers={"Retry-After": "2"})

    port = await serve(handler)
    client = make_client()
    await client.fetch(HttpRequest(f"http://127.0.0.1:{port}/"))
    assert (await client.fetch(HttpRequest(f"http://127.0.0.1:{port}/"))).status == 200
    assert time.slept == [2.0]


async def test_one_login_that_ran_out_of_calls_does_not_stop_another(serve: Serve, make_client: MakeClient) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        left = "0" if request.headers["Authorization"] == "Bearer aaaaaa" else "9"
        return web.Response(headers={"X-RateLimit-Remaining": left, "X-RateLimit-Reset": "2026-11-22T12:04:00.248623Z"})

    port = await serve(handler)
    client = make_client()
    one = HttpRequest(f"http://127.0.0.1:{port}/", headers={"Authorization": "Bearer aaaaaa"})
    two = HttpRequest(f"http://127.0.0.1:{port}/", headers={"Authorization": "Bearer bbbbbb"})
    await client.fetch(one)
    with pytest.raises(RateLimited):
        await client.fetch(one)
    await client.fetch(two)
    await client.fetch(two)


async def test_calls_to_one_host_are_few_at_once_and_other_hosts_go_on(serve: Serve, make_client: MakeClient) -> None:
    busy, most = 0, 0
    gate = asyncio.Event()

    async def slow(_: Any) -> web.StreamResponse:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await gate.wait()
        busy -= 1
        return web.Response()

    async def quick(_: Any) -> web.StreamResponse:
        return web.Response(text="quick")

    slow_port, quick_port = await serve(slow), await serve(quick)
    client = make_client(per_host=2, overall=4)
    crowd = [asyncio.create_task(client.fetch(HttpRequest(f"http://one.test:{slow_port}/"))) for _ in range(8)]
    assert (await client.fetch(HttpRequest(f"http://two.test:{quick_port}/"))).body == b"quick"
    gate.set()
    await asyncio.gather(*crowd)
    assert most == 2
