"""Pushed events, cut into batches that claim no more than they know."""

import asyncio
import base64
import hashlib
import logging
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import websockets
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import (
    AuthDead,
    BadRequest,
    ConnectorError,
    Forbidden,
    FormatChanged,
    Gone,
    RateLimited,
    Transient,
)
from connectors.requests import StreamEvent, StreamProtocol, StreamRequest
from pipeline.http.guard import Guard
from pipeline.ndjson import LineParser
from pipeline.signs import RefusalError
from pipeline.sse import SseParser
from pipeline.streams import Streams
from tests.manners.conftest import NOW, Serve, ServeRaw, Time, resolve

ALLOWED = frozenset({"127.0.0.1", "one.test"})


@pytest.fixture
def streams(time: Time) -> Any:
    return Streams(Guard(allow_private_hosts=ALLOWED, resolve=resolve), clock=time, max_event_bytes=5_000)


async def read(streams: Streams, request: StreamRequest, **more: Any) -> Any:
    """Every batch of a connection, and the error it ended with."""
    found = []
    try:
        async for batch in streams.batches(request, **more):
            found.append(batch)  # noqa: PERF401 - what came before the error counts
    except Exception as error:  # noqa: BLE001 - the tests look at it
        return found, error
    return found, None


def sse(port: int, **more: Any) -> Any:
    return StreamRequest(f"http://127.0.0.1:{port}/", StreamProtocol.SSE, **{"idle_seconds": 5.0, **more})


def socket(port: int, **more: Any) -> Any:
    return StreamRequest(f"ws://127.0.0.1:{port}/", StreamProtocol.WEBSOCKET, **{"idle_seconds": 5.0, **more})


def events(batches: Any) -> Any:
    return [event for batch in batches for event in batch.events]


@pytest.fixture
async def serve_sse(serve: Serve) -> Any:
    async def start(handler: Any) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
            await response.prepare(request)
            await handler(request, response)
            return response

        return await serve(answer)

    return start


@pytest.fixture
async def serve_socket() -> Any:
    servers = []

    async def start(handler: Any, **more: Any) -> Any:
        server = await websockets.serve(handler, "127.0.0.1", 0, **more)
        servers.append(server)
        return server.sockets[0].getsockname()[1]

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


# --- the parser -------------------------------------------------------------------------------------------------

EXAMPLE = (
    '\ufeff:thump\nevent: update\ndata: {"a": 1}\nid: 7\n\n'
    "data: first\rdata:  second\r\r"
    "id\r\nevent: none\r\n\r\n"
    "data\ndata\n\n: comment\nretry: 100\nunknown: x\nid: a\0b\ndata:é😀\u2028x\x85y\n\n"
    "data: never finished"
).encode()  # fmt: skip
EXPECTED = [
    StreamEvent('{"a": 1}', "update", "7"),
    StreamEvent("first\n second", "", "7"),
    StreamEvent("\n", "", ""),
    StreamEvent("é😀\u2028x\x85y", "", ""),
]


@given(st.lists(st.integers(0, len(EXAMPLE)), max_size=30))
def test_events_are_the_same_however_the_bytes_are_cut(cuts: list[int]) -> None:
    parser, found = SseParser(), []
    edges = [0, *sorted(cuts), len(EXAMPLE)]
    for start, end in pairwise(edges):
        found += parser.feed(EXAMPLE[start:end])
    assert found == EXPECTED


@given(st.binary(max_size=500))
def test_any_bytes_are_read_without_a_word(data: bytes) -> None:
    SseParser().feed(data)


def test_an_event_that_never_ends_is_refused() -> None:
    parser = SseParser(max_event_bytes=1_000)
    line = b"data: " + b"x" * 50 + b"\n"
    with pytest.raises(FormatChanged, match="more than 1000"):
        assert [parser.feed(line) for _ in range(30)] == []
    with pytest.raises(FormatChanged):
        SseParser(max_event_bytes=1_000).feed(b"x" * 1_001)


# --- server-sent events -----------------------------------------------------------------------------------------


async def test_pushed_events_come_in_batches_and_a_clean_end_is_told(
    serve_sse: Callable[..., Any], streams: Streams
) -> None:
    async def handler(request: web.Request, response: web.StreamResponse) -> None:
        assert request.headers["Accept"] == "text/event-stream"
        assert request.query["hashtag"] == "nl"
        for number in range(5):
            await response.write(f"event: update\ndata: {number}\n\n".encode())

    port = await serve_sse(handler)
    found, error = await read(streams, sse(port, batch_events=2, params=(("hashtag", "nl"),)))
    assert error is None
    assert [len(batch.events) for batch in found] == [2, 2, 1]
    assert [batch.closed for batch in found] == [False, False, True]
    assert events(found) == [StreamEvent(str(number), "update") for number in range(5)]
    assert found[0].connected_at == found[0].since == NOW
    assert all(one.received_at == two.since for one, two in pairwise(found))


async def test_a_heartbeat_proves_silence(serve_sse: Callable[..., Any], streams: Streams) -> None:
    async def handler(_: Any, response: web.StreamResponse) -> None:
        for _ in range(3):
            await response.write(b":thump\n\n")
            await asyncio.sleep(0.02)

    found, error = await read(streams, sse(await serve_sse(handler)))
    assert error is None
    assert len(found) >= 2
    assert events(found) == []


async def test_a_few_events_are_handed_over_after_a_while_though_the_stream_goes_on(
    serve_sse: Callable[..., Any], streams: Streams
) -> None:
    gate = asyncio.Event()

    async def handler(_: Any, response: web.StreamResponse) -> None:
        await response.write(b"data: 1\n\ndata: 2\n\n")
        await gate.wait()

    batches = streams.batches(sse(await serve_sse(handler), batch_seconds=0.05))
    first = await anext(batches)
    gate.set()
    await batches.aclose()
    assert (len(first.events), first.closed) == (2, False)


async def test_silence_ends_the_connection_and_claims_only_what_was_heard(
    serve_sse: Callable[..., Any], streams: Streams, time: Time
) -> None:
    async def handler(_: Any, response: web.StreamResponse) -> None:
        await response.write(b"data: 1\n\n")
        await asyncio.sleep(5)

    port = await serve_sse(handler)
    found, error = await read(streams, sse(port, idle_seconds=0.6, batch_seconds=60))
    assert isinstance(error, Transient)
    assert "silent" in str(error)
    assert [(len(batch.events), batch.closed) for batch in found] == [(1, True)]
    assert found[-1].received_at == time.now


async def test_a_broken_stream_hands_over_what_came_before(serve_raw: ServeRaw, streams: Streams) -> None:
    async def handler(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"9\r\ndata: 1\n\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()

    found, error = await read(streams, sse(await serve_raw(handler)))
    assert isinstance(error, Transient)
    assert [event.data for event in events(found)] == ["1"]
    assert found[-1].closed


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AuthDead),
        (403, Forbidden),
        (404, BadRequest),
        (410, Gone),
        (429, RateLimited),
        (503, Transient),
        (302, BadRequest),
    ],
)
async def test_a_refused_stream_has_the_agreed_name(
    serve: Serve, streams: Streams, status: int, kind: type[ConnectorError]
) -> None:
    async def handler(_: Any) -> web.StreamResponse:
        return web.Response(status=status, headers={"Retry-After": "60", "Location": "http://169.254.169.254/"})

    found, error = await read(streams, sse(await serve(handler)))
    assert (found, type(error)) == ([], kind)
    if kind is RateLimited:
        assert (error.until - NOW).total_seconds() == 60


async def test_a_web_page_is_no_stream(serve: Serve, streams: Streams) -> None:
    async def handler(_: Any) -> web.StreamResponse:
        return web.Response(text="<html>", content_type="text/html")

    assert isinstance((await read(streams, sse(await serve(handler))))[1], FormatChanged)


async def test_a_large_event_is_refused(serve_sse: Callable[..., Any], streams: Streams) -> None:
    async def handler(_: Any, response: web.StreamResponse) -> None:
        await response.write(b"data: " + b"x" * 10_000 + b"\n\n")

    assert isinstance((await read(streams, sse(await serve_sse(handler))))[1], FormatChanged)


@pytest.mark.parametrize("protocol", list(StreamProtocol))
async def test_streams_keep_to_the_guard(streams: Streams, protocol: StreamProtocol) -> None:
    scheme = "ws" if protocol is StreamProtocol.WEBSOCKET else "http"
    for host in ("169.254.169.254", "inside.test"):
        _, error = await read(streams, StreamRequest(f"{scheme}://{host}/", protocol))
        assert isinstance(error, Forbidden)
    _, error = await read(streams, StreamRequest("file:///etc/passwd", protocol))
    assert isinstance(error, BadRequest)


# --- websockets -------------------------------------------------------------------------------------------------


async def test_websocket_messages_come_in_batches(serve_socket: Callable[..., Any], streams: Streams) -> None:
    async def handler(connection: websockets.ServerConnection) -> None:
        assert connection.request.headers["Authorization"] == "Bearer abcdef"
        assert connection.request.headers["Host"].startswith("one.test:")
        for number in range(3):
            await connection.send(str(number))
        await connection.send(b"bytes")

    port = await serve_socket(handler)
    request = StreamRequest(
        f"ws://one.test:{port}/", StreamProtocol.WEBSOCKET, headers={"Authorization": "Bearer abcdef"}, batch_events=3
    )
    found, error = await read(streams, request)
    assert error is None
    assert [event.data for event in events(found)] == ["0", "1", "2", "bytes"]
    assert found[-1].closed


async def test_a_quiet_websocket_is_alive_as_long_as_it_answers(
    serve_socket: Callable[..., Any], streams: Streams
) -> None:
    async def handler(connection: websockets.ServerConnection) -> None:
        await connection.wait_closed()

    port = await serve_socket(handler)
    batches = streams.batches(socket(port, idle_seconds=0.15))
    quiet = [await anext(batches) for _ in range(4)]
    await batches.aclose()
    assert all(not batch.events and not batch.closed for batch in quiet)


async def test_a_websocket_that_no_longer_answers_is_dead(serve_line: ServeRaw, streams: Streams) -> None:
    async def start(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        key = next(
            line.split(b": ")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")
        )
        accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())  # noqa: S324
        writer.write(
            b"HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
            + accept
            + b"\r\n\r\n"
        )
        writer.write(b"\x81\x02hi")
        await writer.drain()
        await asyncio.sleep(5)

    found, error = await read(streams, socket(await serve_line(start), idle_seconds=0.3, batch_seconds=60))
    assert isinstance(error, Transient)
    assert [event.data for event in events(found)] == ["hi"]
    assert found[-1].closed


async def test_a_large_websocket_message_is_refused_even_when_packed_small(
    serve_socket: Callable[..., Any], streams: Streams
) -> None:
    async def handler(connection: websockets.ServerConnection) -> None:
        await connection.send("x" * 1_000_000)

    _, error = await read(streams, socket(await serve_socket(handler)))
    assert isinstance(error, FormatChanged)
    assert "too large" in str(error)


async def test_a_websocket_follows_no_redirect(serve: Serve, streams: Streams) -> None:
    async def handler(_: Any) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "ws://127.0.0.1:1/"})

    _, error = await read(streams, socket(await serve(handler)))
    assert isinstance(error, BadRequest)


async def test_a_dead_websocket_host_is_transient_and_shows_no_secret(
    streams: Streams, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    request = socket(1, params=(("access_token", "s3cret-token"),), headers={"Authorization": "Bearer s3cret-header"})
    _, error = await read(streams, request, secrets=["s3cret-token"])
    assert isinstance(error, Transient)
    assert "s3cret" not in str(error) + caplog.text + repr(request)


async def test_closing_a_stream_ends_the_connection(serve_socket: Callable[..., Any], streams: Streams) -> None:
    ended = asyncio.Event()

    async def handler(connection: websockets.ServerConnection) -> None:
        await connection.send("1")
        await connection.wait_closed()
        ended.set()

    batches = streams.batches(socket(await serve_socket(handler), batch_events=1))
    await anext(batches)
    await batches.aclose()
    await asyncio.wait_for(ended.wait(), 10)


async def test_a_cancelled_listener_ends_the_connection(serve_sse: Callable[..., Any], streams: Streams) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def handler(_: Any, response: web.StreamResponse) -> None:
        try:
            while True:
                await response.write(b":thump\n\n")
                begun.set()
                await asyncio.sleep(0.02)
        finally:
            ended.set()

    listening = asyncio.create_task(read(streams, sse(await serve_sse(handler))))
    await asyncio.wait_for(begun.wait(), 10)
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    await asyncio.wait_for(ended.wait(), 10)


def lines(port: int, **more: Any) -> Any:
    return StreamRequest(f"http://127.0.0.1:{port}/", StreamProtocol.LINES, **{"idle_seconds": 5.0, **more})


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")), max_size=8), st.data())
def test_lines_are_the_same_however_the_bytes_are_cut_up(said: list[str], data: st.DataObject) -> None:
    whole = "".join(f"{each}\r\n" for each in said).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    parser, found = LineParser(), []
    for start, end in pairwise([0, *cuts, len(whole)]):
        found += parser.feed(whole[start:end])
    expected = [each.encode().strip().decode() for each in said]
    assert [event.data for event in found] == [each for each in expected if each]


def test_a_line_that_grows_too_long_is_refused() -> None:
    parser = LineParser(max_line_bytes=10)
    parser.feed(b"12345")
    with pytest.raises(FormatChanged, match="more than 10 bytes"):
        parser.feed(b"678901")


async def test_lines_of_json_are_events_and_empty_lines_signs_of_life(streams: Streams, serve: Serve) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json; charset=utf-8"})
        await response.prepare(request)
        await response.write(b'{"a":1}\r\n\r\n{"b":2}\r\n{"half":')
        return response

    batches, error = await read(streams, lines(await serve(answer)))
    assert error is None
    assert [event.data for event in events(batches)] == ['{"a":1}', '{"b":2}']
    assert batches[-1].closed


async def test_a_refusal_to_stream_lines_is_handed_on_with_its_body(streams: Streams, serve: Serve) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:  # noqa: ARG001
        return web.json_response({"title": "ConnectionException"}, status=429)

    batches, error = await read(streams, lines(await serve(answer), step="mine"))
    assert batches == []
    assert isinstance(error, RefusalError)
    assert isinstance(error.meaning, RateLimited)
    assert (error.response.status, error.response.body) == (429, b'{"title": "ConnectionException"}')
    assert error.response.request.step == "mine"


async def test_an_answer_that_is_no_json_is_no_stream_of_lines(streams: Streams, serve: Serve) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:  # noqa: ARG001
        return web.Response(text="<html>log in</html>", content_type="text/html")

    _, error = await read(streams, lines(await serve(answer)))
    assert isinstance(error, FormatChanged)


async def test_no_connection_is_made_while_the_server_announced_that_it_takes_none(
    streams: Streams, serve: Serve, time: Time
) -> None:
    asked = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        until = str(int(time().timestamp()) + 60)
        return web.json_response({}, headers={"x-rate-limit-remaining": "0", "x-rate-limit-reset": until})

    port = await serve(answer)
    await read(streams, lines(port))
    _, error = await read(streams, lines(port))
    assert isinstance(error, RateLimited)
    assert error.until is not None
    assert len(asked) == 1
