"""What the polite client does on the wire, against real servers on loopback."""

import json
import logging
from dataclasses import replace

import pytest
from aiohttp import web

from connectors.errors import BadRequest, Transient
from connectors.requests import HttpRequest
from tests.manners.conftest import NOW, MakeClient, Serve


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


async def test_an_address_goes_out_as_it_is_written(serve: Serve, make_client: MakeClient) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text=request.raw_path)

    port = await serve(handler)
    path = "/x%3Ay%28/a?urn=urn%3Ali%3A1&list=List(A,B)&time=(start:1,end:2)&word=%28x%2C%29&caf%C3%A9=%7E"
    assert (await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}{path}"))).body == path.encode()


async def test_a_credential_that_belongs_into_the_path_is_sent_and_never_shown(
    serve: Serve, make_client: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text=request.raw_path)

    port = await serve(handler)
    client = make_client(tries=1)
    request = HttpRequest(f"http://127.0.0.1:{port}/x{{secret}}/ask", secret="77:path-key", params=(("a", "1"),))
    with caplog.at_level(logging.DEBUG):
        answer = await client.fetch(request)
        assert answer.body == b"/x77:path-key/ask?a=1"
        assert answer.url == f"http://127.0.0.1:{port}/x***/ask?a=1"
        with pytest.raises(Transient) as failed:
            await client.fetch(replace(request, url="http://127.0.0.1:9/x{secret}/ask"))
        with pytest.raises(BadRequest) as refused:
            await client.fetch(replace(request, headers={"X-Odd": "snow\u2603"}))
    shown = f"{failed.value} {refused.value} {request} {answer.url} {caplog.text}"
    assert "path-key" not in shown


async def test_json_is_sent_as_json(serve: Serve, make_client: MakeClient) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.json_response({"got": await request.json(), "type": request.content_type})

    port = await serve(handler)
    answer = await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/", method="POST", json={"a": ["é"]}))
    assert answer.body == b'{"got": {"a": ["\\u00e9"]}, "type": "application/json"}'


async def test_a_form_is_sent_as_a_form_in_its_order_with_its_repeats(serve: Serve, make_client: MakeClient) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        body = await request.text()
        return web.json_response([request.content_type, body, list((await request.post()).items())])

    port = await serve(handler)
    form = (("b", "x y&z=ü"), ("a", "1"), ("b", "🎉"), ("empty", ""))
    answer = await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/", method="POST", form=form))
    kind, body, read = json.loads(answer.body)
    assert kind == "application/x-www-form-urlencoded"
    assert body == "b=x+y%26z%3D%C3%BC&a=1&b=%F0%9F%8E%89&empty="
    assert read == [list(pair) for pair in form]


async def test_an_empty_form_is_still_a_form(serve: Serve, make_client: MakeClient) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.json_response([request.content_type, await request.text()])

    port = await serve(handler)
    answer = await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/", method="POST", form=()))
    assert json.loads(answer.body) == ["application/x-www-form-urlencoded", ""]


async def test_a_form_and_json_together_are_refused_before_anything_is_sent(
    serve: Serve, make_client: MakeClient
) -> None:
    asked = []

    async def handler(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response()

    port = await serve(handler)
    request = HttpRequest(f"http://127.0.0.1:{port}/", method="POST", form=(("a", "1"),), json={"a": 1})
    with pytest.raises(BadRequest, match="both a form and JSON"):
        await make_client().fetch(request)
    assert asked == []


async def test_a_form_is_not_carried_along_by_a_redirect(serve: Serve, make_client: MakeClient) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/seen":
            return web.Response(text=f"{request.method} {request.content_type} {await request.text()}")
        return web.Response(status=int(request.path[1:]), headers={"Location": "/seen"})

    port = await serve(handler)
    form = (("code", "s3cret-code"),)
    answer = await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/303", method="POST", form=form))
    assert b"s3cret" not in answer.body
    for status in (301, 302, 307, 308):
        with pytest.raises(BadRequest, match="not repeated there") as refused:
            await make_client().fetch(HttpRequest(f"http://127.0.0.1:{port}/{status}", method="POST", form=form))
        assert "s3cret" not in str(refused.value)


async def test_what_a_form_holds_reaches_no_log_and_no_error(
    serve: Serve, make_client: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/b":
            return web.Response()
        return web.Response(status=303, headers={"Location": f"/b?said={(await request.post())['client_secret']}"})

    port = await serve(handler)
    form = (("grant_type", "refresh_token"), ("client_secret", "f0rm-s3cret"), ("refresh_token", "f0rm-s3cret-2"))
    request = HttpRequest(f"http://127.0.0.1:{port}/", method="POST", form=form)
    answer = await make_client().fetch(request)
    with pytest.raises(Transient) as failed:
        await make_client().fetch(replace(request, url="http://127.0.0.1:1/"))
    assert "HTTP Request" in caplog.text
    assert "s3cret" not in caplog.text + str(failed.value) + repr(request) + answer.url


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
