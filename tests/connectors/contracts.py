"""The platforms' machine-readable contracts, which stand beside the repository and are not part of it."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

_BESIDE = Path(__file__).parents[3] / "shared"


@cache
def contract(name: str) -> dict[str, Any]:
    """Read one contract, or skip the test with the reason."""
    path = Path(os.environ.get("KLANKBORD_SHARED", _BESIDE)) / "contracts" / name
    if not path.exists():
        pytest.skip(f"the platform's contract {name} is not on this machine (KLANKBORD_SHARED names its folder)")
    read: dict[str, Any] = json.loads(path.read_text())
    return read


def misses(spec: dict[str, Any], schema: dict[str, Any], value: object) -> list[str]:
    """What in a value the contract does not allow."""
    whole = {**schema, "components": spec.get("components", {})}
    return [f"{error.json_path}: {error.message[:200]}" for error in Draft202012Validator(whole).iter_errors(value)]


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
