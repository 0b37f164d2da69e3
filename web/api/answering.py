"""Writing answers: JSON straight from values, with a mark by which an unchanged answer is not sent again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

from inbox.export import Withheld
from inbox.programs.mentions import written
from inbox.programs.views import Page, Place
from store.export_rows import ExportRow
from web.api.cursors import encode

JSON = "application/json"


def answer(request: Request, body: bytes) -> Response:
    """An answer with its entity tag; only that it is unchanged, where the caller has it already."""
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    if tag in {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(body, headers={"ETag": tag}, media_type=JSON)


def dumped(value: Any) -> bytes:
    """A value as JSON; instants in UTC with Z."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


def mentions(page: Page[ExportRow], question: str) -> bytes:
    """A page of messages."""
    told = [_told(one) for one in page.withheld]
    return _paged((written(row) for row in page.rows), page.following, question, b',"withheld":' + dumped(told))


def rows(page: Page[Any], question: str) -> bytes:
    """A page of values."""
    return _paged((dumped(row) for row in page.rows), page.following, question)


def listed(values: Sequence[Any]) -> bytes:
    """A whole list."""
    return dumped({"data": values})


def held(withheld: Iterable[Withheld]) -> str:
    """What is held back, as a header: `linkedin=12`."""
    return ", ".join(f"{one.source_id}={one.left_out}" for one in withheld)


def _told(one: Withheld) -> dict[str, Any]:
    return {"source_id": one.source_id, "name": one.name, "left_out": one.left_out, "basis": one.basis}


def _paged(written_rows: Iterable[bytes], following: Place | None, question: str, more: bytes = b"") -> bytes:
    cursor = None if following is None else encode(following, question)
    return b'{"data":[' + b",".join(written_rows) + b'],"next":' + dumped(cursor) + more + b"}"
