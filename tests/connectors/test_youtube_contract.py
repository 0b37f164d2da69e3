"""What we send and what we think it answers, against the API's own discovery document."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from connectors.conformance import MemoryCollector
from connectors.contract import Action, ActionKind, Target
from connectors.requests import HttpRequest
from connectors.youtube.guide import SCOPE
from tests.connectors.contracts import contract, every_call_built, misses
from tests.connectors.test_conformance_youtube import Held, OnYouTube, Replies, Searched, Watched
from tests.connectors.test_youtube_reading import connector
from tests.connectors.youtube_site import CHANNEL, VIDEO, Site

DISCOVERY = "google/youtube.v3.json"


def json_schema(spec: dict[str, Any], name: str) -> dict[str, Any]:
    """A discovery schema as JSON Schema, closed: what the document does not name is not allowed."""
    defined = {key: _closed(value) for key, value in spec["schemas"].items()}
    return {"$ref": f"#/$defs/{name}", "$defs": defined}


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    kept = {key: schema[key] for key in ("type", "enum", "items", "properties") if key in schema}
    if kept.get("type") == "any":
        kept.pop("type")
    if "properties" in kept:
        kept["properties"] = {key: _closed(value) for key, value in kept["properties"].items()}
        kept["additionalProperties"] = False
    if "items" in kept:
        kept["items"] = _closed(kept["items"])
    return kept


def method_of(spec: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    path = urlsplit(request.url).path.lstrip("/")
    for resource in spec["resources"].values():
        for method in resource.get("methods", {}).values():
            if method["path"] == path and method["httpMethod"] == request.method:
                found: dict[str, Any] = method
                return found
    msg = f"the contract knows no {request.method} {path}"
    raise AssertionError(msg)


def hold(spec: dict[str, Any], request: HttpRequest) -> None:
    """A request keeps to the contract: its method, parameters, enums, most results, and body."""
    method = method_of(spec, request)
    known, sent = method["parameters"], dict(request.params)
    assert set(sent) <= set(known), f"{request.url}: {set(sent) - set(known)} is not known"
    assert {name for name, about in known.items() if about.get("required")} <= set(sent)
    for name, value in sent.items():
        about = known[name]
        assert value in about.get("enum", [value]), f"{name}={value}"
        if "maximum" in about:
            assert int(value) <= int(about["maximum"])
    if request.json is not None:
        assert not misses(spec, json_schema(spec, method["request"]["$ref"]), request.json)
    else:
        assert "request" not in method


PLATFORMS = [OnYouTube, Held, Replies, Watched, Searched]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_reading_call_and_every_answer_of_the_fake_keep_to_the_contract(platform: type[OnYouTube]) -> None:
    hold_reading(platform)


def hold_reading(platform: type[OnYouTube]) -> None:
    spec = contract(DISCOVERY)
    side = platform()
    side.fill(45)
    collector = MemoryCollector(side)
    collector.run()
    assert collector.heard
    for heard in collector.heard:
        request = heard.response.request
        assert isinstance(request, HttpRequest)
        hold(spec, request)
        answer = method_of(spec, request)["response"]["$ref"]
        body = orjson.loads(heard.response.body)  # type: ignore[union-attr]
        assert not misses(spec, json_schema(spec, answer), body)


def test_every_acting_call_keeps_to_the_contract_and_needs_the_scope_we_ask_for() -> None:
    hold_acting()


def test_no_call_is_left_out() -> None:
    with every_call_built("youtube/api.py", "youtube/acting.py", by=frozenset({"HttpRequest", "_get", "write"})):
        for platform in PLATFORMS:
            hold_reading(platform)
        hold_acting()


def hold_acting() -> None:
    spec, made = contract(DISCOVERY), connector()
    known = {"top": "UgwA", "video": VIDEO, "channel": CHANNEL}
    wishes = [
        Action(kind, key, "k", namespace=space, author_handle="jo", text="dank", extra=known)
        for kind in (ActionKind.REPLY, ActionKind.FETCH_THREAD, ActionKind.RECHECK)
        for key, space in (("UgwA", ""), ("UgwA.9x", ""), (VIDEO, "videos"))
    ]
    wishes += [Action(kind, "UgwA", "k") for kind in (ActionKind.HIDE, ActionKind.DELETE_OWN)]
    wishes.append(Action(ActionKind.FETCH_THREAD, "UgwA", "k", newest=True))
    requests = [made.act(wish) for wish in wishes]
    requests.append(made.recheck([Target(f"Ugw{number}") for number in range(made.recheck_many)]))
    for request in requests:
        assert isinstance(request, HttpRequest)
        hold(spec, request)
        if request.method != "GET":
            assert SCOPE in method_of(spec, request)["scopes"]


def test_the_paths_of_the_fake_are_those_of_the_contract() -> None:
    spec = contract(DISCOVERY)
    paths = {method["path"] for each in spec["resources"].values() for method in each.get("methods", {}).values()}
    served = [re.sub(r"^_(get|post|delete)_", "", name) for name in dir(Site) if re.match(r"_(get|post|delete)_", name)]
    assert {f"youtube/v3/{name.replace('comments_', 'comments/')}" for name in served} <= paths
