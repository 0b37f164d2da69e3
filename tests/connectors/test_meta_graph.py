"""What holds for all of Meta's platforms: errors, limits, places in lists, instants, the signature, rechecks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Target
from connectors.errors import AuthDead, AuthExpired, BadRequest, Forbidden, FormatChanged, RateLimited, Transient
from connectors.items import Item, Kind
from connectors.meta.graph import Graph, instant, node, onward, proof
from connectors.meta.rechecking import Rechecking
from connectors.meta.refusals import NotThere, pause_wished
from connectors.meta.rounds import Step, Turn
from connectors.requests import HttpRequest, HttpResponse
from tests.connectors.meta_fake import error

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GRAPH = Graph("Facebook", "https://graph.facebook.com/v26.0", "klankbord connect facebook", token="very-secret")


def heard(body: Any, status: int = 200, step: str = "", **headers: str) -> HttpResponse:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(HttpRequest("https://graph.facebook.com/x", step=step), status, named, raw, "", NOW)


@pytest.mark.parametrize(
    ("code", "subcode", "status", "kind"),
    [
        (1, None, 500, Transient),
        (2, None, 400, Transient),
        (4, None, 403, RateLimited),
        (17, None, 400, RateLimited),
        (32, None, 400, RateLimited),
        (613, None, 400, RateLimited),
        (80001, None, 400, RateLimited),
        (80002, None, 400, RateLimited),
        (190, 463, 400, AuthDead),
        (190, 458, 400, AuthDead),
        (190, 460, 401, AuthDead),
        (102, None, 400, AuthDead),
        (10, None, 403, Forbidden),
        (200, None, 403, Forbidden),
        (299, None, 400, Forbidden),
        (368, None, 400, Forbidden),
        (1705, None, 400, Forbidden),
        (100, 33, 400, NotThere),
        (803, None, 404, NotThere),
        (100, None, 400, BadRequest),
        (506, None, 400, BadRequest),
        (31337, None, 500, BadRequest),
        (4, None, 200, RateLimited),
        (190, 463, 200, AuthDead),
    ],
)
def test_the_code_in_the_body_decides_whatever_the_status(
    code: int, subcode: int | None, status: int, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as caught:
        GRAPH.body(heard(error(code, "Something (access_token=very-secret) happened", subcode), status))
    assert "very-secret" not in str(caught.value)
    assert type(caught.value) is kind


def test_only_a_login_that_ran_out_is_renewed() -> None:
    renewable = Graph("Threads", "https://graph.threads.net/v1.0", "c", token="t", renewable=True)
    with pytest.raises(AuthExpired):
        renewable.body(heard(error(190, "Session has expired", 463), 400))
    with pytest.raises(AuthDead, match="removed"):
        renewable.body(heard(error(190, "The user has not authorized application", 458), 400))


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"<html>Sorry, something went wrong.</html>", 200, FormatChanged),
        (b"<html>502</html>", 502, Transient),
        (b'{"data":[{"id":"1"', 200, FormatChanged),
        (b"", 200, FormatChanged),
        (b"[1,2]", 200, FormatChanged),
        (b'{"error":"odd"}', 500, Transient),
        (b'{"error_type":"OAuthException","code":190,"error_message":"Invalid token"}', 400, AuthDead),
    ],
)
def test_bodies_that_are_no_answer_are_named(body: bytes, status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        GRAPH.body(heard(body, status))


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({}, 60),
        ({"x_app_usage": '{"call_count":100,"total_time":25,"total_cputime":25}'}, 60),
        ({"x_business_use_case_usage": '{"1":[{"call_count":100,"estimated_time_to_regain_access":17}]}'}, 17),
        ({"x_business_use_case_usage": '{"1":[{"call_count":1e3,"estimated_time_to_regain_access":99999}]}'}, 1440),
        ({"x_business_use_case_usage": "not json"}, 60),
        ({"retry_after": "120"}, 2),
    ],
)
def test_a_limit_is_waited_out_as_the_headers_say(headers: dict[str, str], minutes: int) -> None:
    with pytest.raises(RateLimited) as caught:
        GRAPH.body(heard(error(32, "Page request limit reached"), 400, **headers))
    assert caught.value.until == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(("percent", "pause"), [(10, None), (75, 15), (89, 15), (90, 60), (130, 60)])
def test_the_pace_goes_down_before_the_limit_is_reached(percent: int, pause: int | None) -> None:
    used = f'{{"call_count":1,"total_time":{percent},"total_cputime":0}}'
    wished = pause_wished(heard({}, x_app_usage=used))
    assert wished == (None if pause is None else timedelta(minutes=pause))


def test_a_place_in_a_list_never_holds_the_token() -> None:
    body = {"paging": {"cursors": {"after": "QV1"}, "next": "https://g/x?access_token=very-secret&after=QV1"}}
    assert onward(body) == (("after", "QV1"),)
    by_time = {"paging": {"next": "https://g/x?access_token=very-secret&until=17&__paging_token=a&limit=5"}}
    assert onward(by_time) == (("until", "17"), ("__paging_token", "a"))
    cursors = {"data": [1], "paging": {"cursors": {"after": "QV2"}}}
    assert onward(cursors) is None
    assert onward(cursors, by_cursor=True) == (("after", "QV2"),)
    assert onward({**cursors, "data": []}, by_cursor=True) is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2026-11-21T09:14:07+0000", datetime(2026, 11, 21, 9, 14, 7, tzinfo=UTC)),
        ("2026-11-21T10:14:07+01:00", datetime(2026, 11, 21, 9, 14, 7, tzinfo=UTC)),
        (1795338840, datetime(2026, 11, 22, 9, 14, tzinfo=UTC)),
        ("1970-01-01T00:00:00+0000", None),
        (0, None),
        ("yesterday", None),
        (None, None),
        (True, None),
        ({"a": 1}, None),
        (10**30, None),
        ("9999-12-31T23:59:59-1200", None),
    ],
)
def test_an_instant_is_read_or_left_out_and_never_guessed(value: Any, read: datetime | None) -> None:
    assert instant(value) == read


@given(st.text())
def test_any_text_as_an_instant_or_an_id_is_harmless(text: str) -> None:
    found = instant(text)
    assert found is None or found.tzinfo is not None
    try:
        assert "/" not in node(text)
    except BadRequest:
        return


def test_calls_are_signed_and_the_token_stays_out_of_the_address() -> None:
    signed = Graph("F", "https://graph.facebook.com/v26.0", "c", token="very-secret", app_secret="s").request("1/likes")
    assert dict(signed.params)["appsecret_proof"] == proof("s", "very-secret")
    assert "very-secret" not in f"{signed!r} {signed.url}"
    with pytest.raises(AuthDead, match="klankbord connect facebook"):
        Graph("F", "https://graph.facebook.com/v26.0", "klankbord connect facebook").request("me")


TURNS = st.builds(
    Turn, st.text(), st.sampled_from(["comments", "replies"]), st.none() | st.integers(0, 2**40), st.integers(0, 99)
)
PLACES = st.lists(st.tuples(st.text(), st.text()), max_size=3).map(tuple)
STEPS = st.builds(
    Step, st.booleans(), PLACES, st.lists(TURNS, max_size=4).map(tuple),
    st.lists(st.tuples(st.text(), st.integers(0, 10**6)), max_size=3).map(tuple), st.booleans(), st.booleans(),
)  # fmt: skip


@given(STEPS)
def test_a_place_in_a_round_survives_being_written_down(step: Step) -> None:
    assert Step.load(step.dump()) == step


@given(st.text())
def test_a_strange_cursor_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadRequest, match="no place to go on"):
        Step.load(text)


def _read(target: Target, body: dict[str, Any]) -> Item:
    return Item(target.external_id, Kind.COMMENT, text=body.get("message"))


@given(st.sets(st.integers(100, 160), min_size=1, max_size=50), st.data())
def test_a_recheck_only_calls_gone_what_is_gone_within_eight_calls(ids: set[int], data: Any) -> None:
    gone = data.draw(st.sets(st.sampled_from(sorted(ids))))
    names = data.draw(st.booleans())
    asking = Rechecking(GRAPH, "us", "id,message", _read)
    targets = [Target(f"x{each}", extra={"id": str(each)}) for each in sorted(ids)]
    request: Any = asking.begin(targets)
    deleted: set[str] = set()
    calls = 0
    while request is not None:
        calls += 1
        path, wanted = request.url.rsplit("/", 1)[1], dict(request.params).get("ids", "")
        keys = wanted.split(",") if wanted else [path]
        missing = [key for key in keys if key != "us" and int(key) in gone]
        if missing:
            said = error(100, f"Object with ID '{missing[0]}' does not exist" if names else "Unsupported request", 33)
        else:
            said = {key: {"id": key, "message": "m"} for key in keys} if wanted else {"id": path, "message": "m"}
        answer = HttpResponse(request, 400 if missing else 200, {}, orjson.dumps(said), "", NOW)
        result = asking.answer(targets, answer)
        deleted |= {each.external_id for each in result.deleted}
        request = result.next
    assert deleted <= {f"x{each}" for each in gone}
    assert bool(deleted) == bool(gone)
    assert calls <= 8


def test_a_login_that_lost_its_rights_removes_nothing() -> None:
    asking = Rechecking(GRAPH, "us", "id", _read)
    targets = [Target("x1", extra={"id": "1"})]
    request: Any = asking.begin(targets)
    result = asking.answer(targets, HttpResponse(request, 400, {}, orjson.dumps(error(100, "no", 33)), "", NOW))
    assert result.deleted == ()
    again: Any = result.next
    with pytest.raises(NotThere):
        asking.answer(targets, HttpResponse(again, 400, {}, orjson.dumps(error(100, "no", 33)), "", NOW))
