"""Holds calls and answers to Meta's own lists of fields and edges, which stand beside the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.connectors.contracts import contract
from tests.connectors.meta_server import Asked

EVERYWHERE = frozenset({"fields", "limit", "after", "before", "since", "until", "ids", "appsecret_proof", "summary"})
"""Parameters of the API as a whole: paging, the choice of fields, several ids, the signature."""
_NAME = re.compile(r"[a-z_]+")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000")
_NODES = frozenset({"Comment", "IGComment", "IGCommentFromUser", "IGMedia", "IGUser"})
"""Types of fields that have a list of their own."""
_PLAIN = {
    "string": str,
    "bool": bool,
    "unsigned int": int,
    "int": int,
    "float": float,
    "datetime": str,
    "Object": dict,
    "list": list,
    **dict.fromkeys(_NODES, dict),
}


def fields_of(written: str) -> Iterator[tuple[str, str, str]]:
    """Read `a,b{c},d.limit(1){e}` into (name, modifiers, inner)."""
    depth, start = 0, 0
    for at, letter in enumerate([*written, ","]):
        depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            whole = written[start:at]
            name = _NAME.match(whole)
            assert name, f"{whole!r} is no field"
            inner = whole[whole.index("{") + 1 : whole.rindex("}")] if "{" in whole else ""
            yield name[0], whole[len(name[0]) :].partition("{")[0], inner
            start = at + 1


def edge(kind: str, method: str, name: str) -> dict[str, Any]:
    """What the list says of one edge of a node; "" is the node itself."""
    for each in contract(f"meta-graph/{kind}.json")["apis"]:
        if each["method"] == method and (each.get("endpoint") or "") == (f"/{name}" if name else "/"):
            return dict(each)
    for each in contract(f"meta-graph/{kind}.json")["apis"]:
        if each["method"] == method and (each.get("endpoint") or "").strip("/") == name:
            return dict(each)
    msg = f"{kind} has no {method} {name!r}"
    raise AssertionError(msg)


def known_fields(kind: str) -> dict[str, str]:
    """The fields of a node, with their types."""
    return {each["name"]: each["type"] for each in contract(f"meta-graph/{kind}.json")["fields"]}


def hold_fields(kind: str, written: str, *, beside: frozenset[str] = frozenset()) -> None:
    """Every field that is asked for is one of the node's fields or edges."""
    spec = contract(f"meta-graph/{kind}.json")
    edges = {(each.get("endpoint") or "").strip("/") for each in spec["apis"] if each["method"] == "GET"}
    for name, _, _ in fields_of(written):
        assert name in known_fields(kind) or name in edges or name in beside, f"{kind} has no field {name}"


def hold_call(asked: Asked, kind: str, name: str, *, beside: frozenset[str] = frozenset()) -> None:
    """A call sends only parameters of its edge."""
    spec = edge(kind, asked.method, name)
    known = {each["name"] for each in spec["params"]} | EVERYWHERE | beside
    sent = set(asked.params) | set(asked.body)
    assert sent <= known, f"{asked.method} {kind}/{name} sends {sent - known}"
    missing = {each["name"] for each in spec["params"] if each.get("required")} - sent
    assert not missing, f"{asked.method} {kind}/{name} does not send {missing}"


def hold_shape(kind: str, node: dict[str, Any], *, beside: frozenset[str] = frozenset()) -> None:
    """An answer of the fake holds only fields of the node, of their types; what stands inside is held too.

    Lists name no type of what stands in an `Object`, and not every node they speak of has a list here.
    """
    known = known_fields(kind)
    for name, value in node.items():
        if name in beside or value is None:
            continue
        assert name in known, f"{kind} has no field {name}"
        wanted = _PLAIN.get(known[name].partition("<")[0])
        fits = wanted is None or (isinstance(value, wanted) and isinstance(value, bool) == (wanted is bool))
        assert fits, f"{kind}.{name} is a {known[name]}, not {value!r}"
        if known[name] == "datetime":
            assert INSTANT.fullmatch(value), f"{kind}.{name} is no instant: {value}"
        if known[name] in _NODES:
            hold_shape(known[name], value)


def hold_page(kind: str, said: dict[str, Any], *, beside: frozenset[str] = frozenset()) -> None:
    """A page of a list: its nodes, and nothing beside them but where the next one begins."""
    assert set(said) <= {"data", "paging"}
    for each in said["data"]:
        hold_shape(kind, each, beside=beside)
