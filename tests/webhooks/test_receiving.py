"""What strangers and platforms get to hear from a real listening process, and what is kept of it, on both engines."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select, text

from store import intake as deliveries
from store.engine import Store
from store.schema import intake
from tests.conftest import Clock
from tests.webhooks.street import HTTP, TOKEN, listening, meta, push, signature, told_of, written
from web.bounds import LARGEST_BODY, TRIES

ACCOUNT = "17841400000000001"


@pytest.fixture
def hooks(store: Store, clock: Clock) -> Iterator[str]:
    with listening(store, clock, {"meta": meta()}) as url:
        yield url


def kept(store: Store) -> list[Any]:
    with store.read() as conn:
        return list(conn.execute(select(intake).order_by(intake.c.id)))


def comment(clock: Clock, word: str = "hoi", **entry: Any) -> dict[str, Any]:
    told = told_of("instagram", ACCOUNT, clock(), ("comments", {"id": "1", "text": word, "media": {"id": "9"}}))
    told["entry"][0] |= entry
    return told


def test_a_platform_that_knows_the_verify_token_is_given_its_challenge_back(hooks: str) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "1158201444"}
    answer = HTTP.get(f"{hooks}/meta", params=asked)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "changed",
    [
        {"hub.verify_token": "another-word"},
        {"hub.verify_token": "é" * 20},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": None},
        {"hub.verify_token": None},
    ],
)
def test_whoever_does_not_know_it_hears_nothing(hooks: str, changed: dict[str, str | None]) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "1158201444"} | changed
    answer = HTTP.get(f"{hooks}/meta", params={name: value for name, value in asked.items() if value is not None})
    assert (answer.status_code, answer.content) == (401, b"")


def test_a_signed_delivery_is_committed_before_it_is_answered(hooks: str, store: Store, clock: Clock) -> None:
    told = written(comment(clock, "Storing 🚲 é"))
    assert push(f"{hooks}/meta", told).status_code == 200
    (row,) = kept(store)
    assert (bytes(row.body), row.hook, row.outcome, row.received_at) == (told, "meta", "waiting", clock())


def test_the_same_delivery_again_is_answered_and_kept_once(hooks: str, store: Store, clock: Clock) -> None:
    told = comment(clock)
    assert [push(f"{hooks}/meta", told).status_code for _ in range(3)] == [200, 200, 200]
    assert len(kept(store)) == 1


def test_a_delivery_that_was_read_is_not_taken_a_second_time(hooks: str, store: Store, clock: Clock) -> None:
    told = comment(clock)
    push(f"{hooks}/meta", told)
    deliveries.done(store, kept(store)[0].id, outcome="read", now=clock())
    clock.step(days=6)
    assert push(f"{hooks}/meta", told).status_code == 200
    (row,) = kept(store)
    assert (row.body, row.outcome) == (None, "read")


def test_many_at_once_of_the_same_are_kept_once(hooks: str, store: Store, clock: Clock) -> None:
    told, heard = written(comment(clock)), []
    threads = [
        threading.Thread(target=lambda: heard.append(push(f"{hooks}/meta", told).status_code)) for _ in range(12)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (heard, len(kept(store))) == ([200] * 12, 1)


def test_a_recorded_delivery_of_long_ago_is_refused_although_it_was_signed(
    hooks: str, store: Store, clock: Clock
) -> None:
    told = comment(clock)
    clock.step(days=7, seconds=1)
    assert push(f"{hooks}/meta", told).status_code == 401
    assert push(f"{hooks}/meta", comment(clock, time=int(clock().timestamp()) + 90_000)).status_code == 401
    assert kept(store) == []


def test_what_is_remembered_lasts_longer_than_what_is_accepted(store: Store, clock: Clock) -> None:
    from klankbord.work import DELIVERIES_KEPT

    assert meta().window < DELIVERIES_KEPT
    deliveries.take_in(store, "meta", b"{}", now=clock())
    deliveries.take_in(store, "meta", b"[]", now=clock())
    deliveries.done(store, kept(store)[0].id, outcome="read", now=clock())
    assert deliveries.forget_seen(store, before=clock()) == 0
    assert deliveries.forget_seen(store, before=clock() + timedelta(seconds=1)) == 1
    assert [bytes(row.body) for row in kept(store)] == [b"[]"]  # what still waits is never forgotten


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": "sha256="},
        {"X-Hub-Signature-256": "sha256=" + "0" * 64},
        {"X-Hub-Signature-256": "é" * 3},
        {"X-Hub-Signature": "sha1=" + "0" * 40},
        signature(b"something else"),
        signature(b"{}", "another-secret"),
    ],
)
def test_a_wrong_signature_is_refused_without_a_word(hooks: str, store: Store, headers: dict[str, str]) -> None:
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = HTTP.post(f"{hooks}/meta", content=b"{}", headers=sent)
    assert (answer.status_code, answer.content) == (401, b"")
    assert kept(store) == []


def test_the_signature_is_over_the_bytes_and_not_over_what_they_mean(hooks: str, store: Store, clock: Clock) -> None:
    told = written(comment(clock, "é"))
    assert b"\\u00e9" in told
    answer = HTTP.post(f"{hooks}/meta", content=told.replace(b"\\u00e9", "é".encode()), headers=signature(told))
    assert answer.status_code == 401
    assert kept(store) == []


@pytest.mark.parametrize("path", ["", "/", "/other", "/meta/", "/meta/more", "/../metrics", "/meta%2e"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "HEAD"])
def test_any_other_address_is_nothing(hooks: str, path: str, method: str) -> None:
    answer = HTTP.request(method, f"{hooks}{path}")
    assert (answer.status_code, answer.content) == (404, b"")
    assert "server" not in answer.headers


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_only_asking_and_pushing_are_allowed(hooks: str, method: str) -> None:
    answer = HTTP.request(method, f"{hooks}/meta")
    assert (answer.status_code, answer.content) == (405, b"")


def test_a_body_of_ten_megabytes_is_refused_before_it_is_read(hooks: str, store: Store) -> None:
    where = urlsplit(hooks)
    with socket.create_connection((where.hostname, where.port), timeout=20) as line:
        line.sendall(b"POST /hooks/meta HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 413")  # not a byte of it was sent
    assert kept(store) == []


def test_a_body_that_does_not_say_how_large_it_is_is_cut_off(hooks: str, store: Store) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(200):
            sent += 100_000
            yield b"x" * 100_000

    with contextlib.suppress(httpx.WriteError, httpx.ReadError):  # it may hang up while we are still sending
        assert HTTP.post(f"{hooks}/meta", content=endless()).status_code == 413
    assert sent < 20_000_000
    assert kept(store) == []


def test_the_largest_body_is_taken(hooks: str, store: Store, clock: Clock) -> None:
    told = written(comment(clock))
    told += b" " * (LARGEST_BODY - len(told))
    assert push(f"{hooks}/meta", told).status_code == 200
    assert push(f"{hooks}/meta", told + b" ").status_code == 413
    assert len(kept(store)) == 1


def test_whoever_sends_slowly_is_hung_up_on(store: Store, clock: Clock) -> None:
    with listening(store, clock, {"meta": meta()}, life_s=0.6, body_s=0.2) as url:
        where = urlsplit(url)
        with socket.create_connection((where.hostname, where.port), timeout=20) as head:
            head.sendall(b"POST /hooks/meta HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            begun = time.monotonic()
            with contextlib.suppress(ConnectionResetError):
                assert head.recv(10) == b""
            assert time.monotonic() - begun < 10
        with socket.create_connection((where.hostname, where.port), timeout=20) as body:
            body.sendall(b"POST /hooks/meta HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            assert body.recv(4096).startswith(b"HTTP/1.1 408")
        told = written(comment(clock))
        assert push(f"{url}/meta", told).status_code == 200
    assert len(kept(store)) == 1


def test_a_head_without_an_end_is_refused(hooks: str) -> None:
    where = urlsplit(hooks)
    with socket.create_connection((where.hostname, where.port), timeout=20) as line:
        line.sendall(b"GET /hooks/meta HTTP/1.1\r\nHost: x\r\n" + b"X-A: " + b"a" * 40_000)
        assert line.recv(4096).startswith(b"HTTP/1.1 400")


def test_a_stranger_who_keeps_guessing_is_not_listened_to_and_costs_the_platform_nothing(
    hooks: str, store: Store, clock: Clock
) -> None:
    def guess(visitor: str) -> int:
        return HTTP.post(f"{hooks}/meta", content=b"{}", headers={"X-Forwarded-For": visitor}).status_code

    assert [guess("203.0.113.9") for _ in range(TRIES + 1)] == [401] * TRIES + [429]
    told = written(comment(clock))
    from_there = HTTP.post(f"{hooks}/meta", content=told, headers={**signature(told), "X-Forwarded-For": "203.0.113.9"})
    assert (from_there.status_code, from_there.headers["retry-after"]) == (429, "60")
    assert push(f"{hooks}/meta", told).status_code == 200
    clock.step(seconds=61)
    assert guess("203.0.113.9") == 401
    assert len(kept(store)) == 1


def test_a_store_that_cannot_be_written_makes_the_platform_try_again(hooks: str, store: Store, clock: Clock) -> None:
    with store.write() as conn:
        conn.execute(text("ALTER TABLE intake RENAME TO gone"))
    told = comment(clock)
    answer = push(f"{hooks}/meta", told)
    assert answer.status_code >= 500
    with store.write() as conn:
        conn.execute(text("ALTER TABLE gone RENAME TO intake"))
    assert push(f"{hooks}/meta", told).status_code == 200
    assert len(kept(store)) == 1


def test_when_too_many_wait_the_platform_is_asked_to_come_back(
    hooks: str, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "MOST_WAITING", 2)
    answers = [push(f"{hooks}/meta", comment(clock, str(number))) for number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 503]
    assert answers[2].headers["retry-after"] == "300"
    deliveries.done(store, kept(store)[0].id, outcome="read", now=clock())
    assert push(f"{hooks}/meta", comment(clock, "2")).status_code == 200
