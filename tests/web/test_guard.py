"""What every answer of the API passes: headers, time limits, errors that tell no internals, the meter, the buckets."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from inbox.programs import mentions, standing
from store.errors import StoreUnavailableError
from tests.web.outside import Outside, refused
from web.api import guard, messages
from web.api.buckets import Buckets
from web.api.settings import ApiSettings


def failing(error: Exception) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("path", ["/brands", "/nothing", "/nothing%0A", "/mentions?limit=0", "/openapi.json", "/docs"])
def test_every_answer_keeps_browsers_out_of_trouble(outside: Outside, path: str) -> None:
    headers = outside.program().get(path).headers
    if not path.endswith("%0A"):  # that one never reaches the API
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] == "private, no-cache"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


def test_pages_of_other_sites_call_only_where_they_are_named(outside: Outside) -> None:
    named = Outside(outside.store, outside.clock, ApiSettings(allow_origins=("https://bi.example",)))
    for house, origin, may in (
        (outside, "https://bi.example", False),
        (named, "https://bi.example", True),
        (named, "https://evil.example", False),
    ):
        answer = house.program().get("/brands", headers={"Origin": origin})
        assert ("access-control-allow-origin" in answer.headers) is may
        assert "access-control-allow-credentials" not in answer.headers


def test_what_is_not_there_is_told_in_words(outside: Outside) -> None:
    program = outside.program()
    for path in ("/nothing", "/nothing%0A", "/mentions/1/2", ""):
        assert "/api/v1/docs" in refused(program.get(path), 404)
    answer = program.ask("DELETE", "/api/v1/mentions")
    refused(answer, 405)
    assert answer.headers["allow"]


def test_a_fault_of_ours_tells_nothing_of_the_inside(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "brand_list", failing(RuntimeError("/srv/secret/path password=hunter2")))
    answer = outside.program().get("/brands")
    refused(answer, 500)
    assert "hunter2" not in answer.text


def test_a_database_that_does_not_answer_is_told_with_when_to_try_again(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "brand_list", failing(StoreUnavailableError("postgresql://user:pw@host")))
    answer = outside.program().get("/brands")
    refused(answer, 503)
    assert answer.headers["retry-after"] == "5"
    assert "pw@host" not in answer.text


def test_an_answer_that_takes_too_long_is_given_up_in_words(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    enough = threading.Event()
    monkeypatch.setattr(standing, "brand_list", lambda *_: enough.wait(20) and [])
    monkeypatch.setattr(guard, "ANSWER_S", 0.05)
    threading.Timer(0.5, enough.set).start()  # the thread is not left behind
    assert "took too long" in refused(outside.program().get("/brands"), 503)


def test_only_so_many_streams_run_at_once(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MOST_STREAMS", 0)
    answer = outside.program().get("/mentions.jsonl")
    assert "under way" in refused(answer, 503)
    assert answer.headers["retry-after"] == "60"


def test_a_stream_that_ended_makes_room_for_the_next(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MOST_STREAMS", 1)
    program = outside.program()
    assert [program.get("/mentions.jsonl").status_code for _ in range(3)] == [200, 200, 200]


def test_a_token_that_ends_in_mid_stream_leaves_an_answer_that_is_not_whole(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mentions, "_written", lambda *_: mentions_that_end())
    outside.say("1")
    outside.settle()
    sent: list[Any] = []
    head = [(b"authorization", f"Bearer {outside.token()}".encode())]
    scope = {"type": "http", "method": "GET", "path": "/api/v1/mentions.jsonl", "query_string": b"", "headers": head}

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(outside.app(scope, receive, send))
    assert [one.get("body") for one in sent[1:]] == [b"{}\n"]
    assert sent[-1]["more_body"]  # the server closes the connection, and the reader knows that it is not all


def mentions_that_end() -> Any:
    yield b"{}\n"
    raise mentions.Ended


def test_calls_are_counted_by_route_and_never_by_id(outside: Outside) -> None:
    program = outside.program()
    for path in ("/mentions/1", "/mentions/2", "/brands", "/nothing/17"):
        program.get(path)
    told = {
        (sample.name, sample.labels.get("route"), sample.labels.get("status")): sample.value
        for family in text_string_to_metric_families(program.ask("GET", "/metrics").text)
        for sample in family.samples
        if sample.name.startswith("klankbord_api")
    }
    assert told["klankbord_api_requests_total", "/mentions/{mention_id}", "404"] == 2
    assert told["klankbord_api_requests_total", "/brands", "200"] == 1
    assert told["klankbord_api_requests_total", "other", "404"] == 1
    assert told["klankbord_api_request_seconds_count", "/mentions/{mention_id}", None] == 2


def test_an_api_that_is_switched_off_is_not_there(outside: Outside) -> None:
    off = Outside(outside.store, outside.clock, ApiSettings(enabled=False))
    refused(off.program().get("/brands"), 404)
    assert off.program().ask("GET", "/healthz").status_code == 200


@given(
    waits=st.lists(st.floats(0, 200), max_size=60),
    per_minute=st.integers(1, 600),
    burst=st.integers(1, 20),
)
def test_a_bucket_lets_through_what_a_slow_count_does(waits: list[float], per_minute: int, burst: int) -> None:
    buckets, now, held = Buckets(per_minute=per_minute, burst=burst), 0.0, float(burst)
    for wait in waits:
        now += wait
        held = min(float(burst), held + wait * per_minute / 60)
        turn = buckets.take(7, now)
        if abs(held - 1) > 1e-6:
            assert turn.allowed is (held >= 1)
        held -= turn.allowed
        assert 0 <= turn.left <= burst
        if not turn.allowed:
            assert turn.wait_s >= 1
            assert held + turn.wait_s * per_minute / 60 >= 1 - 1e-6


def test_processes_that_share_a_file_share_the_buckets(tmp_path: Path) -> None:
    one, other = (Buckets(per_minute=60, burst=4, shared=tmp_path / "buckets") for _ in range(2))
    assert [one.take(7, 100.0).left, other.take(7, 100.0).left, one.take(7, 100.0).left] == [3, 2, 1]
    assert other.take(8, 100.0).left == 3
    assert other.take(7, 100.0).allowed
    assert not one.take(7, 100.0).allowed
    assert one.take(7, 101.0).allowed


def test_threads_take_each_call_once(tmp_path: Path) -> None:
    buckets = [Buckets(per_minute=1, burst=100, shared=tmp_path / "buckets") for _ in range(4)]
    allowed: list[bool] = []

    def taking(mine: Buckets) -> None:
        allowed.extend([mine.take(3, 5.0).allowed for _ in range(50)])

    threads = [threading.Thread(target=taking, args=(one,)) for one in buckets]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(allowed) == 100


_TOGETHER = pow(0x9E3779B97F4A7C15, -1, 1 << 64)
"""Times a small number: keys that all begin looking at the same place."""
_ROOM = 32


@given(n_keys=st.integers(1, 80), per_minute=st.integers(1, 600), burst=st.integers(1, 5), waits=st.integers(0, 20))
def test_keys_that_crowd_each_other_out_get_no_call_more(n_keys: int, per_minute: int, burst: int, waits: int) -> None:
    buckets, allowed, now = Buckets(per_minute=per_minute, burst=burst), 0, 0.0
    for turn in range(12):
        now += waits * (turn > 8)
        allowed += sum(buckets.take(n * _TOGETHER % (1 << 64), now).allowed for n in range(n_keys))
    assert allowed <= min(n_keys, _ROOM) * (burst + now * per_minute / 60) + 1e-6


def test_who_comes_new_into_a_full_place_takes_over_who_lost_nothing_by_it() -> None:
    buckets, keys = Buckets(per_minute=60, burst=5), [n * _TOGETHER % (1 << 64) for n in range(_ROOM + 1)]
    for key in keys[:-1]:
        for _call in range(5):
            assert buckets.take(key, 0.0).allowed
    assert not buckets.take(keys[-1], 0.0).allowed
    assert buckets.take(keys[1], 4.0).left == 3
    assert [buckets.take(keys[-1], 5.0).left, buckets.take(keys[1], 5.0).left] == [4, 3]


def _made(n: int, pace: str) -> list[int]:
    """So many ids of tokens as a store makes them (`store.ids`): a second, a node, a number in it."""
    second = 60_000_000
    if pace == "at once":
        return [second << 22 | 3 << 16 | number for number in range(n)]
    if pace == "one a second":
        return [(second + number) << 22 for number in range(n)]
    return [(second + number * 7_919 % 20_000_000) << 22 | number % 64 << 16 | number % 3 for number in range(n)]


@pytest.mark.parametrize("pace", ["at once", "one a second", "over months by several processes"])
def test_thousands_of_tokens_each_get_their_rate_and_no_call_more(pace: str) -> None:
    buckets, keys, told = Buckets(per_minute=60, burst=3), _made(6_000, pace), dict[int, list[bool]]()
    for second in (0.0, 0.0, 0.0, 0.0, 1.0, 1.0):
        for key in keys:
            told.setdefault(key, []).append(buckets.take(key, second).allowed)
    assert len(told) == 6_000
    assert all(calls == [True, True, True, False, True, False] for calls in told.values())


def test_tokens_made_in_different_seconds_keep_their_own_counts() -> None:
    buckets, keys = Buckets(per_minute=1, burst=5), [second << 22 for second in range(27_000_000, 27_100_000, 1_000)]
    left = [[buckets.take(key, 0.0).left for key in keys] for _round in range(5)]
    assert left == [[4 - n] * 100 for n in range(5)]
