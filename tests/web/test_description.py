"""The description of the API: complete, the one that comes with Klankbord, and shown without anything from elsewhere.

`python -m tests.web.test_description` writes the one that comes with Klankbord anew.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import orjson
import pytest

from store.engine import open_store
from tests.conftest import Clock
from tests.store.making import NOW
from tests.web.outside import BASE, Outside

KEPT = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.fixture
def description(outside: Outside) -> Any:
    return outside.program("").get("/openapi.json").json()


def test_the_description_that_comes_with_klankbord_is_the_one_that_is_served(description: Any) -> None:
    assert orjson.loads(KEPT.read_bytes()) == description, "python -m tests.web.test_description writes it anew"


def test_every_route_says_what_it_is_what_it_needs_and_how_it_ends(description: Any) -> None:
    assert description["openapi"].startswith("3.1")
    assert description["servers"] == [{"url": BASE}]
    ids = []
    for methods in description["paths"].values():
        for told in methods.values():
            ids.append(told["operationId"])
            assert told["description"].endswith(".")
            assert {"401", "403", "429"} <= set(told["responses"])
            (needed,) = told["security"]
            assert needed["token"]
    assert len(set(ids)) == len(ids)


def test_every_reference_in_the_description_leads_somewhere(description: Any) -> None:
    named = set(re.findall(r'"#/components/schemas/(\w+)"', orjson.dumps(description).decode()))
    assert named <= set(description["components"]["schemas"])
    assert "HTTPValidationError" not in named


def test_the_page_of_reference_needs_no_token_and_nothing_from_elsewhere(outside: Outside, description: Any) -> None:
    answer = outside.program("").get("/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script|<link|src=|url\(|https?://", answer.text)
    for path, methods in description["paths"].items():
        assert all(f"<b>{method.upper()}</b> {BASE}{path}" in answer.text for method in methods)
    for scope in ("read:mentions", "read:work", "write:mentions"):
        assert scope in answer.text


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        opened = open_store(f"sqlite:///{folder}/k.db")
        opened.migrate()
        told = Outside(opened, Clock(NOW)).program("").get("/openapi.json").json()
        KEPT.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
        opened.close()
