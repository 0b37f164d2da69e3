"""Holds calls to an instance, and what it answers, to Mastodon's contract.

The entities are closed here though an instance may add to them: a field that a fixture makes up must show.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.requests import HttpRequest
from tests.connectors.contracts import contract, misses, path_of

FILE = "mastodon/schema.json"
_ERROR = {"$ref": "#/components/schemas/Error"}


@cache
def spec() -> dict[str, Any]:
    """The contract with its entities closed; skips the test where it is absent."""
    read = contract(FILE)
    schemas = read["components"]["schemas"]
    parts = {part.get("$ref") for each in schemas.values() for part in each.get("allOf", [])}
    closed = {
        name: schema if f"#/components/schemas/{name}" in parts else _closed(schema) for name, schema in schemas.items()
    }
    return {"paths": read["paths"], "components": {"schemas": closed}}


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "allOf" in schema:
        return {**schema, "unevaluatedProperties": False}
    inside = {name: _closed(each) for name, each in schema.items()}
    return {"additionalProperties": False, **inside} if "properties" in schema else inside


def request_misses(request: HttpRequest) -> list[str]:
    """What in a call the contract does not know: parameters of its address, and what stands in its body."""
    operation = _operation(request)
    known = {each.get("name") for each in operation.get("parameters", []) if each.get("in") == "query"}
    sent = {name.removesuffix("[]") for name, _ in (*request.params, *parse_qsl(urlsplit(request.url).query))}
    if request.form is not None:
        asked = operation["requestBody"]["content"]["application/json"]["schema"]
        sent, known = sent | dict(request.form).keys(), known | set(asked["properties"])
        sent |= {f"no {each}" for each in asked.get("required", []) if each not in dict(request.form)}
    found = [f"{request.url} sends {each}, which the contract does not know" for each in sent - known]
    if request.json is not None:
        found += misses(spec(), operation["requestBody"]["content"]["application/json"]["schema"], request.json)
    return found


def answer_misses(request: HttpRequest, status: int, body: object) -> list[str]:
    """What in an answer the contract does not allow; a refusal has one form everywhere."""
    if status >= 400:
        return misses(spec(), _ERROR, body)
    answers = _operation(request)["responses"]["200"]["content"]["application/json"]
    return [f"{urlsplit(request.url).path} {each}" for each in misses(spec(), answers["schema"], body)]


def _operation(request: HttpRequest) -> dict[str, Any]:
    known = spec()
    operation: dict[str, Any] = known["paths"][path_of(known, urlsplit(request.url).path)][request.method.lower()]
    return operation
