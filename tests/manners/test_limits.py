"""Reading the many spellings of "please wait"."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.http.limits import (
    LONGEST,
    MARGIN,
    Budget,
    Caller,
    LimitBook,
    clock_skew,
    read_budget,
    read_pause,
    read_reset,
    read_retry_after,
    read_usage,
)
from tests.manners.conftest import NOW

EPOCH = int(NOW.timestamp())
instants = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
anything = st.one_of(st.text(max_size=40), st.integers().map(str), st.floats().map(str))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0), ("120", 120), (" 7 ", 7), ("1.5", 1.5), ("Sun, 22 Nov 2026 12:01:00 GMT", 60), ("999999999", 86_400),
     ("Sun, 22 Nov 2026 11:00:00 GMT", 0), ("Sunday, 22-Nov-26 12:01:00 GMT", 60)],
)  # fmt: skip
def test_retry_after_is_read_in_both_forms(value: str, seconds: float) -> None:
    assert read_retry_after(value, NOW) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["", "soon", "-5", "nan", "inf", "12 seconds"])
def test_a_retry_after_that_says_nothing_is_left_out(value: str) -> None:
    assert read_retry_after(value, NOW) is None


@pytest.mark.parametrize(
    "value",
    ["60", "60.0", str(EPOCH + 60), str((EPOCH + 60) * 1000), "2026-11-22T12:01:00Z", "2026-11-22T12:01:00.000000Z",
     "2026-11-22T13:01:00+01:00", "2026-11-22T12:01:00", "Sun, 22 Nov 2026 12:01:00 GMT"],
)  # fmt: skip
def test_a_reset_is_read_in_every_spelling(value: str) -> None:
    assert read_reset(value, NOW) == NOW + timedelta(seconds=60)


@given(anything, instants)
def test_whatever_a_host_writes_the_wait_is_bounded_and_never_in_the_past(value: str, now: datetime) -> None:
    for until in (read_retry_after(value, now), read_reset(value, now)):
        assert until is None or (now <= until <= now + LONGEST and until.tzinfo is not None)


@given(st.integers(0, 86_400), instants)
def test_all_spellings_of_one_instant_mean_the_same(seconds: float, now: datetime) -> None:
    now = now.replace(microsecond=0)
    until = now + timedelta(seconds=seconds)
    spellings = [str(seconds), until.isoformat(), format_datetime(until, usegmt=True)]
    if until.timestamp() >= 1e9:
        spellings.append(str(int(until.timestamp())))
    assert {read_reset(value, now) for value in spellings} == {until}


NAMES = ["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "x-rate-limit-remaining", "ratelimit", "date",
         "ratelimit-reset", "ratelimit-remaining", "x-ratelimit-limit", "discourse-rate-limit-error-code"]  # fmt: skip


@given(st.sampled_from([200, 404, 429, 503]), st.dictionaries(st.sampled_from(NAMES), anything))
def test_no_header_whatever_breaks_the_reading(status: int, headers: dict[str, str]) -> None:
    pause = read_pause(status, headers, NOW)
    assert pause is None or NOW <= pause.until <= NOW + LONGEST
    if status == 429:
        assert pause is not None
    book = LimitBook()
    book.note(Caller("h"), status, headers, NOW)
    until = book.wait_until(Caller("h"), NOW)
    assert until is None or NOW < until <= NOW + LONGEST + MARGIN


@pytest.mark.parametrize(
    ("headers", "budget"),
    [
        ({"x-ratelimit-limit": "300", "x-ratelimit-remaining": "299", "x-ratelimit-reset": "2026-11-22T12:05:00.0Z"},
         (300, 299, 300)),
        ({"x-ratelimit-remaining": "598.0", "x-ratelimit-reset": "300"}, (None, 598, 300)),
        ({"x-rate-limit-limit": "15", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(EPOCH + 300)},
         (15, 0, 300)),
        ({"ratelimit-limit": "3000", "ratelimit-remaining": "2999", "ratelimit-reset": str(EPOCH + 300),
          "ratelimit-policy": "3000;w=300"}, (3000, 2999, 300)),
        ({"ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "50", "ratelimit-reset": "50"}, (100, 50, 50)),
        ({"ratelimit": "limit=100, remaining=50, reset=5"}, (100, 50, 5)),
        ({"ratelimit": '"default";r=50;t=30'}, (None, 50, 30)),
        ({"ratelimit": '"day";r=5000;t=9000, "minute";r=3;t=30'}, (None, 3, 30)),
        ({"x-rate-limit-limit": "100", "x-rate-limit-remaining": "99", "x-rate-limit-reset": str(EPOCH + 900),
          "x-app-limit-24hour-limit": "10000", "x-app-limit-24hour-remaining": "0",
          "x-app-limit-24hour-reset": str(EPOCH + 7200)}, (10_000, 0, 7200)),
        ({"x-ratelimit-used": "996", "x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "241.5"}, (None, 0, 241.5)),
    ],
)  # fmt: skip
def test_what_is_left_is_read_as_each_platform_spells_it(headers: dict[str, str], budget: Any) -> None:
    limit, remaining, seconds = budget
    assert read_budget(headers, NOW) == Budget(limit, remaining, NOW + timedelta(seconds=seconds))


def test_a_host_whose_clock_is_wrong_is_understood() -> None:
    headers = {"date": "Sun, 22 Nov 2026 11:00:00 GMT", "retry-after": "Sun, 22 Nov 2026 11:02:00 GMT"}
    assert clock_skew(headers, NOW) == timedelta(hours=1)
    assert read_pause(429, headers, NOW).until == NOW + timedelta(minutes=2)


def left(remaining: int, seconds: int = 900, limit: int = 300) -> dict[str, str]:
    reset = str(EPOCH + seconds)
    return {"x-rate-limit-limit": str(limit), "x-rate-limit-remaining": str(remaining), "x-rate-limit-reset": reset}


def test_what_one_endpoint_has_left_is_not_overwritten_by_another() -> None:
    book, search, mentions = LimitBook(), Caller("x", endpoint="/search"), Caller("x", endpoint="/mentions")
    book.note(search, 200, left(1, seconds=100), NOW)
    book.note(mentions, 200, left(299, seconds=700), NOW)
    book.spend(search, NOW)
    assert book.wait_until(search, NOW) == NOW + timedelta(seconds=100) + MARGIN
    assert book.wait_until(mentions, NOW) is None


def test_endpoints_with_one_count_together_do_not_overdraw_it() -> None:
    book, posts, threads = LimitBook(), Caller("b", endpoint="/posts"), Caller("b", endpoint="/threads")
    book.note(posts, 200, left(50), NOW)
    book.note(threads, 200, left(1), NOW)
    book.spend(threads, NOW)
    assert book.wait_until(Caller("b", endpoint="/never-called"), NOW) is not None
    book.note(posts, 200, left(2), NOW)
    book.spend(posts, NOW)
    book.spend(Caller("b", endpoint="/posts"), NOW)
    assert book.wait_until(posts, NOW) is not None


def test_an_answer_that_overtakes_a_call_under_way_does_not_hide_it() -> None:
    book, caller = LimitBook(), Caller("h")
    book.note(caller, 200, left(2), NOW)
    book.spend(caller, NOW)
    book.spend(caller, NOW)
    book.note(caller, 200, left(1), NOW)  # the host has seen only the first
    book.done(caller)
    assert book.wait_until(caller, NOW) is not None
    assert book.wait_until(caller, NOW + timedelta(seconds=902)) is None


def test_a_clock_that_is_somewhat_ahead_does_not_ask_too_early() -> None:
    headers = left(0, seconds=60) | {"date": format_datetime(NOW - timedelta(seconds=20), usegmt=True)}
    assert read_pause(200, headers, NOW).until == NOW + timedelta(seconds=80)


APP = '{"call_count":%s,"total_time":25,"total_cputime":%s}'
BUSINESS = (
    '{"17":[{"type":"%s","call_count":28,"total_time":%s,"total_cputime":2,"estimated_time_to_regain_access":%s}]}'
)


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({"x-app-usage": APP % (28, 25)}, None),
        ({"x-app-usage": APP % (100, 25)}, 60),
        ({"x-app-usage": APP % (12, 104)}, 60),
        ({"x-business-use-case-usage": BUSINESS % ("pages", 25, 0)}, None),
        ({"x-business-use-case-usage": BUSINESS % ("pages", 100, 0)}, 60),
        ({"x-business-use-case-usage": BUSINESS % ("instagram", 101, 17)}, 17),
        ({"x-business-use-case-usage": BUSINESS % ("instagram", 101, 9_999_999)}, 24 * 60),
        ({"x-business-use-case-usage": BUSINESS % ("ads_management", 100, 30)}, None),
        ({"x-app-usage": APP % (100, 1), "x-business-use-case-usage": BUSINESS % ("pages", 99, 90)}, 90),
        ({"x-app-usage": "no json"}, None),
        ({"x-app-usage": "[100]"}, None),
        ({"x-app-usage": '{"call_count": null, "total_time": "x"}'}, None),
    ],
)
def test_metas_percentages_ask_to_wait_once_one_is_used_up(headers: dict[str, str], minutes: int | None) -> None:
    until = None if minutes is None else NOW + timedelta(minutes=minutes)
    assert read_usage(headers, NOW) == until
    book = LimitBook()
    book.note(Caller("graph", "page"), 200, headers, NOW)
    waits = book.wait_until(Caller("graph", "page", writes=True), NOW)
    assert waits == (None if until is None else until + MARGIN)
    assert book.wait_until(Caller("graph", "other page"), NOW) is None


def test_a_429_without_a_time_pauses_a_minute() -> None:
    assert read_pause(429, {}, NOW).until == NOW + timedelta(seconds=60)


def test_posting_too_often_does_not_stop_reading() -> None:
    book = LimitBook()
    book.note(Caller("h", "me", writes=True), 429, {"retry-after": "3600"}, NOW)
    assert book.wait_until(Caller("h", "me"), NOW) is None
    assert book.wait_until(Caller("h", "me", writes=True), NOW) == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("code", "stops_reading", "stops_others"),
    [("ip_60_secs_limit", True, True), ("admin_api_key_rate_limit", True, True),
     ("user_api_key_limiter_60_secs", True, False), ("", False, False)],
)  # fmt: skip
def test_discourses_code_says_whom_a_limit_is_for(code: str, stops_reading: bool, stops_others: bool) -> None:
    book = LimitBook()
    headers = {"retry-after": "30"} | ({"discourse-rate-limit-error-code": code} if code else {})
    book.note(Caller("forum", "me", writes=True), 429, headers, NOW)
    assert (book.wait_until(Caller("forum", "me"), NOW) is not None) is stops_reading
    assert (book.wait_until(Caller("forum", "other"), NOW) is not None) is stops_others


def test_a_maintenance_page_with_a_time_stops_everyone_at_that_host() -> None:
    book = LimitBook()
    book.note(Caller("h", "me"), 503, {"retry-after": "600"}, NOW)
    assert book.wait_until(Caller("h", "other", writes=True), NOW) == NOW + timedelta(minutes=10)
    assert book.wait_until(Caller("elsewhere"), NOW) is None


def test_calls_under_way_together_do_not_overdraw_what_is_left() -> None:
    book = LimitBook()
    caller = Caller("h")
    book.note(caller, 200, {"x-ratelimit-remaining": "2", "x-ratelimit-reset": "60"}, NOW)
    book.spend(caller, NOW)
    assert book.wait_until(caller, NOW) is None
    book.spend(caller, NOW)
    assert book.wait_until(caller, NOW) == NOW + timedelta(seconds=60) + MARGIN
    assert book.wait_until(caller, NOW + timedelta(seconds=61)) is None
