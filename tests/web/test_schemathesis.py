"""The API tried against its own description: whatever is asked, an answer is one that it promises."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import hypothesis
import jsonschema
import orjson
import pytest
import schemathesis
from schemathesis import checks as every
from schemathesis.specs.openapi import checks as openapi

from inbox.tokens import keeping
from inbox.tokens.scopes import Scope
from inbox.tokens.views import Wish
from store.engine import Store
from tests.conftest import Clock
from tests.web.outside import BASE, Outside, refused

CHECKS = [
    every.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
    openapi.negative_data_rejection,
    openapi.ignored_auth,
    openapi.unsupported_method,
]


def _must_be_refused(operation: Any, url: str) -> bool:
    """Whether a question that was made to break the description still breaks it as it was sent.

    Of a push the good messages are kept although others break it, which its answer tells. And an address holds words
    alone: the number 5 in place of a list of words is sent as a list of one word, which is nothing wrong. So what lists
    are asked with is judged by the words of the address, and is to be refused when these break the description.
    """
    if operation.method == "post":
        return False
    listed = any(one.definition["schema"].get("type") == "array" for one in operation.query)
    return not listed or not _fits(operation, parse_qs(urlsplit(url).query, keep_blank_values=True))


def _fits(operation: Any, asked: dict[str, list[str]]) -> bool:
    described = operation.schema.raw_schema
    parameters = described["paths"][operation.path][operation.method].get("parameters", ())
    told = {one["name"]: one for one in parameters if one["in"] == "query"}
    components = described["components"]
    missing = {name for name, one in told.items() if one.get("required")} - set(asked)
    return (
        not missing
        and set(asked) <= set(told)
        and all(_is_one_of(told[name]["schema"], words, components) for name, words in asked.items())
    )


def _is_one_of(schema: dict[str, Any], words: list[str], components: Any) -> bool:
    """Whether words of an address can be read as a value: a number where one is described, else as they stand."""
    if schema.get("type") == "array":
        fit = all(_is_one_of(schema["items"], [word], components) for word in words)
        return fit and len(words) <= schema.get("maxItems", len(words))
    judge = jsonschema.Draft202012Validator(
        {**schema, "components": components}, format_checker=jsonschema.FormatChecker()
    )
    read: list[Any] = [words[-1]]
    with suppress(ValueError):
        read.append(orjson.loads(words[-1]))
    return any(judge.is_valid(one) for one in read)


@pytest.mark.slow
def test_no_question_finds_a_failure(store: Store, clock: Clock) -> None:
    outside = Outside(store, clock)
    outside.say("1", "2", text="pakket 👋🏽")
    outside.settle()
    secret = keeping.make(outside.desk, Wish("tests", tuple(Scope), 30, source_ids=("forum", "shop"))).secret
    schema = schemathesis.openapi.from_asgi(f"{BASE}/openapi.json", outside.app)
    found: list[str] = []

    @hypothesis.seed(20261129)
    @hypothesis.settings(
        max_examples=20,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )
    @hypothesis.given(data=hypothesis.strategies.data())
    def tried(operation: Any, data: Any) -> None:
        mode = data.draw(hypothesis.strategies.sampled_from(list(schemathesis.GenerationMode)))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        headers = {"Authorization": f"Bearer {secret}"}
        answer = case.call(headers=headers)
        refusing = mode is schemathesis.GenerationMode.NEGATIVE and _must_be_refused(operation, answer.request.url)
        checks = [one for one in CHECKS if one is not openapi.negative_data_rejection or refusing]
        case.validate_response(answer, headers=headers, checks=checks)

    for result in schema.get_all_operations():
        operation = result.ok()
        try:
            tried(operation)
        except Exception as error:  # noqa: BLE001 - every route is tried, then all is told
            found.append(f"{operation.label}: {error}")
    assert not found, "\n\n".join(found)


def test_a_list_refuses_what_its_description_does_not_know(outside: Outside) -> None:
    program = outside.program(outside.token(*(scope for scope in Scope if scope is not Scope.WRITE_MENTIONS)))
    days, week = (
        {"first": "2026-03-09", "last": "2026-03-10"},
        {"since": "2026-03-06T00:00:00Z", "until": "2026-03-13T00:00:00Z"},
    )
    lists = {
        "/mentions": {},
        "/mentions.jsonl": {},
        "/conversations": {},
        "/events": {},
        "/kpis": week,
        "/volumes": days,
    }
    lists |= {"/heat-map": days, "/share-of-voice": days, "/tops/sites": days, "/kpis/inflow/rows": week}
    lists |= {"/brands": {}, "/themes": {}, "/sources": {}, "/mentions/1": {}, "/conversations/1": {}}
    for path, asked in lists.items():
        said = refused(program.get(path, sauce="forum", **asked), 422)
        assert "problems" in said, path
