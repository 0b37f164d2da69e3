from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import (
    AuthDead,
    AuthExpired,
    BadRequest,
    ConnectorError,
    Forbidden,
    FormatChanged,
    Gone,
    RateLimited,
    Transient,
)
from connectors.http_status import json_body, raise_for_status, retry_at
from connectors.requests import HttpRequest, HttpResponse

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> HttpResponse:
    request = HttpRequest("https://forum.example/posts.json")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(request, status, named, body, request.url, NOW)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, FormatChanged),
        (400, BadRequest),
        (401, AuthDead),
        (402, Forbidden),
        (403, Forbidden),
        (404, BadRequest),
        (408, Transient),
        (410, Gone),
        (422, BadRequest),
        (429, RateLimited),
        (451, Forbidden),
        (500, Transient),
        (503, Transient),
    ],
)
def test_a_status_means_one_thing(status: int, error: type[ConnectorError]) -> None:
    with pytest.raises(error, match=r"forum\.example"):
        raise_for_status(answer(status), platform="forum.example")


@pytest.mark.parametrize("status", [200, 201, 204, 304])
def test_a_good_status_is_let_through(status: int) -> None:
    raise_for_status(answer(status), platform="forum.example")


def test_an_expired_login_is_refreshed_where_that_is_possible() -> None:
    with pytest.raises(AuthExpired):
        raise_for_status(answer(401), platform="forum.example", refreshable=True)


def test_a_browser_check_is_not_taken_for_a_refusal() -> None:
    with pytest.raises(Transient) as caught:
        raise_for_status(answer(403, b"<html>", cf_mitigated="challenge"), platform="forum.example")
    assert caught.value.retry_after_s == 1800


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "90"}, 90),
        ({"retry_after": "Sun, 22 Nov 2026 12:01:30 GMT"}, 90),
        ({"retry_after": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0),
        ({"x_ratelimit_reset": "2026-11-22T12:01:30.248623Z"}, 90.248623),
        ({"x_ratelimit_reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"ratelimit_reset": "90"}, 90),
    ],
)
def test_the_wait_is_read_in_every_form(headers: dict[str, str], seconds: float) -> None:
    assert retry_at(answer(429, **headers)) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["", "soon", "nan", "inf", "99999999999999999999", "-"])
def test_a_wait_that_makes_no_sense_is_no_wait(value: str) -> None:
    assert retry_at(answer(429, retry_after=value)) is None


@given(st.text(max_size=40))
def test_no_header_breaks_the_reading_of_a_wait(value: str) -> None:
    until = retry_at(answer(429, retry_after=value))
    assert until is None or until >= NOW


def test_the_platforms_own_words_reach_the_person() -> None:
    with pytest.raises(BadRequest, match="Body is too short"):
        raise_for_status(answer(422, b'{"errors":["Body is too short"]}'), platform="forum.example")


@pytest.mark.parametrize("body", [b"", b"<!doctype html><title>Log in</title>", b'{"a": [1, 2', b"NaN", b"[" * 100_000])
def test_what_is_not_json_is_a_changed_format(body: bytes) -> None:
    with pytest.raises(FormatChanged, match="the platform"):
        json_body(answer(body=body))


def test_a_web_page_is_known_by_its_content_type() -> None:
    with pytest.raises(FormatChanged, match="web page"):
        json_body(answer(body=b"Please log in", content_type="text/html; charset=utf-8"))


def test_a_lone_surrogate_costs_one_character_and_not_the_page() -> None:
    assert json_body(answer(body=b'["\\ud83d", "\\ud83d\\ude00", "ok"]')) == ["\ufffd", "\U0001f600", "ok"]


def test_bytes_that_are_not_utf8_cost_one_character_and_not_the_page() -> None:
    assert json_body(answer(body=b'["caf\xe9", "ok"]')) == ["caf\ufffd", "ok"]
