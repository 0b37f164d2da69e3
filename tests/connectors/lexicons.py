"""The AT Protocol's lexicons as JSON schemas: requests and answers are held against them.

A lexicon's objects are closed here though the protocol lets them grow: a field that our fixtures or requests make up
must show. An open union takes any `$type` it does not name, as the protocol says. `unknown` is any object.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jsonschema_rs import Draft202012Validator

from connectors.bluesky import syntax
from connectors.requests import HttpRequest
from tests.connectors.contracts import contract, wrong


def _is_at_uri(text: str) -> bool:
    try:
        return bool(syntax.AtUri.parse(text))
    except ValueError:
        return False


_FORMATS: dict[str, Callable[[str], bool]] = {
    "did": syntax.is_did,
    "handle": syntax.is_handle,
    "at-identifier": lambda text: syntax.is_did(text) or syntax.is_handle(text),
    "datetime": syntax.is_datetime,
    "nsid": syntax.is_nsid,
    "tid": syntax.is_tid,
    "record-key": syntax.is_record_key,
    "at-uri": _is_at_uri,
}

_OBJECTS: dict[str, list[str]] = {"unknown": [], "blob": [], "bytes": ["$bytes"], "cid-link": ["$link"]}
"""What JSON writes as an object, with what that must have."""


@cache
def lexicon(nsid: str) -> dict[str, Any]:
    """One lexicon's definitions; skips the test where the contracts are absent."""
    home = "jetstream" if nsid.startswith("network.bsky.jetstream.") else "atproto"
    definitions: dict[str, Any] = contract(f"{home}/lexicons/{nsid.replace('.', '/')}.json")["defs"]
    return definitions


class Schemas:
    """Turns definitions into one JSON schema, the ones they refer to included."""

    def __init__(self) -> None:
        self._defs: dict[str, Any] = {}

    def of(self, definition: Mapping[str, Any], home: str) -> dict[str, Any]:
        """The schema of a definition that stands in the lexicon `home`."""
        return {**self._schema(definition, home), "$defs": self._defs}

    def _ref(self, ref: str, home: str) -> dict[str, Any]:
        nsid, _, name = (ref if not ref.startswith("#") else home + ref).partition("#")
        key = f"{nsid}:{name or 'main'}"
        if key not in self._defs:
            self._defs[key] = {}
            self._defs[key].update(self._schema(lexicon(nsid)[name or "main"], nsid))
        return {"$ref": f"#/$defs/{key}"}

    def _schema(self, one: Mapping[str, Any], home: str) -> dict[str, Any]:
        kind = one["type"]
        if kind == "ref":
            return self._ref(one["ref"], home)
        if kind == "union":
            return self._union(one, home)
        if kind in {"record", "object", "params"}:
            return self._object(one.get("record", one), home, tagged=kind == "record")
        if kind == "array":
            bounds = {"maxItems": one["maxLength"]} if "maxLength" in one else {}
            return {"type": "array", "items": self._schema(one["items"], home), **bounds}
        if kind in _OBJECTS:
            return {"type": "object", "required": _OBJECTS[kind]}
        wanted = ("minimum", "maximum", "enum", "const", "format")
        return {"type": kind, **{name: one[name] for name in wanted if name in one}}

    def _object(self, one: Mapping[str, Any], home: str, *, tagged: bool = False) -> dict[str, Any]:
        properties = {name: self._schema(each, home) for name, each in one.get("properties", {}).items()}
        properties["$type"] = {"type": "string"}
        needed = [*one.get("required", []), *(["$type"] if tagged else [])]
        return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}

    def _union(self, one: Mapping[str, Any], home: str) -> dict[str, Any]:
        rules = []
        names = []
        for ref in one["refs"]:
            full = ref if not ref.startswith("#") else home + ref
            name = full.removesuffix("#main")
            names.append(name)
            rules.append({"if": {"properties": {"$type": {"const": name}}}, "then": self._ref(ref, home)})
        closed = {"properties": {"$type": {"enum": names}}} if one.get("closed") else {}
        return {"type": "object", "required": ["$type"], "allOf": rules, **closed}


def misses(definition: Mapping[str, Any], home: str, value: object) -> list[str]:
    """What in a value a definition does not allow."""
    return wrong(_checker(json.dumps(definition, sort_keys=True), home), value)


@cache
def _checker(definition: str, home: str) -> Draft202012Validator:
    schema = Schemas().of(json.loads(definition), home)
    return Draft202012Validator(schema, validate_formats=True, formats=_FORMATS)


def record_misses(record: Mapping[str, Any]) -> list[str]:
    """What in a record its own lexicon does not allow."""
    nsid = str(record["$type"])
    return misses(lexicon(nsid)["main"], nsid, record)


def request_misses(request: HttpRequest) -> list[str]:
    """What in a call its lexicon does not allow: method, parameters, body, and a record in it."""
    nsid = urlsplit(request.url).path.removeprefix("/xrpc/")
    main = lexicon(nsid)["main"]
    found = [] if request.method == ("GET" if main["type"] == "query" else "POST") else [f"{nsid} is a {main['type']}"]
    found += misses(main.get("parameters", {"type": "params"}), nsid, _told(request, main))
    if "input" in main:
        found += misses(main["input"]["schema"], nsid, request.json)
        record = request.json.get("record") if isinstance(request.json, dict) else None
        found += record_misses(record) if isinstance(record, dict) else []
    elif request.json is not None:
        found.append(f"{nsid} takes no body")
    return [f"{nsid} {each}" for each in found]


def _told(request: HttpRequest, main: Mapping[str, Any]) -> dict[str, Any]:
    """Query parameters with the types that the lexicon gives them."""
    known = main.get("parameters", {}).get("properties", {})
    told: dict[str, Any] = {}
    for name, value in request.params:
        match known.get(name, {}).get("type"):
            case "array":
                told.setdefault(name, []).append(value)
            case "integer":
                told[name] = int(value)
            case "boolean":
                told[name] = value == "true"
            case _:
                told[name] = value
    return told


def answer_misses(nsid: str, body: object) -> list[str]:
    """What in an answer the method's lexicon does not allow."""
    output = lexicon(nsid)["main"].get("output", {})
    return misses(output["schema"], nsid, body) if "schema" in output else []
