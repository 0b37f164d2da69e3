"""All that we send, and every body our fakes answer with, against X's own OpenAPI files: old names and new."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from connectors.contract import Action, ActionKind, Interval, Purpose, Task, Window
from connectors.items import Json, Visibility
from connectors.requests import HttpRequest, HttpResponse, StreamRequest
from connectors.x import X, XOptions
from connectors.x.calls import Calls
from tests.connectors.contracts import contract, every_call_built, misses, path_of
from tests.connectors.x.saying import OUR_NAME, US, page, post, problem, renamed, reply_to, snowflake, stamp, user

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AT = NOW - timedelta(hours=1)
OLD, NEW = "x-api/openapi-2.159-legacy-tweet-names.json", "x-api/openapi-2.167-2026-08-22.json"
SPECS = {"tweet": OLD, "post": NEW}


def connector(names: str) -> X:
    options = {"account": OUR_NAME, "account_id": US, "mentions": True, "conversations": True, "messages": True}
    made = X(XOptions.model_validate({**options, "fields": names}))
    made.login_taken({"access_token": "one", "refresh_token": "two", "client_id": "app"})
    return made


def search_page() -> Json:
    shown = {**post(snowflake(AT), "@acme kijk https://t.co/a", AT), **reply_to("5", OUR_NAME)}
    shown["entities"] = {
        "mentions": [{"start": 0, "end": 5, "username": OUR_NAME, "id": US}],
        "urls": [{"start": 11, "end": 25, "url": "https://t.co/a", "expanded_url": "https://acme.example"}],
        "hashtags": [{"start": 0, "end": 5, "tag": "storing"}],
    }
    shown["attachments"] = {"media_keys": ["3_1"]}
    shown["note_tweet"] = {"text": "lang"}
    body = page([shown], [user("jo_example")], "b26v89c19zqg8o3fo7gesq314yb9l2l4")
    body["includes"]["media"] = [  # type: ignore[index,call-overload]
        {"media_key": "3_1", "type": "photo", "url": "https://pbs.example/a.jpg", "alt_text": "een kabel"}
    ]
    return body


def message_page() -> Json:
    sender = user("jo_example")
    event = {
        "id": snowflake(AT),
        "event_type": "MessageCreate",
        "text": "hallo",
        "created_at": stamp(AT),
        "sender_id": sender["id"],
        "dm_conversation_id": f"{US}-{sender['id']}",
    }
    return {"data": [event], "includes": {"users": [sender]}, "meta": {"result_count": 1}}


def requests(made: X) -> list[HttpRequest]:
    """Every call the connector can make, each kind of work with its following pages."""
    found: list[HttpRequest] = []
    for query in made.queries(("acme", "#storing", "acme bank")):
        for purpose in (Purpose.EXTEND, Purpose.HOLE):
            task = Task("s", query, Window(Interval(NOW - timedelta(days=1), NOW), purpose=purpose))
            request: Any = made.plan(task)
            body = message_page() if query.params["kind"] == "messages" else search_page()
            for _ in range(3):
                found.append(request)
                raw = body
                if "/users/" in request.url and "/tweets" in request.url:
                    raw = page([post(snowflake(AT, 9), "wij melden", AT, OUR_NAME)], [])
                answer = HttpResponse(request, 200, {}, orjson.dumps(raw), request.url, NOW)
                request = made.parse(task, answer).next
                if request is None:
                    break
    key = snowflake(AT)
    wishes = [
        Action(kind, key, "k", thread_external_id="5", text="dank", extra={"post": key}, newest=newest)
        for kind in ActionKind
        for newest in (False, True)
        if kind is not ActionKind.LIKE
    ]
    dm: dict[str, Json] = {"dm": key, "conversation": f"{US}-2000000001"}
    wishes += [
        Action(kind, key, "k", "dm", text="dank", visibility=Visibility.PRIVATE, extra=dm)
        for kind in (ActionKind.REPLY, ActionKind.FETCH_THREAD)
    ]
    acts: list[Any] = [made.act(wish) for wish in wishes]
    around = next(each for each in acts if each.step == "around")
    wish = Action(ActionKind.FETCH_THREAD, key, "k", thread_external_id="5", extra={"post": key})
    answer = HttpResponse(around, 200, {}, orjson.dumps(search_page()), around.url, NOW)
    more: Any = made.acted(wish, answer).next
    return [*found, *acts, more]


@pytest.mark.parametrize("names", ["tweet", "post"])
def test_every_call_we_make_is_one_that_x_knows(names: str) -> None:
    spec, made = contract(SPECS[names]), connector(names)
    with every_call_built("x/calls.py", by=frozenset({"_client."})):
        asked = [*requests(made), Calls(made.options).me(token="one", price={}, step="me")]
    paths = {urlsplit(each.url).path for each in asked}
    assert len(paths) >= 8, paths
    for request in asked:
        _hold(spec, request)


@pytest.mark.parametrize("names", ["tweet", "post"])
def test_the_stream_and_its_rules_are_asked_for_as_x_knows_them(names: str) -> None:
    options = {"bearer_token": "app", "stream": True, "backfill_minutes": 5, "fields": names}
    made = X(XOptions.model_validate(options))
    (query,) = made.queries(("acme",))
    task = Task("s", query, Window(Interval(NOW - timedelta(days=1), NOW)))
    spec, seen = contract(SPECS[names]), []
    request: Any = made.plan(task)
    there = [{"id": "7", "value": "old", "tag": "klankbord s"}]
    ours = [{"id": "8", "value": '"acme" -is:retweet', "tag": "klankbord s"}]
    for body in (page([], []), rules(there), rules([]), rules([]), rules(ours), rules(ours)):
        _hold(spec, request)
        seen.append((request.method, request.json))
        request = made.parse(task, HttpResponse(request, 200, {}, orjson.dumps(body), request.url, NOW)).next
    assert [method for method, _ in seen] == ["GET", "GET", "POST", "GET", "POST", "GET"]
    assert isinstance(request, StreamRequest)
    assert dict(request.params)["backfill_minutes"] == "5"
    _hold(spec, HttpRequest(request.url, params=request.params))


def rules(standing: list[dict[str, str]]) -> dict[str, Any]:
    body: dict[str, Any] = {"meta": {"sent": "2026-11-22T12:00:00.000Z"}}
    return body | ({"data": standing} if standing else {})


def _hold(spec: dict[str, Any], request: HttpRequest) -> None:
    path = path_of(spec, urlsplit(request.url).path)
    operation = spec["paths"][path][request.method.lower()]
    described = [_resolved(spec, each) for each in operation.get("parameters", [])]
    known = {each["name"]: each["schema"] for each in described}
    needed = {each["name"] for each in described if each.get("required")}
    assert needed - {name for name, _ in request.params} <= set(re.findall(r"{(\w+)}", path)), f"{path} lacks {needed}"
    for name, value in request.params:
        assert name in known, f"{path} does not know {name}"
        assert not misses(spec, known[name], _typed(known[name], value)), f"{path}: {name}={value}"
    if request.json is not None:
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        assert not misses(spec, body, request.json)
    else:
        assert not operation.get("requestBody", {}).get("required"), f"{path} wants a body"


def _resolved(spec: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in parameter:
        return parameter
    one: dict[str, Any] = spec["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]
    return one


def _typed(schema: dict[str, Any], value: str) -> object:
    if schema.get("type") == "array":
        return value.split(",")
    return int(value) if schema.get("type") == "integer" else value


@pytest.mark.parametrize(
    ("path", "method", "body"),
    [
        ("/2/tweets/search/recent", "get", search_page()),
        ("/2/users/{id}/mentions", "get", search_page()),
        ("/2/users/{id}/tweets", "get", search_page()),
        ("/2/dm_events", "get", message_page()),
        ("/2/tweets/search/recent", "get", page([], [])),
        ("/2/tweets", "post", {"data": {"id": "1", "text": "dank", "edit_history_tweet_ids": ["1"]}}),
        ("/2/tweets/{tweet_id}/hidden", "put", {"data": {"hidden": True}}),
        ("/2/tweets/{id}", "delete", {"data": {"deleted": True}}),
        ("/2/tweets/search/stream/rules", "get", {"meta": {"sent": "now"}, "data": [{"id": "1", "value": "acme"}]}),
        (
            "/2/tweets/search/stream/rules",
            "post",
            {
                "meta": {"sent": "now", "summary": {"created": 1, "not_created": 0, "valid": 1, "invalid": 0}},
                "data": [{"id": "1", "value": "acme", "tag": "klankbord x"}],
            },
        ),
        (
            "/2/tweets/search/stream",
            "get",
            {
                "data": post(snowflake(AT), "acme", AT),
                "includes": {"users": [user("jo_example")]},
                "matching_rules": [{"id": "1", "tag": "klankbord x"}],
            },
        ),
    ],
)
def test_what_our_fakes_answer_is_what_x_answers(path: str, method: str, body: Any) -> None:
    for names, file in SPECS.items():
        spec = contract(file)
        responses = spec["paths"][path][method]["responses"]
        good = next(value for status, value in responses.items() if status.startswith("2"))
        schema = good["content"]["application/json"]["schema"]
        assert not misses(spec, schema, body if names == "tweet" else renamed(body))


def test_the_numbers_in_our_addresses_are_numbers() -> None:
    for request in requests(connector("tweet")):
        path = urlsplit(request.url).path
        assert re.fullmatch(r"/2(/[a-z_]+|/\d+(-\d+)?)+", path), path
        assert request.headers["Authorization"] == "Bearer one"


def test_every_call_says_what_it_can_cost_at_most() -> None:
    for request in requests(connector("tweet")):
        assert set(request.price) == {"usd_day", "usd_month"}
        assert 0 < request.price["usd_day"] <= 2.001


def test_an_error_inside_the_stream_is_one_that_x_knows() -> None:
    spec = contract(OLD)  # the new file names none of the stream's own errors
    kind = {"disconnect_type": "UpstreamOperationalDisconnect"}
    line = {"errors": [problem("operational-disconnect", "operational-disconnect", **kind)]}
    schema = spec["paths"]["/2/tweets/search/stream"]["get"]["responses"]["200"]["content"]["application/json"]
    assert not misses(spec, schema["schema"], line)
