"""How routes are described beyond their parameters: what they answer, and with which problems."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path

from web.api.params import HIGHEST_ID
from web.api.problems import MEDIA_TYPE

Number = Annotated[int, Path(ge=0, le=HIGHEST_ID)]


def answers(model: Any, *more: int) -> dict[str, Any]:
    """How a route is described: its answer, and the problems beside those of every route."""
    told = {304: {"description": "Unchanged since the entity tag in If-None-Match."}}
    return {"responses": {200: {"model": model}, **told, **problems(*more)}, "response_model": None}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Further problems of a route, for its description."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {status: {"description": "A problem", "content": {MEDIA_TYPE: schema}} for status in statuses}
