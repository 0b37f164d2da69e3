"""The route that takes messages of own systems: checked one by one, kept before it answers, read by the worker."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Security
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from inbox.desk import Desk
from inbox.tokens.scopes import Scope
from inbox.tokens.views import Bearer
from store import intake
from web.api import answering
from web.api.describing import problems
from web.api.gate import Gate
from web.api.params import Asked, Word
from web.api.problems import FieldProblem, Refused, field_problems
from web.api.settings import Pushing
from web.api.shapes import Told
from web.bounds import LARGEST_BODY, SLOWEST_BODY_S, TooLarge, TooSlow, read_bounded

MOST_ITEMS = 500
_MOST_TOLD = 100
_LATER = {"Retry-After": "60"}


class Accepted(Told):
    """A message that is kept. It shows in lists once the worker has read it, within seconds."""

    index: int = Field(description="Its place in `mentions`, from 0.")
    external_id: str


class Turned(Told):
    """A message that cannot be taken, and why; the others were."""

    index: int
    external_id: str | None
    problems: list[FieldProblem]


class Receipt(Told):
    """What became of a push."""

    source: str
    accepted: list[Accepted]
    rejected: list[Turned]


class PushAsked(Asked):
    """Where to."""

    source: Word | None = Field(None, description="Id of the source; may be left out where the token has one only.")


def routes(desk: Desk, gate: Gate, push: Pushing) -> APIRouter:
    """The route over a desk, behind a gate."""
    router = APIRouter()
    writer = Security(gate, scopes=[Scope.WRITE_MENTIONS])

    @router.post(
        "/mentions",
        status_code=202,
        tags=["messages"],
        response_model=None,
        responses={202: {"model": Receipt}, **problems(400, 408, 409, 413, 415)},
        openapi_extra=_body(push.item),
    )
    async def push_mentions(
        request: Request, asked: Annotated[PushAsked, Query()], bearer: Bearer = writer
    ) -> Response:
        """Push up to 500 messages of a system of your own.

        The same message twice, by `external_id` and source, is one message; with other words it is an edit. What is
        accepted is kept before this answers, and nothing of it is lost. Messages that cannot be used are told one by
        one, and do not hold up the others.
        """
        source = _source(asked.source, bearer, push)
        given = await _given(request)
        kept, accepted, rejected = _checked(given, push.item, desk.clock())
        if not kept:
            told = [
                FieldProblem(at=f"mentions.{one.index}.{each.at}", detail=each.detail)
                for one in rejected
                for each in one.problems
            ]
            raise Refused(422, "None of these messages can be used; `problems` says why.", problems=told[:_MOST_TOLD])
        await asyncio.to_thread(_keep, desk, push.hook_of[source], source, kept)
        receipt = Receipt(source=source, accepted=accepted, rejected=rejected)
        return Response(orjson.dumps(receipt.model_dump()), 202, media_type=answering.JSON)

    return router


def _source(asked: str | None, bearer: Bearer, push: Pushing) -> str:
    """Where the messages go.

    Raises:
        Refused: the token may not write there, or nothing says where.
    """
    mine = [one for one in bearer.source_ids if one in push.hook_of]
    if asked is None and len(mine) == 1:
        return mine[0]
    if asked in mine and asked is not None:
        return asked
    if not mine:
        said = (
            "This token is bound to no source that messages can be pushed to. Such a source stands in config.yaml "
            "with `connector: push`."
        )
        raise Refused(409, said)
    if asked is None:
        raise Refused(400, f"Say where they go, with `source`: {', '.join(mine)}.")
    raise Refused(403, f"This token may not write to “{asked}”; it may write to: {', '.join(mine)}.")


async def _given(request: Request) -> list[Any]:
    """The messages of a body, not yet checked.

    Raises:
        Refused: it is too large, too slow, no JSON, or holds no list of messages.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != answering.JSON:
        raise Refused(415, f"Send JSON, with the header `Content-Type: {answering.JSON}`.")
    try:
        body = await read_bounded(request, most=LARGEST_BODY, seconds=SLOWEST_BODY_S)
    except TooLarge as error:
        said = f"A body has at most {LARGEST_BODY:,} bytes; send fewer messages at once."
        raise Refused(413, said, headers={"Connection": "close"}) from error
    except (TooSlow, ClientDisconnect) as error:
        said = f"The body did not come in within {SLOWEST_BODY_S:.0f} seconds; send fewer messages at once."
        raise Refused(408, said, headers={"Connection": "close"}) from error
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused(400, f"The body is no JSON: {error}.") from error
    found = told.get("mentions") if isinstance(told, dict) and set(told) == {"mentions"} else None
    if not isinstance(found, list) or not 1 <= len(found) <= MOST_ITEMS:
        said = f'The body is an object with one key: {{"mentions": […]}}, a list of 1 to {MOST_ITEMS} messages.'
        raise Refused(422, said, problems=[FieldProblem(at="body.mentions", detail="It is not such a list.")])
    return found


def _checked(
    given: Sequence[Any], item: type[BaseModel], now: datetime
) -> tuple[list[Mapping[str, Any]], list[Accepted], list[Turned]]:
    """Which messages can be used."""
    kept: list[Mapping[str, Any]] = []
    accepted: list[Accepted] = []
    rejected: list[Turned] = []
    for index, each in enumerate(given):
        try:
            found = item.model_validate_json(orjson.dumps(each), context={"now": now})
        except ValidationError as error:
            named = each.get("external_id") if isinstance(each, dict) else None
            told = field_problems(error.errors(include_input=False, include_context=False, include_url=False))
            name = named[:200] if isinstance(named, str) else None
            rejected.append(Turned(index=index, external_id=name, problems=told))
        else:
            made = found.model_dump(mode="json", exclude_defaults=True)
            kept.append(made)
            accepted.append(Accepted(index=index, external_id=made["external_id"]))
    return kept, accepted, rejected


def _keep(desk: Desk, hook: str, source: str, kept: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was pushed; it is committed when this returns. The same body again is there already.

    Raises:
        Refused: more waits than can be kept.
    """
    if intake.full(desk.store):
        raise Refused(503, "More waits than can be kept; is a worker running? Nothing was taken.", headers=_LATER)
    body = orjson.dumps({"source": source, "mentions": kept}, option=orjson.OPT_SORT_KEYS)
    intake.take_in(desk.store, hook, body, now=desk.clock())


def _body(item: type[BaseModel]) -> dict[str, Any]:
    """How the body is described; the schema of a message stands beside the others."""
    schema = {"$ref": f"#/components/schemas/{item.__name__}"}
    return {
        "requestBody": {
            "required": True,
            "content": {
                answering.JSON: {
                    "schema": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["mentions"],
                        "properties": {
                            "mentions": {"type": "array", "minItems": 1, "maxItems": MOST_ITEMS, "items": schema}
                        },
                    }
                }
            },
        }
    }
