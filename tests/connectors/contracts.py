"""The platforms' machine-readable contracts, which stand beside the repository and are not part of it."""

from __future__ import annotations

import ast
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

_BESIDE = Path(__file__).parents[3] / "shared"
_CONNECTORS = Path(__file__).parents[2] / "connectors"


def _path(name: str) -> Path:
    return Path(os.environ.get("KLANKBORD_SHARED", _BESIDE)) / "contracts" / name


def at_hand(name: str) -> bool:
    """Whether a contract is on this machine, for tests of something else that hold their fixtures to it beside."""
    return _path(name).exists()


@cache
def text_of_contract(name: str) -> str:
    """Read a file that stands with the contracts, or skip the test with the reason."""
    path = _path(name)
    if not path.exists():
        pytest.skip(f"the platform's contract {name} is not on this machine (KLANKBORD_SHARED names its folder)")
    return path.read_text("utf-8")


@cache
def contract(name: str) -> dict[str, Any]:
    """Read one contract, or skip the test with the reason."""
    read: dict[str, Any] = json.loads(text_of_contract(name))
    return read


_checkers: dict[tuple[int, str], Draft202012Validator] = {}


def misses(spec: dict[str, Any], schema: dict[str, Any], value: object) -> list[str]:
    """What in a value the contract does not allow.

    The specification is one that `contract` gave: it is kept there, so that its identity names it.
    """
    key = (id(spec), json.dumps(schema, sort_keys=True))
    if key not in _checkers:
        _checkers[key] = Draft202012Validator({**schema, "components": spec.get("components", {})})
    return wrong(_checkers[key], value)


def wrong(checker: Draft202012Validator, value: object) -> list[str]:
    """What a checker finds wrong in a value, with where it stands."""
    return [
        f"$.{'.'.join(str(part) for part in error.instance_path)}: {error.message[:200]}"
        for error in checker.iter_errors(value)
    ]


def path_of(spec: dict[str, Any], path: str) -> str:
    """The path template of the contract that a path matches; the longest literal one wins."""
    parts = path.strip("/").split("/")
    found = []
    for template in spec["paths"]:
        wanted = template.strip("/").split("/")
        if len(wanted) == len(parts) and all(_fits(w, p) for w, p in zip(wanted, parts, strict=True)):
            found.append(template)
    assert found, f"the contract knows no {path}"
    return min(found, key=lambda template: (template.count("{"), template))


def _fits(wanted: str, part: str) -> bool:
    if "{" not in wanted:
        return wanted == part
    return part.endswith(wanted[wanted.index("}") + 1 :])


@contextmanager
def every_call_built(*places: str, by: frozenset[str]) -> Iterator[None]:
    """Hold a test of a contract to being complete: each place in a connector's code that builds a call must be passed.

    Args:
        places: packages and modules below `connectors`, such as `facebook` or `meta/messages.py`.
        by: names of what builds a call there: functions, methods, or (with a dot behind) an object all of whose
            methods do.
    """
    wanted = {}
    for place in places:
        path = _CONNECTORS / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            wanted |= {(str(file), lines): words for lines, words in _built_in(file, by).items()}
    assert wanted, f"nothing in {places} builds a call by {sorted(by)}"
    files, passed = {file for file, _ in wanted}, set()

    def trace(frame: FrameType, _event: str, _arg: object) -> Any:
        if frame.f_code.co_filename not in files:
            return None
        passed.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
    unseen = [words for (file, lines), words in wanted.items() if not any((file, line) in passed for line in lines)]
    assert not unseen, "no call was held to the contract of: " + "; ".join(unseen)


def _built_in(file: Path, by: frozenset[str]) -> dict[range, str]:
    """Where a module builds calls."""
    found = {}
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)) if name in by:
                pass
            case ast.Attribute(value=ast.Attribute(attr=name)) | ast.Attribute(value=ast.Name(id=name)) if (
                f"{name}." in by
            ):
                pass
            case _:
                continue
        words = f"{file.relative_to(_CONNECTORS)}:{node.lineno} {ast.unparse(node)[:100]}"
        found[range(node.lineno, (node.end_lineno or node.lineno) + 1)] = words
    return found
