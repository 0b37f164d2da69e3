"""What the polite client does on the wire, against real servers on loopback."""

import asyncio
import gzip
import hashlib
import logging
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from connectors.errors import BadRequest, Forbidden, FormatChanged, RateLimited, Transient
from connectors.requests import HttpRequest
from pipeline.http import validator_of, validator_url
from store.records import ValidatorRecord
from tests.manners.conftest import NOW, MakeClient, Serve, ServeRaw, Time


async def test_an_answer_of_any_status_reaches_the_connector(serve: Serve, make_client: MakeClient) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(status=int(request.path[1:]), text="body")

    port = await serve(handler)
    client = make_client()
    for status in (200, 201, 400, 401, 403, 404, 410, 418, 422, 500):
        answer = await client.fetch(HttpRequest(f"http://127.0.0.1:{port}/{status}"))
        assert (answer.status, answer.body, answer.received_at) == (status, b"body", NOW)


async def test_it_names_itself_and_asks_for_compression(serve: Serve, make_client: MakeClient) -> None:
    seen = {}

    async def handler(request: web.Request) -> web.StreamResponse:
        seen.update(request.headers)
        return web.Response(text="ok")

    port = await serve(handler)
    await make_client(user_agent="Klankbord/1 (+mailto:a@b.example)").fetch(HttpRequest(f"http://one.test:{port}/"))
    assert seen["User-Agent"] == "Klankbord/1 (+mailto:a@b.example)"
    assert seen["Accept-Encoding"] == "gzip, deflate, br, zstd"
    assert seen["Host"] == f"one.test:{port}"


async def test_parameters_keep_their_order_and_repeats(serve: Serve, make_client: MakeClient) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text=request.raw_path)

    port = await serve(handler)
    request = HttpRequest(f"http://127.0.0.1:{port}/a?x=1#frag", params=(("t", "b c"), ("t", "é"), ("a", "&")))
    assert (await make_client().fetch(request)).body == b"/a?x=1&t=b+c&t=%C3%A9&a=%26"


async def test_json_is_sent_as_json(serve: Serve, make_client: MakeClient) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.json_response({"got": await request.json(), "type": request.content_type})

    port = await serve(handler)
    answer = await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/", method="POST", json={"a": ["é"]}))
    assert answer.body == b'{"got": {"a": ["\\u00e9"]}, "type": "application/json"}'


# --- unchanged answers ------------------------------------------------------------------------------------------


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


# --- redirects --------------------------------------------------------------------------------------------------


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


# --- trouble on the way -----------------------------------------------------------------------------------------


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


# --- waiting when asked to --------------------------------------------------------------------------------------


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


# --- secrets ----------------------------------------------------------------------------------------------------


async def test_no_secret_reaches_a_log_an_error_or_the_answers_url(
    serve: Serve, make_client: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(
            status=302 if request.path == "/" else 200, headers={"Location": f"/b?{request.query_string}"}
        )

    port = await serve(handler)
    client = make_client()
    request = HttpRequest(
        f"http://127.0.0.1:{port}/",
        params=(("access_token", "named-s3cret"), ("q", "value s3cret/x")),
        headers={"Authorization": "Bearer header-s3cret"},
    )
    answer = await client.fetch(request, secrets=["value s3cret/x"])
    with pytest.raises(Transient) as failed:
        await client.fetch(HttpRequest("http://127.0.0.1:1/", params=request.params), secrets=["value s3cret/x"])
    assert "HTTP Request" in caplog.text
    assert "s3cret" not in caplog.text + str(failed.value) + repr(failed.value.__cause__) + answer.url + repr(request)
    assert failed.value.__suppress_context__
